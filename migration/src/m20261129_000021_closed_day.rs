//! Days of the books that are over for good, with what was recorded on them; and how to find what was recorded since.

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

// A day is its number since 1970 in the program's zone, and a month the number of its first day.
const TABLES: [&str; 8] = [
    "CREATE TABLE closed_day (
        program_id ID NOT NULL,
        day COUNT NOT NULL,
        ended_at INSTANT NOT NULL,
        PRIMARY KEY (program_id, day)
    ) ;STRICT",
    "CREATE TABLE closed_movement (
        program_id ID NOT NULL,
        day COUNT NOT NULL,
        account WORD NOT NULL,
        points COUNT NOT NULL,
        PRIMARY KEY (program_id, day, account)
    ) ;STRICT",
    "CREATE TABLE closed_fate (
        program_id ID NOT NULL,
        day COUNT NOT NULL,
        cohort COUNT NOT NULL,
        granted COUNT NOT NULL,
        redeemed COUNT NOT NULL,
        expired COUNT NOT NULL,
        withdrawn COUNT NOT NULL,
        PRIMARY KEY (program_id, day, cohort)
    ) ;STRICT",
    "CREATE TABLE closed_sale (
        program_id ID NOT NULL,
        day COUNT NOT NULL,
        price MONEY NOT NULL,
        points COUNT NOT NULL,
        PRIMARY KEY (program_id, day)
    ) ;STRICT",
    "CREATE TABLE closed_return (
        program_id ID NOT NULL,
        day COUNT NOT NULL,
        sold_in COUNT NOT NULL,
        price MONEY NOT NULL,
        points COUNT NOT NULL,
        PRIMARY KEY (program_id, day, sold_in)
    ) ;STRICT",
    // What comes last stands last, so keeping these costs a writer next to nothing.
    "CREATE INDEX txn_recorded ON txn (recorded_at)",
    "CREATE INDEX order_recorded ON \"order\" (recorded_at)",
    "CREATE INDEX order_return_created ON order_return (created_at)",
];
