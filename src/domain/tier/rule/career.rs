//! A member's tier: how it rises, is judged, undone and protected.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::wallet;
use crate::domain::tier::entity::{Downgrade, Why};
use crate::domain::tier::rule::terms::{Measures, TierSet};
use crate::domain::tier::rule::window::{Calendar, Window, day_at, start_of};

/// Days on which a tier is judged, one after the other, in one go. More that are overdue wait for the next time.
const MOST_AT_ONCE: usize = 64;

/// A member's tier as it stands in their wallet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Empty is the lowest.
    pub tier: Option<Id>,
    pub since: Option<i64>,
    /// The beginning of the day on which it is judged.
    pub due: Option<i64>,
    pub kept_until: Option<i64>,
    /// The days whose sum reached it, and the tier of before.
    pub basis: Option<Window>,
    pub before: Option<Id>,
    pub revision: i64,
}

impl State {
    pub fn of(wallet: &wallet::Model) -> State {
        let basis = wallet.tier_basis_from.zip(wallet.tier_basis_to);
        State {
            tier: wallet.tier_id,
            since: wallet.tier_since,
            due: wallet.tier_due,
            kept_until: wallet.tier_kept_until,
            basis: basis.map(|(first, last)| Window { first, last }),
            before: wallet.tier_before,
            revision: wallet.tier_revision,
        }
    }

    pub fn write(&self, wallet: &mut wallet::Model) {
        wallet.tier_id = self.tier;
        wallet.tier_since = self.since;
        wallet.tier_due = self.due;
        wallet.tier_kept_until = self.kept_until;
        wallet.tier_basis_from = self.basis.map(|basis| basis.first);
        wallet.tier_basis_to = self.basis.map(|basis| basis.last);
        wallet.tier_before = self.before;
        wallet.tier_revision = self.revision;
    }
}

/// A step that a tier took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub from: Option<Id>,
    pub to: Option<Id>,
    pub why: Why,
    pub at: Instant,
}

/// A sum that is not known: look it up and decide anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown(pub Window);

/// A member's tier while a command is decided, or while somebody reads what is due.
#[derive(Clone, Debug)]
pub struct Career {
    pub set: Arc<TierSet>,
    pub zone: TimeZone,
    /// The day on which the member joined.
    pub joined: i64,
    pub now: Instant,
    pub state: State,
    /// What is known of the sums of days.
    pub sums: HashMap<Window, Measures>,
    pub steps: Vec<Step>,
}

impl Career {
    pub fn new(set: Arc<TierSet>, zone: TimeZone, wallet: &wallet::Model, now: Instant) -> Career {
        let joined = day_at(Instant(wallet.joined_at), &zone);
        Career { set, zone, joined, now, state: State::of(wallet), sums: HashMap::new(), steps: Vec::new() }
    }

    /// The windows whose sums it will most likely ask for.
    pub fn likely(&self) -> Vec<Window> {
        let today = self.today();
        let judged = self.state.due.map(|due| self.calendar().current(day_at(Instant(due), &self.zone) - 1));
        let current = Some(self.calendar().current(today));
        let mut windows: Vec<Window> =
            [current, self.calendar().previous(today), judged, self.state.basis].into_iter().flatten().collect();
        windows.sort_unstable();
        windows.dedup();
        windows
    }

    pub fn today(&self) -> i64 {
        day_at(self.now, &self.zone)
    }

