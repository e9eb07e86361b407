//! Why points were not redeemed.

use async_graphql::{Enum, SimpleObject};

use crate::domain::reward::rule::{MAX_QUANTITY, Rejection};
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::{DateTime, int};

/// Why points were not redeemed.
#[derive(SimpleObject)]
pub struct RedeemUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    pub code: RedeemErrorCode,
    /// With `NOT_ENOUGH_POINTS`: the points it costs.
    pub required_points: Option<i32>,
    /// With `NOT_ENOUGH_POINTS`: the points the member has.
    pub active_points: Option<i32>,
    /// With `REWARD_SOLD_OUT` and `LIMIT_REACHED`: pieces that could be redeemed.
    pub available_quantity: Option<i32>,
    /// With `REWARD_NOT_YET`: from when on it can be redeemed.
    pub starts_at: Option<DateTime>,
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

/// A rejection in words, in the language of the request.
pub fn user_error(rejection: &Rejection, language: Language) -> RedeemUserError {
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
