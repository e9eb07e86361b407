//! Points set aside, given away and corrected; and the look-ups of lots that wait and of what was taken back.

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

const TABLES: [&str; 10] = [
    "ALTER TABLE wallet ADD COLUMN lifetime COUNT NOT NULL DEFAULT 0",
    "UPDATE wallet SET lifetime = COALESCE((
        SELECT -SUM(e.points) FROM txn t JOIN entry e ON e.member_id = t.member_id AND e.txn_id = t.id
        WHERE t.member_id = wallet.member_id AND t.program_id = wallet.program_id
          AND e.account IN ('ISSUED', 'REVOKED')), 0)",
    "ALTER TABLE lot ADD COLUMN reinstated POINTS NOT NULL DEFAULT 0 CHECK (reinstated BETWEEN 0 AND expired)",
    "CREATE TABLE hold (
        member_id ID NOT NULL,
        id ID NOT NULL,
        program_id ID NOT NULL,
        txn_id ID NOT NULL,
        amount POINTS NOT NULL CHECK (amount > 0),
        captured POINTS NOT NULL CHECK (captured >= 0),
        released POINTS NOT NULL CHECK (released >= 0),
        open POINTS NOT NULL CHECK (open >= 0),
        captures COUNT NOT NULL,
        releases COUNT NOT NULL,
        reason TEXT,
        actor WORD NOT NULL,
        actor_id ID,
        created_at INSTANT NOT NULL,
        expires_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id),
        CHECK (amount = captured + released + open)
    ) ;STRICT",
    "CREATE INDEX hold_open ON hold (member_id, program_id, expires_at) WHERE open > 0",
    "CREATE INDEX lot_pending ON lot (member_id, program_id, activates_at) WHERE state = 'PENDING'",
    "CREATE INDEX allocation_origin ON allocation (member_id, origin_txn_id) WHERE origin_txn_id IS NOT NULL",
    "CREATE TABLE adjustment (
        member_id ID NOT NULL,
        id ID NOT NULL,
        points POINTS NOT NULL CHECK (points <> 0),
        reason TEXT NOT NULL,
        state WORD NOT NULL,
        requested_by ID NOT NULL,
        decided_by ID,
        created_at INSTANT NOT NULL,
        decided_at INSTANT,
        PRIMARY KEY (member_id, id),
        CHECK (state <> 'BOOKED' OR decided_by IS NULL OR decided_by <> requested_by)
    ) ;STRICT",
    "CREATE TABLE transfer (
        member_id ID NOT NULL,
        id ID NOT NULL,
        to_member_id ID NOT NULL,
        points POINTS NOT NULL CHECK (points > 0),
        created_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id),
        CHECK (member_id <> to_member_id)
    ) ;STRICT",
    // Those that wait for a second member of staff.
    "CREATE INDEX adjustment_requested ON adjustment (id) WHERE state = 'REQUESTED'",
];
