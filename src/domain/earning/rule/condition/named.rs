//! What a condition names by an id or a stock-keeping unit, so that it can be checked and told by name.

use std::collections::BTreeSet;

use super::Condition;
use super::products::Products;
use crate::base::id::Id;

/// The ids and stock-keeping units that a condition and its parts name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub products: BTreeSet<Id>,
    pub skus: BTreeSet<String>,
    pub categories: BTreeSet<Id>,
    pub outlets: BTreeSet<Id>,
}

impl Named {
    fn add_products(&mut self, products: &Products) {
        self.products.extend(&products.product_ids);
        self.skus.extend(products.skus.iter().cloned());
        self.categories.extend(&products.category_ids);
    }

    fn add(&mut self, condition: &Condition) {
        match condition {
            Condition::Products(products) => self.add_products(products),
            Condition::Quantity(sum) => sum.of.iter().for_each(|products| self.add_products(products)),
            Condition::Spend(sum) => sum.of.iter().for_each(|products| self.add_products(products)),
            Condition::Outlet(outlets) => self.outlets.extend(&outlets.0),
            _ => condition.parts().iter().for_each(|part| self.add(part)),
        }
    }
}

impl Condition {
    /// Everything that stands in it.
    pub fn named(&self) -> Named {
        let mut named = Named::default();
        named.add(self);
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_deep() {
        let [tea, cups, shop] = [1, 2, 3].map(Id::from_u128);
        let condition: Condition = serde_json::from_value(serde_json::json!({ "any": [
            { "not": { "products": { "categoryIds": [tea] } } },
            { "all": [{ "spend": { "least": 5, "of": { "productIds": [cups], "skus": ["C-1"] } } }, { "outlet": [shop] }] },
        ] }))
        .expect("a condition");
        let set = |id| BTreeSet::from([id]);
        assert_eq!(
            condition.named(),
            Named {
                products: set(cups),
                skus: BTreeSet::from(["C-1".to_owned()]),
                categories: set(tea),
                outlets: set(shop)
            }
        );
        assert_eq!(Condition::always().named(), Named::default());
    }
}
