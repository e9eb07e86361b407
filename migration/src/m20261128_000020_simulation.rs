//! Simulations: drafts of the program, played over past orders by a worker.

use sea_orm_migration::prelude::*;

use crate::column::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const TABLES: [&str; 2] = [
    // Whoever works on one holds it for a while, and says so anew as it goes on. When it is not said any more, somebody
    // else takes it over.
    "CREATE TABLE simulation (
        id ID NOT NULL PRIMARY KEY,
        program_id ID NOT NULL,
        version COUNT NOT NULL,
        draft TEXT NOT NULL,
        state WORD NOT NULL,
        orders COUNT NOT NULL CHECK (orders >= 0),
        done COUNT NOT NULL CHECK (done >= 0),
        attempts COUNT NOT NULL CHECK (attempts >= 0),
        worker_id ID,
        held_until INSTANT,
        outcome TEXT,
        author_id ID NOT NULL,
        created_at INSTANT NOT NULL,
        finished_at INSTANT,
        CHECK ((state = 'RUNNING') = (worker_id IS NOT NULL AND held_until IS NOT NULL)),
        CHECK ((state = 'DONE') = (outcome IS NOT NULL)),
        CHECK ((state IN ('QUEUED', 'RUNNING')) = (finished_at IS NULL))
    ) ;STRICT",
    "CREATE INDEX simulation_open ON simulation (id) WHERE finished_at IS NULL",
];
