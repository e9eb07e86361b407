//! A member's tier: how it rises, is undone and protected. How it is judged is in [`settle`](super::settle).

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::wallet;
use crate::domain::tier::entity::Why;
use crate::domain::tier::rule::revisions::Revisions;
use crate::domain::tier::rule::terms::{Measures, TierSet};
use crate::domain::tier::rule::window::{Calendar, Window, day_at, start_of};

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
    /// The revision of the tiers by which it was taken, and until when the tier is protected after it.
    pub revision: i64,
    pub kept_until: Option<i64>,
}

/// A sum that is not known: look it up and decide anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown(pub Window);

/// A member's tier while a command is decided, or while somebody reads what is due.
#[derive(Clone, Debug)]
pub struct Career {
    /// The tiers it is reckoned by: once it is settled, the newest.
    pub set: Arc<TierSet>,
    pub revisions: Revisions,
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
    /// The revisions must reach as far [back](crate::domain::tier::rule::revisions::Back) as the wallet asks.
    pub fn new(revisions: Revisions, zone: TimeZone, wallet: &wallet::Model, now: Instant) -> Career {
        let joined = day_at(Instant(wallet.joined_at), &zone);
        let (set, state) = (revisions.newest().clone(), State::of(wallet));
        Career { set, revisions, zone, joined, now, state, sums: HashMap::new(), steps: Vec::new() }
    }

    /// The windows whose sums it will most likely ask for, by the tiers of now and those by which it was reckoned last.
    pub fn likely(&self) -> Vec<Window> {
        let today = self.today();
        let judged = self.state.due.map(|due| day_at(Instant(due), &self.zone));
        let sets = [Some(&self.set), self.revisions.numbered(self.state.revision)];
        let of_set = |set: &Arc<TierSet>| {
            let calendar = Calendar { set: &set.row, joined: self.joined };
            let judged = judged.map(|judged| calendar.current(judged - 1));
            [Some(calendar.current(today)), calendar.previous(today), judged]
        };
        let windows = sets.into_iter().flatten().flat_map(of_set).flatten().chain(self.state.basis);
        let mut windows: Vec<Window> = windows.collect();
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

    pub(super) fn qualified(&self, window: Window) -> Result<usize, Unknown> {
        Ok(self.set.qualified(self.sum(window)?))
    }

    pub fn is_protected(&self, moment: Instant) -> bool {
        self.state.kept_until.is_some_and(|until| moment.micros() < until)
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

    /// Until when the tier is kept if staff protect it until a moment, or no longer. One that they end runs out now: if it
    /// were forgotten, what came due under it would be judged as if it had never been.
    pub fn kept_if(&self, until: Option<Instant>) -> Option<i64> {
        let now = self.now.micros();
        match until {
            Some(until) => Some(until.micros().max(now)),
            None if planted(Bug::ProtectionForgotten) => None,
            None => self.state.kept_until.map(|kept| kept.min(now)),
        }
    }

    /// Protects the tier until a moment, or no longer.
    pub fn protect(&mut self, until: Option<Instant>) {
        self.state.kept_until = self.kept_if(until);
        self.note(self.state.tier, Why::Protected, self.now);
    }

    /// Takes over the tier of a member who was merged into this one, if it is the higher one, with its protection and its day
    /// of judgement; of equal ones, what keeps it longer. So it makes no difference who is merged into whom. Sums are those
    /// of both.
    pub fn take_over(&mut self, other: &Career) -> Result<(), Unknown> {
        let State { due, kept_until, basis, before, .. } = other.state;
        let theirs = other.place();
        match theirs.cmp(&self.place()) {
            Ordering::Greater if !planted(Bug::HigherTierLost) => {
                self.state.kept_until = kept_until;
                self.step(theirs, Why::Merged, self.now);
                self.state = State { due, basis, before, ..self.state.clone() };
            }
            Ordering::Equal => {
                self.state.kept_until = self.state.kept_until.max(kept_until);
                if due > self.state.due {
                    self.state = State { due, basis, before, ..self.state.clone() };
                }
            }
            Ordering::Greater | Ordering::Less => {}
        }
        self.rise(self.today())?;
        match self.calendar().previous(self.today()) {
            Some(previous) => self.rise(previous.last),
            None => Ok(()),
        }
    }

    pub(super) fn step(&mut self, place: usize, why: Why, at: Instant) {
        let to = self.set.id(place);
        self.note(to, why, at);
        (self.state.tier, self.state.since) = (to, Some(at.micros()));
    }

    fn note(&mut self, to: Option<Id>, why: Why, at: Instant) {
        let (revision, kept_until) = (self.set.row.revision, self.state.kept_until);
        self.steps.push(Step { from: self.state.tier, to, why, at, revision, kept_until });
    }

    /// The next day on which the tier is judged. The lowest is not: nobody loses it.
    pub(super) fn due_after(&mut self, day: i64) {
        let due = self.calendar().judged_after(day).filter(|_| self.place() > 0);
        self.state.due = due.map(|due| start_of(due, &self.zone).micros());
    }
}
