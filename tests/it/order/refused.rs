//! Every reason for which an order is refused: its code, its path, what it tells, and that nothing has changed.

use jifen::gql::id::{NodeKind, global};
use serde_json::{Value as Json, json};

use crate::world::order::PLACE_ORDER;
use crate::world::{World, both_databases};

both_databases!(
    a_cart_that_cannot_be_ordered,
    a_product_nobody_knows,
    too_few_pieces,
    a_coupon_that_does_not_apply,
    a_key_or_a_code_that_is_no_text,
    the_message_is_in_the_readers_language,
);

async fn a_cart_that_cannot_be_ordered(world: World) {
    let tea = world.product("tea").stock(1_000_000).await;
    let member = world.member().await;
    let error = world.unchanged_by(member.place_order(&[])).await.expect_refused("NO_LINES");
    assert_eq!(error["path"], json!(["input", "lines"]));
    let many = vec![(&tea, 1); 101];
    let error = world.unchanged_by(member.place_order(&many)).await.expect_refused("TOO_MANY_LINES");
    assert_eq!(error["path"], json!(["input", "lines"]));
    for quantity in [0, -1, 10_001, i64::from(i32::MAX), i64::from(i32::MIN)] {
        let order = member.place_order(&[(&tea, 1), (&tea, quantity)]);
        let error = world.unchanged_by(order).await.expect_refused("BAD_QUANTITY");
        assert_eq!(error["path"], json!(["input", "lines", "1", "quantity"]), "{quantity}");
        assert_eq!((&error["availableQuantity"], &error["minimumSpend"]), (&Json::Null, &Json::Null));
    }
    // Beyond a GraphQL Int the argument itself is no good.
    let order = world.unchanged_by(member.place_order(&[(&tea, 1 << 40)])).await;
    assert_eq!(order.answer.code(), "BAD_USER_INPUT");
}

async fn a_product_nobody_knows(world: World) {
    let tea = world.product("tea").await;
    let reward = world.coupon_reward(100).await;
    let member = world.member().await;
    let unknown = global(NodeKind::Product, world.app.ids.next()).to_string();
    for id in [unknown.as_str(), &reward.id, &member.id, "", "x", "\u{0}", "🫖"] {
        let order = member.place_order_of(&[(&tea.id, 1), (id, 1)]);
        let error = world.unchanged_by(order).await.expect_refused("PRODUCT_UNKNOWN");
        assert_eq!(error["path"], json!(["input", "lines", "1", "productId"]), "{id:?}");
    }
}

async fn too_few_pieces(world: World) {
    let (tea, gone) = (world.product("tea").stock(5).await, world.product("gone").stock(0).await);
    let member = world.member().await;
    for (product, wanted, available) in [(&tea, 6, 5), (&gone, 1, 0)] {
        let order = world.unchanged_by(member.place_order(&[(product, wanted)])).await;
        let error = order.expect_refused("NOT_ENOUGH_STOCK");
        assert_eq!(error["availableQuantity"], available);
        assert_eq!(error["path"], json!(["input", "lines", "0", "quantity"]));
    }
    // The first line's pieces are not taken when the second has too few.
    world.unchanged_by(member.place_order(&[(&tea, 5), (&gone, 1)])).await.expect_refused("NOT_ENOUGH_STOCK");
    member.place_order(&[(&tea, 5)]).await.expect_ok();
}

