//! Tiers, the points that qualify for them, and what became of each member's.

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

const TABLES: [&str; 26] = [
    // Every save is a revision of its own, in force from a version of the program on, as with earning rules.
    "CREATE TABLE tier_set (
        id ID NOT NULL,
        revision COUNT NOT NULL CHECK (revision > 0),
        program_id ID NOT NULL,
        version COUNT NOT NULL,
        basis WORD NOT NULL,
        counted_over WORD NOT NULL,
        counted_days COUNT CHECK (counted_days > 0),
        downgrade WORD NOT NULL,
        grace_days COUNT NOT NULL CHECK (grace_days >= 0),
        undone_by_returns FLAG NOT NULL,
        author_id ID NOT NULL,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (id, revision),
        CHECK ((counted_over = 'ROLLING_DAYS') = (counted_days IS NOT NULL))
    ) ;STRICT",
    "CREATE UNIQUE INDEX tier_set_version ON tier_set (program_id, version)",
    // A program has one set.
    "CREATE UNIQUE INDEX tier_set_once ON tier_set (program_id) WHERE revision = 1",
    "CREATE TABLE tier (
        set_id ID NOT NULL,
        revision COUNT NOT NULL,
        position COUNT NOT NULL,
        id ID NOT NULL,
        code WORD NOT NULL,
        name TEXT NOT NULL,
        threshold COUNT NOT NULL CHECK (threshold >= 0),
        multiplier COUNT NOT NULL CHECK (multiplier >= 10000),
        benefits TEXT NOT NULL,
        PRIMARY KEY (set_id, revision, position),
        CHECK ((position = 0) = (threshold = 0))
    ) ;STRICT",
    "CREATE UNIQUE INDEX tier_revision ON tier (id, revision)",
    // What a purchase or an event counted towards a tier, in every measure at once, and what a return took off again on the
    // day of the purchase.
    "CREATE TABLE qualifying (
        member_id ID NOT NULL,
        source_id ID NOT NULL,
        purchase_id ID NOT NULL,
        what WORD NOT NULL,
        points POINTS NOT NULL,
        spend MONEY NOT NULL,
        visits COUNT NOT NULL,
        counted_at INSTANT NOT NULL,
        day COUNT NOT NULL,
        recorded_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, source_id)
    ) ;STRICT",
    // Their sums by local day, a day being its number since 1970. (A CHECK would be asked of the part of a return alone.)
    "CREATE TABLE qualifying_day (
        member_id ID NOT NULL,
        day COUNT NOT NULL,
        points POINTS NOT NULL,
        spend MONEY NOT NULL,
        visits COUNT NOT NULL,
        PRIMARY KEY (member_id, day)
    ) ;STRICT",
    "CREATE TABLE tier_change (
        member_id ID NOT NULL,
        position COUNT NOT NULL,
        from_id ID,
        to_id ID,
        why WORD NOT NULL,
        set_revision COUNT NOT NULL,
        reason TEXT,
        kept_until INSTANT,
        actor WORD NOT NULL,
        actor_id ID,
        effective_at INSTANT NOT NULL,
        recorded_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, position)
    ) ;STRICT",
    // Empty is the lowest tier there is.
    "ALTER TABLE wallet ADD COLUMN tier_id ID",
    "ALTER TABLE wallet ADD COLUMN tier_since INSTANT",
    // The day on which the tier is judged next, and until when it is kept whatever comes of that.
    "ALTER TABLE wallet ADD COLUMN tier_due INSTANT",
    "ALTER TABLE wallet ADD COLUMN tier_kept_until INSTANT",
    // What the tier stands on: the days whose sum reached it, and the tier of before.
    "ALTER TABLE wallet ADD COLUMN tier_before ID",
    "ALTER TABLE wallet ADD COLUMN tier_basis_from COUNT",
    "ALTER TABLE wallet ADD COLUMN tier_basis_to COUNT",
    // The revision of the set it was last reckoned by, and how many rows its history has.
    "ALTER TABLE wallet ADD COLUMN tier_revision COUNT NOT NULL DEFAULT 0",
    "ALTER TABLE wallet ADD COLUMN tier_changes COUNT NOT NULL DEFAULT 0",
    // When the member joined, from which anniversaries are counted.
    "ALTER TABLE wallet ADD COLUMN joined_at INSTANT NOT NULL DEFAULT 0",
    "UPDATE wallet SET joined_at = COALESCE((SELECT m.created_at FROM member m WHERE m.id = wallet.member_id), 0)",
    "CREATE INDEX wallet_tier_due ON wallet (tier_due, member_id) WHERE tier_due IS NOT NULL",
    "CREATE INDEX wallet_tier_revision ON wallet (tier_revision, member_id)",
    // What the member's tier gave of an order: then rule_id is the tier, and revision that of its set.
    "ALTER TABLE earned_share ADD COLUMN of_tier FLAG NOT NULL DEFAULT FALSE",
    // Purchases of before count on their day in UTC: SQL does not know the program's zone.
    "INSERT INTO qualifying (member_id, source_id, purchase_id, what, points, spend, visits, counted_at, day, recorded_at)
     SELECT member_id, id, id, CASE WHEN imported THEN 'IMPORT' ELSE 'ORDER' END, points_earned, total - points_value, 1,
            placed_at, placed_at / 86400000000, recorded_at FROM \"order\"",
    "INSERT INTO qualifying (member_id, source_id, purchase_id, what, points, spend, visits, counted_at, day, recorded_at)
     SELECT r.member_id, r.id, r.order_id, 'RETURN', -r.points_clawed, -(r.money + r.money_withheld),
            CASE WHEN o.status IN ('CANCELLED', 'RETURNED') AND r.revision = o.revision THEN -1 ELSE 0 END,
            o.placed_at, o.placed_at / 86400000000, r.created_at
     FROM order_return r JOIN \"order\" o ON o.member_id = r.member_id AND o.id = r.order_id",
    "INSERT INTO qualifying (member_id, source_id, purchase_id, what, points, spend, visits, counted_at, day, recorded_at)
     SELECT member_id, id, id, 'EVENT', points, 0, 1, occurred_at, occurred_at / 86400000000, recorded_at FROM event",
    "INSERT INTO qualifying_day (member_id, day, points, spend, visits)
     SELECT member_id, day, CAST(SUM(points) AS bigint), CAST(SUM(spend) AS bigint), CAST(SUM(visits) AS bigint)
     FROM qualifying GROUP BY member_id, day",
];
