//! From so many pieces on.

use serde::{Deserialize, Serialize};

use super::products::{Products, counted};
use super::{Flaw, Missing, Test};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// The basket has at least so many pieces, of some products or of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    pub least: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<Products>,
}

impl Quantity {
    fn pieces(&self, occasion: &Occasion) -> i64 {
        counted(occasion.items, self.of.as_ref()).map(|item| item.quantity).sum()
    }
}

impl Test for Quantity {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        Some(self.pieces(occasion) >= self.least)
    }

    fn flaw(&self) -> Option<Flaw> {
        let flaw = self.of.as_ref().and_then(Test::flaw);
        flaw.or((!(1..=1_000_000).contains(&self.least)).then_some(Flaw::Amount))
    }

    fn missing(&self, occasion: &Occasion) -> Option<Missing> {
        Some(Missing::Quantity(self.least - self.pieces(occasion)))
            .filter(|_| self.holds(occasion, None) == Some(false))
    }
}
