//! The points ledger: the program, wallets, transactions, entries, lots, allocations and the outbox.

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

const TABLES: [&str; 11] = [
    "CREATE TABLE program (
        id ID NOT NULL,
        version COUNT NOT NULL,
        name TEXT NOT NULL,
        currency WORD NOT NULL,
        earn_points POINTS NOT NULL CHECK (earn_points >= 0),
        earn_minor MONEY NOT NULL CHECK (earn_minor > 0),
        exchange_points POINTS NOT NULL CHECK (exchange_points > 0),
        exchange_minor MONEY NOT NULL CHECK (exchange_minor > 0),
        rounding WORD NOT NULL,
        time_zone WORD NOT NULL,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (id, version)
    ) ;STRICT",
    // The single lock of a member and the balance in one look-up. 2147483647 is the largest GraphQL Int.
    "CREATE TABLE wallet (
        member_id ID NOT NULL,
        program_id ID NOT NULL,
        posted POINTS NOT NULL CHECK (posted BETWEEN 0 AND 2147483647),
        pending POINTS NOT NULL CHECK (pending BETWEEN 0 AND 2147483647),
        held POINTS NOT NULL CHECK (held >= 0 AND held <= posted),
        debt POINTS NOT NULL CHECK (debt BETWEEN 0 AND 2147483647),
        seq COUNT NOT NULL CHECK (seq >= 0),
        head_hash BYTES NOT NULL,
        effective_at INSTANT NOT NULL,
        next_due INSTANT,
        PRIMARY KEY (member_id, program_id)
    ) ;STRICT",
    "CREATE TABLE txn (
        member_id ID NOT NULL,
        id ID NOT NULL,
        program_id ID NOT NULL,
        program_version COUNT NOT NULL,
        seq COUNT NOT NULL CHECK (seq > 0),
        kind WORD NOT NULL,
        points POINTS NOT NULL,
        available_after POINTS NOT NULL CHECK (available_after >= 0),
        held_after POINTS NOT NULL CHECK (held_after >= 0),
        pending_after POINTS NOT NULL CHECK (pending_after >= 0),
        debt_after POINTS NOT NULL CHECK (debt_after >= 0),
        cause WORD NOT NULL,
        source_id ID NOT NULL,
        source_part COUNT NOT NULL,
        reason TEXT,
        actor WORD NOT NULL,
        actor_id ID,
        reverses ID,
        effective_at INSTANT NOT NULL,
        recorded_at INSTANT NOT NULL,
        prev_hash BYTES NOT NULL,
        hash BYTES NOT NULL,
        PRIMARY KEY (member_id, id)
    ) ;STRICT",
    "CREATE UNIQUE INDEX txn_seq ON txn (member_id, program_id, seq)",
    // The same business event can never be booked twice, whatever a client or a retry does.
    "CREATE UNIQUE INDEX txn_source ON txn (member_id, source_id, source_part, kind, program_id)",
    // The balance as of a moment is one look-up: effective_at never goes back along seq.
    "CREATE INDEX txn_effective ON txn (member_id, program_id, effective_at, seq)",
    "CREATE TABLE entry (
        member_id ID NOT NULL,
        txn_id ID NOT NULL,
        position COUNT NOT NULL,
        account WORD NOT NULL,
        points POINTS NOT NULL CHECK (points <> 0),
        PRIMARY KEY (member_id, txn_id, position)
    ) ;STRICT",
    "CREATE TABLE lot (
        member_id ID NOT NULL,
        id ID NOT NULL,
        program_id ID NOT NULL,
        txn_id ID NOT NULL,
        state WORD NOT NULL,
        granted POINTS NOT NULL CHECK (granted > 0),
        remaining POINTS NOT NULL CHECK (remaining >= 0),
        held POINTS NOT NULL CHECK (held >= 0),
        consumed POINTS NOT NULL CHECK (consumed >= 0),
        expired POINTS NOT NULL CHECK (expired >= 0),
        revoked POINTS NOT NULL CHECK (revoked >= 0),
        activates_at INSTANT,
        expires_at INSTANT,
        PRIMARY KEY (member_id, id),
        CHECK (granted = remaining + held + consumed + expired + revoked)
    ) ;STRICT",
    // In the order in which points are spent; never-expiring lots carry the largest instant.
    "CREATE INDEX lot_spend ON lot (member_id, program_id, expires_at, activates_at, id) WHERE remaining > 0",
    "CREATE TABLE allocation (
        member_id ID NOT NULL,
        txn_id ID NOT NULL,
        position COUNT NOT NULL,
        lot_id ID NOT NULL,
        taken_from WORD,
        given_to WORD NOT NULL,
        points POINTS NOT NULL CHECK (points > 0),
        origin_txn_id ID,
        origin_position COUNT,
        PRIMARY KEY (member_id, txn_id, position)
    ) ;STRICT",
    "CREATE TABLE outbox (
        member_id ID NOT NULL,
        id ID NOT NULL,
        topic WORD NOT NULL,
        wallet_seq COUNT NOT NULL,
        payload TEXT NOT NULL,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id)
    ) ;STRICT",
];
