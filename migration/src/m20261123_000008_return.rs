//! Orders that are paid with points, delivered, and taken back in part or whole.

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

const TABLES: [&str; 19] = [
    // The version of the program the order was decided with: its return is decided with the same.
    "ALTER TABLE \"order\" ADD COLUMN program_version COUNT NOT NULL DEFAULT 1",
    // The lot its points are in.
    "ALTER TABLE \"order\" ADD COLUMN lot_id ID",
    "ALTER TABLE \"order\" ADD COLUMN points_paid POINTS NOT NULL DEFAULT 0 CHECK (points_paid >= 0)",
    "ALTER TABLE \"order\" ADD COLUMN points_value MONEY NOT NULL DEFAULT 0 CHECK (points_value >= 0)",
    // The transaction that took the points it was paid with.
    "ALTER TABLE \"order\" ADD COLUMN points_txn_id ID",
    // How often it was changed since it was placed: a preview is good for one revision.
    "ALTER TABLE \"order\" ADD COLUMN revision COUNT NOT NULL DEFAULT 0",
    "ALTER TABLE \"order\" ADD COLUMN delivered_at INSTANT",
    "ALTER TABLE \"order\" ADD COLUMN money_returned MONEY NOT NULL DEFAULT 0 CHECK (money_returned >= 0)",
    "ALTER TABLE \"order\" ADD COLUMN points_returned POINTS NOT NULL DEFAULT 0 CHECK (points_returned >= 0)",
    // Earned points demanded back, whether or not they were found.
    "ALTER TABLE \"order\" ADD COLUMN points_clawed POINTS NOT NULL DEFAULT 0 CHECK (points_clawed >= 0)",
    "ALTER TABLE order_line ADD COLUMN points_paid POINTS NOT NULL DEFAULT 0 CHECK (points_paid >= 0)",
    "ALTER TABLE order_line ADD COLUMN points_value MONEY NOT NULL DEFAULT 0 CHECK (points_value >= 0)",
    "ALTER TABLE order_line ADD COLUMN returned COUNT NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND quantity)",
    "ALTER TABLE order_line ADD COLUMN money_returned MONEY NOT NULL DEFAULT 0 CHECK (money_returned >= 0)",
    "ALTER TABLE order_line ADD COLUMN points_returned POINTS NOT NULL DEFAULT 0 CHECK (points_returned >= 0)",
    "UPDATE \"order\" SET lot_id = (
        SELECT l.id FROM txn t JOIN lot l ON l.member_id = t.member_id AND l.txn_id = t.id
        WHERE t.member_id = \"order\".member_id AND t.source_id = \"order\".id AND t.kind = 'ACCRUAL')",
    "CREATE TABLE order_return (
        member_id ID NOT NULL,
        id ID NOT NULL,
        order_id ID NOT NULL,
        revision COUNT NOT NULL,
        money MONEY NOT NULL CHECK (money >= 0),
        money_withheld MONEY NOT NULL CHECK (money_withheld >= 0),
        currency WORD NOT NULL,
        method WORD NOT NULL,
        points_given_back POINTS NOT NULL CHECK (points_given_back >= 0),
        points_forfeited POINTS NOT NULL CHECK (points_forfeited >= 0),
        points_clawed POINTS NOT NULL CHECK (points_clawed >= 0),
        points_missing POINTS NOT NULL CHECK (points_missing >= 0),
        points_written_off POINTS NOT NULL CHECK (points_written_off >= 0),
        points_settled POINTS NOT NULL CHECK (points_settled >= 0),
        restocked FLAG NOT NULL,
        reason TEXT,
        actor WORD NOT NULL,
        actor_id ID,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id)
    ) ;STRICT",
    "CREATE UNIQUE INDEX order_return_revision ON order_return (member_id, order_id, revision)",
    "CREATE TABLE order_return_line (
        member_id ID NOT NULL,
        return_id ID NOT NULL,
        position COUNT NOT NULL,
        quantity COUNT NOT NULL CHECK (quantity > 0),
        money MONEY NOT NULL CHECK (money >= 0),
        points POINTS NOT NULL CHECK (points >= 0),
        PRIMARY KEY (member_id, return_id, position)
    ) ;STRICT",
];
