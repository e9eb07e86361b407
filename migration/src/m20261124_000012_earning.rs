//! Earning rules with their budgets and caps, what each of them gave, custom events, and what rules ask about: categories,
//! outlets and tags.

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

const TABLES: [&str; 22] = [
    "CREATE TABLE category (
        id ID NOT NULL PRIMARY KEY,
        slug WORD NOT NULL UNIQUE,
        name TEXT NOT NULL,
        created_at INSTANT NOT NULL
    ) ;STRICT",
    "ALTER TABLE product ADD COLUMN category_id ID",
    "CREATE TABLE outlet (
        id ID NOT NULL PRIMARY KEY,
        code WORD NOT NULL UNIQUE,
        name TEXT NOT NULL,
        created_at INSTANT NOT NULL
    ) ;STRICT",
    "CREATE TABLE member_tag (
        member_id ID NOT NULL,
        tag WORD NOT NULL,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, tag)
    ) ;STRICT",
    "CREATE INDEX member_tag_members ON member_tag (tag, member_id)",
    // Every save is a revision of its own. Those that hold bear the version of the program with which they came in force, so
    // that the version an order was decided with names the rules of that day as well.
    "CREATE TABLE earning_rule (
        id ID NOT NULL,
        revision COUNT NOT NULL CHECK (revision > 0),
        program_id ID NOT NULL,
        version COUNT,
        state WORD NOT NULL,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        event_type_id ID,
        priority COUNT NOT NULL,
        stacking WORD NOT NULL,
        starts_at INSTANT,
        ends_at INSTANT,
        terms TEXT NOT NULL,
        budgeted FLAG NOT NULL,
        author_id ID NOT NULL,
        created_at INSTANT NOT NULL,
        PRIMARY KEY (id, revision),
        CHECK ((state = 'DRAFT') = (version IS NULL)),
        CHECK (starts_at < ends_at)
    ) ;STRICT",
    "CREATE UNIQUE INDEX earning_rule_version ON earning_rule (program_id, version, id) WHERE version IS NOT NULL",
    // A pile of its own like stock, locked last and shortly. The id is the rule's.
    "CREATE TABLE budget (
        id ID NOT NULL PRIMARY KEY,
        granted POINTS NOT NULL CHECK (granted >= 0),
        remaining POINTS NOT NULL CHECK (remaining >= 0),
        used POINTS NOT NULL CHECK (used >= 0),
        CHECK (granted = remaining + used)
    ) ;STRICT",
    // What a rule has given a member in a period for which it has a cap.
    "CREATE TABLE rule_use (
        member_id ID NOT NULL,
        rule_id ID NOT NULL,
        period WORD NOT NULL,
        starts_at INSTANT NOT NULL,
        points POINTS NOT NULL CHECK (points >= 0),
        times COUNT NOT NULL CHECK (times >= 0),
        PRIMARY KEY (member_id, rule_id, period, starts_at)
    ) ;STRICT",
    // What each rule gave of what an order or an event earned; the rest is the program's own rate.
    "CREATE TABLE earned_share (
        member_id ID NOT NULL,
        source_id ID NOT NULL,
        position COUNT NOT NULL,
        rule_id ID NOT NULL,
        revision COUNT NOT NULL,
        due POINTS NOT NULL CHECK (due > 0),
        points POINTS NOT NULL CHECK (points >= 0 AND points <= due),
        clawed POINTS NOT NULL CHECK (clawed >= 0 AND clawed <= points),
        written_off POINTS NOT NULL CHECK (written_off >= 0 AND written_off <= clawed),
        PRIMARY KEY (member_id, source_id, position)
    ) ;STRICT",
    "CREATE TABLE event_type (
        id ID NOT NULL PRIMARY KEY,
        code WORD NOT NULL UNIQUE,
        name TEXT NOT NULL,
        attributes TEXT NOT NULL,
        created_at INSTANT NOT NULL
    ) ;STRICT",
    "CREATE TABLE event (
        member_id ID NOT NULL,
        id ID NOT NULL,
        type_id ID NOT NULL,
        unique_key WORD NOT NULL,
        attributes TEXT NOT NULL,
        request_hash BYTES NOT NULL,
        points POINTS NOT NULL CHECK (points >= 0),
        program_version COUNT NOT NULL,
        lot_id ID,
        actor WORD NOT NULL,
        actor_id ID,
        occurred_at INSTANT NOT NULL,
        recorded_at INSTANT NOT NULL,
        PRIMARY KEY (member_id, id)
    ) ;STRICT",
    "CREATE UNIQUE INDEX event_once ON event (member_id, type_id, unique_key)",
    // Orders that were not taken back as a whole: what a first order is, is known under the wallet's lock.
    "ALTER TABLE wallet ADD COLUMN purchases COUNT NOT NULL DEFAULT 0 CHECK (purchases >= 0)",
    "UPDATE wallet SET purchases = (
        SELECT count(*) FROM \"order\" o WHERE o.member_id = wallet.member_id AND o.status NOT IN ('CANCELLED', 'RETURNED'))",
    "ALTER TABLE \"order\" ADD COLUMN channel WORD",
    "ALTER TABLE \"order\" ADD COLUMN outlet_id ID",
    // What was known of the member when rules gave points, so that a return is reckoned with the same. Empty: none did.
    "ALTER TABLE \"order\" ADD COLUMN standing TEXT",
    // What a line was when it was bought: a product may be filed elsewhere later.
    "ALTER TABLE order_line ADD COLUMN sku WORD NOT NULL DEFAULT ''",
    "ALTER TABLE order_line ADD COLUMN category_id ID",
    "UPDATE order_line SET sku = (SELECT p.sku FROM product p WHERE p.id = order_line.product_id)",
    "CREATE INDEX product_category ON product (category_id, id) WHERE category_id IS NOT NULL",
];
