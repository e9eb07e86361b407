//! Setting points aside, through GraphQL.

use serde_json::{Value as Json, json};

use crate::world::{Member, World, both_databases};
use jifen::domain::points::entity::{ShortfallPolicy, ValidityKind};

both_databases!(
    a_hold_is_captured_in_parts_and_the_rest_released,
    a_hold_times_out_by_itself,
    e7_an_expiry_during_a_hold,
    who_may_use_a_hold,
    what_is_wrong_with_a_hold,
    a_hold_is_made_once,
    the_keys_of_the_till_are_its_own,
    a_return_leaves_what_is_held_and_owes_it,
);

/// Active, held.
async fn balances(member: &Member) -> (i64, i64) {
    let data = member.query("{ me { pointsAccount { active held } } }").await;
    let account = &data["me"]["pointsAccount"];
    (account["active"].as_i64().unwrap(), account["held"].as_i64().unwrap())
}

async fn types(member: &Member) -> Json {
    let data = member.query("{ me { pointsAccount { pointsLedger { nodes { type points } } } } }").await;
    let nodes = data["me"]["pointsAccount"]["pointsLedger"]["nodes"].as_array().unwrap().clone();
    nodes.iter().rev().map(|node| json!([node["type"], node["points"]])).collect()
}

async fn a_hold_is_captured_in_parts_and_the_rest_released(world: World) {
    let member = world.member().with_points(500).await;
    let staff = world.staff().await;
    let held = member.hold_points_of(json!({ "points": 300, "reason": "Table 7" })).await.expect_ok();
    assert_eq!((&held["points"], &held["open"], &held["reason"]), (&json!(300), &json!(300), &json!("Table 7")));
    assert_eq!(balances(&member).await, (200, 300));
    let reward = world.coupon_reward(201).await;
    member.redeem(&reward).await.expect_refused("NOT_ENOUGH_POINTS");
    let part = staff.capture_hold(&held, json!({ "points": 100 })).await.expect_ok();
    assert_eq!((&part["captured"], &part["open"]), (&json!(100), &json!(200)));
    let end = staff.capture_hold(&held, json!({ "points": 50, "releaseRest": true })).await.expect_ok();
    assert_eq!((&end["captured"], &end["released"], &end["open"]), (&json!(150), &json!(150), &json!(0)));
    assert_eq!(balances(&member).await, (350, 0));
    staff.capture_hold(&held, json!({})).await.expect_refused("HOLD_CLOSED");
    let expected =
        json!([["ACCRUAL", 500], ["HOLD", -300], ["REDEMPTION", -100], ["REDEMPTION", -50], ["RELEASE", 150]]);
    assert_eq!(types(&member).await, expected);
    let list = member.query("{ me { pointsAccount { holds { totalCount nodes { id open } } } } }").await;
    assert_eq!(list["me"]["pointsAccount"]["holds"]["nodes"], json!([{ "id": held["id"], "open": 0 }]));
}

async fn a_hold_times_out_by_itself(world: World) {
    let member = world.member().with_points(100).await;
    let held = member.hold_points_of(json!({ "points": 60, "minutes": 5 })).await.expect_ok();
    world.wait_minutes(4);
    assert_eq!(balances(&member).await, (40, 60));
    world.wait_minutes(1);
    assert_eq!(balances(&member).await, (100, 0), "over when it is read");
    let staff = world.staff().await;
    staff.capture_hold(&held, json!({})).await.expect_refused("HOLD_CLOSED");
    assert_eq!(world.sweep().await, 1);
    assert_eq!(types(&member).await, json!([["ACCRUAL", 100], ["HOLD", -60], ["RELEASE", 60]]));
}

/// E7: L1 100 until one midnight, L2 100 until a later one. 150 are held over the first, 60 captured, 90 released.
async fn e7_an_expiry_during_a_hold(world: World) {
    world.program(|program| program.hold_minutes = 43_200).await;
    let tea = world.product("tea").price("10.00").await;
    let (member, staff) = (world.member().await, world.staff().await);
    for days in [1, 30] {
        world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, days)).await;
        member.place_order(&[(&tea, 1)]).await.expect_ok();
    }
    let held = member.hold_points(150).await.expect_ok();
    world.wait_days(3);
    let (member, staff) = (member.another_session().await, staff.another_session().await);
    assert_eq!((balances(&member).await, world.sweep().await), ((50, 150), 0), "held points do not expire");
    staff.capture_hold(&held, json!({ "points": 60 })).await.expect_ok();
    assert_eq!(balances(&member).await, (50, 90));
    staff.release_hold(&held, json!({})).await.expect_ok();
    assert_eq!(balances(&member).await, (100, 0));
    let expected = json!([
        ["ACCRUAL", 100],
        ["ACCRUAL", 100],
        ["HOLD", -150],
        ["REDEMPTION", -60],
        ["RELEASE", 90],
        ["EXPIRATION", -40]
    ]);
    assert_eq!(types(&member).await, expected);
}

