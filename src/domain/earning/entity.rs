//! Earning rules, their budgets and uses, what each gave, and custom events.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether a revision of a rule holds. Between its dates, a rule in force is running; before, it is scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleState {
    /// Worked on; nobody earns by it.
    Draft,
    InForce,
    /// Interrupted by staff.
    Paused,
    /// Over for good.
    Ended,
}

/// How a rule goes with others that apply at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stacking {
    /// It gives beside all others.
    Stack,
    /// Of all rules of this kind, only the one that gives most does.
    Best,
    /// It gives alone.
    Exclusive,
}

/// A time for which a member's cap holds, in the program's zone.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Period {
    Ever,
    Day,
    /// From Monday on.
    Week,
    Month,
}

/// One revision of a rule.
pub mod earning_rule {
    use sea_orm::entity::prelude::*;

    use super::{RuleState, Stacking};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "earning_rule")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i64,
        pub program_id: Uuid,
        /// The version of the program with which it came in force; empty for a draft.
        pub version: Option<i64>,
        pub state: RuleState,
        pub name: String,
        pub description: String,
        /// The kind of event it is for; empty for purchases.
        pub event_type_id: Option<Uuid>,
        /// The larger, the earlier it comes.
        pub priority: i64,
        pub stacking: Stacking,
        pub starts_at: Option<i64>,
        /// The first moment at which it no longer holds.
        pub ends_at: Option<i64>,
        /// Condition, effect and caps (`rule::terms`).
        pub terms: String,
        pub budgeted: bool,
        pub author_id: Uuid,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The points that a rule may give to all members together. `granted = remaining + used`.
pub mod budget {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "budget")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub granted: i64,
        pub remaining: i64,
        pub used: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a rule has given a member in a period. A reward with a limit is counted here as well: so many pieces, and no points.
pub mod rule_use {
    use sea_orm::entity::prelude::*;

    use super::Period;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rule_use")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        /// The rule's, or the reward's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub rule_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub period: Period,
        #[sea_orm(primary_key, auto_increment = false)]
        pub starts_at: i64,
        pub points: i64,
        pub times: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a rule gave of what an order or an event earned.
pub mod earned_share {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "earned_share")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        /// The order or the event.
        #[sea_orm(primary_key, auto_increment = false)]
        pub source_id: Uuid,
        /// In the order in which the rules were applied.
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub rule_id: Uuid,
        pub revision: i64,
        /// What the rule would have given without caps and budget …
        pub due: i64,
        /// … what it gave …
        pub points: i64,
        /// … how much of that was demanded back by returns …
        pub clawed: i64,
        /// … and how much of this the shop gave up, which does not go back to the budget.
        pub written_off: i64,
        /// What the member's tier gave: then `rule_id` is the tier, and `revision` that of its set.
        pub of_tier: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A kind of event that members earn by, such as a check-in.
pub mod event_type {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_type")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub name: String,
        /// What is told of each event, and of what kind it is (`rule::attribute`).
        pub attributes: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Something a member did.
pub mod event {
    use sea_orm::entity::prelude::*;

    use crate::domain::points::entity::ActorKind;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub type_id: Uuid,
        /// The sender's name for it: the same is never recorded twice.
        pub unique_key: String,
        pub attributes: String,
        pub request_hash: Vec<u8>,
        pub points: i64,
        pub program_version: i64,
        /// The lot its points are in.
        pub lot_id: Option<Uuid>,
        pub actor: ActorKind,
        pub actor_id: Option<Uuid>,
        pub occurred_at: i64,
        pub recorded_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
