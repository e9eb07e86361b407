//! Cancelling an order: everything goes back to where it came from.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    cancelling_puts_everything_back,
    a_coupon_that_expired_meanwhile_stays_used,
    what_was_delivered_is_not_cancelled,
    what_is_left_of_an_order_is_cancelled,
    the_same_key_cancels_once,
    cancelling_is_for_staff,
);

async fn cancelling_puts_everything_back(world: World) {
    let tea = world.product("tea").price("10.00").stock(5).await;
    let reward = world.coupon_reward(100).value("3.00").await;
    let (member, staff) = (world.member().with_points(600).await, world.staff().await);
    let code = member.buy_coupon(&reward).await;
    let order = member.place_order(&[(&tea, 3), (&tea, 2)]).with_coupon(&code).with_points(200).await.expect_ok();
    assert_eq!((world.pieces_left(tea.row).await, world.balances(&member).await), (0, [300 + 450, 0, 0]));
    let taken = staff.cancel_order(&order).because(" not wanted ").await.expect_ok();
    assert_eq!(taken["order"]["status"], "CANCELLED");
    assert_eq!((&taken["money"]["amount"], &taken["method"]), (&json!("45.00"), &json!("MANUAL")));
    assert_eq!((&taken["pointsGivenBack"], &taken["pointsClawedBack"]), (&json!(200), &json!(450)));
    assert_eq!((&taken["reason"], &taken["restocked"]), (&json!("not wanted"), &json!(true)));
    assert_eq!(taken["createdAt"], world.now());
    assert_eq!((world.pieces_left(tea.row).await, world.balances(&member).await), (5, [500, 0, 0]));
    let coupons = "{ me { coupons { nodes { code status } } } }";
    assert_eq!(member.query(coupons).await["me"]["coupons"]["nodes"][0]["status"], "ACTIVE");
    // It can be used again, and the order that had it keeps its price.
    member.place_order(&[(&tea, 1)]).with_coupon(&code).await.expect_ok();
    assert_eq!(member.query(coupons).await["me"]["coupons"]["nodes"][0]["status"], "USED");
    let ledger = "{ me { pointsAccount { pointsLedger(first: 100) { nodes { type reason order { id } } } } } }";
    let entries = member.query(ledger).await["me"]["pointsAccount"]["pointsLedger"]["nodes"].clone();
    let of_return: Vec<&Json> = entries
        .as_array()
        .expect("entries")
        .iter()
        .filter(|entry| entry["reason"] == "not wanted")
        .inspect(|entry| assert_eq!(entry["order"]["id"], order["id"]))
        .map(|entry| &entry["type"])
        .collect();
    assert_eq!(of_return, ["CLAWBACK", "REFUND"]);
}

async fn a_coupon_that_expired_meanwhile_stays_used(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(100).value("3.00").valid_days(7).await;
    let (member, staff) = (world.member().with_points(100).await, world.staff().await);
    let code = member.buy_coupon(&reward).await;
    let order = member.place_order(&[(&tea, 1)]).with_coupon(&code).await.expect_ok();
    world.wait_days(9);
    let (member, staff) = (member.another_session().await, staff.another_session().await);
    staff.cancel_order(&order).await.expect_ok();
    assert_eq!(
        member.query("{ me { coupons { nodes { status } } } }").await["me"]["coupons"]["nodes"][0]["status"],
        "USED"
    );
}

async fn what_was_delivered_is_not_cancelled(world: World) {
    let tea = world.product("tea").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    staff.deliver_order(&order).await.expect_ok();
    let refused = world.unchanged_by(staff.cancel_order(&order)).await;
    assert_eq!(refused.expect_refused("ALREADY_DELIVERED")["path"], json!(["input", "orderId"]));
    let chinese = staff.speaking("zh").cancel_order(&order).await.expect_refused("ALREADY_DELIVERED");
    assert_eq!(chinese["message"], "这个订单已确认收货，请改为退货。");
    staff.refund_order(&order).await.expect_ok();
    world.unchanged_by(staff.cancel_order(&order)).await.expect_refused("ALREADY_RETURNED");
}

async fn what_is_left_of_an_order_is_cancelled(world: World) {
    let tea = world.product("tea").price("10.00").stock(3).await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 3)]).await.expect_ok();
    staff.refund_order(&order).pieces(&[(0, 1)]).without_restocking().await.expect_ok();
    let taken = staff.cancel_order(&order).await.expect_ok();
    assert_eq!((&taken["money"]["amount"], &taken["lines"][0]["quantity"]), (&json!("20.00"), &json!(2)));
    assert_eq!(taken["order"]["moneyReturned"]["amount"], "30.00");
    assert_eq!(taken["order"]["returns"].as_array().map(Vec::len), Some(2));
    assert_eq!(taken["order"]["returns"][1]["id"], taken["id"], "in the order in which they were made");
    assert_eq!((world.pieces_left(tea.row).await, world.balances(&member).await), (2, [0, 0, 0]));
}

async fn the_same_key_cancels_once(world: World) {
    let tea = world.product("tea").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    let first = staff.cancel_order(&order).with_key("k").await.expect_ok();
    assert_eq!(world.unchanged_by(staff.cancel_order(&order).with_key("k")).await.expect_ok(), first);
    let reason = "x".repeat(201);
    for other in [staff.cancel_order(&order).because("a reason"), staff.cancel_order(&order).because(&reason)] {
        world.unchanged_by(other.with_key("k")).await.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
    }
    world.unchanged_by(staff.cancel_order(&order)).await.expect_refused("ALREADY_RETURNED");
    world.unchanged_by(staff.cancel_order(&json!({ "id": member.id }))).await.expect_refused("ORDER_UNKNOWN");
}

async fn cancelling_is_for_staff(world: World) {
    let tea = world.product("tea").await;
    let member = world.member().await;
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    for (client, code) in [(world.visitor(), "UNAUTHENTICATED"), ((*member).clone(), "FORBIDDEN")] {
        assert_eq!(world.unchanged_by(client.cancel_order(&order)).await.answer.code(), code);
        assert_eq!(world.unchanged_by(client.refund_order(&order)).await.answer.code(), code);
        assert_eq!(client.preview_refund(&order, None).await.code(), code);
    }
}
