//! What members do besides buying.

use std::sync::Arc;

use jifen::domain::points::entity::{Account, TxnKind, program};
use jifen::domain::tier::entity::CountedAs;

use crate::names::{Serial, member_id};
use crate::reference::calendar::{day_of, end_of_validity};
use crate::reference::condition::Occasion;
use crate::reference::earning::Share;
use crate::reference::tier::{Case, Counted};
use crate::reference::{Outcome, Reference, full};
use crate::rules::{Told, Way};
use crate::script::{Answer, Step};

/// An event that was recorded.
#[derive(Clone, Debug)]
pub struct Event {
    pub slot: usize,
    /// Its sender's name for it.
    pub key: String,
    pub told: Told,
    pub at: i64,
    pub recorded_at: i64,
    pub program: Arc<program::Model>,
    pub points: i64,
    pub shares: Vec<Share>,
}

impl Reference {
    fn event_of(&self, slot: usize, kind: u32, key: &str) -> Option<(&Serial, &Event)> {
        self.events.iter().find(|(_, known)| (known.slot, known.told.kind, &*known.key) == (slot, kind, key))
    }

    pub(super) fn record(&mut self, step: &Step, told: &Told) -> Outcome {
        let key = told.key.to_string();
        if let Some((serial, known)) = self.event_of(step.slot, told.kind, &key) {
            return if known.told == *told { Ok(Answer::Before(*serial)) } else { Err("UniqueKeyConflict".into()) };
        }
        let mut wallet = self.open(step.slot)?;
        let (program, at) = (self.program().clone(), self.now - told.ago);
        let zone = program.time_zone.clone();
        let way = Way { channel: None, vip: told.vip };
        let case = self.case(step.slot);
        let tier = case.as_ref().map(Case::is_in);
        let items = Vec::new();
        let occasion = Occasion { at, zone: &zone, items, way, is_first: false, tier, event: Some(told) };
        let earned = self.reckon(step.slot, &program, &occasion)?;
        if earned.points > 0 {
            let when = self.when(step.serial);
            let until = end_of_validity(&program, wallet.moment(when));
            let given = wallet.give(when, (TxnKind::Accrual, Account::Issued), earned.points, Some(until));
            given.and_then(|_| wallet.repay(when)).map_err(full("TooManyPoints"))?;
        }
        self.keep(step.slot, wallet);
        self.write_down(&earned);
        let shares: Vec<Share> = earned.shares.iter().chain(&earned.spent).copied().collect();
        if !earned.spent.is_empty() {
            self.count(if earned.points == 0 { "an event of no points" } else { "an event of which a rule is spent" });
        }
        let (slot, recorded_at) = (step.slot, self.now);
        let event = Event { slot, key, told: told.clone(), at, recorded_at, program, points: earned.points, shares };
        let counted = Counted {
            slot,
            source: step.serial,
            purchase: step.serial,
            what: CountedAs::Event,
            points: event.points,
            spend: 0,
            visits: 1,
            at,
            day: day_of(&zone, at),
            recorded_at,
        };
        self.let_count(counted, case);
        self.events.insert(step.serial, event);
        Ok(Answer::Done)
    }

    /// What a merged member did is the other's. A name that both have used takes in whose it was.
    pub(super) fn move_events(&mut self, from: usize, into: usize) {
        let theirs: Vec<(String, u32)> = self.events.values().filter(|event| event.slot == into).map(name).collect();
        let mut taken = 0;
        for event in self.events.values_mut().filter(|event| event.slot == from) {
            event.slot = into;
            if theirs.contains(&name(event)) {
                event.key = format!("{} ({})", event.key, member_id(from));
                taken += 1;
            }
        }
        (0..taken).for_each(|_| self.count("an event under a name that both have used"));
    }
}

fn name(event: &Event) -> (String, u32) {
    (event.key.clone(), event.told.kind)
}
