//! Everything a shop sets about its program. A program of before keeps behaving as it did.

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

const TABLES: [&str; 20] = [
    "ALTER TABLE program ADD COLUMN redemption_minimum POINTS NOT NULL DEFAULT 1 CHECK (redemption_minimum > 0)",
    "ALTER TABLE program ADD COLUMN redemption_step POINTS NOT NULL DEFAULT 1 CHECK (redemption_step > 0)",
    "ALTER TABLE program ADD COLUMN payable_percent COUNT NOT NULL DEFAULT 100 CHECK (payable_percent BETWEEN 0 AND 100)",
    "ALTER TABLE program ADD COLUMN earn_on_tax FLAG NOT NULL DEFAULT TRUE",
    "ALTER TABLE program ADD COLUMN earn_on_shipping FLAG NOT NULL DEFAULT FALSE",
    "ALTER TABLE program ADD COLUMN earn_on_points FLAG NOT NULL DEFAULT FALSE",
    // Empty: points can be spent as soon as the order is paid.
    "ALTER TABLE program ADD COLUMN return_window_days COUNT CHECK (return_window_days >= 0)",
    "ALTER TABLE program ADD COLUMN validity WORD NOT NULL DEFAULT 'NONE'",
    "ALTER TABLE program ADD COLUMN validity_count COUNT NOT NULL DEFAULT 0 CHECK (validity_count >= 0)",
    "ALTER TABLE program ADD COLUMN grace_days COUNT NOT NULL DEFAULT 30 CHECK (grace_days >= 0)",
    "ALTER TABLE program ADD COLUMN shortfall WORD NOT NULL DEFAULT 'ALLOW_DEBT'",
    "ALTER TABLE program ADD COLUMN debt_limit POINTS CHECK (debt_limit >= 0)",
    "ALTER TABLE program ADD COLUMN hold_minutes COUNT NOT NULL DEFAULT 60 CHECK (hold_minutes > 0)",
    "ALTER TABLE program ADD COLUMN transfers WORD NOT NULL DEFAULT 'NOBODY'",
    "ALTER TABLE program ADD COLUMN transfer_minimum POINTS NOT NULL DEFAULT 1 CHECK (transfer_minimum > 0)",
    "ALTER TABLE program ADD COLUMN transfer_daily_limit POINTS CHECK (transfer_daily_limit > 0)",
    "ALTER TABLE program ADD COLUMN approval_threshold POINTS NOT NULL DEFAULT 10000 CHECK (approval_threshold >= 0)",
    "ALTER TABLE program ADD COLUMN reinstatement_days COUNT NOT NULL DEFAULT 90 CHECK (reinstatement_days >= 0)",
    // The member of staff who made this version; empty for the first.
    "ALTER TABLE program ADD COLUMN author_id ID",
    // What the worker looks for: wallets in which something is due.
    "CREATE INDEX wallet_due ON wallet (next_due, member_id) WHERE next_due IS NOT NULL",
];
