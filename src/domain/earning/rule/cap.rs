//! How much of a rule a member may have in a period.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::planted::{Bug, planted};
use crate::base::points::MAX_POINTS;
use crate::domain::earning::entity::Period;

/// A rule gives a member no more than this in each period of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    pub period: Period,
    /// So many points; the last time may give a part.
    pub points: Option<i64>,
    /// So often.
    pub times: Option<i64>,
}

/// Why caps cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapFlaw {
    /// It bounds nothing, or to nothing.
    Bound,
    /// There is another of the same period.
    Repeated,
}

/// What is wrong with a rule's caps.
pub fn flaw(caps: &[Cap]) -> Option<CapFlaw> {
    let is_bound = |bound: Option<i64>| bound.is_none_or(|bound| (1..=MAX_POINTS).contains(&bound));
    let bounds =
        |cap: &Cap| (cap.points.is_some() || cap.times.is_some()) && is_bound(cap.points) && is_bound(cap.times);
    if !caps.iter().all(bounds) {
        return Some(CapFlaw::Bound);
    }
    let repeated = |(at, cap): (usize, &Cap)| caps[..at].iter().any(|other| other.period == cap.period);
    caps.iter().enumerate().any(repeated).then_some(CapFlaw::Repeated)
}

impl Cap {
    /// What it leaves of what a member has had in the period.
    pub fn left(&self, points: i64, times: i64) -> i64 {
        match self.times {
            Some(most) if times >= most + i64::from(planted(Bug::OnceTooOften)) => 0,
            _ => self.points.map_or(i64::MAX, |most| (most - points).max(0)),
        }
    }
}

impl Period {
    /// The moment at which the period began that a moment is in, in a zone.
    pub fn start(self, moment: Instant, zone: &TimeZone) -> Instant {
        let zone = if planted(Bug::PeriodInUtc) { &TimeZone::UTC } else { zone };
        let day = moment.local_date(zone);
        let first = match self {
            Period::Ever => return Instant(0),
            Period::Day => day,
            Period::Week => day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days()),
            Period::Month => day.first_of_month(),
        };
        Instant::start_of_day(first, zone).unwrap_or(moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_at_a_local_midnight() {
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        // A Tuesday in UTC, and Wednesday, 3 March 2027, in Shanghai.
        let moment = Instant::from_timestamp("2027-03-02T20:00:00Z".parse().unwrap());
        let start = |period: Period| period.start(moment, &shanghai).rfc3339();
        assert_eq!(start(Period::Day), "2027-03-02T16:00:00Z");
        assert_eq!(start(Period::Week), "2027-02-28T16:00:00Z", "Monday, 1 March");
        assert_eq!(start(Period::Month), "2027-02-28T16:00:00Z");
        assert_eq!(start(Period::Ever), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_cap_on_times_is_all_or_nothing_and_one_on_points_is_not() {
        let cap = Cap { period: Period::Day, points: Some(100), times: Some(2) };
        assert_eq!(
            [(0, 0), (60, 1), (60, 2), (130, 1)].map(|(points, times)| cap.left(points, times)),
            [100, 40, 0, 0]
        );
    }

    #[test]
    fn caps_that_bound_nothing_or_twice_are_refused() {
        let cap = |period, points| Cap { period, points, times: None };
        assert_eq!(flaw(&[]), None);
        assert_eq!(flaw(&[cap(Period::Day, Some(1)), cap(Period::Ever, Some(9))]), None);
        assert_eq!(flaw(&[cap(Period::Day, None)]), Some(CapFlaw::Bound));
        assert_eq!(flaw(&[cap(Period::Day, Some(0))]), Some(CapFlaw::Bound));
        assert_eq!(flaw(&[cap(Period::Day, Some(1)), cap(Period::Day, Some(2))]), Some(CapFlaw::Repeated));
    }
}
