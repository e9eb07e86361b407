//! Delivering an order: its return window begins, and its points become active exactly at its end.

use jifen::domain::points::entity::ValidityKind;
use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    points_become_active_at_the_end_of_the_window,
    a_window_reckons_with_the_clocks_of_its_zone,
    a_window_of_no_days_is_over_at_once,
    a_window_of_no_days_forgets_no_expiry,
    without_a_window_delivery_changes_no_points,
    what_cannot_be_delivered_is_refused,
    the_same_key_delivers_once,
);

/// Orders and delivers at one moment, with a window of seven days; the points can be spent at another and not a
/// microsecond before.
async fn opens(world: &World, zone: &str, delivered_at: &str, opens_at: &str) {
    let zone = zone.to_owned();
    world.program(|program| (program.time_zone, program.return_window_days) = (zone, Some(7))).await;
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(100).await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    let delivery = staff.deliver_order(&order);
    world.travel_to(delivered_at);
    let (member, staff) = (member.another_session().await, staff.another_session().await);
    let delivered = delivery.sent_by(&staff).await.expect_ok();
    assert_eq!(delivered["status"], "DELIVERED");
    assert_eq!(world.balances(&member).await, [0, 100, 0]);
    let (early, in_time) = (member.redeem(&reward), member.redeem(&reward));
    world.travel_to(opens_at);
    assert_eq!(world.now(), opens_at);
    let member = member.another_session().await;
    world.clock.advance(-1);
    world.unchanged_by(early.sent_by(&member)).await.expect_refused("NOT_ENOUGH_POINTS");
    world.clock.advance(1);
    in_time.sent_by(&member).await.expect_ok();
}

async fn points_become_active_at_the_end_of_the_window(world: World) {
    // The 23rd in Shanghai, and seven days after it: the last is the 30th.
    opens(&world, "Asia/Shanghai", "2026-11-23T15:59:59Z", "2026-11-30T16:00:00Z").await;
    opens(&world, "Asia/Shanghai", "2026-12-01T16:00:00Z", "2026-12-09T16:00:00Z").await;
}

async fn a_window_reckons_with_the_clocks_of_its_zone(world: World) {
    // New York puts its clocks forward on 14 March 2027: midnight is at five o'clock UTC before it and at four after it.
    opens(&world, "America/New_York", "2027-03-01T15:00:00Z", "2027-03-09T05:00:00Z").await;
    opens(&world, "America/New_York", "2027-03-10T15:00:00Z", "2027-03-18T04:00:00Z").await;
}

async fn a_window_of_no_days_is_over_at_once(world: World) {
    world.program(|program| program.return_window_days = Some(0)).await;
    let tea = world.product("tea").price("10.00").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(world.balances(&member).await, [0, 100, 0]);
    let delivered = staff.deliver_order(&order).await.expect_ok();
    assert_eq!(delivered["deliveredAt"], world.now());
    assert_eq!(world.balances(&member).await, [100, 0, 0]);
}

/// A delivery that activates points at once has not seen the member's other lots, and must not forget when they expire.
async fn a_window_of_no_days_forgets_no_expiry(world: World) {
    world
        .program(|program| {
            (program.validity, program.validity_count) = (ValidityKind::Days, 10);
        })
        .await;
    let tea = world.product("tea").price("10.00").await;
    let (member, staff) = (world.member().with_points(70).await, world.staff().await);
    world
        .program(|program| {
            program.return_window_days = Some(0);
            (program.validity, program.validity_count) = (ValidityKind::None, 0);
        })
        .await;
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    staff.deliver_order(&order).await.expect_ok();
    assert_eq!(world.balances(&member).await, [170, 0, 0]);
    world.wait_days(11);
    assert_eq!(world.balances(&member).await, [100, 0, 0]);
}

async fn without_a_window_delivery_changes_no_points(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(world.balances(&member).await, [100, 0, 0]);
    staff.deliver_order(&order).await.expect_ok();
    assert_eq!(world.balances(&member).await, [100, 0, 0]);
}

async fn what_cannot_be_delivered_is_refused(world: World) {
    let tea = world.product("tea").await;
    let (member, staff) = (world.member().with_points(10).await, world.staff().await);
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    for id in ["", "x", &member.id, tea.id.as_str()] {
        let unknown = world.unchanged_by(staff.deliver_order(&json!({ "id": id }))).await;
        assert_eq!(unknown.expect_refused("ORDER_UNKNOWN")["path"], json!(["input", "orderId"]));
    }
    let orders = member.query("{ me { orders { nodes { id imported } } } }").await["me"]["orders"]["nodes"].clone();
    let imported = orders.as_array().and_then(|orders| orders.iter().find(|order| order["imported"] == true)).cloned();
    let imported = imported.expect("an imported order");
    world.unchanged_by(staff.deliver_order(&imported)).await.expect_refused("ORDER_IMPORTED");
    staff.deliver_order(&order).await.expect_ok();
    let again = world.unchanged_by(staff.speaking("zh-CN").deliver_order(&order)).await;
    assert_eq!(again.expect_refused("ALREADY_DELIVERED")["message"], "这个订单已确认收货。");
    staff.refund_order(&order).await.expect_ok();
    world.unchanged_by(staff.deliver_order(&order)).await.expect_refused("ALREADY_RETURNED");
    for (client, code) in [(world.visitor(), "UNAUTHENTICATED"), ((*member).clone(), "FORBIDDEN")] {
        assert_eq!(world.unchanged_by(client.deliver_order(&order)).await.answer.code(), code);
    }
}

async fn the_same_key_delivers_once(world: World) {
    let tea = world.product("tea").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    let other = member.place_order(&[(&tea, 1)]).await.expect_ok();
    let first = staff.deliver_order(&order).with_key("k").await.expect_ok();
    assert_eq!(world.unchanged_by(staff.deliver_order(&order).with_key("k")).await.expect_ok(), first);
    let conflict = world.unchanged_by(staff.deliver_order(&other).with_key("k")).await;
    assert_eq!(conflict.expect_refused("IDEMPOTENCY_KEY_CONFLICT")["path"], json!(["input", "idempotencyKey"]));
    let seen: Json =
        member.query("{ me { orders { nodes { status deliveredAt } } } }").await["me"]["orders"]["nodes"].clone();
    assert_eq!(seen[0], json!({ "status": "PAID", "deliveredAt": null }));
    assert_eq!(seen[1], json!({ "status": "DELIVERED", "deliveredAt": first["deliveredAt"] }));
}
