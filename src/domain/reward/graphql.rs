//! Rewards, redemptions and coupons in the schema.

mod cancel;
mod change;
mod input;

use std::sync::Arc;

use async_graphql::connection::{Connection, CursorType};
use async_graphql::{Context, Enum, ID, InputObject, MergedObject, Object, SimpleObject};

use crate::app::App;
use crate::base::id::Id;
use crate::base::money::Currency;
use crate::domain::catalog::graphql::ProductObject;
use crate::domain::catalog::query::{ProductKey, StockKey};
use crate::domain::earning::graphql::EarningCondition;
use crate::domain::points::graphql::PointsPurse;
use crate::domain::reward::entity::{RewardKind, coupon, redemption, reward};
use crate::domain::reward::graphql::input::RewardLimit;
use crate::domain::reward::query::{CouponCount, CouponsOfRedemption, RewardKey, Shown, count_rewards, list_rewards};
use crate::domain::reward::rule::offer::{OfferState, offer_of};
use crate::domain::reward::rule::{
    CouponState, MAX_QUANTITY, RedemptionState, Rejection, audience, redemption_state, state_of,
};
use crate::domain::reward::service::list::shown_to;
use crate::domain::reward::service::{Wish, redeem};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind, global, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::input::{idempotency_key, path};
use crate::gql::language::Language;
use crate::gql::scalar::{DateTime, Decimal, MoneyObject, int, money};

pub use cancel::CancelRedemptionUserError;
pub use change::RewardUserError;

/// What a reward is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RewardKind", name = "RewardKind")]
pub enum RewardKindEnum {
    /// An amount off one later order (代金券).
    Coupon,
    /// A percentage off one later order, up to a ceiling (折扣券).
    PercentCoupon,
    /// One piece of a product off one later order that has it (兑换券).
    ProductCoupon,
    /// A product, taken from its stock (实物).
    Product,
    /// Points given away: nothing is issued for them (公益捐赠).
    Donation,
}

/// Where a reward stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "OfferState", name = "RewardStatus")]
pub enum RewardStatus {
    /// Worked on; only staff sees it.
    Draft,
    /// Published, and yet to start.
    Scheduled,
    /// It can be redeemed.
    Offered,
    /// Over, by its date or by staff.
    Ended,
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

    /// A picture of it.
    async fn image_url(&self) -> Option<&str> {
        self.0.image_url.as_deref()
    }

    /// The number of this revision, from 1 on. Every save makes one, and a redemption keeps what it was worth in its own.
    async fn revision(&self) -> i32 {
        int(self.0.revision)
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> RewardStatus {
        offer_of(&self.0, App::of(ctx).clock.now()).into()
    }

    /// From when on it can be redeemed; null at once.
    async fn starts_at(&self) -> Option<DateTime> {
        self.0.starts_at.map(DateTime::of)
    }

    /// The first moment at which it can no longer be redeemed; null while nobody ends it.
    async fn ends_at(&self) -> Option<DateTime> {
        self.0.ends_at.map(DateTime::of)
    }

    /// The most that one member may redeem of it (每人限兑); null without a limit.
    async fn limit(&self) -> Option<RewardLimit> {
        let (period, pieces) = self.0.limit_period.zip(self.0.limit_pieces)?;
        Some(RewardLimit { period: period.into(), pieces: int(pieces) })
    }

    /// Who may redeem it (适用人群); null for everybody. For staff only; null for everybody else.
    async fn audience(&self, ctx: &Context<'_>) -> Option<EarningCondition> {
        let condition = audience::read(self.0.audience.as_deref()?)?;
        let currency = self.0.currency.parse().unwrap_or(Currency::Cny);
        ctx.caller().actor.staff().is_ok().then(|| EarningCondition::show(&condition, currency))
    }

    /// What it is.
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

    /// Money for one piece beside its points (积分加钱); null when points are all it costs.
    async fn money_price(&self) -> Option<MoneyObject> {
        self.0.money_price.map(|price| money(price, &self.0.currency))
    }

    /// For a coupon of a percentage: percent off.
    async fn coupon_percent(&self) -> Option<Decimal> {
        self.0.coupon_percent.map(percent)
    }

    /// For any coupon: days of 24 hours for which it is good from its redemption on; null for ever.
    async fn coupon_valid_days(&self) -> Option<i32> {
        self.0.coupon_valid_days.map(int)
    }

    /// For a coupon: the money off. For one of a percentage: the most that it takes off.
    async fn coupon_value(&self) -> Option<MoneyObject> {
        self.0.coupon_value.map(|value| money(value, &self.0.currency))
    }

    /// For a coupon: the subtotal from which it applies.
    async fn minimum_spend(&self) -> Option<MoneyObject> {
        self.0.minimum_spend.map(|minimum| money(minimum, &self.0.currency))
    }

    /// For goods, and for a coupon for a product: the product.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<InTurn<ProductObject>>> {
        let Some(product_id) = self.0.product_id else { return Ok(None) };
        Ok(ctx.reader().find(ProductKey(product_id)).await?.map(|product| InTurn(ProductObject(product))))
    }
}

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

    /// Money paid beside the points, taken by the shop itself; null when points were all it cost.
    async fn money(&self, ctx: &Context<'_>) -> Option<MoneyObject> {
        Some(self.0.money).filter(|money| *money > 0).map(|paid| in_currency(ctx, paid))
    }

    /// Money that the shop gives back, because it was cancelled; null when there is none.
    async fn money_to_give_back(&self, ctx: &Context<'_>) -> Option<MoneyObject> {
        self.0.cancelled_at?;
        Some(self.0.money).filter(|money| *money > 0).map(|paid| in_currency(ctx, paid))
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

/// Hundredths of a percent as percent.
fn percent(hundredths: i64) -> Decimal {
    Decimal(rust_decimal::Decimal::new(hundredths, 2).normalize())
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
    /// Its redemption was cancelled.
    Cancelled,
}

/// Something off one order.
pub struct CouponObject(pub Arc<coupon::Model>);

/// Something off one order of its member (优惠券). Only its member and staff may read it.
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

    /// The money off; for a percentage, the most that it takes off; for a coupon for a product, the price of the product
    /// today.
    async fn value(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        let price = match (self.0.value, self.0.product_id) {
            (None, Some(id)) => ctx.reader().find(ProductKey(id)).await?.map(|product| product.price),
            (value, _) => value,
        };
        Ok(money(price.unwrap_or(0), &self.0.currency))
    }

    /// For a percentage: percent off.
    async fn percent(&self) -> Option<Decimal> {
        self.0.percent.map(percent)
    }

    /// For a coupon for a product: the product of which one piece is off.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<InTurn<ProductObject>>> {
        let Some(product_id) = self.0.product_id else { return Ok(None) };
        Ok(ctx.reader().find(ProductKey(product_id)).await?.map(|product| InTurn(ProductObject(product))))
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
pub struct RewardTotals {
    shown: Shown,
}

/// Beside the edges of the list of rewards.
#[Object]
impl RewardTotals {
    /// How many rewards there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(count_rewards(&App::of(ctx).db, &self.shown).await?))
    }
}

