//! Members of a segment.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Condition, Flaw, Test, list_flaw};
use crate::base::id::Id;
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// The member is in one of these segments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segments(pub BTreeSet<Id>);

impl Test for Segments {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        Some(!self.0.is_disjoint(&occasion.standing.segments))
    }

    fn flaw(&self) -> Option<Flaw> {
        list_flaw(&self.0)
    }
}

impl Condition {
    /// The segments that it names, or a part of it.
    pub fn segments(&self) -> BTreeSet<Id> {
        match self {
            Condition::Segments(Segments(named)) => named.clone(),
            _ => self.parts().iter().flat_map(Condition::segments).collect(),
        }
    }
}
