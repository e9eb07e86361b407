//! What a reward costs a member: the price of their tier where it has one, or that of everybody.

use crate::base::id::Id;
use crate::domain::reward::entity::{reward, tier_price};
use crate::domain::reward::rule::{MAX_QUANTITY, Rejection};

/// What a piece costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The tier whose price it is; empty for the price of everybody.
    pub tier_id: Option<Id>,
    pub points: i64,
    /// Minor units beside the points.
    pub money: Option<i64>,
}

/// What some pieces cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub points: i64,
    pub money: i64,
}

impl Price {
    /// What a member of a tier pays, of the tiers' prices in the reward's present revision. Only the tier itself is looked
    /// for, not those below: whoever sets prices names each tier that has one.
    pub fn of<'a>(
        reward: &reward::Model,
        prices: impl IntoIterator<Item = &'a tier_price::Model>,
        tier_id: Option<Id>,
    ) -> Price {
        let of_tier = tier_id.and_then(|tier| prices.into_iter().find(|price| price.tier_id == tier));
        match of_tier {
            Some(price) => Price { tier_id, points: price.points_price, money: price.money_price },
            None => Price { tier_id: None, points: reward.points_price, money: reward.money_price },
        }
    }

    /// What a quantity costs.
    pub fn times(self, quantity: i64) -> Result<Cost, Rejection> {
        check_quantity(quantity)?;
        let points = self.points.checked_mul(quantity).ok_or(Rejection::BadQuantity)?;
        let money = self.money.unwrap_or(0).checked_mul(quantity).ok_or(Rejection::BadQuantity)?;
        Ok(Cost { points, money })
    }
}

/// Checked before anything is queued.
pub fn check_quantity(quantity: i64) -> Result<(), Rejection> {
    if (1..=MAX_QUANTITY).contains(&quantity) { Ok(()) } else { Err(Rejection::BadQuantity) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reward::entity::RewardKind;

    #[test]
    fn a_tier_pays_its_own_price_and_others_that_of_everybody() {
        let [gold, silver] = [1, 2].map(Id::from_u128);
        let blank = reward::Model::blank(RewardKind::Donation, "CNY");
        let reward = reward::Model { points_price: 100, money_price: Some(990), ..blank };
        let price = |tier_id, points_price| tier_price::Model {
            reward_id: reward.id,
            revision: 1,
            tier_id,
            points_price,
            money_price: None,
        };
        let prices = [price(gold, 60)];
        let everybodys = Price { tier_id: None, points: 100, money: Some(990) };
        assert_eq!(Price::of(&reward, &prices, None), everybodys);
        assert_eq!(Price::of(&reward, &prices, Some(silver)), everybodys);
        let of_gold = Price::of(&reward, &prices, Some(gold));
        assert_eq!(of_gold, Price { tier_id: Some(gold), points: 60, money: None });
        assert_eq!(of_gold.times(3), Ok(Cost { points: 180, money: 0 }));
        assert_eq!(everybodys.times(3), Ok(Cost { points: 300, money: 2_970 }));
        assert!([0, 101].into_iter().all(|quantity| everybodys.times(quantity) == Err(Rejection::BadQuantity)));
    }
}
