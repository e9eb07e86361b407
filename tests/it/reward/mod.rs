//! Redeeming points.

mod redeem;
mod refused;
