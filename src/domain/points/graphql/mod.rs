//! The program, the account and the ledger in the schema.

pub mod account;
pub mod entry;
pub mod program;

pub use account::{PointsAccountObject, PointsEntryConnection};
pub use entry::PointsEntryObject;
pub use program::PointsQuery;
