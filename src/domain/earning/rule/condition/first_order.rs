//! A member's first order.

use serde::{Deserialize, Serialize};

use super::{Flaw, Test};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// The member has no order yet that was not taken back as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstOrder {}

impl Test for FirstOrder {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        Some(occasion.standing.purchases_before? == 0 && occasion.event.is_none())
    }

    fn flaw(&self) -> Option<Flaw> {
        None
    }
}
