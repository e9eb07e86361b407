//! Idempotency: a key gives the same answer again, and nothing happens twice.

use serde_json::json;

use crate::world::{Settings, World, both_databases};

both_databases!(
    a_replayed_key_gives_the_same_order_again,
    a_key_used_for_something_else_is_a_conflict,
    a_refused_attempt_does_not_use_the_key_up,
    a_key_belongs_to_one_member_and_one_mutation,
    one_key_sent_many_times_at_once_makes_one_order,
);

async fn a_replayed_key_gives_the_same_order_again(world: World) {
    let tea = world.product("tea").stock(5).await;
    let reward = world.coupon_reward(100).await;
    let member = world.member().with_points(200).await;
    let code = member.buy_coupon(&reward).await;
    let order = || member.place_order(&[(&tea, 5)]).with_key("once").with_coupon(&code);
    let first = order().await.expect_ok();
    world.wait_days(1);
    let again = member.another_session().await;
    let replay = again.place_order(&[(&tea, 5)]).with_key("once").with_coupon(&code);
    // The stock is gone and the coupon used by now, and still the answer is the same.
    assert_eq!(world.unchanged_by(replay).await.expect_ok(), first);
    let redemption = again.redeem(&reward).with_key("once").await.expect_ok();
    assert_eq!(world.unchanged_by(again.redeem(&reward).with_key("once")).await.expect_ok(), redemption);
    // A replay may select other fields: the object is read anew.
    let body = json!({ "query": "mutation($i: PlaceOrderInput!) { placeOrder(input: $i) { order { number imported } } }",
        "variables": { "i": { "idempotencyKey": "once", "lines": [{ "productId": tea.id, "quantity": 5 }], "couponCode": code } } });
    assert_eq!(again.send(body).await.data()["placeOrder"]["order"]["number"], first["number"]);
}

async fn a_key_used_for_something_else_is_a_conflict(world: World) {
    let (tea, cup) = (world.product("tea").await, world.product("cup").await);
    let reward = world.coupon_reward(50).await;
    let other_reward = world.coupon_reward(50).await;
    let member = world.member().with_points(1_000).await;
    let code = member.buy_coupon(&reward).await;
    member.place_order(&[(&tea, 1), (&cup, 2)]).with_key("k").await.expect_ok();
    for other in [
        member.place_order(&[(&tea, 1)]),
        member.place_order(&[(&tea, 2), (&cup, 2)]),
        member.place_order(&[(&cup, 2), (&tea, 1)]),
        member.place_order(&[(&tea, 1), (&cup, 2), (&cup, 1)]),
        member.place_order(&[(&tea, 1), (&cup, 2)]).with_coupon(&code),
        member.place_order(&[(&tea, 0)]),
        member.place_order(&[]),
    ] {
        let error = world.unchanged_by(other.with_key("k")).await.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
        assert_eq!(error["path"], json!(["input", "idempotencyKey"]));
    }
    member.redeem(&reward).with_key("k").await.expect_ok();
    for other in [member.redeem(&reward).times(2), member.redeem(&reward).times(0), member.redeem(&other_reward)] {
        let error = world.unchanged_by(other.with_key("k")).await.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
        assert_eq!(error["path"], json!(["input", "idempotencyKey"]));
    }
}

async fn a_refused_attempt_does_not_use_the_key_up(world: World) {
    let tea = world.product("tea").price("10.00").stock(1).await;
    let reward = world.coupon_reward(90).await;
    let member = world.member().await;
    member.place_order(&[(&tea, 2)]).with_key("k").await.expect_refused("NOT_ENOUGH_STOCK");
    member.place_order(&[(&tea, 0)]).with_key("k").await.expect_refused("BAD_QUANTITY");
    member.redeem(&reward).with_key("r").await.expect_refused("NOT_ENOUGH_POINTS");
    member.place_order(&[(&tea, 1)]).with_key("k").await.expect_ok();
    member.redeem(&reward).with_key("r").await.expect_ok();
}

async fn a_key_belongs_to_one_member_and_one_mutation(world: World) {
    let tea = world.product("tea").await;
    let reward = world.coupon_reward(50).await;
    let (alice, bob) = (world.member().with_points(50).await, world.member().await);
    let first = alice.place_order(&[(&tea, 1)]).with_key("k").await.expect_ok();
    let second = bob.place_order(&[(&tea, 2)]).with_key("k").await.expect_ok();
    assert_ne!(first["id"], second["id"]);
    alice.redeem(&reward).with_key("k").await.expect_ok();
    // Keys are compared letter by letter.
    let third = alice.place_order(&[(&tea, 1)]).with_key("K").await.expect_ok();
    assert_ne!(first["id"], third["id"]);
}

async fn one_key_sent_many_times_at_once_makes_one_order(world: World) {
    let tea = world.product("tea").stock(1_000).await;
    let reward = world.coupon_reward(10).await;
    let member = world.member().with_points(1_000).await;
    let other = world.another_process(Settings::default()).await;
    let orders = (0..40).map(|turn| {
        let door = if turn % 2 == 0 { &world } else { &other };
        let client = door.serves(&member);
        let call = client.place_order(&[(&tea, 1)]).with_key("same");
        tokio::spawn(async move { call.await.expect_ok() })
    });
    let orders = futures_util::future::join_all(orders).await;
    let orders: Vec<_> = orders.into_iter().map(|order| order.expect("an order")).collect();
    assert!(orders.iter().all(|order| *order == orders[0]), "the answers differ");
    assert_eq!(world.pieces_left(tea.row).await, 999);
    let redemptions = (0..40).map(|turn| {
        let door = if turn % 2 == 0 { &world } else { &other };
        let call = door.serves(&member).redeem(&reward).with_key("same");
        tokio::spawn(async move { call.await.expect_ok() })
    });
    let redemptions = futures_util::future::join_all(redemptions).await;
    let redemptions: Vec<_> = redemptions.into_iter().map(|redemption| redemption.expect("a redemption")).collect();
    assert!(redemptions.iter().all(|redemption| *redemption == redemptions[0]), "the answers differ");
    assert_eq!(member.points().await, 1_000 + 100 - 10);
    other.stop().await;
}
