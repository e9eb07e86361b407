//! The days, weeks and months that a report has rows for.

use jiff::ToSpan;
use jiff::civil::Date;

/// The most rows of a report: a year of days, and a month.
pub const MOST_PERIODS: usize = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Day,
    /// From Monday on.
    Week,
    Month,
}

/// Days that are told of in one row, the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub first: Date,
    pub last: Date,
}

/// Why days cannot be reported on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The last comes before the first.
    Backwards,
    /// They make more rows than a report has.
    TooMany,
    /// The calendar ends before them.
    NotInCalendar,
}

/// Cuts days into periods. Those at the ends are as long as the days that were asked for.
pub fn cut(first: Date, last: Date, by: By) -> Result<Vec<Period>, Flaw> {
    if first > last {
        return Err(Flaw::Backwards);
    }
    let mut periods = Vec::new();
    let mut begins = first;
    loop {
        if periods.len() == MOST_PERIODS {
            return Err(Flaw::TooMany);
        }
        let ends = end_of(begins, by)?.min(last);
        periods.push(Period { first: begins, last: ends });
        if ends == last {
            return Ok(periods);
        }
        begins = ends.tomorrow().map_err(|_| Flaw::NotInCalendar)?;
    }
}

fn end_of(day: Date, by: By) -> Result<Date, Flaw> {
    match by {
        By::Day => Ok(day),
        By::Week => {
            let days_left = 6 - i64::from(day.weekday().to_monday_zero_offset());
            day.checked_add(days_left.days()).map_err(|_| Flaw::NotInCalendar)
        }
        By::Month => Ok(day.last_of_month()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn told(first: Date, last: Date, by: By) -> Vec<(String, String)> {
        let periods = cut(first, last, by).expect("periods");
        periods.iter().map(|period| (period.first.to_string(), period.last.to_string())).collect()
    }

    #[test]
    fn weeks_begin_on_mondays_and_ends_are_cut() {
        let weeks = told(date(2026, 11, 25), date(2026, 12, 8), By::Week);
        let expected = [("2026-11-25", "2026-11-29"), ("2026-11-30", "2026-12-06"), ("2026-12-07", "2026-12-08")];
        assert_eq!(weeks, expected.map(|(first, last)| (first.to_owned(), last.to_owned())));
    }

    #[test]
    fn days_and_months_leave_no_day_out() {
        assert_eq!(told(date(2028, 2, 28), date(2028, 3, 1), By::Day).len(), 3);
        let months = told(date(2027, 12, 31), date(2028, 2, 1), By::Month);
        assert_eq!(months.len(), 3);
        assert_eq!(months[1], ("2028-01-01".to_owned(), "2028-01-31".to_owned()));
        assert_eq!(cut(date(2027, 1, 2), date(2027, 1, 1), By::Day), Err(Flaw::Backwards));
        assert_eq!(cut(date(2027, 1, 1), date(2028, 3, 1), By::Day), Err(Flaw::TooMany));
    }
}
