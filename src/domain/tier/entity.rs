//! Sets of tiers, what qualifies for them, and the history of each member's.

use sea_orm::entity::prelude::*;

/// What is measured against the thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Basis {
    /// Points earned by purchases and events.
    Points,
    /// Minor units paid with money.
    Spend,
    /// Purchases and events.
    Visits,
}

/// Over which days it is summed, in the program's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CountedOver {
    Lifetime,
    CalendarYear,
    /// A year from the day and month on which the member joined.
    Anniversary,
    /// The last so many days, today included.
    RollingDays,
}

/// How far a member falls who no longer qualifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Downgrade {
    OneDown,
    ToQualified,
}

/// What counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CountedAs {
    Order,
    /// A purchase of the past, on its own date.
    Import,
    Event,
    /// Takes off what the purchase counted.
    Return,
}

/// Why a member's tier changed, or was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Why {
    /// A threshold was reached.
    Qualified,
    /// It was judged on its day.
    Judged,
    /// What reached it was returned.
    Returned,
    /// The tiers themselves were changed.
    TiersChanged,
    /// The higher tier of a member who was merged into this one.
    Merged,
    /// Staff protected it, or no longer do.
    Protected,
}

impl Why {
    /// Its word in messages.
    pub fn word(self) -> &'static str {
        match self {
            Why::Qualified => "QUALIFIED",
            Why::Judged => "JUDGED",
            Why::Returned => "RETURNED",
            Why::TiersChanged => "TIERS_CHANGED",
            Why::Merged => "MERGED",
            Why::Protected => "PROTECTED",
        }
    }
}

/// A revision of the one set of tiers a program has.
pub mod tier_set {
    use sea_orm::entity::prelude::*;

    use super::{Basis, CountedOver, Downgrade};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tier_set")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i64,
        pub program_id: Uuid,
        /// The version of the program with which it came in force.
        pub version: i64,
        pub basis: Basis,
        pub counted_over: CountedOver,
        /// Days, for `ROLLING_DAYS`.
        pub counted_days: Option<i64>,
        pub downgrade: Downgrade,
        /// Days after the one on which a tier is judged until it is lost.
        pub grace_days: i64,
        /// Whether a tier is lost at once when what reached it is returned.
        pub undone_by_returns: bool,
        pub author_id: Uuid,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A tier in a revision of its set, the lowest first.
pub mod tier {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tier")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub set_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        /// The same in every revision.
        pub id: Uuid,
        pub code: String,
        pub name: String,
        /// In points, minor units or visits, as the set says.
        pub threshold: i64,
        /// Of the program's rate, in ten-thousandths.
        pub multiplier: i64,
        /// JSON (`rule::terms::Benefit`).
        pub benefits: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What counted towards a tier. Never changed.
pub mod qualifying {
    use sea_orm::entity::prelude::*;

    use super::CountedAs;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "qualifying")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        /// The order, the event or the return.
        #[sea_orm(primary_key, auto_increment = false)]
        pub source_id: Uuid,
        /// The order or the event that it is about.
        pub purchase_id: Uuid,
        pub what: CountedAs,
        pub points: i64,
        /// Minor units.
        pub spend: i64,
        pub visits: i64,
        /// The moment of the purchase …
        pub counted_at: i64,
        /// … and its local day, by its number since 1970.
        pub day: i64,
        pub recorded_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// All that counted on a day.
pub mod qualifying_day {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "qualifying_day")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        pub points: i64,
        pub spend: i64,
        pub visits: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A step of a member's history.
pub mod tier_change {
    use sea_orm::entity::prelude::*;

    use super::Why;
    use crate::domain::points::entity::ActorKind;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tier_change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        /// From 1 on, without a gap.
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        /// Empty is the lowest tier there was.
        pub from_id: Option<Uuid>,
        pub to_id: Option<Uuid>,
        pub why: Why,
        /// The revision of the tiers by which it was decided.
        pub set_revision: i64,
        pub reason: Option<String>,
        /// Until when it is protected after this.
        pub kept_until: Option<i64>,
        pub actor: ActorKind,
        pub actor_id: Option<Uuid>,
        pub effective_at: i64,
        pub recorded_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
