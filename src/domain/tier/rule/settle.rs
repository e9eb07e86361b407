//! Bringing a tier up to now: through the revisions of the tiers since it was reckoned last, and each day of judgement.

use std::sync::Arc;

use crate::base::clock::Instant;
use crate::base::planted::{Bug, planted};
use crate::domain::tier::entity::{Downgrade, Why};
use crate::domain::tier::rule::career::{Career, Unknown};
use crate::domain::tier::rule::terms::TierSet;
use crate::domain::tier::rule::window::{Window, day_at, start_of};

/// Days on which a tier is judged, one after the other, in one go. More that are overdue wait for the next time.
pub(super) const MOST_AT_ONCE: usize = 64;

impl Career {
    /// Brings the tier up to now. What was overdue when other tiers came in force is judged by those of before, then it comes
    /// under the others; so it makes no difference when that is written. Every command that asks for the tier does this first.
    pub fn settle(&mut self) -> Result<(), Unknown> {
        let (revisions, was) = (self.revisions.clone(), self.state.revision);
        let mut left = MOST_AT_ONCE;
        match revisions.numbered(was) {
            Some(set) => self.set = set.clone(),
            None => self.come_under(revisions.newest(), None, self.today()),
        }
        for next in revisions.behind(self.state.revision) {
            let day = day_at(Instant(next.row.created_at), &self.zone);
            if !planted(Bug::JudgedByOtherTiers) && !self.judge_by(day, &mut left)? {
                return Ok(());
            }
            let before = std::mem::replace(&mut self.set, next.clone());
            self.come_under(next, Some(&before), day);
        }
        if self.state.revision != was {
            self.reckon_anew()?;
        }
        self.judge_by(self.today(), &mut left).map(|_| ())
    }

    /// Judges the tier on each day on which it is lost by a day, if it is. Whether all of it is done.
    fn judge_by(&mut self, day: i64, left: &mut usize) -> Result<bool, Unknown> {
        while let Some((judged, lost)) = self.next_judgement().filter(|(_, lost)| *lost <= day) {
            if *left == 0 {
                return Ok(false);
            }
            *left -= 1;
            self.judge(judged, lost)?;
        }
        Ok(true)
    }

    /// The day on which the tier is judged, and the one on which it is lost if it is: after the days of grace, and not while
    /// it is protected.
    pub fn next_judgement(&self) -> Option<(i64, i64)> {
        let due = Instant(self.state.due?);
        let judged = day_at(due, &self.zone);
        let kept_until = self.state.kept_until.filter(|_| !planted(Bug::ProtectionIgnored));
        let unprotected = kept_until.map_or(judged, |until| self.first_day_from(Instant(until)));
        let grace = if planted(Bug::TierWithoutGrace) { 0 } else { self.revisions.grace(due, &self.set) };
        Some((judged, (judged + grace).max(unprotected)))
    }

    /// The first day that begins at a moment or later.
    fn first_day_from(&self, moment: Instant) -> i64 {
        let day = day_at(moment, &self.zone);
        if start_of(day, &self.zone) < moment { day + 1 } else { day }
    }

    /// Other tiers came in force on a day. What returns undo stays, if it was reached by the same threshold; the day of
    /// judgement stays, unless it follows from another window by now, which never brings it forward.
    fn come_under(&mut self, next: &Arc<TierSet>, before: Option<&TierSet>, day: i64) {
        self.set = next.clone();
        self.state.revision = next.row.revision;
        let tier = self.state.tier;
        let is_as_reached = before.is_some_and(|before| before.reaches_alike(next, tier));
        if !is_as_reached || planted(Bug::BasisLostByOtherTiers) {
            (self.state.basis, self.state.before) = (None, None);
        }
        let is_other = before.is_none_or(|before| !before.counts_over_the_same(next));
        // The lowest is never judged, nor one that is gone: that falls with the next step.
        let place = next.place_of(tier).unwrap_or(0);
        let anew = self.calendar().judged_after(day).filter(|_| place > 0);
        let anew = anew.map(|anew| start_of(anew, &self.zone).micros());
        let due = self.state.due;
        self.state.due = match anew {
            Some(anew) if is_other || planted(Bug::DueMovedByOtherTiers) => due.max(Some(anew)),
            Some(anew) => due.or(Some(anew)),
            None => None,
        };
    }

    /// By other tiers nobody falls, unless their tier is no longer there. What they raise to is not undone by returns: no
    /// purchase reached it.
    fn reckon_anew(&mut self) -> Result<(), Unknown> {
        let today = self.today();
        let reached = self.reached(today, self.calendar().previous(today))?;
        let known = self.set.place_of(self.state.tier);
        let falls = |place: usize| planted(Bug::FallsByOtherTiers) && reached < place;
        if known.is_none_or(|place| reached > place || falls(place)) {
            (self.state.basis, self.state.before) = (None, None);
            self.step(reached, Why::TiersChanged, self.now);
            let due = self.state.due;
            self.due_after(today);
            self.state.due = self.state.due.map(|anew| due.map_or(anew, |due| anew.max(due)));
        }
        Ok(())
    }

    /// What the window of a day, and another, qualify for.
    fn reached(&self, day: i64, other: Option<Window>) -> Result<usize, Unknown> {
        let by_other = other.map(|window| self.qualified(window)).transpose()?;
        Ok(self.qualified(self.calendar().current(day))?.max(by_other.unwrap_or(0)))
    }

    /// The windows by which the tier is judged: the one that ended before the day, and what counts on the day on which it
    /// would be lost.
    pub(super) fn weighed(&self, judged: i64, lost: i64) -> impl Iterator<Item = Window> + use<> {
        let calendar = self.calendar();
        let previous = calendar.previous(lost).filter(|_| !planted(Bug::YearBeforeForgotten));
        [Some(calendar.current(judged - 1)), previous, Some(calendar.current(lost))].into_iter().flatten()
    }

    /// Judges the tier by the best of these windows.
    fn judge(&mut self, judged: i64, lost: i64) -> Result<(), Unknown> {
        let (mut target, mut basis) = (0, None);
        for window in self.weighed(judged, lost) {
            let reached = self.qualified(window)?;
            if reached > target {
                (target, basis) = (reached, Some(window));
            }
        }
        let place = self.place();
        let confirmed = if basis.is_some_and(|basis| basis.contains(lost)) { lost } else { judged };
        if target >= place {
            if basis != self.state.basis {
                (self.state.basis, self.state.before) = (basis, None);
            }
            if target > place {
                self.step(target, Why::Judged, start_of(lost, &self.zone));
            }
            self.due_after(confirmed);
            return Ok(());
        }
        let place = match self.set.row.downgrade {
            Downgrade::OneDown if !planted(Bug::FallsAllTheWay) => target.max(place - 1),
            Downgrade::OneDown | Downgrade::ToQualified => target,
        };
        (self.state.basis, self.state.before) = (basis.filter(|_| target == place), None);
        self.step(place, Why::Judged, start_of(lost, &self.zone));
        self.due_after(lost);
        Ok(())
    }
}
