//! The ledger's tables. Points are whole numbers; instants are microseconds since 1970 in UTC.

pub mod adjustment;
pub mod allocation;
pub mod entry;
pub mod hold;
pub mod lot;
pub mod merger;
pub mod program;
pub mod transfer;
pub mod txn;
pub mod wallet;
mod word;

pub use word::{
    Account, ActorKind, AdjustmentState, Bucket, Cause, HouseholdRole, LotState, RoundingKind, ShortfallPolicy,
    TransferPolicy, TxnKind, ValidityKind,
};
