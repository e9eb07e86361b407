//! One member's tier: how it rises, is judged, undone and taken over.

use jifen::domain::tier::entity::{Basis, CountedOver, Downgrade, Why};

use super::{Case, Counted, Days, InTier, Move};
use crate::names::Serial;
use crate::reference::calendar::{date_of, day_of, length_of, number_of, start_of};
use crate::tiers::{Level, Revision};

/// As the program names all days there are.
const EVER: Days = (-5_000_000, 5_000_000);
/// Days on which a tier is judged at a time.
const AT_ONCE: usize = 64;

impl Case {
    /// Where the tier stands among the others.
    fn place(&self) -> usize {
        self.place_of(self.standing.name).unwrap_or(0)
    }

    fn place_of(&self, name: Option<Serial>) -> Option<usize> {
        let Some(name) = name else { return Some(0) };
        self.revision.is.levels.iter().position(|level| level.name == name)
    }

    fn level(&self, place: usize) -> Level {
        self.revision.is.levels[place]
    }

    pub fn is_in(&self) -> InTier {
        let Level { name, multiplier, .. } = self.level(self.place());
        InTier { name, revision: self.revision.number, multiplier }
    }

    pub(super) fn measured(&self, counted: &Counted) -> i64 {
        match self.revision.is.basis {
            Basis::Points => counted.points,
            Basis::Spend => counted.spend,
            Basis::Visits => counted.visits,
        }
    }

    fn sum(&self, (first, last): Days) -> i64 {
        let counted = self.counted.iter().filter(|counted| first <= counted.day && counted.day <= last);
        counted.map(|counted| self.measured(counted)).sum()
    }

    /// How high the sum of some days reaches.
    fn reached_in(&self, days: Days) -> usize {
        let sum = self.sum(days);
        let reached = |place: &usize| self.level(*place).threshold <= sum;
        (0..self.revision.is.levels.len()).filter(reached).max().unwrap_or(0)
    }

    fn today(&self) -> i64 {
        day_of(&self.zone, self.now)
    }

    /// The days that count on a day.
    fn days_on(&self, day: i64) -> Days {
        match self.revision.is.over {
            CountedOver::Lifetime => EVER,
            CountedOver::RollingDays => (day + 1 - self.revision.is.days, day),
            CountedOver::CalendarYear => {
                let (year, _, _) = date_of(day);
                (number_of(year, 1, 1), number_of(year, 12, 31))
            }
            CountedOver::Anniversary => {
                let (_, month, of_month) = date_of(self.joined);
                let begins = |year| number_of(year, month, of_month.min(length_of(year, month)));
                let (year, _, _) = date_of(day);
                let year = if begins(year) <= day { year } else { year - 1 };
                (begins(year), begins(year + 1) - 1)
            }
        }
    }

    /// The year before.
    fn days_before(&self, day: i64) -> Option<Days> {
        let has_years = matches!(self.revision.is.over, CountedOver::CalendarYear | CountedOver::Anniversary);
        has_years.then(|| self.days_on(self.days_on(day).0 - 1))
    }

    /// When a tier is judged that was reached, or confirmed, on a day. The lowest is not.
    fn judge_again(&mut self, day: i64) {
        let on = match self.revision.is.over {
            CountedOver::Lifetime => None,
            CountedOver::RollingDays => Some(day + self.revision.is.days),
            CountedOver::CalendarYear | CountedOver::Anniversary => Some(self.days_on(day).1 + 1),
        };
        self.standing.due = on.filter(|_| self.place() > 0).map(|on| start_of(&self.zone, on));
    }

    /// The day on which it is judged, and the one on which it is lost: after the grace, and not before a day that begins
    /// unprotected.
    pub(super) fn lost_on(&self) -> Option<(i64, i64)> {
        let judged = day_of(&self.zone, self.standing.due?);
        let mut lost = judged + self.grace_since(self.standing.due?);
        if let Some(until) = self.standing.kept_until {
            let day = day_of(&self.zone, until);
            let free = if start_of(&self.zone, day) == until { day } else { day + 1 };
            lost = lost.max(free);
        }
        Some((judged, lost))
    }

