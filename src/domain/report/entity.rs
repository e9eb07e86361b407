//! What staff said of the share of points that will be redeemed, what statistics add up, and days that are [`closed`].

use sea_orm::entity::prelude::*;

pub mod closed;

/// A number that statistics keep. Those of points are the house's accounts, each positive where points came or went the usual
/// way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Figure {
    Issued,
    Reinstated,
    Adjusted,
    WrittenOff,
    Settled,
    Redeemed,
    Expired,
    Revoked,
    /// Orders placed; not those of the past that were imported.
    Orders,
    /// Minor units of money that were paid for them.
    Spend,
    /// Minor units that returns gave back.
    Refunded,
    NewMembers,
    /// Of the points issued, those that a rule gave, and of these, those that returns took back.
    RuleGiven,
    RuleTakenBack,
    /// The same of what the multiplier of a tier gave.
    MultiplierGiven,
    MultiplierTakenBack,
}

/// What a figure came to on a day.
pub mod statistic {
    use sea_orm::entity::prelude::*;

    use super::Figure;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "statistic")]
    pub struct Model {
        /// Its number since 1970, in the program's zone when it was counted.
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub figure: Figure,
        /// The tier that the member had; nil for none.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tier_id: Uuid,
        /// The rule or tier that gave points; nil where the figure is of neither.
        #[sea_orm(primary_key, auto_increment = false)]
        pub source_id: Uuid,
        pub amount: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Somebody who earned or spent points on a day, in the tier that they had then.
pub mod active_member {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "active_member")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tier_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is expected from a day on. Rows are only ever added: the one of the latest day counts, and of one day the latest.
pub mod redemption_estimate {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "redemption_estimate")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// In millionths. Empty: reckoned from cohorts again.
        pub millionths: Option<i64>,
        /// The first day, as ISO 8601 writes it, in the program's zone.
        pub first_day: String,
        pub reason: String,
        pub author_id: Uuid,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
