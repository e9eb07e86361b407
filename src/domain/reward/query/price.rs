//! Finding what rewards cost members of tiers.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::reader::{Finds, Lookup};
use crate::db::rows;
use crate::domain::reward::entity::{reward, tier_price};

/// The prices by tier of a reward in one of its revisions. They never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TierPricesOf(pub Id, pub i64);

/// Prices by tier, in the order of the tiers' ids.
pub type TierPrices = Arc<Vec<tier_price::Model>>;

impl Lookup for TierPricesOf {
    type Row = TierPrices;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let columns = [tier_price::Column::RewardId, tier_price::Column::Revision];
            let keys = keys.into_iter().map(|key| [key.0.into(), key.1.into()]);
            let mut found = rows::by_keys::<tier_price::Entity, 2>(&db.read, columns, keys, "").await?;
            found.sort_by_key(|price| price.tier_id);
            let mut prices: HashMap<Self, Self::Row> = HashMap::new();
            for row in found {
                Arc::make_mut(prices.entry(TierPricesOf(row.reward_id, row.revision)).or_default()).push(row);
            }
            Ok(prices)
        })
    }
}

/// The prices by tier of a reward as it is. For one that has none nothing is looked up.
pub async fn tier_prices_of(finds: &impl Finds, reward: &reward::Model) -> Result<TierPrices> {
    if reward.tier_prices == 0 {
        return Ok(TierPrices::default());
    }
    Ok(finds.find(TierPricesOf(reward.id, reward.revision)).await?.unwrap_or_default())
}
