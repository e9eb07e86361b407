//! What an account shows: balances, lots, deadlines, and which purchase's points paid for what.

use serde_json::json;

use crate::world::{World, both_databases};
use jifen::domain::points::entity::ValidityKind;

both_databases!(
    an_account_shows_its_lots_and_deadlines,
    pending_points_have_a_deadline_once_it_is_known,
    an_entry_names_the_purchases_that_paid,
);

const LOTS: &str = "{ me { pointsAccount { active pending held debt lifetime
    expiring { points expiresAt }
    lots(open: true) { totalCount nodes { granted remaining consumed expired state expiresAt entry { order { number } } } } } } }";

async fn an_account_shows_its_lots_and_deadlines(world: World) {
    let tea = world.product("tea").price("100.00").await;
    let member = world.member().await;
    // One lot that never expires, then two that do, on different days.
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, 2)).await;
    member.place_order(&[(&tea, 2)]).await.expect_ok();
    world.wait_days(1);
    let member = member.another_session().await;
    member.place_order(&[(&tea, 3)]).await.expect_ok();
    let reward = world.coupon_reward(100).await;
    member.redeem(&reward).times(7).await.expect_ok();
    let data = member.query(LOTS).await;
    let account = &data["me"]["pointsAccount"];
    let totals = [&account["active"], &account["pending"], &account["held"], &account["debt"], &account["lifetime"]];
    assert_eq!(json!(totals), json!([5_300, 0, 0, 0, "6000"]));
    let expected = json!([
        { "points": 1_300, "expiresAt": "2026-11-25T16:00:00Z" },
        { "points": 3_000, "expiresAt": "2026-11-26T16:00:00Z" },
    ]);
    assert_eq!(account["expiring"], expected, "what expires first was spent first");
    assert_eq!(account["lots"]["totalCount"], 3);
    let remaining: Vec<_> = account["lots"]["nodes"].as_array().unwrap().iter().map(|lot| &lot["remaining"]).collect();
    assert_eq!(json!(remaining), json!([3_000, 1_300, 1_000]), "newest first");
    assert_eq!(account["lots"]["nodes"][2]["expiresAt"], json!(null), "a lot that never expires says so");
}

async fn pending_points_have_a_deadline_once_it_is_known(world: World) {
    world
        .program(|program| {
            (program.validity, program.validity_count) = (ValidityKind::Days, 30);
            program.return_window_days = Some(7);
        })
        .await;
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    let dates =
        "{ me { pointsAccount { active pending expiring { points expiresAt } lots { nodes { expiresAt } } } } }";
    let before = member.query(dates).await["me"]["pointsAccount"].clone();
    assert_eq!((&before["pending"], &before["expiring"]), (&json!(100), &json!([])));
    staff.deliver_order(&order).await.expect_ok();
    let after = member.query(dates).await["me"]["pointsAccount"].clone();
    let deadline = json!([{ "points": 100, "expiresAt": after["lots"]["nodes"][0]["expiresAt"] }]);
    assert_eq!((&after["active"], &after["pending"], &after["expiring"]), (&json!(0), &json!(100), &deadline));
    assert!(deadline[0]["expiresAt"].is_string(), "{deadline}");
}

async fn an_entry_names_the_purchases_that_paid(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let member = world.member().await;
    let first = member.place_order(&[(&tea, 1)]).await.expect_ok();
    let second = member.place_order(&[(&tea, 2)]).await.expect_ok();
    let reward = world.coupon_reward(150).await;
    member.redeem(&reward).await.expect_ok();
    let ledger = "{ me { pointsAccount { pointsLedger(first: 1) { nodes { type points
        lots { points takenFrom givenTo lot { entry { order { number } } } } } } } } }";
    let data = member.query(ledger).await;
    let entry = &data["me"]["pointsAccount"]["pointsLedger"]["nodes"][0];
    let paid = |points: i64, order: &serde_json::Value| {
        json!({ "points": points, "takenFrom": "REMAINING", "givenTo": "CONSUMED",
                "lot": { "entry": { "order": { "number": order["number"] } } } })
    };
    let expected = json!({ "type": "REDEMPTION", "points": -150, "lots": [paid(100, &first), paid(50, &second)] });
    assert_eq!(*entry, expected);
}
