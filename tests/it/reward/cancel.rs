//! Redemptions that staff take back.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    everything_goes_back,
    a_used_coupon_keeps_its_redemption,
    what_cannot_be_cancelled,
    the_same_key_twice,
    an_expired_coupon_is_not_taken_back,
    nobody_cancels_their_own,
    what_a_merged_member_redeemed_goes_back_to_who_has_everything,
    a_households_points_go_back_to_the_household,
);

async fn everything_goes_back(world: World) {
    let tea = world.product("tea").await;
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let (_, reward) = staff.reward(json!({ "stock": 10 })).await;
    let redemption = member.redeem(&reward).times(3).await.expect_ok();
    assert_eq!((member.points().await, world.pieces_left(reward.row).await), (700, 7));
    let cancelled = staff.cancel_redemption(&redemption).with("reason", json!("by mistake")).await.expect_ok();
    assert_eq!((&cancelled["status"], &cancelled["moneyToGiveBack"]), (&json!("CANCELLED"), &Json::Null));
    assert!(cancelled["cancelledAt"].is_string());
    assert_eq!((member.points().await, world.pieces_left(reward.row).await), (1_000, 10));
    for coupon in cancelled["coupons"].as_array().expect("coupons") {
        assert_eq!(coupon["status"], "CANCELLED");
        let code = coupon["code"].as_str().expect("a code");
        let order = world.unchanged_by(member.place_order(&[(&tea, 1)]).with_coupon(code)).await;
        order.expect_refused("COUPON_CANCELLED");
    }
    let ledger =
        "{ me { pointsAccount { pointsLedger(first: 1) { nodes { type points reason redemption { id } } } } } }";
    let entry = member.query(ledger).await["me"]["pointsAccount"]["pointsLedger"]["nodes"][0].clone();
    let refund =
        json!({ "type": "REFUND", "points": 300, "reason": "by mistake", "redemption": { "id": redemption["id"] } });
    assert_eq!(entry, refund);
    world.unchanged_by(staff.cancel_redemption(&redemption)).await.expect_refused("ALREADY_CANCELLED");
}

async fn a_used_coupon_keeps_its_redemption(world: World) {
    let tea = world.product("tea").await;
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let (_, reward) = staff.reward(json!({})).await;
    let redemption = member.redeem(&reward).times(2).await.expect_ok();
    let code = redemption["coupons"][1]["code"].as_str().expect("a code");
    let order = member.place_order(&[(&tea, 1)]).with_coupon(code).await.expect_ok();
    world.unchanged_by(staff.cancel_redemption(&redemption)).await.expect_refused("COUPON_USED");
    staff.refund_order(&order).await.expect_ok();
    staff.cancel_redemption(&redemption).await.expect_ok();
    assert_eq!(member.points().await, 1_000);
}

async fn what_cannot_be_cancelled(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let (_, reward) = staff.reward(json!({})).await;
    let redemption = member.redeem(&reward).await.expect_ok();
    assert_eq!(member.cancel_redemption(&redemption).await.answer.code(), "FORBIDDEN");
    assert_eq!(world.visitor().cancel_redemption(&redemption).await.answer.code(), "UNAUTHENTICATED");
    for id in ["", "x", reward.id.as_str(), member.id.as_str()] {
        let call = staff.cancel_redemption(&json!({ "id": id }));
        world.unchanged_by(call).await.expect_refused("REDEMPTION_UNKNOWN");
    }
    let call = staff.cancel_redemption(&redemption).with("reason", json!("x".repeat(201)));
    world.unchanged_by(call).await.expect_refused("REASON_INVALID");
}

async fn the_same_key_twice(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let (_, reward) = staff.reward(json!({})).await;
    let (one, two) = (member.redeem(&reward).await.expect_ok(), member.redeem(&reward).await.expect_ok());
    let first = staff.cancel_redemption(&one).with_key("k").await.expect_ok();
    let again = world.unchanged_by(staff.cancel_redemption(&one).with_key("k")).await.expect_ok();
    assert_eq!(first, again);
    let other = world.unchanged_by(staff.cancel_redemption(&two).with_key("k")).await;
    other.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
    assert_eq!(member.points().await, 900);
}

async fn an_expired_coupon_is_not_taken_back(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let (_, reward) = staff.reward(json!({ "couponValidDays": 1 })).await;
    let redemption = member.redeem(&reward).await.expect_ok();
    world.wait_days(1);
    let staff = staff.another_session().await;
    world.unchanged_by(staff.cancel_redemption(&redemption)).await.expect_refused("COUPON_EXPIRED");
}

async fn nobody_cancels_their_own(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (ann, bob) = (world.staff().await, world.staff().await);
    ann.place_order(&[(&tea, 2)]).await.expect_ok();
    let (_, reward) = ann.reward(json!({})).await;
    let redemption = ann.redeem(&reward).await.expect_ok();
    world.unchanged_by(ann.cancel_redemption(&redemption)).await.expect_refused("OWN_REDEMPTION");
    bob.cancel_redemption(&redemption).await.expect_ok();
    assert_eq!(ann.points().await, 200);
}

async fn what_a_merged_member_redeemed_goes_back_to_who_has_everything(world: World) {
    let staff = world.staff().await;
    let (from, into) = (world.member().with_points(1_000).await, world.member().await);
    let (_, reward) = staff.reward(json!({ "limit": { "period": "EVER", "pieces": 3 } })).await;
    let redemption = from.redeem(&reward).times(3).await.expect_ok();
    staff.merge(&from, &into).await.expect_ok();
    world.unchanged_by(into.redeem(&reward)).await.expect_refused("LIMIT_REACHED");
    // By the id of before as well.
    staff.cancel_redemption(&redemption).await.expect_ok();
    assert_eq!(into.points().await, 1_000);
    into.redeem(&reward).times(3).await.expect_ok();
}

async fn a_households_points_go_back_to_the_household(world: World) {
    world.program(|program| program.household_size = 3).await;
    let tea = world.product("tea").price("100.00").await;
    let (staff, anna, ben) = (world.staff().await, world.member().await, world.member().await);
    anna.create_household("Home").await.expect_ok();
    anna.shares_with(&ben, "SPENDER").await;
    anna.place_order(&[(&tea, 1)]).await.expect_ok();
    let (_, reward) = staff.reward(json!({})).await;
    let redemption = ben.redeem(&reward).times(10).by_household().await.expect_ok();
    world.unchanged_by(ben.redeem(&reward).by_household()).await.expect_refused("NOT_ENOUGH_POINTS");
    staff.cancel_redemption(&redemption).await.expect_ok();
    assert_eq!((anna.points().await, ben.points().await), (0, 0));
    anna.redeem(&reward).times(10).by_household().await.expect_ok();
}
