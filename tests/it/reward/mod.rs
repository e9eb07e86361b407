//! Rewards and redeeming points.

mod cancel;
mod check;
mod code;
mod kinds;
mod price;
mod race;
mod redeem;
mod refused;
mod staff;
mod tier;
