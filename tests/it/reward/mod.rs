//! Rewards and redeeming points.

mod cancel;
mod code;
mod kinds;
mod race;
mod redeem;
mod refused;
mod staff;
