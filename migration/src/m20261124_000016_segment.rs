//! Segments: saved filters over members, and what they ask about that was not kept before: birthdays, and what members
//! have spent.

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

const TABLES: [&str; 6] = [
    // A day of the calendar, `1990-11-23`. Personal data, so it stands here and nowhere else.
    "ALTER TABLE profile ADD COLUMN birthday WORD",
    "CREATE INDEX profile_birth_month ON profile (substr(birthday, 6, 2)) WHERE birthday IS NOT NULL",
    // Money paid for orders and not given back. Kept under the wallet's lock, so that a segment reads one row a member.
    "ALTER TABLE wallet ADD COLUMN spent MONEY NOT NULL DEFAULT 0 CHECK (spent >= 0)",
    "UPDATE wallet SET spent = COALESCE((
        SELECT SUM(o.total - o.points_value - o.money_returned) FROM \"order\" o WHERE o.member_id = wallet.member_id), 0)",
    // What was bought in the last days is found by its date, whoever bought it.
    "CREATE INDEX order_placed ON \"order\" (placed_at, member_id)",
    "CREATE TABLE segment (
        id ID NOT NULL PRIMARY KEY,
        program_id ID NOT NULL,
        revision COUNT NOT NULL CHECK (revision > 0),
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        filter TEXT NOT NULL,
        author_id ID NOT NULL,
        created_at INSTANT NOT NULL,
        updated_at INSTANT NOT NULL
    ) ;STRICT",
];
