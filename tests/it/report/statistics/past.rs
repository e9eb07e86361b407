//! A shop of before there were statistics.

use jifen::db::migrate::migrate;
use jifen::domain::points::entity::ValidityKind;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{rows, told};
use crate::world::{World, both_databases};

both_databases!(events_of_before_are_counted_by_what_they_tell);

/// Takes away what the migration made, and migrates anew.
async fn begin_statistics(world: &World) {
    let db = &world.app.db;
    for sql in [
        "DROP INDEX outbox_uncounted",
        "ALTER TABLE outbox DROP COLUMN uncounted",
        "DROP TABLE statistic",
        "DROP TABLE active_member",
        "DROP TABLE uncounted_past",
        "DELETE FROM seaql_migrations WHERE version = 'm20261128_000018_statistics'",
    ] {
        db.write.execute_unprepared(sql).await.expect("what the migration made");
    }
    assert_eq!(migrate(db, &world.database.location).await.expect("a migration"), 1);
}

async fn events_of_before_are_counted_by_what_they_tell(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(50).await;
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, 1)).await;
    let (member, staff) = (world.member().await, world.staff().await);
    staff.rule(json!({ "name": "Ten more", "effect": { "bonus": 10 } })).await;
    let order = member.place_order(&[(&tea, 2)]).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    world.wait_days(2);
    assert_eq!(world.sweep().await, 1);
    begin_statistics(&world).await;
    // What was there is accounted for before and after it is counted, and so is what comes.
    world.assert_balanced().await;
    member.another_session().await.place_order(&[(&tea, 1)]).await.expect_ok();
    world.assert_balanced().await;
    assert!(world.count().await > 0);
    let staff = world.staff().await;
    let days = rows(&staff, ("2026-11-23", "2026-11-25"), "DAY", "NONE").await;
    let first = json!({
        "issued": "210", "redeemed": "50", "takenBack": "100", "activeMembers": "1", "orders": "1", "newMembers": "2",
        "spend": "20.00", "refunded": "10.00",
    });
    assert_eq!(told(&days[0]), first);
    // That points expired was told by nobody then.
    assert_eq!(told(&days[2]), json!({ "issued": "110", "activeMembers": "1", "orders": "1", "spend": "10.00" }));
    let given = rows(&staff, ("2026-11-25", "2026-11-25"), "DAY", "RULE").await;
    assert_eq!((&given[1]["rule"]["name"], &given[1]["issued"]), (&json!("Ten more"), &json!("10")));
}
