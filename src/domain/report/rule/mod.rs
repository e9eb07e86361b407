//! Periods, the roll-forward of what is owed, how much of it will be redeemed, and what that is worth.

pub mod breakage;
pub mod deferral;
pub mod period;
pub mod revenue;
pub mod roll;
