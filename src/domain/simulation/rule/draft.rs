//! What is to be different from the program as it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::multiplier::{MAX_MULTIPLIER, WHOLE};
use crate::domain::earning::entity::RuleState;
use crate::domain::earning::rule::terms::{Rule, Rules};
use crate::domain::points::entity::{RoundingKind, program};
use crate::domain::tier::rule::terms::TierSet;

/// The most days that a draft is played over: ten years and some.
pub const MAX_DAYS: i64 = 3_700;
/// The most rules a draft may name.
pub const MAX_RULES: usize = 100;
/// Simulations of a program that may be under way at once.
pub const MAX_OPEN: i64 = 10;

/// A draft of the program, and the days over whose orders it is played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    pub first: Date,
    pub last: Date,
    pub settings: Settings,
    /// Rules that give for the whole of these days, whether they are drafts, paused or in force.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub with: BTreeSet<Id>,
    /// Rules in force that do not.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub without: BTreeSet<Id>,
    /// Multipliers of tiers, in ten-thousandths.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub multipliers: BTreeMap<Id, i64>,
}

/// The program's settings that say what an order earns, and what points are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    pub earn_points: i64,
    pub earn_minor: i64,
    pub exchange_points: i64,
    pub exchange_minor: i64,
    pub rounding: RoundingKind,
    pub earn_on_tax: bool,
    pub earn_on_points: bool,
}

/// Why a draft is not played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The last day comes before the first, they are too many, or the calendar has no such days.
    DaysInvalid,
    EarnRateInvalid,
    ExchangeRateInvalid,
    /// Points paid with points would give as many again.
    PointsEarnThemselves,
    /// It is no rule of the program, is over, or is for events.
    RuleUnknown {
        rule: Option<Id>,
    },
    /// More than [`MAX_RULES`].
    TooManyRules,
    TierUnknown,
    /// Below 1 or above 100, or with more than four decimals.
    MultiplierInvalid,
    /// [`MAX_OPEN`] are under way.
    TooManyOpen,
    SimulationUnknown,
    AlreadyFinished,
}

impl Settings {
    pub fn of(program: &program::Model) -> Settings {
        Settings {
            earn_points: program.earn_points,
            earn_minor: program.earn_minor,
            exchange_points: program.exchange_points,
            exchange_minor: program.exchange_minor,
            rounding: program.rounding,
            earn_on_tax: program.earn_on_tax,
            earn_on_points: program.earn_on_points,
        }
    }

    /// The program as it would be.
    pub fn in_place_of(self, program: &program::Model) -> program::Model {
        program::Model {
            earn_points: self.earn_points,
            earn_minor: self.earn_minor,
            exchange_points: self.exchange_points,
            exchange_minor: self.exchange_minor,
            rounding: self.rounding,
            earn_on_tax: self.earn_on_tax,
            earn_on_points: self.earn_on_points,
            ..program.clone()
        }
    }
}

impl Draft {
    /// As it is kept. The same draft is always the same text.
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("a draft is plain data")
    }

    /// `None` for a draft that this build cannot read.
    pub fn read(text: &str) -> Option<Draft> {
        serde_json::from_str(text).ok()
    }

    /// The first moment of its days, and the one after their last.
    pub fn bounds(&self, zone: &TimeZone) -> Option<(Instant, Instant)> {
        let end = self.last.tomorrow().ok()?;
        Some((Instant::start_of_day(self.first, zone)?, Instant::start_of_day(end, zone)?))
    }

    pub fn check(&self, zone: &TimeZone, tiers: Option<&TierSet>) -> Result<(), Rejection> {
        let days = i64::from((self.last - self.first).get_days()) + 1;
        if !(1..=MAX_DAYS).contains(&days) || self.bounds(zone).is_none() {
            return Err(Rejection::DaysInvalid);
        }
        if self.with.len() + self.without.len() > MAX_RULES {
            return Err(Rejection::TooManyRules);
        }
        for (tier, multiplier) in &self.multipliers {
            if tiers.is_none_or(|set| set.place_of(Some(*tier)).is_none()) {
                return Err(Rejection::TierUnknown);
            }
            if !(WHOLE..=MAX_MULTIPLIER).contains(multiplier) {
                return Err(Rejection::MultiplierInvalid);
            }
        }
        Ok(())
    }

    /// The rules that would be in force: those that are, by their own dates, but for what is left out; and those that are
    /// named, whatever their dates.
    pub fn rules(&self, in_force: &Rules, named: impl IntoIterator<Item = Rule>) -> Rules {
        let stay =
            in_force.all().iter().filter(|rule| !self.with.contains(&rule.id()) && !self.without.contains(&rule.id()));
        let named = named.into_iter().map(|mut rule| {
            (rule.row.state, rule.row.starts_at, rule.row.ends_at) = (RuleState::InForce, None, None);
            rule
        });
        Rules::new(stay.cloned().chain(named).collect())
    }
}
