//! Rewards, redemptions and coupons in the schema.

use std::sync::Arc;

use async_graphql::connection::{Connection, CursorType};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::base::id::Id;
use crate::domain::catalog::graphql::ProductObject;
use crate::domain::catalog::query::{ProductKey, StockKey};
use crate::domain::points::graphql::PointsPurse;
use crate::domain::reward::entity::{RewardKind, coupon, redemption, reward};
use crate::domain::reward::query::{CouponCount, CouponsOfRedemption, RewardKey, count_rewards, list_rewards};
use crate::domain::reward::rule::{CouponState, MAX_QUANTITY, Rejection, state_of};
use crate::domain::reward::service::{Wish, redeem};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind, global, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::input::{idempotency_key, path};
use crate::gql::language::Language;
use crate::gql::scalar::{DateTime, MoneyObject, int, money};

/// What a reward is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RewardKind", name = "RewardKind")]
pub enum RewardKindEnum {
    /// Money off one later order.
    Coupon,
    /// A product, taken from its stock.
    Product,
}

/// Something points can be redeemed for.
pub struct RewardObject(pub Arc<reward::Model>);

/// Something points can be redeemed for. Anybody may read it.
#[Object(name = "Reward")]
impl RewardObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::Reward, self.0.id)
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// A coupon or a product.
    async fn kind(&self) -> RewardKindEnum {
        self.0.kind.into()
    }

    /// Points for one piece.
    async fn points_price(&self) -> i32 {
        int(self.0.points_price)
    }

    /// Pieces that can be redeemed now; null when there is no limit.
    async fn available(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let Some(stock_id) = self.0.stock_id else { return Ok(None) };
        let pile = ctx.reader().find(StockKey(stock_id)).await?;
        Ok(Some(pile.map_or(0, |pile| int(pile.remaining))))
    }

    /// For a coupon: the money off.
    async fn coupon_value(&self) -> Option<MoneyObject> {
        self.0.coupon_value.map(|value| money(value, &self.0.currency))
    }

    /// For a coupon: the subtotal from which it applies.
    async fn minimum_spend(&self) -> Option<MoneyObject> {
        self.0.minimum_spend.map(|minimum| money(minimum, &self.0.currency))
    }

    /// For a product reward: the product.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<InTurn<ProductObject>>> {
        let Some(product_id) = self.0.product_id else { return Ok(None) };
        Ok(ctx.reader().find(ProductKey(product_id)).await?.map(|product| InTurn(ProductObject(product))))
    }
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

/// Where a coupon stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CouponState", name = "CouponStatus")]
pub enum CouponStatus {
    /// It can be used.
    Active,
    /// An order used it.
    Used,
    /// Its time is over.
    Expired,
}

/// Money off one order.
pub struct CouponObject(pub Arc<coupon::Model>);

/// Money off one order of its member. Only its member and staff may read it.
#[Object(name = "Coupon")]
impl CouponObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::Coupon, self.0.member_id, self.0.id)
    }

    /// To be given as `couponCode` when placing an order.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> CouponStatus {
        state_of(&self.0, App::of(ctx).clock.now()).into()
    }

    /// The money off.
    async fn value(&self) -> MoneyObject {
        money(self.0.value, &self.0.currency)
    }

    /// The subtotal from which it applies.
    async fn minimum_spend(&self) -> Option<MoneyObject> {
        self.0.minimum_spend.map(|minimum| money(minimum, &self.0.currency))
    }

    /// From this moment on it is no longer good; null for never.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime::of)
    }
}

/// Beside the edges of a list of coupons.
pub struct CouponTotals {
    pub member_id: Id,
}

/// Beside the edges of a list of coupons.
#[Object]
impl CouponTotals {
    /// How many coupons there are on all pages, used and expired ones too. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(CouponCount(self.member_id)).await?.unwrap_or(0)))
    }
}

pub type CouponConnection = Connection<Opaque, InTurn<CouponObject>, CouponTotals>;

/// Beside the edges of the list of rewards.
pub struct RewardTotals;

/// Beside the edges of the list of rewards.
#[Object]
impl RewardTotals {
    /// How many rewards there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(count_rewards(&App::of(ctx).db).await?))
    }
}

pub type RewardConnection = Connection<Opaque, RewardObject, RewardTotals>;

#[derive(Default)]
pub struct RewardQuery;

#[Object]
impl RewardQuery {
    /// What points can be redeemed for, the cheapest first. Anybody may read it.
    async fn rewards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<RewardConnection> {
        let page = PageArgs { first, after, last, before }.page(read_place)?;
        let slice = list_rewards(&App::of(ctx).db, &page).await?;
        Ok(connection(&slice, RewardTotals, write_place, RewardObject))
    }
}

fn write_place(reward: &reward::Model) -> Opaque {
    let mut bytes = reward.id.as_bytes().to_vec();
    bytes.extend_from_slice(&reward.points_price.to_be_bytes());
    Opaque(bytes)
}

fn read_place(text: &str) -> Option<(i64, Id)> {
    let Opaque(bytes) = Opaque::decode_cursor(text).ok()?;
    let (id, price) = bytes.split_at_checked(16)?;
    Some((i64::from_be_bytes(price.try_into().ok()?), Id::from_slice(id).ok()?))
}

