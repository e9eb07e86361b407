//! The ledger's tables. Points are whole numbers; instants are microseconds since 1970 in UTC.

use sea_orm::entity::prelude::*;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
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

/// A loyalty program in one of its versions.
pub mod program {
    use sea_orm::entity::prelude::*;

    use super::{RoundingKind, ShortfallPolicy, TransferPolicy, ValidityKind};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "program")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub name: String,
        pub currency: String,
        /// P: so many points …
        pub earn_points: i64,
        /// … for so many minor units.
        pub earn_minor: i64,
        /// R: so many points …
        pub exchange_points: i64,
        /// … are worth so many minor units.
        pub exchange_minor: i64,
        pub rounding: RoundingKind,
        /// IANA name.
        pub time_zone: String,
        pub created_at: i64,
        /// The fewest points an order is paid with.
        pub redemption_minimum: i64,
        /// Points an order is paid with are a multiple of it.
        pub redemption_step: i64,
        /// The greatest share of an order that points may pay, in percent.
        pub payable_percent: i64,
        /// Whether tax, shipping, and the part paid with points earn points as well.
        pub earn_on_tax: bool,
        pub earn_on_shipping: bool,
        pub earn_on_points: bool,
        /// Days after delivery in which an order may be returned, and for which its points are pending. Empty: its points
        /// can be spent as soon as it is paid.
        pub return_window_days: Option<i64>,
        pub validity: ValidityKind,
        /// So many days or months, as the kind says.
        pub validity_count: i64,
        /// How long points are good that come back after their lot has expired; 0 forfeits them.
        pub grace_days: i64,
        pub shortfall: ShortfallPolicy,
        /// The most points a member may owe; what is more is written off. Empty is without limit.
        pub debt_limit: Option<i64>,
        /// The longest a hold may last.
        pub hold_minutes: i64,
        pub transfers: TransferPolicy,
        pub transfer_minimum: i64,
        /// The most points a member may give away in a day of the program's zone. Empty is without limit.
        pub transfer_daily_limit: Option<i64>,
        /// An adjustment of more points than this needs a second member of staff.
        pub approval_threshold: i64,
        /// Days after their expiry in which points may be reinstated.
        pub reinstatement_days: i64,
        /// The member of staff who made this version; empty for the first.
        pub author_id: Option<Uuid>,
        /// Members a household may have; 0 allows none.
        pub household_size: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// What a new database begins with: ten points a yuan, 100 points worth ¥1, rounded down, without expiry.
        pub fn usual(id: Uuid, created_at: i64) -> Model {
            Model {
                id,
                version: 1,
                name: "积分".to_owned(),
                currency: "CNY".to_owned(),
                earn_points: 10,
                earn_minor: 100,
                exchange_points: 100,
                exchange_minor: 100,
                rounding: RoundingKind::Floor,
                time_zone: "Asia/Shanghai".to_owned(),
                created_at,
                redemption_minimum: 1,
                redemption_step: 1,
                payable_percent: 100,
                earn_on_tax: true,
                earn_on_shipping: false,
                earn_on_points: false,
                return_window_days: None,
                validity: ValidityKind::None,
                validity_count: 0,
                grace_days: 30,
                shortfall: ShortfallPolicy::AllowDebt,
                debt_limit: None,
                hold_minutes: 60,
                transfers: TransferPolicy::Nobody,
                transfer_minimum: 1,
                transfer_daily_limit: None,
                approval_threshold: 10_000,
                reinstatement_days: 90,
                author_id: None,
                household_size: 0,
            }
        }
    }
}

/// The single lock of a member's points, or of a household's, and the balance in one look-up.
pub mod wallet {
    use sea_orm::entity::prelude::*;

