//! What runs by the clock, in any number of processes at once. Each may be killed at any point: what it does are commands
//! like any other, each of which is done as a whole or not at all.

pub mod close;
pub mod count;
pub mod settle;
pub mod simulations;
pub mod tiers;
