//! Simulations.

use sea_orm::entity::prelude::*;

/// Where a simulation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SimulationState {
    /// It waits for a worker.
    Queued,
    Running,
    Done,
    /// Given up: every worker that took it on came to grief.
    Failed,
    /// Called off by staff.
    Cancelled,
}

/// A draft that is played over past orders, and what came of it.
pub mod simulation {
    use sea_orm::entity::prelude::*;

    use super::SimulationState;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "simulation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub program_id: Uuid,
        /// The version of the program that the draft is a change of.
        pub version: i64,
        /// What is different, and the days (`rule::draft`).
        pub draft: String,
        pub state: SimulationState,
        /// Orders in these days when it began, and those that have been played.
        pub orders: i64,
        pub done: i64,
        /// How often a worker took it on.
        pub attempts: i64,
        /// Who works on it, and until when nobody else does.
        pub worker_id: Option<Uuid>,
        pub held_until: Option<i64>,
        /// What came of it (`rule::outcome`).
        pub outcome: Option<String>,
        pub author_id: Uuid,
        pub created_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
