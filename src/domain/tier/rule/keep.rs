//! What is missing for a tier to be kept, and until when it can be made up.

use std::cmp::Reverse;

use crate::base::clock::Instant;
use crate::domain::tier::rule::career::{Career, Unknown};
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
        let (today, threshold) = (self.today(), self.set.threshold(self.place()));
        let mut best = None;
        for window in self.weighed(judged, lost) {
            let sum = if window.first > today { 0 } else { self.set.value(self.sum(window)?) };
            let missing = threshold.saturating_sub(sum).max(0);
            let (from, by) = (window.first.max(today), lost.min(window.last + 1));
            let is_over = by <= from;
            let by = if is_over && missing == 0 { i64::MAX } else { by };
            // What is over and was not enough says only that it is too late.
            let rank = (is_over && missing > 0, missing, from, Reverse(by));
            best = best.map_or(Some(rank), |best| Some(rank.min(best)));
        }
        let starts = |day: i64| start_of(day, &self.zone);
        Ok(best.map(|(_, missing, from, Reverse(by))| Keep {
            missing,
            from: (from > today).then(|| starts(from)),
            by: (by < i64::MAX).then(|| starts(by)),
        }))
    }
}
