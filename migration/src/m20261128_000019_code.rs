//! Rewards that give out single-use codes of the shop's partner, and prices of rewards by tier.

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

/// Rewards are written anew, since SQLite changes no CHECK. There are never many.
const TABLES: [&str; 12] = [
    "CREATE TABLE new_reward (
        id ID NOT NULL PRIMARY KEY,
        revision COUNT NOT NULL DEFAULT 1 CHECK (revision > 0),
        state WORD NOT NULL DEFAULT 'OFFERED',
        kind WORD NOT NULL,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        image_url TEXT,
        points_price POINTS NOT NULL CHECK (points_price > 0),
        money_price MONEY CHECK (money_price > 0),
        currency WORD NOT NULL,
        coupon_value MONEY CHECK (coupon_value > 0),
        coupon_percent COUNT CHECK (coupon_percent > 0 AND coupon_percent <= 10000),
        minimum_spend MONEY CHECK (minimum_spend > 0),
        coupon_valid_days COUNT CHECK (coupon_valid_days > 0),
        product_id ID,
        stock_id ID,
        starts_at INSTANT,
        ends_at INSTANT,
        audience TEXT,
        limit_period WORD,
        limit_pieces COUNT CHECK (limit_pieces > 0),
        created_at INSTANT NOT NULL,
        tier_prices COUNT NOT NULL DEFAULT 0 CHECK (tier_prices >= 0),
        CHECK (CASE kind WHEN 'COUPON' THEN coupon_value IS NOT NULL AND coupon_percent IS NULL
                         WHEN 'PERCENT_COUPON' THEN coupon_value IS NOT NULL AND coupon_percent IS NOT NULL
                         WHEN 'PRODUCT_COUPON' THEN product_id IS NOT NULL
                         WHEN 'PRODUCT' THEN product_id IS NOT NULL AND stock_id IS NOT NULL
                         WHEN 'CODE' THEN stock_id IS NOT NULL AND stock_id = id
                         ELSE kind = 'DONATION' END),
        CHECK (starts_at < ends_at),
        CHECK ((limit_period IS NULL) = (limit_pieces IS NULL))
    ) ;STRICT",
    "INSERT INTO new_reward (id, revision, state, kind, name, description, image_url, points_price, money_price, currency,
                             coupon_value, coupon_percent, minimum_spend, coupon_valid_days, product_id, stock_id,
                             starts_at, ends_at, audience, limit_period, limit_pieces, created_at)
     SELECT id, revision, state, kind, name, description, image_url, points_price, money_price, currency, coupon_value,
            coupon_percent, minimum_spend, coupon_valid_days, product_id, stock_id, starts_at, ends_at, audience,
            limit_period, limit_pieces, created_at FROM reward",
    "DROP TABLE reward",
    "ALTER TABLE new_reward RENAME TO reward",
    "CREATE INDEX reward_price ON reward (points_price, id)",
    // The codes of a reward in the order in which they are given out: by the number that a redemption takes them, under the
    // lock of the reward's pile. They belong to the shop, so their keys do not begin with a member; a redemption keeps its
    // id when its member is merged into another, and so its codes stay with it.
    "CREATE TABLE reward_code (
        reward_id ID NOT NULL,
        position COUNT NOT NULL CHECK (position > 0),
        code WORD NOT NULL,
        batch_id ID NOT NULL,
        added_at INSTANT NOT NULL,
        redemption_id ID,
        PRIMARY KEY (reward_id, position)
    ) ;STRICT",
    "CREATE UNIQUE INDEX reward_code_once ON reward_code (code)",
    "CREATE INDEX reward_code_batch ON reward_code (batch_id)",
    "CREATE INDEX reward_code_given ON reward_code (redemption_id) WHERE redemption_id IS NOT NULL",
    // A reward may be given out to its last code but a few: these are found without reading all that went before.
    "CREATE INDEX reward_code_left ON reward_code (reward_id, position) WHERE redemption_id IS NULL",
    // What a reward costs members of a tier, in every revision that it had; `tier_prices` counts those of the present one.
    "CREATE TABLE tier_price (
        reward_id ID NOT NULL,
        revision COUNT NOT NULL,
        tier_id ID NOT NULL,
        points_price POINTS NOT NULL CHECK (points_price > 0),
        money_price MONEY CHECK (money_price > 0),
        PRIMARY KEY (reward_id, revision, tier_id)
    ) ;STRICT",
    // The tier whose price was paid; empty for the price of everybody.
    "ALTER TABLE redemption ADD COLUMN priced_for ID",
];
