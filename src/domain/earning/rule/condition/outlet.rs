//! At an outlet.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Flaw, Test, list_flaw};
use crate::base::id::Id;
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// It was at one of these outlets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlets(pub BTreeSet<Id>);

impl Test for Outlets {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        Some(occasion.outlet_id.is_some_and(|outlet| self.0.contains(&outlet)))
    }

    fn flaw(&self) -> Option<Flaw> {
        list_flaw(&self.0)
    }
}
