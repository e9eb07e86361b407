//! Members with a tag.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Flaw, Test, list_flaw};
use crate::domain::earning::rule::occasion::{Item, Occasion};
use crate::domain::member::rule::is_tag;

/// The member bears one of these tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags(pub BTreeSet<String>);

impl Test for Tags {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        Some(!self.0.is_disjoint(&occasion.standing.tags))
    }

    fn flaw(&self) -> Option<Flaw> {
        list_flaw(&self.0).or((!self.0.iter().all(|tag| is_tag(tag))).then_some(Flaw::Values))
    }
}
