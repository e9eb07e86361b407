//! Tiers in the words of scripts, and as the program is told of them.

use std::sync::Arc;

use jifen::base::id::Id;
use jifen::domain::points::entity::program;
use jifen::domain::tier::entity::{Basis, CountedOver, Downgrade, tier, tier_set};
use jifen::domain::tier::rule::terms::{Tier, TierSet};

use crate::names::{Serial, Tag, id};
use crate::world::START;

/// The tiers as a revision has them, the lowest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiers {
    pub basis: Basis,
    pub over: CountedOver,
    /// Of a window that goes along with the days.
    pub days: i64,
    pub downgrade: Downgrade,
    pub grace: i64,
    pub is_undone: bool,
    pub levels: Vec<Level>,
}

/// A tier, by the name that it keeps in every revision. Its multiplier is in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    pub name: Serial,
    pub threshold: i64,
    pub multiplier: i64,
}

/// A revision with its number, the version of the program that it came with, and the moment.
#[derive(Clone, Debug)]
pub struct Revision {
    pub number: i64,
    pub version: i64,
    pub at: i64,
    pub is: Arc<Tiers>,
}

pub fn tier_id(name: Serial) -> Id {
    id(Tag::Tier, 64_200 + name)
}

impl Revision {
    /// One tier that everybody is in and that gives nothing: as if there were none.
    pub fn of_none(number: i64, version: i64) -> Revision {
        let is = Tiers {
            basis: Basis::Points,
            over: CountedOver::Lifetime,
            days: 1,
            downgrade: Downgrade::ToQualified,
            grace: 0,
            is_undone: false,
            levels: vec![Level { name: 0, threshold: 0, multiplier: 10_000 }],
        };
        Revision { number, version, at: START, is: Arc::new(is) }
    }

    /// The one behind another, if there is one.
    pub fn after(before: Option<&Revision>, version: i64, at: i64, is: &Tiers) -> Revision {
        Revision { number: before.map_or(1, |before| before.number + 1), version, at, is: Arc::new(is.clone()) }
    }

    /// As the program reckons with it. A program has one set, which bears its name here.
    pub fn told(&self, program: &program::Model) -> TierSet {
        let is_rolling = self.is.over == CountedOver::RollingDays;
        let row = tier_set::Model {
            id: program.id,
            revision: self.number,
            program_id: program.id,
            version: self.version,
            basis: self.is.basis,
            counted_over: self.is.over,
            counted_days: Some(self.is.days).filter(|_| is_rolling),
            downgrade: self.is.downgrade,
            grace_days: self.is.grace,
            undone_by_returns: self.is.is_undone,
            author_id: id(Tag::Staff, 61_000),
            created_at: self.at,
        };
        let level = |(level, position): (&Level, i64)| tier::Model {
            set_id: program.id,
            revision: self.number,
            position,
            id: tier_id(level.name),
            code: format!("TIER_{}", level.name),
            name: format!("Tier {} of {}", level.name, self.number),
            threshold: level.threshold,
            multiplier: level.multiplier,
            benefits: "[]".to_owned(),
        };
        let tiers = self.is.levels.iter().zip(0..).map(level);
        TierSet { row, tiers: tiers.map(|row| Tier::read(row).expect("benefits that can be read")).collect() }
    }
}
