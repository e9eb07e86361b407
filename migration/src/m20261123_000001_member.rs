//! Members, the names that are unique among all of them, and their sessions.
//!
//! Personal data has tables of its own (`profile`, `credential`, `handle`), so that erasing a person touches nothing else.

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
    // The one table that is unique over all members: user names, e-mails, telephone numbers, order numbers, coupon codes.
    "CREATE TABLE handle (
        kind WORD NOT NULL,
        value WORD NOT NULL,
        member_id ID NOT NULL,
        subject_id ID NOT NULL,
        PRIMARY KEY (value, kind)
    ) ;STRICT",
    "CREATE TABLE member (
        id ID NOT NULL PRIMARY KEY,
        number WORD NOT NULL,
        imported FLAG NOT NULL,
        created_at INSTANT NOT NULL
    ) ;STRICT",
    "CREATE TABLE profile (
        member_id ID NOT NULL PRIMARY KEY,
        username TEXT,
        email TEXT,
        phone TEXT,
        name TEXT
    ) ;STRICT",
    "CREATE TABLE credential (
        member_id ID NOT NULL PRIMARY KEY,
        password_hash TEXT NOT NULL,
        changed_at INSTANT NOT NULL
    ) ;STRICT",
    // A family of refresh tokens. Only hashes are kept; the one before the current one stays good for a moment.
    "CREATE TABLE session (
        member_id ID NOT NULL,
        id ID NOT NULL,
        refresh_hash BYTES NOT NULL,
        previous_hash BYTES,
        previous_valid_until INSTANT,
        created_at INSTANT NOT NULL,
        expires_at INSTANT NOT NULL,
        revoked_at INSTANT,
        PRIMARY KEY (member_id, id)
    ) ;STRICT",
    // What a command answered, so that the same key gives the same answer again.
    "CREATE TABLE idempotency (
        member_id ID NOT NULL,
        operation WORD NOT NULL,
        key WORD NOT NULL,
        request_hash BYTES NOT NULL,
        result_id ID NOT NULL,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, operation, key)
    ) ;STRICT",
];