async fn who_may_use_a_hold(world: World) {
    let (member, other, staff) = (world.member().with_points(100).await, world.member().await, world.staff().await);
    let own = member.hold_points(10).await.expect_ok();
    let refused = member.capture_hold(&own, json!({})).await;
    assert_eq!(refused.outcome(), "FORBIDDEN", "a member captures nothing");
    other.release_hold(&own, json!({})).await.expect_refused("HOLD_UNKNOWN");
    let by_shop = staff.hold_points_of(json!({ "points": 20, "memberId": member.id })).await.expect_ok();
    member.release_hold(&by_shop, json!({})).await.expect_refused("HOLD_UNKNOWN");
    let named = member.hold_points_of(json!({ "points": 20, "memberId": other.id })).await;
    assert_eq!(named.outcome(), "FORBIDDEN");
    member.release_hold(&own, json!({})).await.expect_ok();
    staff.release_hold(&by_shop, json!({ "points": 5 })).await.expect_ok();
    assert_eq!(balances(&member).await, (85, 15));
}

async fn what_is_wrong_with_a_hold(world: World) {
    let (member, staff) = (world.member().with_points(100).await, world.staff().await);
    for points in [0, -1] {
        member.hold_points_of(json!({ "points": points })).await.expect_refused("BAD_POINTS");
    }
    let refused = member.hold_points(101).await.expect_refused("NOT_ENOUGH_POINTS");
    assert_eq!((&refused["requiredPoints"], &refused["activePoints"]), (&json!(101), &json!(100)));
    let refused = member.hold_points_of(json!({ "points": 1, "minutes": 61 })).await.expect_refused("HOLD_TOO_LONG");
    assert_eq!((&refused["limit"], &refused["path"]), (&json!(60), &json!(["input", "minutes"])));
    let refused = member.hold_points_of(json!({ "points": 1, "minutes": 0 })).await.expect_refused("HOLD_TOO_SHORT");
    assert_eq!((&refused["limit"], &refused["path"]), (&json!(1), &json!(["input", "minutes"])));
    member.hold_points_of(json!({ "points": 1, "reason": "x".repeat(201) })).await.expect_refused("REASON_INVALID");
    // A reason is kept without the space around it, and a blank one is none.
    for (given, kept) in [("   ", Json::Null), (" a deposit ", json!("a deposit"))] {
        let held = member.hold_points_of(json!({ "points": 1, "reason": given })).await.expect_ok();
        assert_eq!(held["reason"], kept);
        member.release_hold(&held, json!({ "reason": given })).await.expect_ok();
        let ledger = "{ me { pointsAccount { pointsLedger(first: 1) { nodes { type reason } } } } }";
        let entry = member.query(ledger).await["me"]["pointsAccount"]["pointsLedger"]["nodes"][0].clone();
        let told = if kept.is_null() { json!("Points set aside") } else { kept };
        assert_eq!(entry, json!({ "type": "RELEASE", "reason": told }));
    }
    staff.hold_points_of(json!({ "points": 1, "memberId": "x" })).await.expect_refused("MEMBER_UNKNOWN");
    let held = member.hold_points(10).await.expect_ok();
    let refused = staff.capture_hold(&held, json!({ "points": 11 })).await.expect_refused("HOLD_TOO_SMALL");
    assert_eq!(refused["limit"], 10);
    staff.release_hold(&held, json!({ "points": 0 })).await.expect_refused("BAD_POINTS");
    assert_eq!(balances(&member).await, (90, 10), "and nothing was changed");
}

async fn a_hold_is_made_once(world: World) {
    let (member, staff) = (world.member().with_points(100).await, world.staff().await);
    let first = member.hold_points(30).with_key("k").await.expect_ok();
    assert_eq!(member.hold_points(30).with_key("k").await.expect_ok(), first);
    member.hold_points(31).with_key("k").await.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
    for _ in 0..2 {
        let part = staff.capture_hold(&first, json!({ "points": 10 })).with_key("c").await.expect_ok();
        assert_eq!((&part["captured"], &part["open"]), (&json!(10), &json!(20)));
    }
    assert_eq!(balances(&member).await, (70, 20));
}

/// Were they not, a member who guesses the till's next key would be taken for the till, and could release its hold.
async fn the_keys_of_the_till_are_its_own(world: World) {
    let (member, staff) = (world.member().with_points(100).await, world.staff().await);
    let own = member.hold_points(30).with_key("k").await.expect_ok();
    let by_shop = staff.hold_points_of(json!({ "points": 30, "memberId": member.id })).with_key("k").await.expect_ok();
    assert_ne!(own["id"], by_shop["id"]);
    member.release_hold(&own, json!({ "points": 10 })).with_key("r").await.expect_ok();
    let twice = staff.release_hold(&own, json!({ "points": 10 })).with_key("r").await.expect_ok();
    assert_eq!(twice["released"], 20);
    assert_eq!(balances(&member).await, (60, 40));
}

/// Under every policy: what is held is neither taken nor given up, so a release repays it and a capture leaves it owed.
async fn a_return_leaves_what_is_held_and_owes_it(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    for policy in [ShortfallPolicy::AllowDebt, ShortfallPolicy::WriteOff, ShortfallPolicy::DeductFromRefund] {
        world.program(|program| (program.shortfall, program.debt_limit) = (policy, None)).await;
        let member = world.member().await;
        let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
        let held = member.hold_points(100).await.expect_ok();
        let taken = staff.refund_order(&order).await.expect_ok();
        assert_eq!((&taken["money"]["amount"], &taken["pointsMissing"]), (&json!("10.00"), &json!(100)), "{policy:?}");
        assert_eq!(world.balances(&member).await, [0, 0, 100], "{policy:?}");
        staff.capture_hold(&held, json!({ "points": 40, "releaseRest": true })).await.expect_ok();
        assert_eq!(world.balances(&member).await, [0, 0, 40], "{policy:?}");
    }
}
