//! Deciding a redemption, as pure functions. What it does to the wallet is `points::rule`'s.

pub mod audience;
pub mod change;
pub mod code;
pub mod offer;
pub mod price;

use crate::base::clock::{DAY, Instant};
use crate::domain::catalog::entity::stock;
use crate::domain::points::rule::Refusal;
use crate::domain::points::rule::purse::NotYours;
use crate::domain::reward::entity::{coupon, redemption, reward};

/// Pieces one redemption may have.
pub const MAX_QUANTITY: i64 = 100;

/// Why a reward is not redeemed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    RewardUnknown,
    BadQuantity,
    RewardSoldOut {
        available: i64,
    },
    NotEnoughPoints {
        required: i64,
        active: i64,
    },
    /// It is on offer from this moment on.
    NotYet {
        starts_at: Instant,
    },
    Over,
    /// It is for others.
    NotForYou,
    /// So many pieces the member may still have in this period.
    LimitReached {
        left: i64,
    },
    /// The household's points are to pay, and the member is in none, or only earns for it.
    NoHousehold,
    EarnsOnly,
    IdempotencyKeyConflict,
}

impl From<NotYours> for Rejection {
    fn from(refusal: NotYours) -> Rejection {
        match refusal {
            NotYours::NoHousehold => Rejection::NoHousehold,
            NotYours::EarnsOnly => Rejection::EarnsOnly,
        }
    }
}

/// Takes the pieces from the reward's pile, if it has one.
pub fn take(
    pile: Option<&stock::Model>,
    reward: &reward::Model,
    quantity: i64,
) -> Result<Option<stock::Model>, Rejection> {
    if reward.stock_id.is_none() {
        return Ok(None);
    }
    let available = pile.map_or(0, |pile| pile.remaining);
    match pile {
        Some(pile) if pile.remaining >= quantity => {
            Ok(Some(stock::Model { remaining: pile.remaining - quantity, used: pile.used + quantity, ..pile.clone() }))
        }
        _ => Err(Rejection::RewardSoldOut { available }),
    }
}

/// What a wallet's refusal means to the one who redeems. `MoreLots` is the commit floor's to answer, never a member's.
pub fn refused(refusal: Refusal, required: i64) -> Rejection {
    match refusal {
        Refusal::NotEnoughPoints { required, active } => Rejection::NotEnoughPoints { required, active },
        Refusal::WalletFull | Refusal::MoreLots => Rejection::NotEnoughPoints { required, active: 0 },
    }
}

/// When a coupon issued now stops being good; empty for never.
pub fn coupon_expiry(reward: &reward::Model, now: Instant) -> Option<i64> {
    reward.coupon_valid_days.map(|days| now.plus(days.saturating_mul(DAY)).micros())
}

/// Where a coupon stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CouponState {
    Active,
    Used,
    Expired,
    Cancelled,
}

pub fn state_of(coupon: &coupon::Model, now: Instant) -> CouponState {
    if coupon.cancelled_at.is_some() {
        CouponState::Cancelled
    } else if coupon.used_at.is_some() {
        CouponState::Used
    } else if coupon.expires_at.is_some_and(|expires_at| expires_at <= now.micros()) {
        CouponState::Expired
    } else {
        CouponState::Active
    }
}

/// Why a redemption is not cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uncancellable {
    RedemptionUnknown,
    AlreadyCancelled,
    CouponUsed,
    CouponExpired,
    ReasonInvalid,
    /// The wallet would have more points than it can hold.
    WalletFull,
    IdempotencyKeyConflict,
}

/// Whether nothing came of a redemption yet: it stands, and all its coupons are good.
pub fn check_cancel<'a>(
    redemption: &redemption::Model,
    coupons: impl IntoIterator<Item = &'a coupon::Model>,
    now: Instant,
) -> Result<(), Uncancellable> {
    if redemption.cancelled_at.is_some() {
        return Err(Uncancellable::AlreadyCancelled);
    }
    let states: Vec<CouponState> = coupons.into_iter().map(|coupon| state_of(coupon, now)).collect();
    if states.contains(&CouponState::Used) {
        return Err(Uncancellable::CouponUsed);
    }
    if states.contains(&CouponState::Expired) {
        return Err(Uncancellable::CouponExpired);
    }
    Ok(())
}

/// Where a redemption stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedemptionState {
    Issued,
    Used,
    Expired,
    Cancelled,
}

/// What is used when its last coupon is used, and expired when none can be used any more.
pub fn redemption_state<'a>(
    redemption: &redemption::Model,
    coupons: impl IntoIterator<Item = &'a coupon::Model>,
    now: Instant,
) -> RedemptionState {
    if redemption.cancelled_at.is_some() {
        return RedemptionState::Cancelled;
    }
    let states: Vec<CouponState> = coupons.into_iter().map(|coupon| state_of(coupon, now)).collect();
    match () {
        () if states.is_empty() || states.contains(&CouponState::Active) => RedemptionState::Issued,
        () if states.contains(&CouponState::Expired) => RedemptionState::Expired,
        () => RedemptionState::Used,
    }
}
