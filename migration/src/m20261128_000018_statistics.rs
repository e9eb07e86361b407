//! Statistics of the program: what events are added up in, and a mark on each event that has not been counted yet.

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
    // A day is its number since 1970, in the program's zone. No tier or source is the nil id, since a key has no gaps.
    "CREATE TABLE statistic (
        day COUNT NOT NULL,
        figure WORD NOT NULL,
        tier_id ID NOT NULL,
        source_id ID NOT NULL,
        amount COUNT NOT NULL,
        PRIMARY KEY (day, figure, tier_id, source_id)
    ) ;STRICT",
    // By day first, so that who was active in a period is read in one stretch, and a member is in it once a day.
    "CREATE TABLE active_member (
        day COUNT NOT NULL,
        member_id ID NOT NULL,
        tier_id ID NOT NULL,
        PRIMARY KEY (day, member_id, tier_id)
    ) ;STRICT",
    // What the books hold of a figure beyond the events that tell it in full: all that was there when statistics began. An
    // event of before that is counted after all is taken off again.
    "CREATE TABLE uncounted_past (
        figure WORD NOT NULL,
        amount COUNT NOT NULL,
        PRIMARY KEY (figure)
    ) ;STRICT",
    "INSERT INTO uncounted_past (figure, amount)
     SELECT account, SUM(CASE WHEN account IN ('REDEEMED', 'EXPIRED', 'REVOKED') THEN points ELSE -points END)
     FROM entry WHERE account NOT IN ('AVAILABLE', 'HELD', 'PENDING', 'DEBT', 'TRANSFER') GROUP BY account
     UNION ALL SELECT 'ORDERS', count(*) FROM \"order\" WHERE NOT imported
     UNION ALL SELECT 'SPEND', COALESCE(SUM(total - points_value), 0) FROM \"order\" WHERE NOT imported
     UNION ALL SELECT 'REFUNDED', COALESCE(SUM(money), 0) FROM order_return
     UNION ALL SELECT 'NEW_MEMBERS', count(*) FROM member
     UNION ALL SELECT CASE WHEN of_tier THEN 'MULTIPLIER_GIVEN' ELSE 'RULE_GIVEN' END, SUM(points)
     FROM earned_share GROUP BY of_tier
     UNION ALL SELECT CASE WHEN of_tier THEN 'MULTIPLIER_TAKEN_BACK' ELSE 'RULE_TAKEN_BACK' END, SUM(clawed)
     FROM earned_share GROUP BY of_tier",
    // Events of before are counted too, by what they tell. The mark goes when an event is counted.
    "ALTER TABLE outbox ADD COLUMN uncounted WORD DEFAULT 'IN_BRIEF'",
    "CREATE INDEX outbox_uncounted ON outbox (created_at) WHERE uncounted IS NOT NULL",
];