    use super::HouseholdRole;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "wallet")]
    pub struct Model {
        /// The member's id, or the household's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        /// Available and held points together.
        pub posted: i64,
        pub pending: i64,
        pub held: i64,
        pub debt: i64,
        /// Points ever earned, less those that returns took back.
        pub lifetime: i64,
        /// The number of the last transaction.
        pub seq: i64,
        pub head_hash: Vec<u8>,
        /// When the last transaction took effect; the next is never earlier.
        pub effective_at: i64,
        /// No lot activates or expires, and no hold times out, before this; empty when nothing ever does.
        pub next_due: Option<i64>,
        /// The household the member earns into, and what they are in it. Kept here so that whoever holds the lock knows.
        pub household_id: Option<Uuid>,
        pub household_role: Option<HouseholdRole>,
        /// The wallet that has taken over everything of this one: whatever comes back to it goes there.
        pub merged_into: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One business event in one wallet.
pub mod txn {
    use sea_orm::entity::prelude::*;

    use super::{ActorKind, Cause, TxnKind};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "txn")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub program_id: Uuid,
        pub program_version: i64,
        pub seq: i64,
        pub kind: TxnKind,
        /// What the member sees: points that came (positive) or went.
        pub points: i64,
        pub available_after: i64,
        pub held_after: i64,
        pub pending_after: i64,
        pub debt_after: i64,
        pub cause: Cause,
        /// The order, redemption, … that made it; with its part and the kind it is unique in the wallet.
        pub source_id: Uuid,
        pub source_part: i64,
        pub reason: Option<String>,
        pub actor: ActorKind,
        pub actor_id: Option<Uuid>,
        pub reverses: Option<Uuid>,
        pub effective_at: i64,
        pub recorded_at: i64,
        pub prev_hash: Vec<u8>,
        pub hash: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One side of a transaction.
pub mod entry {
    use sea_orm::entity::prelude::*;

    use super::Account;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub txn_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub account: Account,
        pub points: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The points of one accrual. `granted = remaining + held + consumed + expired + revoked`.
pub mod lot {
    use sea_orm::entity::prelude::*;

    use super::LotState;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "lot")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub program_id: Uuid,
        /// The transaction that made it.
        pub txn_id: Uuid,
        pub state: LotState,
        pub granted: i64,
        pub remaining: i64,
        pub held: i64,
        pub consumed: i64,
        pub expired: i64,
        pub revoked: i64,
        /// Empty until it is known.
        pub activates_at: Option<i64>,
        /// Empty until it is known; a lot that never expires carries the largest instant.
        pub expires_at: Option<i64>,
        /// Of the expired points, those that were given again in another lot.
        pub reinstated: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Points that moved from one bucket of a lot to another.
pub mod allocation {
    use sea_orm::entity::prelude::*;

    use super::Bucket;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "allocation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub txn_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub lot_id: Uuid,
        /// Empty when the lot was granted them.
        pub taken_from: Option<Bucket>,
        pub given_to: Bucket,
        pub points: i64,
        /// For a reversal: the allocation it takes back.
        pub origin_txn_id: Option<Uuid>,
        pub origin_position: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Points set aside while a payment is open. `amount = captured + released + open`; which lots they are in, the
/// allocations of its transaction say.
pub mod hold {
    use sea_orm::entity::prelude::*;

    use super::ActorKind;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "hold")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub program_id: Uuid,
        /// The transaction that set them aside.
        pub txn_id: Uuid,
        pub amount: i64,
        pub captured: i64,
        pub released: i64,
        pub open: i64,
        /// How often it was captured from and released from: the parts of those transactions' sources.
        pub captures: i64,
        pub releases: i64,
        pub reason: Option<String>,
        pub actor: ActorKind,
        pub actor_id: Option<Uuid>,
        pub created_at: i64,
        pub expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
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

/// A correction of a member's points by the shop.
pub mod adjustment {
    use sea_orm::entity::prelude::*;

    use super::AdjustmentState;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "adjustment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Positive to give, negative to take.
        pub points: i64,
        pub reason: String,
        pub state: AdjustmentState,
        pub requested_by: Uuid,
        pub decided_by: Option<Uuid>,
        pub created_at: i64,
        pub decided_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Points that a member gave to another.
pub mod transfer {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "transfer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub to_member_id: Uuid,
        pub points: i64,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A wallet that was merged into another: a member's into the member who stays, a household's into the last who left.
pub mod merger {
    use sea_orm::entity::prelude::*;

    use super::ActorKind;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "merger")]
    pub struct Model {
        /// Whose wallet took over.
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose wallet was taken over.
        pub from_id: Uuid,
        /// Points handed over, pending ones too, and points owed.
        pub points: i64,
        pub debt: i64,
        pub reason: Option<String>,
        pub actor: ActorKind,
        pub actor_id: Option<Uuid>,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
