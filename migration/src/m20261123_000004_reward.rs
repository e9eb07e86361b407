//! What points are redeemed for, and the coupons members hold.

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
    "CREATE TABLE reward (
        id ID NOT NULL PRIMARY KEY,
        kind WORD NOT NULL,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        points_price POINTS NOT NULL CHECK (points_price > 0),
        currency WORD NOT NULL,
        coupon_value MONEY CHECK (coupon_value > 0),
        minimum_spend MONEY CHECK (minimum_spend > 0),
        coupon_valid_days COUNT CHECK (coupon_valid_days > 0),
        product_id ID,
        stock_id ID,
        created_at INSTANT NOT NULL,
        CHECK ((kind = 'COUPON' AND coupon_value IS NOT NULL) OR (kind = 'PRODUCT' AND product_id IS NOT NULL AND stock_id IS NOT NULL))
    ) ;STRICT",
    "CREATE INDEX reward_price ON reward (points_price, id)",
    "CREATE TABLE redemption (
        member_id ID NOT NULL,
        id ID NOT NULL,
        reward_id ID NOT NULL,
        quantity COUNT NOT NULL CHECK (quantity > 0),
        points POINTS NOT NULL CHECK (points > 0),
        created_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id)
    ) ;STRICT",
    "CREATE TABLE coupon (
        member_id ID NOT NULL,
        id ID NOT NULL,
        code WORD NOT NULL,
        redemption_id ID NOT NULL,
        value MONEY NOT NULL CHECK (value > 0),
        minimum_spend MONEY,
        currency WORD NOT NULL,
        expires_at INSTANT,
        used_at INSTANT,
        order_id ID,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id),
        CHECK ((used_at IS NULL) = (order_id IS NULL))
    ) ;STRICT",
    "CREATE UNIQUE INDEX coupon_code ON coupon (member_id, code)",
    "CREATE INDEX coupon_redemption ON coupon (member_id, redemption_id)",
];