    /// The best that staff have promised since a tier's day had come.
    fn grace_since(&self, due: i64) -> i64 {
        let mut best = self.revision.is.grace;
        for (place, revision) in self.all.iter().enumerate() {
            let followed = self.all.get(place + 1).filter(|next| next.number <= self.revision.number);
            if followed.is_some_and(|next| due < next.at) {
                best = best.max(revision.is.grace);
            }
        }
        best
    }

    pub(super) fn note(&mut self, to: Option<Serial>, why: Why, at: i64) {
        let revision = self.revision.number;
        let from = self.standing.name;
        let kept_until = self.standing.kept_until;
        self.standing.history.push(Move { from, to, why, revision, kept_until, at, recorded_at: self.now });
    }

    fn go_to(&mut self, place: usize, why: Why, at: i64) {
        let to = Some(self.level(place).name);
        self.note(to, why, at);
        (self.standing.name, self.standing.since) = (to, Some(at));
    }

    /// As if somebody had looked at the tier on the day of each change of tiers, before the change.
    pub(super) fn bring_up_to_now(&mut self) {
        let known = self.standing.revision;
        let mut still = AT_ONCE;
        if let Some(place) = self.all.iter().position(|revision| revision.number == known) {
            for place in place..self.all.len() - 1 {
                let (before, after) = (self.all[place].clone(), self.all[place + 1].clone());
                self.revision = before.clone();
                let day = day_of(&self.zone, after.at);
                if !self.judge_till(day, &mut still) {
                    return;
                }
                self.change_tiers(&before, after, day);
            }
        }
        if known != self.revision.number {
            self.standing.revision = self.revision.number;
            self.rise_by_other_tiers();
        }
        self.judge_till(self.today(), &mut still);
    }

    /// Whether nothing is left to judge.
    fn judge_till(&mut self, day: i64, still: &mut usize) -> bool {
        loop {
            let Some((judged, lost)) = self.lost_on() else { return true };
            if day < lost {
                return true;
            }
            if *still == 0 {
                return false;
            }
            *still -= 1;
            self.judge(judged, lost);
        }
    }

    /// Only what a change is about is another thing after it.
    fn change_tiers(&mut self, before: &Revision, after: Revision, day: i64) {
        let level = |revision: &Revision, name: Option<Serial>| match name {
            None => revision.is.levels.first().copied(),
            Some(name) => revision.is.levels.iter().find(|level| level.name == name).copied(),
        };
        let name = self.standing.name;
        let (was, is) = (level(before, name), level(&after, name));
        let same_days = match (before.is.over, after.is.over) {
            (CountedOver::RollingDays, CountedOver::RollingDays) => before.is.days == after.is.days,
            (one, other) => one == other,
        };
        let same_threshold = match (was, is) {
            (Some(was), Some(is)) => was.threshold == is.threshold,
            _ => false,
        };
        if !same_days || !same_threshold || before.is.basis != after.is.basis {
            (self.standing.basis, self.standing.before) = (None, None);
        }
        self.revision = after;
        self.standing.revision = self.revision.number;
        let due = self.standing.due;
        if is.is_none() {
            self.standing.due = None;
        } else if !same_days || self.place() == 0 || due.is_none() {
            self.judge_again(day);
            // Nobody's day is brought forward.
            if let (Some(anew), Some(due)) = (self.standing.due, due) {
                self.standing.due = Some(anew.max(due));
            }
        }
    }

    /// Nobody falls by other thresholds, but for those whose tier is no longer there.
    fn rise_by_other_tiers(&mut self) {
        let today = self.today();
        let all = [Some(self.days_on(today)), self.days_before(today)];
        let reached = all.into_iter().flatten().map(|days| self.reached_in(days)).max().unwrap_or(0);
        if self.place_of(self.standing.name).is_some_and(|place| place >= reached) {
            return;
        }
        let due = self.standing.due;
        (self.standing.basis, self.standing.before) = (None, None);
        self.go_to(reached, Why::TiersChanged, self.now);
        self.judge_again(today);
        if let (Some(anew), Some(due)) = (self.standing.due, due) {
            self.standing.due = Some(anew.max(due));
        }
    }

