//! A redemption in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use crate::app::App;
use crate::domain::reward::entity::redemption;
use crate::domain::reward::graphql::coupon::CouponObject;
use crate::domain::reward::graphql::reward::RewardObject;
use crate::domain::reward::query::code::CodesOf;
use crate::domain::reward::query::{CouponsOfRedemption, RewardKey};
use crate::domain::reward::rule::{RedemptionState, redemption_state};
use crate::domain::tier::graphql::TierObject;
use crate::domain::tier::query::TierKey;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{DateTime, MoneyObject, int, money};

/// Where a redemption stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RedemptionState", name = "RedemptionStatus")]
pub enum RedemptionStatus {
    /// Issued, and a coupon of it, if it is of coupons, is yet to be used.
    Issued,
    /// All its coupons were used.
    Used,
    /// No coupon of it can be used any more, and not all were.
    Expired,
    /// Staff cancelled it.
    Cancelled,
}

/// Points that were redeemed.
pub struct RedemptionObject(pub Arc<redemption::Model>);

/// Points that were redeemed. Only their member and staff may read it.
#[Object(name = "Redemption")]
impl RedemptionObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::Redemption, self.0.member_id, self.0.id)
    }

    /// What they were redeemed for.
    async fn reward(&self, ctx: &Context<'_>) -> Result<RewardObject> {
        Ok(RewardObject(ctx.reader().get(RewardKey(self.0.reward_id)).await?))
    }

    /// Pieces.
    async fn quantity(&self) -> i32 {
        int(self.0.quantity)
    }

    /// Points spent.
    async fn points(&self) -> i32 {
        int(self.0.points)
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> Result<RedemptionStatus> {
        let coupons = ctx.reader().get(CouponsOfRedemption(self.0.member_id, self.0.id)).await?;
        let coupons = coupons.iter().map(|coupon| &**coupon);
        Ok(redemption_state(&self.0, coupons, App::of(ctx).clock.now()).into())
    }

    /// The revision of the reward that it was for.
    async fn reward_revision(&self) -> i32 {
        int(self.0.reward_revision)
    }

    /// The tier whose price was paid (等级专享价); null for the price of everybody.
    async fn priced_for(&self, ctx: &Context<'_>) -> Result<Option<TierObject>> {
        let Some(tier_id) = self.0.priced_for else { return Ok(None) };
        Ok(ctx.reader().find(TierKey(tier_id)).await?.map(TierObject))
    }

    /// Money paid beside the points, taken by the shop itself; null when points were all it cost.
    async fn money(&self, ctx: &Context<'_>) -> Option<MoneyObject> {
        Some(self.0.money).filter(|money| *money > 0).map(|paid| in_currency(ctx, paid))
    }

    /// Money that the shop gives back, because it was cancelled; null when there is none.
    async fn money_to_give_back(&self, ctx: &Context<'_>) -> Option<MoneyObject> {
        self.0.cancelled_at?;
        Some(self.0.money).filter(|money| *money > 0).map(|paid| in_currency(ctx, paid))
    }

    /// For a reward of codes (兑换码): the codes, one a piece, in the order in which they were added. They stay this
    /// redemption's, even if it is cancelled.
    async fn codes(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let codes = ctx.reader().find(CodesOf(self.0.id)).await?;
        Ok(codes.map(|codes| (*codes).clone()).unwrap_or_default())
    }

    /// Codes that are to be made void with the partner they are of, because it was cancelled: its member may have read
    /// them, so they are given to nobody else. The shop sees to that itself.
    async fn codes_to_void(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        if self.0.cancelled_at.is_none() {
            return Ok(Vec::new());
        }
        self.codes(ctx).await
    }

    /// When it was cancelled.
    async fn cancelled_at(&self) -> Option<DateTime> {
        self.0.cancelled_at.map(DateTime::of)
    }

    /// For a coupon reward: the coupon, or the first of several.
    async fn coupon(&self, ctx: &Context<'_>) -> Result<Option<InTurn<CouponObject>>> {
        let coupons = ctx.reader().get(CouponsOfRedemption(self.0.member_id, self.0.id)).await?;
        Ok(coupons.first().map(|coupon| InTurn(CouponObject(coupon.clone()))))
    }

    /// For a coupon reward: a coupon for each piece.
    async fn coupons(&self, ctx: &Context<'_>) -> Result<Vec<InTurn<CouponObject>>> {
        let coupons = ctx.reader().get(CouponsOfRedemption(self.0.member_id, self.0.id)).await?;
        Ok(coupons.iter().map(|coupon| InTurn(CouponObject(coupon.clone()))).collect())
    }

    /// When.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }
}

/// The currency of the program is that of every reward, and never changes.
fn in_currency(ctx: &Context<'_>, minor: i64) -> MoneyObject {
    money(minor, &App::of(ctx).programs.latest().currency)
}
