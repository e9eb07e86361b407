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
}

/// Who made a transaction happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActorKind {
    Member,
    System,
}

/// How a fraction of a point is rounded, once an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RoundingKind {
    Floor,
    HalfUp,
    Ceil,
}

/// A loyalty program in one of its versions.
pub mod program {
    use sea_orm::entity::prelude::*;

    use super::RoundingKind;

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
            }
        }
    }
}

/// The single lock of a member's points, and the balance in one look-up.
pub mod wallet {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "wallet")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        /// Available and held points together.
        pub posted: i64,
        pub pending: i64,
        pub held: i64,
        pub debt: i64,
        /// The number of the last transaction.
        pub seq: i64,
        pub head_hash: Vec<u8>,
        /// When the last transaction took effect; the next is never earlier.
        pub effective_at: i64,
        /// When a lot next activates or expires.
        pub next_due: Option<i64>,
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
