//! The words the ledger's tables are written in. Stored as they stand in the schema.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a transaction does. The names are the field's own (docs/LEDGER.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TxnKind {
    Accrual,
    Activation,
    Hold,
    Release,
    Redemption,
    Refund,
    Expiration,
    Reinstatement,
    Clawback,
    DebtRepayment,
    WriteOff,
    MoneySettlement,
    TransferOut,
    TransferIn,
    Adjustment,
}

/// An account an entry books on: first the member's side, then the house's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Account {
    Available,
    Held,
    Pending,
    /// Carries the debt as a negative balance.
    Debt,
    Issued,
    Redeemed,
    Expired,
    Revoked,
    Reinstated,
    WrittenOff,
    Settled,
    Transfer,
    Adjusted,
}

/// Where the points of a lot are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Bucket {
    Remaining,
    Held,
    Consumed,
    Expired,
    Revoked,
}

/// Whether a lot's points can be spent yet. Written, never derived from the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LotState {
    Pending,
    Active,
}

/// What kind of thing made a transaction happen; the thing itself is its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Cause {
    Order,
    ImportedOrder,
    Redemption,
    /// An order taken back in part or whole.
    Return,
    Hold,
    /// The lot itself: it was due.
    Lot,
    Transfer,
    Adjustment,
    /// A wallet was merged into another.
    Merger,
    /// Something a member did, such as a check-in.
    Event,
}

/// Who made a transaction happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActorKind {
    Member,
    System,
    Staff,
}

/// How a fraction of a point is rounded, once an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RoundingKind {
    Floor,
    HalfUp,
    Ceil,
}

/// How long points are good after they became active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ValidityKind {
    /// For ever.
    None,
    Days,
    Months,
    /// So many months, and on to the end of that month, quarter or year.
    EndOfMonth,
    EndOfQuarter,
    EndOfYear,
}

/// What becomes of a clawback that finds too few points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShortfallPolicy {
    /// The member owes them; later points repay it first.
    AllowDebt,
    /// The shop gives them up.
    WriteOff,
    /// Their value comes off the money that is refunded.
    DeductFromRefund,
}

/// Who may give points to another member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransferPolicy {
    Nobody,
    Anybody,
}

/// What a member may do with the points of their household. All earn into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HouseholdRole {
    /// Spends, and says who belongs to it.
    Owner,
    Spender,
    Earner,
}

impl HouseholdRole {
    pub fn may_spend(self) -> bool {
        matches!(self, HouseholdRole::Owner | HouseholdRole::Spender)
    }
}

/// Where an adjustment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AdjustmentState {
    /// It waits for a second member of staff.
    Requested,
    Booked,
    Rejected,
}
