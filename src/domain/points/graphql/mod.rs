//! The program, the account and the ledger in the schema.

pub mod account;
pub mod audit;
pub mod entry;
pub mod program;
pub mod program_error;
pub mod settings;
pub mod statement;
pub mod update_program;
mod words;

pub use account::{PointsAccountObject, PointsEntryConnection};
pub use audit::AuditQuery;
pub use entry::PointsEntryObject;
pub use program::{LoyaltyProgramConnection, PointsQuery};
pub use program_error::UpdateLoyaltyProgramUserError;
pub use update_program::PointsMutation;
