//! The members who run the shop, and which sessions are theirs.

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
    "CREATE TABLE staff (
        member_id ID NOT NULL PRIMARY KEY,
        created_at INSTANT NOT NULL
    ) ;STRICT",
    // Whether the member had the role when the session was opened: a request then needs no further look-up.
    "ALTER TABLE session ADD COLUMN staff FLAG NOT NULL DEFAULT FALSE",
];
