//! Orders, their lines and how they were paid.

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
    "CREATE TABLE \"order\" (
        member_id ID NOT NULL,
        id ID NOT NULL,
        number WORD NOT NULL,
        status WORD NOT NULL,
        imported FLAG NOT NULL,
        pieces COUNT NOT NULL CHECK (pieces >= 0),
        currency WORD NOT NULL,
        subtotal MONEY NOT NULL CHECK (subtotal >= 0),
        discount MONEY NOT NULL CHECK (discount >= 0 AND discount <= subtotal),
        total MONEY NOT NULL,
        points_earned POINTS NOT NULL CHECK (points_earned >= 0),
        coupon_id ID,
        placed_at INSTANT NOT NULL,
        recorded_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id),
        CHECK (total = subtotal - discount)
    ) ;STRICT",
    "CREATE TABLE order_line (
        member_id ID NOT NULL,
        order_id ID NOT NULL,
        position COUNT NOT NULL,
        product_id ID NOT NULL,
        quantity COUNT NOT NULL CHECK (quantity > 0),
        unit_price MONEY NOT NULL CHECK (unit_price >= 0),
        discount MONEY NOT NULL CHECK (discount >= 0),
        total MONEY NOT NULL CHECK (total = unit_price * quantity - discount),
        points_earned POINTS NOT NULL CHECK (points_earned >= 0),
        PRIMARY KEY (member_id, order_id, position)
    ) ;STRICT",
    "CREATE TABLE payment (
        member_id ID NOT NULL,
        order_id ID NOT NULL,
        position COUNT NOT NULL,
        method WORD NOT NULL,
        status WORD NOT NULL,
        amount MONEY NOT NULL CHECK (amount >= 0),
        currency WORD NOT NULL,
        captured_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, order_id, position)
    ) ;STRICT",
];
