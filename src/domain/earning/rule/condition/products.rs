//! Of some products: by product, stock-keeping unit or category.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Flaw, Test, list_flaw};
use crate::base::id::Id;
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// Lines of one of these products. Those that are out are named with *not*.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Products {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub product_ids: BTreeSet<Id>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub skus: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub category_ids: BTreeSet<Id>,
}

impl Products {
    pub fn has(&self, item: &Item) -> bool {
        self.product_ids.contains(&item.product_id)
            || self.skus.contains(&item.sku)
            || item.category_id.is_some_and(|category| self.category_ids.contains(&category))
    }
}

/// The lines that a sum counts: those of some products, or all.
pub fn counted<'a>(items: &'a [Item], of: Option<&'a Products>) -> impl Iterator<Item = &'a Item> {
    items.iter().filter(move |item| of.is_none_or(|products| products.has(item)))
}

impl Test for Products {
    fn holds(&self, occasion: &Occasion, line: Option<&Item>) -> Option<bool> {
        Some(match line {
            Some(item) => self.has(item),
            None => occasion.items.iter().any(|item| self.has(item)),
        })
    }

    fn flaw(&self) -> Option<Flaw> {
        list_flaw(
            self.product_ids
                .iter()
                .map(|_| ())
                .chain(self.skus.iter().map(|_| ()))
                .chain(self.category_ids.iter().map(|_| ())),
        )
    }
}
