//! Instants and the one clock.
//!
//! An instant is a whole number of microseconds since 1970 in UTC. SQLite would keep nanoseconds and
//! PostgreSQL would not, and then a hash over a reloaded row would differ; so precision is cut here, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds in a day of 24 hours.
pub const DAY: i64 = 24 * 60 * MINUTE;

/// A moment in UTC, in microseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

impl Instant {
    /// Later than every moment the system can name. A lot that never expires carries it, so that "never" sorts last.
    pub const NEVER: Instant = Instant(i64::MAX);

    pub fn micros(self) -> i64 {
        self.0
    }

    /// This moment plus a number of microseconds, held at [`Instant::NEVER`] instead of overflowing.
    pub fn plus(self, micros: i64) -> Instant {
        Instant(self.0.saturating_add(micros))
    }

    /// The moment as jiff writes it. Out-of-range values (such as `NEVER`) are held at the last day jiff knows.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::MAX)
    }

    pub fn from_timestamp(timestamp: Timestamp) -> Instant {
        Instant(timestamp.as_microsecond())
    }

    /// RFC 3339 in UTC, for example `2026-11-23T02:12:00Z`.
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }

    /// The local calendar day this moment falls on in a zone.
    pub fn local_date(self, zone: &TimeZone) -> Date {
        zone.to_datetime(self.timestamp()).date()
    }

    /// The first moment of a local calendar day. Where the clocks skip midnight, the day begins when they resume.
    pub fn start_of_day(date: Date, zone: &TimeZone) -> Option<Instant> {
        let zoned = date.to_zoned(zone.clone()).ok()?;
        Some(Instant::from_timestamp(zoned.timestamp()))
    }
}

/// Where the present moment comes from. Tests hold the manual kind and move it.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still until [`Clock::advance`] moves it.
    pub fn manual(start: Instant) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(start.0)))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
    pub fn now(&self) -> Instant {
        match self {
            Clock::System => Instant::from_timestamp(Timestamp::now()),
            Clock::Manual(micros) => Instant(micros.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock forward. The system's clock cannot be moved, and asking for it is a mistake in a test.
    pub fn advance(&self, micros: i64) {
        match self {
            Clock::System => unreachable!("only a manual clock can be moved"),
            Clock::Manual(now) => {
                now.fetch_add(micros, Ordering::SeqCst);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_day_begins_at_the_zones_midnight() {
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        let start = Instant::start_of_day(jiff::civil::date(2027, 3, 1), &shanghai).unwrap();
        assert_eq!(start.rfc3339(), "2027-02-28T16:00:00Z");
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_when_the_clocks_resume() {
        let santiago = TimeZone::get("America/Santiago").unwrap();
        let start = Instant::start_of_day(jiff::civil::date(2026, 9, 6), &santiago).unwrap();
        assert_eq!(start.rfc3339(), "2026-09-06T04:00:00Z");
    }
}
