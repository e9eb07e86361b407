//! The day on which a filter is asked. Whatever a filter says of time it says in days of the program's zone, so its answer
//! depends on the day alone, and requests of one day share a statement.

use std::hash::{Hash, Hasher};

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::base::clock::Instant;

/// A day, in the zone whose day it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Today {
    pub date: Date,
    pub zone: TimeZone,
}

impl Hash for Today {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.date.hash(state);
    }
}

impl Today {
    pub fn at(moment: Instant, zone: TimeZone) -> Today {
        Today { date: moment.local_date(&zone), zone }
    }

    /// The first moment of a day.
    pub fn start_of(&self, date: Date) -> i64 {
        Instant::start_of_day(date, &self.zone).unwrap_or(Instant::NEVER).micros()
    }

    /// The first moment after a day.
    pub fn end_of(&self, date: Date) -> i64 {
        date.tomorrow().map_or(i64::MAX, |next| self.start_of(next))
    }

    /// The day so many days ago.
    pub fn ago(&self, days: i64) -> Date {
        self.date.saturating_sub(days.days())
    }

    /// The day in so many days.
    pub fn ahead(&self, days: i64) -> Date {
        self.date.saturating_add(days.days())
    }
}
