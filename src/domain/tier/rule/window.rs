//! Over which days is summed, and when a tier is judged. All of it is reckoned in local days, by their number since 1970,
//! so that no window begins or ends within one.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::domain::tier::entity::{CountedOver, tier_set};

/// Some days, the first and the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    pub first: i64,
    pub last: i64,
}

impl Window {
    /// Every day that can be named.
    pub const EVER: Window = Window { first: -5_000_000, last: 5_000_000 };

    pub fn contains(self, day: i64) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

/// The number of a day since 1970.
pub fn day_of(day: Date) -> i64 {
    let midnight = day.to_zoned(TimeZone::UTC).map(|midnight| midnight.timestamp().as_second());
    midnight.map_or(Window::EVER.last, |seconds| seconds.div_euclid(86_400))
}

/// The number of the local day of a moment.
pub fn day_at(moment: Instant, zone: &TimeZone) -> i64 {
    day_of(moment.local_date(zone))
}

/// The moment at which a day begins.
pub fn start_of(day: i64, zone: &TimeZone) -> Instant {
    Instant::start_of_day(date_of(day), zone).unwrap_or(Instant::NEVER)
}

/// The day of a number since 1970.
pub fn date_of(day: i64) -> Date {
    date(1970, 1, 1).saturating_add(day.clamp(Window::EVER.first, Window::EVER.last - 1_000_000).days())
}

/// The years or days of a set, for a member who joined on a day.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    pub set: &'a tier_set::Model,
    pub joined: i64,
}

impl Calendar<'_> {
    /// What is summed on a day.
    pub fn current(self, day: i64) -> Window {
        match self.set.counted_over {
            CountedOver::Lifetime => Window::EVER,
            CountedOver::CalendarYear => {
                let day = date_of(day);
                Window { first: day_of(day.first_of_year()), last: day_of(day.last_of_year()) }
            }
            CountedOver::Anniversary => self.year_of_membership(date_of(day)),
            CountedOver::RollingDays => Window { first: day - self.days() + 1, last: day },
        }
    }

    /// The year before the one that a day is in; nothing where windows do not follow one another.
    pub fn previous(self, day: i64) -> Option<Window> {
        match self.set.counted_over {
            CountedOver::Lifetime | CountedOver::RollingDays => None,
            CountedOver::CalendarYear | CountedOver::Anniversary => Some(self.current(self.current(day).first - 1)),
        }
    }

    /// The day on which a tier is judged that was reached or confirmed on a day; never, where all days count for good.
    pub fn judged_after(self, day: i64) -> Option<i64> {
        match self.set.counted_over {
            CountedOver::Lifetime => None,
            CountedOver::CalendarYear | CountedOver::Anniversary => Some(self.current(day).last + 1),
            CountedOver::RollingDays => Some(day + self.days()),
        }
    }

    fn days(self) -> i64 {
        self.set.counted_days.unwrap_or(1)
    }

    /// From the day of joining to just before the same day a year later; 29 February is the 28th in other years.
    fn year_of_membership(self, day: Date) -> Window {
        let joined = date_of(self.joined);
        let years = i64::from(day.year()) - i64::from(joined.year());
        let anniversary = |years: i64| joined.saturating_add(years.years());
        let years = if anniversary(years) > day { years - 1 } else { years };
        Window { first: day_of(anniversary(years)), last: day_of(anniversary(years + 1)) - 1 }
    }
}
