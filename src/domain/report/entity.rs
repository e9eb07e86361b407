//! What staff said of the share of points that will be redeemed.

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
