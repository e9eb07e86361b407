//! Validity and windows, reckoned in the days of a time zone.
//!
//! Everything that ends, ends at a local midnight and is half-open: the moment named is the first that no longer
//! counts. So whatever is good on a day is good for all of it, also on the days when the clocks change.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::base::clock::Instant;
use crate::base::planted::{Bug, planted};

/// How long something is good, counted from the local day on which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// For ever.
    Unlimited,
    Days(i64),
    /// A month from the 31st ends on the last day of a shorter one.
    Months(i64),
    /// So many months, and on to the end of the month that is reached.
    EndOfMonth(i64),
    /// So many months, and on to the end of the quarter of the year.
    EndOfQuarter(i64),
    /// So many months, and on to the end of the year.
    EndOfYear(i64),
}

impl Validity {
    /// The first moment at which it is no longer good: the beginning of the local day after the last one. Beyond the
    /// calendar's last year, 9999, that is never.
    pub fn expires_at(self, activated_at: Instant, zone: &TimeZone) -> Instant {
        let first = activated_at.local_date(zone);
        let last = match self {
            Validity::Unlimited => return Instant::NEVER,
            Validity::Days(days) => later(first, days_of(days + i64::from(planted(Bug::DayTooLong)))),
            Validity::Months(months) if planted(Bug::MonthOfThirtyDays) => later(first, days_of(30 * months)),
            Validity::Months(months) => later(first, months_of(months)),
            Validity::EndOfMonth(months) => later(first, months_of(months)).last_of_month(),
            Validity::EndOfQuarter(months) => last_of_quarter(later(first, months_of(months))),
            Validity::EndOfYear(months) => later(first, months_of(months)).last_of_year(),
        };
        day_after(last, zone)
    }
}

/// The first moment after a window of so many days that follow the local day of a delivery. A window of 0 days is none
/// at all: it ends as it begins.
pub fn end_of_window(delivered_at: Instant, days: i64, zone: &TimeZone) -> Instant {
    if days == 0 {
        return delivered_at;
    }
    day_after(later(delivered_at.local_date(zone), days_of(days - i64::from(planted(Bug::WindowTooShort)))), zone)
}

/// Held at the calendar's last day.
fn later(date: Date, span: Span) -> Date {
    date.saturating_add(span)
}

/// A span that jiff cannot name leads beyond its calendar anyhow.
fn days_of(days: i64) -> Span {
    Span::new().try_days(days).unwrap_or_else(|_| 19_998.years())
}

fn months_of(months: i64) -> Span {
    Span::new().try_months(months).unwrap_or_else(|_| 19_998.years())
}

fn last_of_quarter(date: Date) -> Date {
    let months_left = (3 - date.month() % 3) % 3;
    later(date.first_of_month(), i64::from(months_left).months()).last_of_month()
}

fn day_after(date: Date, zone: &TimeZone) -> Instant {
    let next = date.tomorrow().ok();
    let zone = if planted(Bug::MidnightInUtc) { &TimeZone::UTC } else { zone };
    next.and_then(|next| Instant::start_of_day(next, zone)).unwrap_or(Instant::NEVER)
}

#[cfg(test)]
mod tests;
