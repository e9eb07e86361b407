//! Rewards, redemptions and coupons in the schema.

mod cancel;
mod change;
mod check;
mod code;
mod coupon;
mod input;
mod list;
mod price;
mod redeem;
mod redeem_error;
mod redemption;
mod reward;
mod tier;

use async_graphql::MergedObject;

pub use cancel::CancelRedemptionUserError;
pub use change::RewardUserError;
pub use code::AddCodesUserError;
pub use coupon::{CouponConnection, CouponObject, CouponTotals};
pub use list::{RewardConnection, RewardQuery};
pub use redeem_error::RedeemUserError;
pub use redemption::RedemptionObject;
pub use reward::RewardObject;
pub use tier::{TierRewardConnection, rewards_of};

#[derive(MergedObject, Default)]
pub struct RewardMutation(
    redeem::RedeemMutation,
    change::ChangeRewardMutation,
    code::AddCodesMutation,
    cancel::CancelRedemptionMutation,
);
