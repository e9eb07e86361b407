//! When days begin: as they were closed, or, of those that are not, as the program's zone has it. So a day that is closed
//! stays what it was, whatever zone a program has later.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::period::Period;
use crate::base::clock::{DAY, Instant};
use crate::base::id::Id;
use crate::domain::report::entity::closed::day;
use crate::domain::tier::rule::window::{date_of, day_of};

/// A day is closed only when it has been over for so long: whatever bears a moment of it is committed by then, even that of
/// a process whose clock is hours late.
const UNTIL_CLOSED: i64 = DAY;

/// The days of a program.
#[derive(Clone, Debug)]
pub struct Days {
    /// In their order, without a gap.
    closed: Vec<day::Model>,
    zone: TimeZone,
}

impl Days {
    pub fn new(closed: Vec<day::Model>, zone: TimeZone) -> Days {
        Days { closed, zone }
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The first that is closed.
    pub fn first(&self) -> Option<Date> {
        self.closed.first().map(|first| date_of(first.day))
    }

    /// From when on no day is closed.
    pub fn closed_until(&self) -> i64 {
        self.closed.last().map_or(i64::MIN, |last| last.ended_at)
    }

    /// When a day begins; none if the calendar ends before.
    pub fn begin_of(&self, day: Date) -> Option<i64> {
        let midnight = || Some(Instant::start_of_day(day, &self.zone)?.micros());
        match self.closed.binary_search_by_key(&(day_of(day) - 1), |closed| closed.day) {
            Ok(before) => Some(self.closed[before].ended_at),
            Err(0) => midnight(),
            Err(_) => Some(midnight()?.max(self.closed_until())),
        }
    }

    /// Where days begin.
    pub fn cuts(&self, days: impl Iterator<Item = Date>) -> Option<Cuts> {
        let cuts = days.map(|day| Some((day_of(day), self.begin_of(day)?)));
        let (days, moments) = cuts.collect::<Option<_>>()?;
        Some(Cuts { days, moments })
    }

    /// Where periods that follow one another begin, and behind them where the last is over.
    pub fn cuts_of(&self, periods: &[Period]) -> Option<Cuts> {
        let end = periods.last()?.last.tomorrow().ok()?;
        self.cuts(periods.iter().map(|period| period.first).chain([end]))
    }

    /// Closes the days that follow, so many at the most, if they have been over for long enough. The first of all is the one
    /// given.
    pub fn close(&mut self, program_id: Id, first: Date, now: Instant, most: usize) -> Vec<day::Model> {
        let next = self.closed.last().map_or(day_of(first), |last| last.day + 1);
        for day in (next..).take(most) {
            match self.begin_of(date_of(day + 1)) {
                Some(ended_at) if ended_at <= now.plus(-UNTIL_CLOSED).micros() => {
                    self.closed.push(day::Model { program_id, day, ended_at });
                }
                _ => break,
            }
        }
        let count = self.closed.last().map_or(0, |last| last.day + 1 - next);
        self.closed[self.closed.len() - usize::try_from(count).unwrap_or(0)..].to_vec()
    }
}

/// Days, and the moments at which they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cuts {
    pub days: Vec<i64>,
    pub moments: Vec<i64>,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a zone")
    }

    fn at(moment: &str) -> Instant {
        Instant::from_timestamp(moment.parse().expect("a moment"))
    }

    fn ends(days: &[day::Model]) -> Vec<(i64, String)> {
        days.iter().map(|closed| (closed.day, Instant(closed.ended_at).rfc3339())).collect()
    }

    #[test]
    fn days_are_closed_in_their_order_when_they_have_been_over_for_a_day() {
        let mut days = Days::new(Vec::new(), zone("Asia/Shanghai"));
        let first = date(2026, 11, 23);
        assert_eq!(days.close(Id::nil(), first, at("2026-11-24T15:59:59Z"), 31), []);
        let closed = days.close(Id::nil(), first, at("2026-11-26T16:00:00Z"), 2);
        let number = day_of(first);
        let expected = [(number, "2026-11-23T16:00:00Z".to_owned()), (number + 1, "2026-11-24T16:00:00Z".to_owned())];
        assert_eq!(ends(&closed), expected);
        assert_eq!(days.close(Id::nil(), first, at("2026-11-26T16:00:00Z"), 2).len(), 1);
        assert_eq!(days.close(Id::nil(), first, at("2026-11-26T16:00:00Z"), 2), []);
    }

    #[test]
    fn another_zone_moves_no_day_that_is_closed_and_loses_no_moment() {
        let first = date(2026, 11, 23);
        for (then, now, next) in [
            ("Asia/Shanghai", "America/New_York", "2026-11-26T05:00:00Z"),
            ("America/New_York", "Asia/Shanghai", "2026-11-25T16:00:00Z"),
        ] {
            let mut days = Days::new(Vec::new(), zone(then));
            let closed = days.close(Id::nil(), first, at("2026-11-25T12:00:00Z"), 31);
            assert_eq!(closed.len(), 1);
            let until = days.closed_until();
            let moved = Days::new(closed, zone(now));
            // The next day begins where the closed one ended, and the one behind it at its own midnight.
            assert_eq!(moved.begin_of(date(2026, 11, 24)), Some(until));
            assert_eq!(moved.begin_of(date(2026, 11, 26)), Some(at(next).micros()), "{now}");
            let cuts = moved.cuts((22..28).map(|day| date(2026, 11, day))).expect("days of the calendar");
            assert!(cuts.moments.is_sorted(), "{cuts:?}");
        }
    }
}
