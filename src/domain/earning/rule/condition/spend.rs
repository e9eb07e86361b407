//! From so much money on.

use serde::{Deserialize, Serialize};

use super::products::{Products, counted};
use super::{Flaw, Missing, Test};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// The basket costs at least so many minor units after discounts, for some products or for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    pub least: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<Products>,
}

impl Spend {
    fn net(&self, occasion: &Occasion) -> i64 {
        counted(occasion.items, self.of.as_ref()).map(|item| item.net).sum()
    }
}

impl Test for Spend {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        Some(self.net(occasion) >= self.least)
    }

    fn flaw(&self) -> Option<Flaw> {
        self.of.as_ref().and_then(Test::flaw).or((self.least < 1).then_some(Flaw::Amount))
    }

    fn missing(&self, occasion: &Occasion) -> Option<Missing> {
        Some(Missing::Spend(self.least - self.net(occasion))).filter(|_| self.holds(occasion, None) == Some(false))
    }
}
