//! What the reports read: sums over the ledger, over days that are closed or over what was counted, each in one statement.

pub mod bucket;
pub mod closed;
pub mod count;
pub mod estimate;
pub mod ledger;
pub mod recorded;
pub mod statistic;
