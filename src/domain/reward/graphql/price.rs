//! What rewards cost members of tiers, in the schema.

use async_graphql::{Context, Object};

use crate::domain::reward::entity::tier_price;
use crate::domain::reward::rule::price::Price;
use crate::domain::tier::graphql::TierObject;
use crate::domain::tier::query::TierKey;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::scalar::{MoneyObject, int, money};

/// What members of a tier pay for one piece.
pub struct TierPriceObject {
    pub row: tier_price::Model,
    pub currency: String,
}

/// What members of a tier pay for one piece of a reward (等级专享价). Anybody may read it.
#[Object(name = "TierPrice")]
impl TierPriceObject {
    /// The tier.
    async fn tier(&self, ctx: &Context<'_>) -> Result<TierObject> {
        Ok(TierObject(ctx.reader().get(TierKey(self.row.tier_id)).await?))
    }

    /// Points for one piece.
    async fn points_price(&self) -> i32 {
        int(self.row.points_price)
    }

    /// Money for one piece beside its points; null when points are all it costs.
    async fn money_price(&self) -> Option<MoneyObject> {
        self.row.money_price.map(|price| money(price, &self.currency))
    }
}

/// What one piece costs somebody.
pub struct RewardPriceObject {
    pub price: Price,
    pub currency: String,
}

/// What one piece of a reward costs whoever asks (我的价格).
#[Object(name = "RewardPrice")]
impl RewardPriceObject {
    /// The tier whose price it is; null for the price of everybody.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<TierObject>> {
        let Some(tier_id) = self.price.tier_id else { return Ok(None) };
        Ok(ctx.reader().find(TierKey(tier_id)).await?.map(TierObject))
    }

    /// Points for one piece.
    async fn points_price(&self) -> i32 {
        int(self.price.points)
    }

    /// Money for one piece beside its points; null when points are all it costs.
    async fn money_price(&self) -> Option<MoneyObject> {
        self.price.money.map(|price| money(price, &self.currency))
    }
}
