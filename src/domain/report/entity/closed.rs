//! Days of the books that are over for good: when each ended, and what was recorded on it. Rows are only ever added, all of a
//! day at once. A day is its number since 1970, and a month the number of its first day.

/// A day that is closed. They follow one another without a gap.
pub mod day {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "closed_day")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        /// The moment at which the next one began, by the zone that the program had then.
        pub ended_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What was booked on one of the house's accounts.
pub mod movement {
    use sea_orm::entity::prelude::*;

    use crate::domain::points::entity::Account;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "closed_movement")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: Account,
        pub points: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What became of points that came in a month, the cohort's.
pub mod fate {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "closed_fate")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub cohort: i64,
        pub granted: i64,
        pub redeemed: i64,
        pub expired: i64,
        pub withdrawn: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What was paid with money for orders, in minor units, and the points they earned.
pub mod sale {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "closed_sale")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        pub price: i64,
        pub points: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What returns gave back and took back of the sales of a month.
pub mod returned {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "closed_return")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sold_in: i64,
        pub price: i64,
        pub points: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
