//! What the reports read: sums over whole tables, each in one statement.

pub mod bucket;
pub mod estimate;
pub mod ledger;
