//! What a tier has of rewards, in the schema.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Object};

use crate::app::App;
use crate::base::id::Id;
use crate::domain::reward::entity::reward;
use crate::domain::reward::graphql::list::{read_place, write_place};
use crate::domain::reward::graphql::price::RewardPriceObject;
use crate::domain::reward::graphql::reward::RewardObject;
use crate::domain::reward::query::price::tier_prices_of;
use crate::domain::reward::query::tier::{OfTier, RewardTotal, RewardsOfTier};
use crate::domain::reward::rule::price::Price;
use crate::domain::reward::service::tier::of_tier;
use crate::domain::tier::entity::tier;
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::scalar::int;

/// A reward that members of a tier have and others have not.
pub struct TierRewardObject {
    reward: Arc<reward::Model>,
    tier_id: Id,
    /// It is for some tiers only.
    is_exclusive: bool,
}

/// A reward that members of a tier have for a price of their own, or that is only for some tiers (等级礼品). Anybody may read
/// it.
#[Object(name = "TierReward")]
impl TierRewardObject {
    /// The reward.
    async fn reward(&self) -> RewardObject {
        RewardObject(self.reward.clone())
    }

    /// Whether only members of this tier, or of some other tiers beside it, may redeem it (等级专享); if not, everybody else
    /// may redeem it too, for their price.
    async fn exclusive(&self) -> bool {
        self.is_exclusive
    }

    /// What one piece costs members of the tier (等级专享价): their own price, or that of everybody, whose `tier` is null.
    async fn price(&self, ctx: &Context<'_>) -> Result<RewardPriceObject> {
        let prices = tier_prices_of(ctx.reader(), &self.reward).await?;
        let price = Price::of(&self.reward, prices.iter(), Some(self.tier_id));
        Ok(RewardPriceObject { price, currency: self.reward.currency.clone() })
    }
}

/// Beside the edges of a list of a tier's rewards.
pub struct TierRewardTotals(OfTier);

/// Beside the edges of a list of a tier's rewards.
#[Object]
impl TierRewardTotals {
    /// How many rewards the tier has on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().get(RewardTotal(self.0.clone())).await?))
    }
}

pub type TierRewardConnection = Connection<Opaque, TierRewardObject, TierRewardTotals>;

/// A page of what a tier has.
pub async fn rewards_of(ctx: &Context<'_>, tier: &tier::Model, args: PageArgs) -> Result<TierRewardConnection> {
    let page = args.page(read_place)?;
    let of_tier = of_tier(App::of(ctx), &ctx.caller().actor, ctx.reader(), tier).await?;
    let slice = ctx.reader().get(RewardsOfTier(of_tier.clone(), page)).await?;
    let shown = |reward: Arc<reward::Model>| TierRewardObject {
        is_exclusive: of_tier.only_for.contains(&reward.id),
        reward,
        tier_id: tier.id,
    };
    Ok(connection(&slice, TierRewardTotals(of_tier.clone()), write_place, shown))
}
