//! The months of a program, by which cohorts and sales are told apart.

use jiff::civil::Date;
use jiff::{ToSpan, Unit};

use super::days::{Cuts, Days};
use crate::base::clock::Instant;

/// Months that follow one another.
#[derive(Clone, Debug)]
pub struct Months {
    /// Each by its first day.
    pub months: Vec<Date>,
    /// Where each begins, and behind them where the last one ends.
    pub cuts: Cuts,
}

impl Months {
    /// All calendar months from that of one day to that of another, at least the latter; none if the calendar ends before.
    pub fn between(first: Date, last: Date, days: &Days) -> Option<Months> {
        let months = months(first, last);
        let end = last.last_of_month().tomorrow().ok()?;
        let cuts = days.cuts(months.iter().copied().chain([end]))?;
        Some(Months { months, cuts })
    }

    /// The month whose beginning is the last of so many that were reached; none when the last month is over. A clock that was
    /// wrong once may have recorded something before the first member came: that is of the first month.
    pub fn place(&self, reached: usize) -> Option<usize> {
        Some(reached.saturating_sub(1)).filter(|month| *month < self.months.len())
    }

    /// The month of what a statement has sorted.
    pub fn of(&self, bucket: i64) -> Option<usize> {
        self.place(usize::try_from(bucket).unwrap_or(0))
    }

    /// The moments between one month and the next.
    pub fn ends(&self) -> &[i64] {
        &self.cuts.moments[1..self.months.len()]
    }

    /// How many months from the first one on are over at a moment.
    pub fn over(&self, moment: i64) -> usize {
        reached(moment, &self.cuts.moments).saturating_sub(1)
    }

    /// When a month is over.
    pub fn end_of(&self, month: usize) -> Instant {
        Instant(self.cuts.moments[month + 1])
    }
}

/// How many of the bounds, which ascend, a number has reached.
pub fn reached(number: i64, bounds: &[i64]) -> usize {
    bounds.partition_point(|bound| *bound <= number)
}

fn months(first: Date, last: Date) -> Vec<Date> {
    let (first, last) = (first.min(last).first_of_month(), last.first_of_month());
    let count = first.until((Unit::Month, last)).map_or(0, |span| span.get_months());
    (0..=i64::from(count)).filter_map(|months| first.checked_add(months.months()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn the_months_of_a_program_are_counted_over_years() {
        let all = months(date(2026, 11, 23), date(2028, 1, 5));
        assert_eq!((all.len(), all[0], all[14]), (15, date(2026, 11, 1), date(2028, 1, 1)));
        assert_eq!(months(date(2029, 1, 1), date(2028, 1, 5)), [date(2028, 1, 1)]);
    }

    #[test]
    fn what_came_before_is_of_the_first_and_what_comes_after_of_none() {
        let days = Days::new(Vec::new(), TimeZone::UTC);
        let months = Months::between(date(2026, 11, 23), date(2026, 12, 5), &days).expect("months");
        assert_eq!([0, 1, 2, 3].map(|bucket| months.of(bucket)), [Some(0), Some(0), Some(1), None]);
        let moment = |text: &str| Instant::from_timestamp(text.parse().expect("a moment")).micros();
        let over = ["2026-10-01T00:00:00Z", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"];
        assert_eq!(over.map(|text| months.over(moment(text))), [0, 0, 1, 2]);
    }
}
