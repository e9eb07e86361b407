//! Orders: placing one, everything that is refused, keys, races, and whose an order is; then delivering it and taking it
//! back.

mod cancel;
mod check_coupon;
mod deliver;
mod examples;
mod expired;
mod key;
mod place;
mod preview;
mod race;
pub mod random;
mod refund;
mod refused;
mod tax;
mod view;