    pub fn calendar(&self) -> Calendar<'_> {
        Calendar { set: &self.set.row, joined: self.joined }
    }

    /// The place of the tier in its set.
    pub fn place(&self) -> usize {
        self.set.place_of(self.state.tier).unwrap_or(0)
    }

    pub fn sum(&self, window: Window) -> Result<Measures, Unknown> {
        self.sums.get(&window).copied().ok_or(Unknown(window))
    }

    fn qualified(&self, window: Window) -> Result<usize, Unknown> {
        Ok(self.set.qualified(self.sum(window)?))
    }

    pub fn is_protected(&self, moment: Instant) -> bool {
        self.state.kept_until.is_some_and(|until| moment.micros() < until)
    }

    /// Brings the tier up to now: by tiers that were changed, then by each day on which it was to be judged. Every command
    /// that asks for the tier does this first.
    pub fn settle(&mut self) -> Result<(), Unknown> {
        if self.state.revision != self.set.row.revision {
            self.reckon_anew()?;
        }
        for _ in 0..MOST_AT_ONCE {
            let Some((judged, lost)) = self.next_judgement() else { return Ok(()) };
            if lost > self.today() {
                return Ok(());
            }
            self.judge(judged, lost)?;
        }
        Ok(())
    }

    /// The day on which the tier is judged, and the one on which it is lost if it is: after the days of grace, and not while
    /// it is protected.
    pub fn next_judgement(&self) -> Option<(i64, i64)> {
        let judged = day_at(Instant(self.state.due?), &self.zone);
        let kept_until = self.state.kept_until.filter(|_| !planted(Bug::ProtectionIgnored));
        let unprotected = kept_until.map_or(judged, |until| self.first_day_from(Instant(until)));
        let grace = if planted(Bug::TierWithoutGrace) { 0 } else { self.set.row.grace_days };
        Some((judged, (judged + grace).max(unprotected)))
    }

    /// The first day that begins at a moment or later.
    fn first_day_from(&self, moment: Instant) -> i64 {
        let day = day_at(moment, &self.zone);
        if start_of(day, &self.zone) < moment { day + 1 } else { day }
    }

    /// Other tiers: nobody falls by that, unless their tier is no longer there. What was reached before is not undone by
    /// returns, since it was by other thresholds.
    fn reckon_anew(&mut self) -> Result<(), Unknown> {
        let today = self.today();
        let reached = self.reached(today, self.calendar().previous(today))?;
        let known = self.set.place_of(self.state.tier);
        self.state.revision = self.set.row.revision;
        (self.state.basis, self.state.before) = (None, None);
        let falls = |place: usize| planted(Bug::FallsByOtherTiers) && reached < place;
        if known.is_none_or(|place| reached > place || falls(place)) {
            self.step(reached, Why::TiersChanged, self.now);
        }
        self.due_after(today);
        Ok(())
    }

    /// What the window of a day, and another, qualify for.
    fn reached(&self, day: i64, other: Option<Window>) -> Result<usize, Unknown> {
        let by_other = other.map(|window| self.qualified(window)).transpose()?;
        Ok(self.qualified(self.calendar().current(day))?.max(by_other.unwrap_or(0)))
    }

    /// Judges the tier by the window that ended before a day, and by what counts on the day on which it would be lost.
    fn judge(&mut self, judged: i64, lost: i64) -> Result<(), Unknown> {
        let calendar = self.calendar();
        let previous = calendar.previous(lost).filter(|_| !planted(Bug::YearBeforeForgotten));
        let windows = [Some(calendar.current(judged - 1)), previous, Some(calendar.current(lost))];
        let (mut target, mut basis) = (0, None);
        for window in windows.into_iter().flatten() {
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

    /// Counts something on a day: more raises the tier at once, less may undo it. Sums that are known grow with it.
    pub fn count(&mut self, day: i64, measures: Measures) -> Result<(), Unknown> {
        for (window, sum) in &mut self.sums {
            if window.contains(day) {
                *sum = *sum + measures;
            }
        }
        if self.set.value(measures) >= 0 { self.rise(day) } else { self.undo(day) }
    }

    fn rise(&mut self, day: i64) -> Result<(), Unknown> {
        let today = self.today();
        let (current, previous) = (self.calendar().current(today), self.calendar().previous(today));
        let touched = [Some(current), previous].into_iter().flatten().filter(|window| window.contains(day));
        for window in touched {
            let reached = self.qualified(window)?;
            if reached > self.place() {
                if self.state.basis != Some(window) {
                    self.state.before = self.state.tier;
                }
                self.state.basis = Some(window);
                self.step(reached, Why::Qualified, self.now);
                self.due_after(today);
            }
        }
        Ok(())
    }

    /// A tier whose basis was returned goes back to what was there before, or to what the member qualifies for still. From
    /// then on it stands on the days that qualify for it, which may be returned in their turn.
    fn undo(&mut self, day: i64) -> Result<(), Unknown> {
        let is_protected = self.is_protected(self.now) && !planted(Bug::ProtectedUndone);
        let is_undone = self.set.row.undone_by_returns && !is_protected;
        let Some(basis) = self.state.basis.filter(|basis| is_undone && basis.contains(day)) else { return Ok(()) };
        if self.set.value(self.sum(basis)?) >= self.set.threshold(self.place()) {
            return Ok(());
        }
        let before = self.state.before.filter(|_| !planted(Bug::UndoneToTheLowest));
        let before = self.set.place_of(before).unwrap_or(0);
        let current = self.calendar().current(self.today());
        let (by_basis, by_current) = (self.qualified(basis)?, self.qualified(current)?);
        let reached = by_basis.max(by_current);
        if reached > before {
            self.state.basis = Some(if by_basis == reached { basis } else { current });
        }
        if reached.max(before) < self.place() {
            // The tier of before stood on something else, which is not known any more.
            if reached <= before {
                (self.state.basis, self.state.before) = (None, None);
            }
            self.step(reached.max(before), Why::Returned, self.now);
            self.state.due = self.state.due.filter(|_| self.place() > 0);
        }
        Ok(())
    }

    /// Protects the tier until a moment, or no longer.
    pub fn protect(&mut self, until: Option<Instant>) {
        self.state.kept_until = until.map(Instant::micros);
        self.steps.push(Step { from: self.state.tier, to: self.state.tier, why: Why::Protected, at: self.now });
    }

    /// Takes over the tier of a member who was merged into this one, if it is the higher one. Sums are those of both.
    pub fn take_over(&mut self, other: &Career) -> Result<(), Unknown> {
        let (mine, theirs) = (self.place(), other.place());
        if theirs > mine && !planted(Bug::HigherTierLost) {
            self.step(theirs, Why::Merged, self.now);
            let State { due, basis, before, .. } = other.state;
            self.state = State { due, basis, before, ..self.state.clone() };
        }
        if theirs >= mine {
            self.state.kept_until = self.state.kept_until.max(other.state.kept_until);
        }
        self.rise(self.today())?;
        match self.calendar().previous(self.today()) {
            Some(previous) => self.rise(previous.last),
            None => Ok(()),
        }
    }

    fn step(&mut self, place: usize, why: Why, at: Instant) {
        let to = self.set.id(place);
        self.steps.push(Step { from: self.state.tier, to, why, at });
        (self.state.tier, self.state.since) = (to, Some(at.micros()));
    }

    /// The next day on which the tier is judged. The lowest is not: nobody loses it.
    fn due_after(&mut self, day: i64) {
        let due = self.calendar().judged_after(day).filter(|_| self.place() > 0);
        self.state.due = due.map(|due| start_of(due, &self.zone).micros());
    }
}
