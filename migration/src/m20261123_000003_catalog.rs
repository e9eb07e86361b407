//! What a shop sells, and how much of it is left.

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

const TABLES: [&str; 3] = [
    "CREATE TABLE product (
        id ID NOT NULL PRIMARY KEY,
        sku WORD NOT NULL UNIQUE,
        slug WORD NOT NULL UNIQUE,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        price MONEY NOT NULL CHECK (price >= 0),
        currency WORD NOT NULL,
        image_url TEXT,
        created_at INSTANT NOT NULL
    ) ;STRICT",
    "CREATE INDEX product_price ON product (price, id)",
    // A pile of its own, locked last and shortly. The id is the product or the limited reward it belongs to.
    "CREATE TABLE stock (
        id ID NOT NULL PRIMARY KEY,
        granted COUNT NOT NULL CHECK (granted >= 0),
        remaining COUNT NOT NULL CHECK (remaining >= 0),
        used COUNT NOT NULL CHECK (used >= 0),
        CHECK (granted = remaining + used)
    ) ;STRICT",
];
