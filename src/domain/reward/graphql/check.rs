//! Whether a reward can be redeemed, in the schema.

use async_graphql::SimpleObject;

use crate::domain::reward::graphql::redeem_error::{RedeemErrorCode, RedeemUserError, user_error};
use crate::domain::reward::rule::Rejection;
use crate::gql::language::Language;
use crate::gql::scalar::{DateTime, int};

/// Whether a member could redeem a reward now (能否兑换).
#[derive(SimpleObject)]
pub struct RedeemCheck {
    /// Whether `redeem` would do it at this moment.
    ok: bool,
    /// Everything that stands in the way; empty if nothing does.
    reasons: Vec<RedeemObstacle>,
}

/// Why a member cannot redeem a reward now.
#[derive(SimpleObject)]
pub struct RedeemObstacle {
    /// For programs: what `redeem` would be refused with.
    code: RedeemErrorCode,
    /// For people, in the language of the request.
    message: String,
    /// With `NOT_ENOUGH_POINTS`: the points it costs.
    required_points: Option<i32>,
    /// With `NOT_ENOUGH_POINTS`: points that are missing (还差积分).
    missing_points: Option<i32>,
    /// With `REWARD_SOLD_OUT` and `LIMIT_REACHED`: pieces that could be redeemed.
    available_quantity: Option<i32>,
    /// With `REWARD_NOT_YET`: from when on it can be redeemed.
    starts_at: Option<DateTime>,
}

impl RedeemCheck {
    pub fn of(reasons: &[Rejection], language: Language) -> RedeemCheck {
        let reasons: Vec<_> = reasons.iter().map(|rejection| obstacle(rejection, language)).collect();
        RedeemCheck { ok: reasons.is_empty(), reasons }
    }
}

fn obstacle(rejection: &Rejection, language: Language) -> RedeemObstacle {
    let RedeemUserError { message, code, required_points, available_quantity, starts_at, .. } =
        user_error(rejection, language);
    let missing_points = match rejection {
        Rejection::NotEnoughPoints { required, active } => Some(int(required - active)),
        _ => None,
    };
    RedeemObstacle { code, message, required_points, missing_points, available_quantity, starts_at }
}