    /// By the days that ended before it is judged, and by those that run when it would be lost.
    fn judge(&mut self, judged: i64, lost: i64) {
        let all = [Some(self.days_on(judged - 1)), self.days_before(lost), Some(self.days_on(lost))];
        let all: Vec<Days> = all.into_iter().flatten().collect();
        let best = all.iter().map(|days| self.reached_in(*days)).max().unwrap_or(0);
        let basis = all.iter().find(|days| best > 0 && self.reached_in(**days) == best).copied();
        let at = start_of(&self.zone, lost);
        if best >= self.place() {
            if basis != self.standing.basis {
                (self.standing.basis, self.standing.before) = (basis, None);
            }
            if best > self.place() {
                self.go_to(best, Why::Judged, at);
            }
            let runs_on = basis.is_some_and(|(first, last)| first <= lost && lost <= last);
            self.judge_again(if runs_on { lost } else { judged });
            return;
        }
        let fallen = match self.revision.is.downgrade {
            Downgrade::ToQualified => best,
            Downgrade::OneDown => best.max(self.place() - 1),
        };
        self.standing.basis = if fallen == best { basis } else { None };
        self.standing.before = None;
        self.go_to(fallen, Why::Judged, at);
        self.judge_again(lost);
    }

    /// More counts on a day: a threshold that is reached raises the tier at once.
    pub(super) fn rise(&mut self, day: i64) {
        let today = self.today();
        for days in [Some(self.days_on(today)), self.days_before(today)].into_iter().flatten() {
            let reached = self.reached_in(days);
            if days.0 <= day && day <= days.1 && reached > self.place() {
                if self.standing.basis != Some(days) {
                    self.standing.before = self.standing.name;
                }
                self.standing.basis = Some(days);
                self.go_to(reached, Why::Qualified, self.now);
                self.judge_again(today);
            }
        }
    }

    /// Less counts on a day: a tier that was reached by it goes back to the one of before, or to what is still reached.
    pub(super) fn fall_back(&mut self, day: i64) {
        let is_protected = self.standing.kept_until.is_some_and(|until| self.now < until);
        let Some(basis) = self.standing.basis else { return };
        if !self.revision.is.is_undone || is_protected || day < basis.0 || basis.1 < day {
            return;
        }
        if self.sum(basis) >= self.level(self.place()).threshold {
            return;
        }
        let today = self.today();
        let all = [self.days_on(today), basis];
        let reached = all.into_iter().map(|days| self.reached_in(days)).max().unwrap_or(0);
        let before = self.place_of(self.standing.before).unwrap_or(0);
        // From now on it stands on the days that still reach it.
        if reached > before {
            let still = [basis, self.days_on(today)].into_iter().find(|days| self.reached_in(*days) == reached);
            self.standing.basis = still;
        }
        if reached.max(before) >= self.place() {
            return;
        }
        if before >= reached {
            (self.standing.basis, self.standing.before) = (None, None);
        }
        self.go_to(reached.max(before), Why::Returned, self.now);
        if self.place() == 0 {
            self.standing.due = None;
        }
    }

    /// The higher of two tiers stays as it was, and of two that are the same whatever keeps it longer.
    pub(super) fn take_over(&mut self, theirs: &Case) {
        self.counted.extend(theirs.counted.iter().copied());
        let (mine, place) = (self.place(), theirs.place());
        if place > mine {
            self.standing.kept_until = theirs.standing.kept_until;
            self.go_to(place, Why::Merged, self.now);
        } else if place == mine {
            self.standing.kept_until = self.standing.kept_until.max(theirs.standing.kept_until);
        }
        if place > mine || (place == mine && theirs.standing.due > self.standing.due) {
            self.standing.due = theirs.standing.due;
            (self.standing.basis, self.standing.before) = (theirs.standing.basis, theirs.standing.before);
        }
        let today = self.today();
        self.rise(today);
        if let Some((_, last)) = self.days_before(today) {
            self.rise(last);
        }
    }
}
