//! The tax that is in a price, which may be kept from earning points.

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
    // In hundredths of a percent of the price without it: 1300 is 13 %. The price has it in.
    "ALTER TABLE product ADD COLUMN tax_rate COUNT NOT NULL DEFAULT 0 CHECK (tax_rate BETWEEN 0 AND 10000)",
    // As it was when the order was placed: a return is reckoned with the same.
    "ALTER TABLE order_line ADD COLUMN tax_rate COUNT NOT NULL DEFAULT 0 CHECK (tax_rate BETWEEN 0 AND 10000)",
];
