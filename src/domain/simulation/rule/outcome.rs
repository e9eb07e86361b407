//! What came of a simulation: what happened, and what would have.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::base::id::Id;

/// Points given for orders, and demanded back for what was returned of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Points {
    pub issued: i64,
    pub taken_back: i64,
}

impl Points {
    pub fn net(self) -> i64 {
        self.issued - self.taken_back
    }

    fn add(&mut self, more: Points) {
        self.issued += more.issued;
        self.taken_back += more.taken_back;
    }
}

/// Both, side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sides {
    pub actual: Points,
    pub simulated: Points,
}

/// Of which points it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// The program's own rate.
    Rate,
    /// Tiers' multipliers.
    Tiers,
    Rule(Id),
}

/// The orders of members who were in a tier when they placed them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TierRow {
    /// Empty where the program has no tiers.
    pub tier: Option<Id>,
    pub orders: i64,
    /// Money paid and not given back.
    pub spent: i64,
    pub sides: Sides,
}

/// What one source gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceRow {
    pub source: Source,
    pub sides: Sides,
}

/// What came of a simulation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub tiers: Vec<TierRow>,
    pub sources: Vec<SourceRow>,
    /// Members with orders in these days, and those who would have more, or fewer, points of them.
    pub members: i64,
    pub gaining: i64,
    pub losing: i64,
}

impl Outcome {
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("an outcome is plain data")
    }

    /// `None` for one that this build cannot read.
    pub fn read(text: &str) -> Option<Outcome> {
        serde_json::from_str(text).ok()
    }

    /// Of all orders together.
    pub fn total(&self) -> TierRow {
        self.tiers.iter().fold(TierRow::default(), |mut sum, row| {
            sum.add(row.orders, row.spent, row.sides);
            sum
        })
    }
}

impl TierRow {
    fn add(&mut self, orders: i64, spent: i64, sides: Sides) {
        self.orders += orders;
        self.spent += spent;
        self.sides.add(sides);
    }
}

impl Sides {
    fn add(&mut self, more: Sides) {
        self.actual.add(more.actual);
        self.simulated.add(more.simulated);
    }
}

/// What has come of it so far.
#[derive(Debug, Default)]
pub struct Sums {
    tiers: HashMap<Option<Id>, TierRow>,
    sources: HashMap<Source, Sides>,
    /// How many points more each member would have.
    members: HashMap<Id, i64>,
}

/// What an order gave, by what.
pub type Given = HashMap<Source, Points>;

impl Sums {
    pub fn add(&mut self, member_id: Id, tier: Option<Id>, spent: i64, actual: &Given, simulated: &Given) {
        let mut sides = Sides::default();
        for (source, points) in actual {
            sides.actual.add(*points);
            self.sources.entry(*source).or_default().actual.add(*points);
        }
        for (source, points) in simulated {
            sides.simulated.add(*points);
            self.sources.entry(*source).or_default().simulated.add(*points);
        }
        self.tiers.entry(tier).or_insert_with(|| TierRow { tier, ..TierRow::default() }).add(1, spent, sides);
        *self.members.entry(member_id).or_default() += sides.simulated.net() - sides.actual.net();
    }

    /// What came of it, tiers in the order of their places.
    pub fn close(self, place: impl Fn(Option<Id>) -> usize) -> Outcome {
        let count = |fits: fn(i64) -> bool| self.members.values().filter(|more| fits(**more)).count() as i64;
        let (gaining, losing) = (count(|more| more > 0), count(|more| more < 0));
        let mut tiers: Vec<TierRow> = self.tiers.into_values().collect();
        tiers.sort_by_key(|row| place(row.tier));
        let mut sources: Vec<SourceRow> =
            self.sources.into_iter().map(|(source, sides)| SourceRow { source, sides }).collect();
        sources.sort_by_key(|row| row.source);
        Outcome { tiers, sources, members: self.members.len() as i64, gaining, losing }
    }
}
