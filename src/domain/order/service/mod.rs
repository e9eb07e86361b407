//! The verbs of orders: a file each, and what those of staff have in common.

mod cancel_order;
mod check_coupon;
mod deliver_order;
mod named;
mod own;
mod place_order;
mod preview_earn;
mod preview_refund;
mod refund_order;
mod taken_back;

pub use cancel_order::cancel_order;
pub use check_coupon::{CheckedCoupon, check_coupon};
pub use deliver_order::{Delivery, deliver_order};
pub use own::Refused;
pub use place_order::{Cart, place_order};
pub use preview_earn::{Basket, EarnPreview, preview_earn};
pub use preview_refund::{Preview, preview_refund};
pub use refund_order::refund_order;
pub use taken_back::{TakenBack, Wish};
