//! Members of a tier.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Condition, Flaw, Test, list_flaw};
use crate::base::id::Id;
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// The member is in one of these tiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tiers(pub BTreeSet<Id>);

impl Condition {
    /// The tiers that it names, or a part of it.
    pub fn tiers(&self) -> BTreeSet<Id> {
        match self {
            Condition::Tiers(Tiers(named)) => named.clone(),
            _ => self.parts().iter().flat_map(Condition::tiers).collect(),
        }
    }
}

impl Test for Tiers {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        match occasion.standing.tier {
            Some(tier) => Some(self.0.contains(&tier.id)),
            // What the lock tells is told together: whoever knows of purchases knows that there is no tier.
            None => occasion.standing.purchases_before.map(|_| false),
        }
    }

    fn flaw(&self) -> Option<Flaw> {
        list_flaw(&self.0)
    }
}
