//! What staff expects of redemption, for the liability report.

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

const TABLES: [&str; 1] = ["CREATE TABLE redemption_estimate (
        program_id ID NOT NULL,
        id ID NOT NULL,
        millionths COUNT CHECK (millionths BETWEEN 0 AND 1000000),
        first_day WORD NOT NULL,
        reason TEXT NOT NULL,
        author_id ID NOT NULL,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (program_id, id)
    ) ;STRICT"];
