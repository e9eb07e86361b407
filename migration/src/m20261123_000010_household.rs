//! Households, whose members earn into one wallet, and members who were merged into another.

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

const TABLES: [&str; 15] = [
    // Members a household may have; 0 allows none.
    "ALTER TABLE program ADD COLUMN household_size COUNT NOT NULL DEFAULT 0",
    // Whose wallet the member earns into, and as what; the household's own wallet bears its id as member_id.
    "ALTER TABLE wallet ADD COLUMN household_id ID",
    "ALTER TABLE wallet ADD COLUMN household_role WORD",
    // The wallet that has taken over everything of this one.
    "ALTER TABLE wallet ADD COLUMN merged_into ID",
    "CREATE INDEX wallet_merged ON wallet (merged_into) WHERE merged_into IS NOT NULL",
    // The names that a member keeps when they are merged into another, by member.
    "CREATE INDEX handle_number ON handle (member_id) WHERE kind IN ('EXTERNAL_REF', 'MEMBER_NUMBER')",
    // Whose wallet an order earned into and was paid from, and a redemption was taken from: empty is its member's own.
    "ALTER TABLE \"order\" ADD COLUMN earned_in ID",
    "ALTER TABLE \"order\" ADD COLUMN spent_from ID",
    "ALTER TABLE redemption ADD COLUMN spent_from ID",
    "CREATE TABLE household (
        id ID NOT NULL,
        name TEXT NOT NULL,
        created_by ID NOT NULL,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (id)
    ) ;STRICT",
    "CREATE TABLE household_member (
        member_id ID NOT NULL,
        household_id ID NOT NULL,
        role WORD NOT NULL,
        state WORD NOT NULL,
        invited_by ID NOT NULL,
        created_at INSTANT NOT NULL,
        joined_at INSTANT,
        PRIMARY KEY (member_id, household_id),
        CHECK ((state = 'INVITED') = (joined_at IS NULL))
    ) ;STRICT",
    "CREATE INDEX household_member_list ON household_member (household_id)",
    // Nobody is in two households at a time.
    "CREATE UNIQUE INDEX household_member_once ON household_member (member_id) WHERE state = 'JOINED'",
    "CREATE TABLE merger (
        member_id ID NOT NULL,
        id ID NOT NULL,
        from_id ID NOT NULL,
        points POINTS NOT NULL CHECK (points >= 0),
        debt POINTS NOT NULL CHECK (debt >= 0),
        reason TEXT,
        actor WORD NOT NULL,
        actor_id ID,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id),
        CHECK (member_id <> from_id)
    ) ;STRICT",
    "CREATE UNIQUE INDEX merger_once ON merger (from_id)",
];
