//! What is missing for a tier to be kept, and until when it can be made up.

use std::cmp::Reverse;

use crate::base::clock::Instant;
use crate::domain::tier::rule::career::{Career, Unknown};
use crate::domain::tier::rule::settle::MOST_AT_ONCE;
use crate::domain::tier::rule::window::{Window, start_of};

/// What keeps a tier when it is judged next. Whoever makes up for what is missing in time keeps it; with less it is lost, unless
/// that much reaches a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub missing: i64,
    /// The first moment that counts for it. Empty if all do from now on.
    pub from: Option<Instant>,
    /// The first moment at which it is too late. Empty if enough has counted in days that are over.
    pub by: Option<Instant>,
}

impl Career {
    /// The windows of the next judgement that have begun. Nothing has counted in those that have not.
    pub fn weighed_by_now(&self) -> impl Iterator<Item = Window> + use<> {
        let today = self.today();
        let windows = self.next_judgement().into_iter().flat_map(|(judged, lost)| self.weighed(judged, lost));
        let windows: Vec<Window> = windows.filter(|window| window.first <= today).collect();
        windows.into_iter()
    }

    /// Of the windows by which the tier is judged next, the one in which least is missing of those that can still be filled. Of
    /// equal ones it is the one that counts first, and then the one that counts longest. `None` for a tier that is never judged.
    pub fn keep(&self) -> Result<Option<Keep>, Unknown> {
        let Some((judged, lost)) = self.next_judgement() else { return Ok(None) };
        let today = self.today();
        let windows = self.weighed(judged, lost).skip(1).chain(self.lacking_in_turn(judged, lost)?);
        let mut best = None;
        for window in windows {
            let missing = self.missing_in(window)?;
            let (from, by) = (window.first.max(today), lost.min(window.last + 1));
            // What is over was enough for good, or it says only that it is too late.
            let rank = match by <= from {
                true if missing == 0 => (false, 0, today, Reverse(i64::MAX)),
                true => (true, missing, today, Reverse(by.min(today))),
                false => (false, missing, from, Reverse(by)),
            };
            best = best.map_or(Some(rank), |best| Some(rank.min(best)));
        }
        let starts = |day: i64| start_of(day, &self.zone);
        Ok(best.map(|(_, missing, from, Reverse(by))| Keep {
            missing,
            from: (from > today).then(|| starts(from)),
            by: (by < i64::MAX).then(|| starts(by)),
        }))
    }

    /// A long protection may see several days of judgement, which come one after the other when it is over; each that is passed
    /// by its own window leads to the next. The window to be filled for all of them: of one that lacks something, the last if
    /// none does, and none if two do.
    fn lacking_in_turn(&self, mut judged: i64, lost: i64) -> Result<Option<Window>, Unknown> {
        let mut lacking = None;
        for _ in 0..MOST_AT_ONCE {
            let window = self.calendar().current(judged - 1);
            if self.missing_in(window)? > 0 && lacking.replace(window).is_some() {
                return Ok(None);
            }
            let next = self.calendar().judged_after(judged);
            let grace = |next: i64| self.revisions.grace(start_of(next, &self.zone), &self.set);
            match next.filter(|next| next + grace(*next) <= lost) {
                Some(next) => judged = next,
                None => return Ok(lacking.or(Some(window))),
            }
        }
        Ok(None)
    }

    fn missing_in(&self, window: Window) -> Result<i64, Unknown> {
        let sum = if window.first > self.today() { 0 } else { self.set.value(self.sum(window)?) };
        Ok(self.set.threshold(self.place()).saturating_sub(sum).max(0))
    }
}
