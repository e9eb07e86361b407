//! What the reports read: sums over whole tables or over what was counted, each in one statement.

pub mod bucket;
pub mod count;
pub mod estimate;
pub mod ledger;
pub mod statistic;