async fn a_coupon_that_does_not_apply(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(100).value("5.00").minimum("20.00").valid_days(7).await;
    let (alice, bob) = (world.member().with_points(300).await, world.member().with_points(100).await);
    let bobs = bob.buy_coupon(&reward).await;
    for code in [bobs.as_str(), "", "NOSUCHCOUPON", "' OR ''='", "🎟️"] {
        let order = alice.place_order(&[(&tea, 3)]).with_coupon(code);
        let error = world.unchanged_by(order).await.expect_refused("COUPON_NOT_YOURS");
        assert_eq!(error["path"], json!(["input", "couponCode"]), "{code:?}");
    }
    let code = alice.buy_coupon(&reward).await;
    let order = world.unchanged_by(alice.place_order(&[(&tea, 1)]).with_coupon(&code)).await;
    let error = order.expect_refused("COUPON_BELOW_MINIMUM");
    assert_eq!(error["minimumSpend"], json!({ "amount": "20.00", "currencyCode": "CNY" }));
    alice.place_order(&[(&tea, 2)]).with_coupon(&code).await.expect_ok();
    let order = world.unchanged_by(alice.place_order(&[(&tea, 2)]).with_coupon(&code)).await;
    assert_eq!(order.expect_refused("COUPON_USED")["path"], json!(["input", "couponCode"]));
    let (last, late) = (alice.buy_coupon(&reward).await, alice.buy_coupon(&reward).await);
    let expiry = "{ me { coupons { nodes { code status expiresAt } } } }";
    let coupons = alice.query(expiry).await["me"]["coupons"]["nodes"].clone();
    let expires_at: jiff::Timestamp = coupons[0]["expiresAt"].as_str().expect("a time").parse().expect("RFC 3339");
    let left = expires_at.as_microsecond() - world.clock.now().micros();
    // To the microsecond: good until the moment before, over in the moment itself.
    let (alice, in_time) = (alice.another_session().await, left - 1_000_000);
    world.clock.advance(in_time);
    let alice = alice.another_session().await;
    alice.place_order(&[(&tea, 2)]).with_coupon(&last).await.expect_ok();
    world.clock.advance(expires_at.as_microsecond() - world.clock.now().micros());
    let order = world.unchanged_by(alice.place_order(&[(&tea, 2)]).with_coupon(&late)).await;
    assert_eq!(order.expect_refused("COUPON_EXPIRED")["path"], json!(["input", "couponCode"]));
    let coupons = alice.query(expiry).await["me"]["coupons"]["nodes"].clone();
    let statuses: Vec<_> = coupons.as_array().expect("coupons").iter().map(|coupon| &coupon["status"]).collect();
    assert_eq!(statuses, ["EXPIRED", "USED", "USED"]);
}

async fn a_key_or_a_code_that_is_no_text(world: World) {
    let tea = world.product("tea").await;
    let member = world.member().await;
    for key in ["", "\u{0}", "a\nb", &"k".repeat(201)] {
        let order = world.unchanged_by(member.place_order(&[(&tea, 1)]).with_key(key)).await;
        assert_eq!(order.answer.code(), "BAD_USER_INPUT", "{key:?}: {}", order.answer.json);
    }
    for code in ["\u{0}", "a\u{7}b", &"C".repeat(501)] {
        let order = world.unchanged_by(member.place_order(&[(&tea, 1)]).with_coupon(code)).await;
        assert_eq!(order.answer.code(), "BAD_USER_INPUT", "{code:?}: {}", order.answer.json);
    }
    member.place_order(&[(&tea, 1)]).with_key(&"键".repeat(200)).await.expect_ok();
    for wrong in [
        json!({ "idempotencyKey": "k" }),
        json!({ "lines": [] }),
        json!({ "idempotencyKey": "k", "lines": [{ "productId": tea.id, "quantity": 1.5 }] }),
        json!({ "idempotencyKey": "k", "lines": [{ "productId": tea.id, "quantity": "1" }] }),
        json!({ "idempotencyKey": "k", "lines": [{ "productId": tea.id, "quantity": 1, "price": 1 }] }),
        json!(null),
    ] {
        let answer = world.unchanged_by(Box::pin(member.graphql(PLACE_ORDER, json!({ "input": wrong })))).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{wrong}: {}", answer.json);
    }
}

async fn the_message_is_in_the_readers_language(world: World) {
    let tea = world.product("tea").stock(2).await;
    let member = world.member().await;
    for (language, words) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", "库存只剩 2 件。"),
        ("en", "Only 2 are left."),
        ("fr", "Only 2 are left."),
        ("zh;q=0.2, en;q=0.1", "库存只剩 2 件。"),
    ] {
        let error = member.speaking(language).place_order(&[(&tea, 3)]).await.expect_refused("NOT_ENOUGH_STOCK");
        assert_eq!(error["message"], words, "{language}");
    }
    let program = "{ loyaltyProgram { description } }";
    assert!(world.visitor().query(program).await["loyaltyProgram"]["description"].to_string().contains("10 points"));
    let chinese = world.visitor().speaking("zh-CN").query(program).await;
    assert!(chinese["loyaltyProgram"]["description"].to_string().contains("10 积分"), "{chinese}");
    let login = world.visitor().speaking("zh-Hans-CN").log_in("nobody", "x").await;
    assert_eq!(login.json["data"]["login"]["userErrors"][0]["message"], "账号或密码错误。");
}
