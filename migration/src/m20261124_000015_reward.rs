//! Rewards that staff make and change: more kinds, a price with money, a window, who may and how often. Redemptions that can
//! be cancelled.

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

/// Two tables are written anew, since SQLite changes no CHECK. What is left out when a reward is entered by hand has the
/// value that every reward of before has: on offer, for everybody, at any time.
const TABLES: [&str; 20] = [
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
        CHECK (CASE kind WHEN 'COUPON' THEN coupon_value IS NOT NULL AND coupon_percent IS NULL
                         WHEN 'PERCENT_COUPON' THEN coupon_value IS NOT NULL AND coupon_percent IS NOT NULL
                         WHEN 'PRODUCT_COUPON' THEN product_id IS NOT NULL
                         WHEN 'PRODUCT' THEN product_id IS NOT NULL AND stock_id IS NOT NULL
                         ELSE kind = 'DONATION' END),
        CHECK (starts_at < ends_at),
        CHECK ((limit_period IS NULL) = (limit_pieces IS NULL))
    ) ;STRICT",
    "INSERT INTO new_reward (id, kind, name, description, points_price, currency, coupon_value, minimum_spend,
                             coupon_valid_days, product_id, stock_id, created_at)
     SELECT id, kind, name, description, points_price, currency, coupon_value, minimum_spend, coupon_valid_days,
            product_id, stock_id, created_at FROM reward",
    "DROP TABLE reward",
    "ALTER TABLE new_reward RENAME TO reward",
    "CREATE INDEX reward_price ON reward (points_price, id)",
    // What a reward was worth in the revisions before its present one, by which its coupons are proved.
    "CREATE TABLE past_reward (
        id ID NOT NULL,
        revision COUNT NOT NULL CHECK (revision > 0),
        kind WORD NOT NULL,
        points_price POINTS NOT NULL,
        money_price MONEY,
        currency WORD NOT NULL,
        coupon_value MONEY,
        coupon_percent COUNT,
        minimum_spend MONEY,
        coupon_valid_days COUNT,
        product_id ID,
        PRIMARY KEY (id, revision)
    ) ;STRICT",
    // A coupon bears its terms itself. One of a percentage has its ceiling in `value`, and one for a product has none.
    "CREATE TABLE new_coupon (
        member_id ID NOT NULL,
        id ID NOT NULL,
        code WORD NOT NULL,
        redemption_id ID NOT NULL,
        value MONEY CHECK (value > 0),
        percent COUNT CHECK (percent > 0 AND percent <= 10000),
        product_id ID,
        minimum_spend MONEY,
        currency WORD NOT NULL,
        expires_at INSTANT,
        used_at INSTANT,
        order_id ID,
        cancelled_at INSTANT,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id),
        CHECK (value IS NOT NULL OR product_id IS NOT NULL),
        CHECK ((used_at IS NULL) = (order_id IS NULL)),
        CHECK (used_at IS NULL OR cancelled_at IS NULL)
    ) ;STRICT",
    "INSERT INTO new_coupon (member_id, id, code, redemption_id, value, minimum_spend, currency, expires_at, used_at,
                             order_id, created_at)
     SELECT member_id, id, code, redemption_id, value, minimum_spend, currency, expires_at, used_at, order_id, created_at
     FROM coupon",
    "DROP TABLE coupon",
    "ALTER TABLE new_coupon RENAME TO coupon",
    "CREATE UNIQUE INDEX coupon_code ON coupon (member_id, code)",
    "CREATE INDEX coupon_redemption ON coupon (member_id, redemption_id)",
    "ALTER TABLE redemption ADD COLUMN reward_revision COUNT NOT NULL DEFAULT 1",
    "ALTER TABLE redemption ADD COLUMN money MONEY NOT NULL DEFAULT 0 CHECK (money >= 0)",
    // The pile its pieces came from, and the transaction that took its points: where they go back to.
    "ALTER TABLE redemption ADD COLUMN stock_id ID",
    "ALTER TABLE redemption ADD COLUMN txn_id ID",
    // The period of its member's limit in which it counts, and when that began.
    "ALTER TABLE redemption ADD COLUMN limit_period WORD",
    "ALTER TABLE redemption ADD COLUMN limit_from INSTANT",
    "ALTER TABLE redemption ADD COLUMN cancelled_at INSTANT",
    "UPDATE redemption SET
        stock_id = (SELECT w.stock_id FROM reward w WHERE w.id = redemption.reward_id),
        txn_id = (SELECT t.id FROM txn t
                  WHERE t.member_id = COALESCE(redemption.spent_from, redemption.member_id)
                  AND t.source_id = redemption.id AND t.kind = 'REDEMPTION' AND t.cause = 'REDEMPTION')",
];