/// Points to be redeemed.
#[derive(InputObject)]
pub struct RedeemInput {
    /// Drawn by the client, new for each redemption. Sent again, it gives the same redemption again.
    idempotency_key: String,
    /// The reward's global id.
    reward_id: ID,
    /// Pieces, 1 to 100.
    #[graphql(default = 1)]
    quantity: i32,
    /// Whose points pay.
    #[graphql(default)]
    points_from: PointsPurse,
}

/// What came of redeeming points.
#[derive(SimpleObject)]
pub struct RedeemPayload {
    /// The redemption; null when there are user errors.
    redemption: Option<RedemptionObject>,
    /// Why it was refused. Then nothing was changed.
    user_errors: Vec<RedeemUserError>,
}

/// Why points were not redeemed.
#[derive(SimpleObject)]
pub struct RedeemUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: RedeemErrorCode,
    /// With `NOT_ENOUGH_POINTS`: the points it costs.
    required_points: Option<i32>,
    /// With `NOT_ENOUGH_POINTS`: the points the member has.
    active_points: Option<i32>,
    /// With `REWARD_SOLD_OUT`: pieces that are left.
    available_quantity: Option<i32>,
}

/// Why points were not redeemed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RedeemErrorCode {
    /// There is no such reward.
    RewardUnknown,
    /// The quantity is not between 1 and 100.
    BadQuantity,
    /// Too few pieces are left; see `availableQuantity`.
    RewardSoldOut,
    /// The member has fewer points; see `requiredPoints` and `activePoints`.
    NotEnoughPoints,
    /// The household's points were to pay, and the member is in no household.
    NoHousehold,
    /// The member earns for their household and may not spend its points.
    EarnsOnly,
    /// The idempotency key was used for another redemption before.
    IdempotencyKeyConflict,
}

impl Rejection {
    pub fn code(&self) -> RedeemErrorCode {
        match self {
            Rejection::RewardUnknown => RedeemErrorCode::RewardUnknown,
            Rejection::BadQuantity => RedeemErrorCode::BadQuantity,
            Rejection::RewardSoldOut { .. } => RedeemErrorCode::RewardSoldOut,
            Rejection::NotEnoughPoints { .. } => RedeemErrorCode::NotEnoughPoints,
            Rejection::NoHousehold => RedeemErrorCode::NoHousehold,
            Rejection::EarnsOnly => RedeemErrorCode::EarnsOnly,
            Rejection::IdempotencyKeyConflict => RedeemErrorCode::IdempotencyKeyConflict,
        }
    }
}

fn user_error(rejection: &Rejection, language: Language) -> RedeemUserError {
    let (message, field) = match rejection {
        Rejection::RewardUnknown => (language.say("There is no such reward.", "没有这个礼品。"), "rewardId"),
        Rejection::BadQuantity => (
            language.say(
                format!("A quantity is between 1 and {MAX_QUANTITY}."),
                format!("数量须在 1 到 {MAX_QUANTITY} 之间。"),
            ),
            "quantity",
        ),
        Rejection::RewardSoldOut { available } => {
            (language.say(format!("Only {available} are left."), format!("礼品只剩 {available} 件。")), "quantity")
        }
        Rejection::NoHousehold => (language.say("You are in no household.", "您尚未加入家庭账户。"), "pointsFrom"),
        Rejection::EarnsOnly => (
            language.say(
                "You earn for your household and may not spend its points.",
                "您只能为家庭账户累积积分，不能使用。",
            ),
            "pointsFrom",
        ),
        Rejection::NotEnoughPoints { required, active } => (
            language.say(
                format!("This costs {required} points, and you have {active}."),
                format!("需要 {required} 积分，您有 {active} 积分。"),
            ),
            "rewardId",
        ),
        Rejection::IdempotencyKeyConflict => (
            language.say("This idempotency key was used for another redemption.", "这个幂等键已用于另一次兑换。"),
            "idempotencyKey",
        ),
    };
    let (required_points, active_points) = match rejection {
        Rejection::NotEnoughPoints { required, active } => (Some(int(*required)), Some(int(*active))),
        _ => (None, None),
    };
    let available_quantity = match rejection {
        Rejection::RewardSoldOut { available } => Some(int(*available)),
        _ => None,
    };
    let code = rejection.code();
    RedeemUserError { message, path: path(&[field]), code, required_points, active_points, available_quantity }
}

#[derive(Default)]
pub struct RewardMutation;

#[Object]
impl RewardMutation {
    /// Redeems points of the member who asks for a reward: a coupon, or a product taken from its stock. All or nothing.
    /// `UNAUTHENTICATED` without a session; `UNAVAILABLE` and `TIMEOUT` may be sent again with the same key.
    async fn redeem(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What for.")] input: RedeemInput,
    ) -> Result<RedeemPayload> {
        let caller = ctx.caller();
        let wish = Wish {
            reward_id: GlobalId::row_of(NodeKind::Reward, &input.reward_id),
            quantity: i64::from(input.quantity),
            purse: input.points_from.into(),
            idempotency_key: idempotency_key(input.idempotency_key)?,
        };
        let redeemed = redeem(App::of(ctx), &caller.actor, wish).await?;
        ctx.reader().forget();
        Ok(match redeemed {
            Ok(redemption) => {
                RedeemPayload { redemption: Some(RedemptionObject(Arc::new(redemption))), user_errors: Vec::new() }
            }
            Err(rejection) => {
                RedeemPayload { redemption: None, user_errors: vec![user_error(&rejection, caller.language)] }
            }
        })
    }
}
