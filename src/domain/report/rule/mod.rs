//! Periods, days and months, the roll-forward of what is owed, how much of it will be redeemed, and what that is worth; and what events add to
//! statistics.

pub mod breakage;
pub mod count;
pub mod days;
pub mod deferral;
pub mod months;
pub mod period;
pub mod revenue;
pub mod roll;
pub mod tally;