pub type RewardConnection = Connection<Opaque, RewardObject, RewardTotals>;

#[derive(Default)]
pub struct RewardQuery;

#[Object]
impl RewardQuery {
    /// What points can be redeemed for now by whoever asks, the cheapest first, with what is sold out; staff see every reward,
    /// drafts and those that are over included. Anybody may read it.
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
        let shown = shown_to(App::of(ctx), &ctx.caller().actor).await?;
        let slice = list_rewards(&App::of(ctx).db, &page, &shown).await?;
        Ok(connection(&slice, RewardTotals { shown }, write_place, RewardObject))
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
    /// With `REWARD_SOLD_OUT` and `LIMIT_REACHED`: pieces that could be redeemed.
    available_quantity: Option<i32>,
    /// With `REWARD_NOT_YET`: from when on it can be redeemed.
    starts_at: Option<DateTime>,
}

/// Why points were not redeemed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RedeemErrorCode {
    /// There is no such reward.
    RewardUnknown,
    /// It is yet to come; see `startsAt`.
    RewardNotYet,
    /// It is no longer on offer.
    RewardOver,
    /// It is for other members.
    RewardNotForYou,
    /// The member has had as many as one may in this period; see `availableQuantity`.
    LimitReached,
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
            Rejection::NotYet { .. } => RedeemErrorCode::RewardNotYet,
            Rejection::Over => RedeemErrorCode::RewardOver,
            Rejection::NotForYou => RedeemErrorCode::RewardNotForYou,
            Rejection::LimitReached { .. } => RedeemErrorCode::LimitReached,
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
        Rejection::NotYet { .. } => {
            (language.say("This reward cannot be redeemed yet.", "礼品尚未开放兑换。"), "rewardId")
        }
        Rejection::Over => (language.say("This reward is over.", "礼品已停止兑换。"), "rewardId"),
        Rejection::NotForYou => (language.say("This reward is for other members.", "您暂不能兑换此礼品。"), "rewardId"),
        Rejection::LimitReached { left } => (
            language.say(
                format!("In this period you may have {left} more of these."),
                format!("本周期内您还可兑换 {left} 件。"),
            ),
            "quantity",
        ),
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
        Rejection::RewardSoldOut { available } | Rejection::LimitReached { left: available } => Some(int(*available)),
        _ => None,
    };
    let starts_at = match rejection {
        Rejection::NotYet { starts_at } => Some(DateTime(*starts_at)),
        _ => None,
    };
    let code = rejection.code();
    RedeemUserError {
        message,
        path: path(&[field]),
        code,
        required_points,
        active_points,
        available_quantity,
        starts_at,
    }
}

#[derive(MergedObject, Default)]
pub struct RewardMutation(RedeemMutation, change::ChangeRewardMutation, cancel::CancelRedemptionMutation);

#[derive(Default)]
pub struct RedeemMutation;

#[Object]
impl RedeemMutation {
    /// Redeems points of the member who asks for a reward: coupons, a product taken from its stock, or a donation. Money that it costs
    /// beside is taken by the shop itself and recorded. All or nothing.
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
