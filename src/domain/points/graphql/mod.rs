//! The program, the account and the ledger in the schema.

pub mod account;
pub mod adjustment;
pub mod audit;
pub mod entry;
pub mod hold;
pub mod lot;
pub mod movement;
pub mod movement_error;
pub mod movement_input;
pub mod program;
pub mod program_error;
mod purchase;
mod purse;
pub mod settings;
pub mod statement;
pub mod transfer;
pub mod update_program;
mod words;

pub use account::{PointsAccountObject, PointsEntryConnection};
pub use adjustment::{PointsAdjustmentConnection, PointsAdjustmentObject};
pub use audit::AuditQuery;
pub use entry::PointsEntryObject;
pub use hold::{PointsHoldConnection, PointsHoldObject};
pub use lot::{PointsLotConnection, PointsLotObject};
pub use movement::{MovementMutation, MovementQuery};
pub use movement_error::PointsUserError;
pub use program::{LoyaltyProgramConnection, PointsQuery};
pub use program_error::UpdateLoyaltyProgramUserError;
pub use purse::PointsPurse;
pub use settings::{PointsRate, Rounding};
pub use transfer::PointsTransferObject;
pub use update_program::{EarnBasisInput, PointsMutation, PointsRateInput};
