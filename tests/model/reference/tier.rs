//! Members' tiers. What counted is not summed along: it is added up, each time, from everything that ever counted.

mod case;

use jifen::domain::tier::entity::{CountedAs, Why};

use crate::names::Serial;
use crate::reference::calendar::{day_of, start_of};
use crate::reference::{Outcome, Reference, Stop};
use crate::script::{Answer, Step};
use crate::tiers::{Revision, Tiers};
use crate::world::joined_at;

/// The first and the last of some days.
pub type Days = (i64, i64);

/// What counted for a member, in each measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    pub slot: usize,
    pub source: Serial,
    pub purchase: Serial,
    pub what: CountedAs,
    pub points: i64,
    pub spend: i64,
    pub visits: i64,
    pub at: i64,
    pub day: i64,
    pub recorded_at: i64,
}

/// What is written down of a member's tier. Without a name it is the lowest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    pub name: Option<Serial>,
    pub since: Option<i64>,
    /// The moment at which the day begins on which it is judged.
    pub due: Option<i64>,
    pub kept_until: Option<i64>,
    /// The days that reached it, and what the member was in before.
    pub basis: Option<Days>,
    pub before: Option<Serial>,
    /// The number of the revision by which it was reckoned.
    pub revision: i64,
    pub history: Vec<Move>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    pub from: Option<Serial>,
    pub to: Option<Serial>,
    pub why: Why,
    pub revision: i64,
    pub kept_until: Option<i64>,
    pub at: i64,
    pub recorded_at: i64,
}

/// A tier in question: what is known of it, by whose purchases, and on which day.
pub struct Case {
    /// The tiers it is reckoned by, and all there ever were.
    revision: Revision,
    all: Vec<Revision>,
    zone: String,
    joined: i64,
    now: i64,
    /// All that counts for it.
    counted: Vec<Counted>,
    pub standing: Standing,
}

/// What rules and prices ask: the tier, in a revision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InTier {
    pub name: Serial,
    pub revision: i64,
    pub multiplier: i64,
}

impl Reference {
    pub(super) fn change_tiers(&mut self, is: &Tiers) -> Outcome {
        self.next_version(self.program().clone());
        self.tiers.push(Revision::after(self.tiers.last(), self.program().version, self.now, is));
        Ok(Answer::Done)
    }

    /// A member's tier, judged by now; nothing, where there are no tiers.
    pub fn case(&self, slot: usize) -> Option<Case> {
        let (revision, all) = (self.tiers.last()?.clone(), self.tiers.clone());
        let zone = self.program().time_zone.clone();
        let counted = self.counted.iter().filter(|counted| counted.slot == slot).copied().collect();
        let standing = self.standings.get(&slot).cloned().unwrap_or_default();
        let joined = day_of(&zone, joined_at(slot));
        let mut case = Case { revision, all, zone, joined, now: self.now, counted, standing };
        case.bring_up_to_now();
        Some(case)
    }

    /// Lets something count on a day in a zone, which may change the member's tier.
    pub(super) fn let_count(&mut self, counted: Counted, case: Option<Case>) {
        let slot = counted.slot;
        let case = case.map(|mut case| {
            case.counted.push(counted);
            let more = case.measured(&counted);
            if more < 0 {
                case.fall_back(counted.day);
            } else {
                case.rise(counted.day);
            }
            case
        });
        self.counted.push(counted);
        self.keep_case(slot, case);
    }

    pub(super) fn keep_case(&mut self, slot: usize, case: Option<Case>) {
        let Some(case) = case else { return };
        let before = self.standings.get(&slot).map_or(0, |standing| standing.history.len());
        let standing = case.standing;
        for step in &standing.history[before..] {
            self.count(told(step));
        }
        self.standings.insert(slot, standing);
        self.touched.insert(slot);
    }

    /// The tier of a member who was merged comes along, and what counted for them counts at once.
    pub(super) fn merge_tiers(&mut self, from: usize, into: usize) {
        let (Some(mut case), Some(theirs)) = (self.case(into), self.case(from)) else { return };
        case.take_over(&theirs);
        self.keep_case(into, Some(case));
    }

    pub(super) fn move_counted(&mut self, from: usize, into: usize) {
        self.counted.iter_mut().filter(|counted| counted.slot == from).for_each(|counted| counted.slot = into);
    }

    /// Staff protect a tier until a moment, or no longer.
    pub(super) fn protect(&mut self, step: &Step, until: Option<i64>) -> Outcome {
        let wallet = self.open(step.slot)?;
        let mut case = self.case(step.slot).ok_or(Stop::from("NoTiers"))?;
        let moves = self.standings.get(&step.slot).map_or(0, |standing| standing.history.len());
        // A protection that is ended, or was asked for until a moment that is over by now, was there until now.
        let until = match (until, case.standing.kept_until) {
            (Some(until), _) => Some(until.max(case.now)),
            (None, Some(kept)) if kept > case.now => Some(case.now),
            (None, kept) => kept,
        };
        // Asked for again, it is done.
        if case.standing.kept_until == until && case.standing.history.len() == moves {
            return Ok(Answer::Done);
        }
        case.standing.kept_until = until;
        let name = case.standing.name;
        case.note(name, Why::Protected, case.now);
        self.keep(step.slot, wallet);
        self.keep_case(step.slot, Some(case));
        Ok(Answer::Done)
    }

    /// Judges a tier whose day has come, and nothing else.
    pub(super) fn judge(&mut self, step: &Step) -> Outcome {
        let wallet = self.open(step.slot)?;
        let before = self.standings.get(&step.slot).cloned().unwrap_or_default();
        let Some(case) = self.case(step.slot).filter(|case| case.standing != before) else {
            return Ok(Answer::Skipped);
        };
        self.keep(step.slot, wallet);
        self.keep_case(step.slot, Some(case));
        Ok(Answer::Done)
    }

    /// The next moment at which a tier is lost. The others are mostly a year away, and there is more to happen till then.
    pub(super) fn next_judgement(&self) -> Option<i64> {
        let cases = self.standings.iter().filter(|(_, standing)| standing.due.is_some());
        let cases = cases.filter_map(|(slot, _)| self.case(*slot));
        cases.filter_map(|case| Some(start_of(&case.zone, case.lost_on()?.1))).min()
    }
}

fn told(step: &Move) -> &'static str {
    match step.why {
        Why::Qualified => "a tier is reached",
        Why::Judged if step.from == step.to => "a tier is kept",
        Why::Judged => "a tier is judged",
        Why::Returned => "a tier is undone",
        Why::TiersChanged => "a tier by other tiers",
        Why::Merged => "a tier of a merged member",
        Why::Protected => "a tier is protected",
    }
}
