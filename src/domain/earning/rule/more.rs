//! What would earn more: the one thing that a basket lacks for a rule, and the basket as it would be with it.

use crate::base::id::Id;
use crate::domain::earning::rule::condition::products::Products;
use crate::domain::earning::rule::condition::{Condition, Missing};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// What a basket lacks for a rule, and of which products; of any, if none are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack<'a> {
    pub missing: Missing,
    pub of: Option<&'a Products>,
}

/// What would make a condition hold, if one thing does.
pub fn lack<'a>(condition: &'a Condition, occasion: &Occasion) -> Option<Lack<'a>> {
    let of = match condition {
        Condition::All(parts) => {
            let mut failing = parts.iter().filter(|part| !part.holds_anywhere(occasion));
            let first = failing.next()?;
            return if failing.next().is_some() { None } else { lack(first, occasion) };
        }
        Condition::Any(parts) => {
            return parts.iter().filter_map(|part| lack(part, occasion)).min_by_key(|lack| lack.missing);
        }
        Condition::Spend(sum) => sum.of.as_ref(),
        Condition::Quantity(sum) => sum.of.as_ref(),
        _ => None,
    };
    condition.missing(occasion).map(|missing| Lack { missing, of })
}

impl Lack<'_> {
    /// The least that would make up for it, as a line of its own. Pieces are reckoned without their price, which nobody
    /// knows before they are chosen.
    pub fn item(&self) -> Item {
        let first = |ids: fn(&Products) -> Option<Id>| self.of.and_then(ids);
        let (quantity, amount) = match self.missing {
            Missing::Spend(amount) => (0, amount),
            Missing::Quantity(pieces) => (pieces, 0),
        };
        Item {
            product_id: first(|of| of.product_ids.first().copied()).unwrap_or_default(),
            sku: self.of.and_then(|of| of.skus.first().cloned()).unwrap_or_default(),
            category_id: first(|of| of.category_ids.first().copied()),
            quantity,
            net: amount,
            basis: amount,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::earning::rule::tests::visit;

    #[test]
    fn one_thing_is_missing_or_nothing_can_be_said() {
        let tea = Id::from_u128(1);
        let item = Item { product_id: tea, sku: "T".into(), category_id: None, quantity: 1, net: 800, basis: 800 };
        let items = [item];
        let visit = visit();
        let occasion = visit.buying(&items);
        let lacks = |condition| {
            let condition: Condition = serde_json::from_value(condition).expect("a condition");
            lack(&condition, &occasion).map(|lack| (lack.missing, lack.item().product_id))
        };
        let spend = json!({ "spend": { "least": 2_000, "of": { "productIds": [tea] } } });
        assert_eq!(lacks(spend.clone()), Some((Missing::Spend(1_200), tea)));
        let pieces = json!({ "quantity": { "least": 3 } });
        assert_eq!(
            lacks(json!({ "all": [pieces, { "products": { "productIds": [tea] } }] })),
            Some((Missing::Quantity(2), Id::nil()))
        );
        assert_eq!(lacks(json!({ "all": [pieces, spend] })), None, "two things");
        assert_eq!(lacks(json!({ "any": [pieces, spend] })), Some((Missing::Spend(1_200), tea)));
        assert_eq!(lacks(json!({ "all": [spend, { "channel": ["APP"] }] })), None);
        assert_eq!(lacks(json!({ "spend": { "least": 800 } })), None, "nothing is missing");
    }
}
