//! A set of tiers as it is reckoned with.

use std::ops::{Add, Neg};

use serde::{Deserialize, Serialize};

use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::tier::entity::{Basis, qualifying, tier, tier_set};

/// What counts towards a tier, in every measure at once: a change of what is measured needs no recount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    pub points: i64,
    /// Minor units.
    pub spend: i64,
    pub visits: i64,
}

impl Measures {
    pub fn of(row: &qualifying::Model) -> Measures {
        Measures { points: row.points, spend: row.spend, visits: row.visits }
    }
}

impl Add for Measures {
    type Output = Measures;

    fn add(self, more: Measures) -> Measures {
        Measures {
            points: self.points.saturating_add(more.points),
            spend: self.spend.saturating_add(more.spend),
            visits: self.visits.saturating_add(more.visits),
        }
    }
}

impl Neg for Measures {
    type Output = Measures;

    fn neg(self) -> Measures {
        Measures { points: -self.points, spend: -self.spend, visits: -self.visits }
    }
}

/// Something that members of a tier have, in the shop's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Benefit {
    pub key: String,
    pub text: String,
}

/// A tier with its benefits read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    pub row: tier::Model,
    pub benefits: Vec<Benefit>,
}

impl Tier {
    /// `None` for benefits that this build cannot read.
    pub fn read(row: tier::Model) -> Option<Tier> {
        let benefits = serde_json::from_str(&row.benefits).ok()?;
        Some(Tier { row, benefits })
    }
}

/// A revision of a program's tiers, the lowest first. There is at least one, and its threshold is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierSet {
    pub row: tier_set::Model,
    pub tiers: Vec<Tier>,
}

impl TierSet {
    /// The place of a tier by its id; of none, the lowest. `None` for a tier that is no longer there.
    pub fn place_of(&self, id: Option<Id>) -> Option<usize> {
        match id {
            None => Some(0),
            Some(id) => self.tiers.iter().position(|tier| tier.row.id == id),
        }
    }

    /// The highest tier that a sum reaches.
    pub fn qualified(&self, sum: Measures) -> usize {
        let value = self.value(sum);
        self.tiers.iter().rposition(|tier| tier.row.threshold <= value).unwrap_or(0)
    }

    /// What of a sum is measured against the thresholds.
    pub fn value(&self, sum: Measures) -> i64 {
        match self.row.basis {
            _ if planted(Bug::PointsAlwaysMeasured) => sum.points,
            Basis::Points => sum.points,
            Basis::Spend => sum.spend,
            Basis::Visits => sum.visits,
        }
    }

    pub fn threshold(&self, place: usize) -> i64 {
        self.tiers.get(place).map_or(0, |tier| tier.row.threshold)
    }

    /// Whether a tier is reached in another revision exactly as in this one.
    pub fn reaches_alike(&self, other: &TierSet, tier: Option<Id>) -> bool {
        let threshold = |set: &TierSet| set.place_of(tier).map(|place| set.threshold(place));
        let is_there = threshold(self).is_some() && threshold(self) == threshold(other);
        is_there && self.row.basis == other.row.basis && self.counts_over_the_same(other)
    }

    /// Whether another revision sums over the same days.
    pub fn counts_over_the_same(&self, other: &TierSet) -> bool {
        (self.row.counted_over, self.row.counted_days) == (other.row.counted_over, other.row.counted_days)
    }

    pub fn id(&self, place: usize) -> Option<Id> {
        self.tiers.get(place).map(|tier| tier.row.id)
    }
}
