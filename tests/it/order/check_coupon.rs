//! Whether a coupon would do for a basket.

use serde_json::json;

use crate::world::order::{Call, Payload};
use crate::world::shop::Product;
use crate::world::{Client, World, both_databases};

both_databases!(
    what_it_would_take_off_is_what_an_order_takes_off,
    why_it_would_not_do,
    only_ones_own_and_for_staff_any
);

fn check(client: &Client, code: &str, lines: &[(&Product, i64)]) -> Call {
    client.check_coupon(code, lines)
}

async fn what_it_would_take_off_is_what_an_order_takes_off(world: World) {
    let (tea, cup) = (world.product("tea").price("9.99").await, world.product("cup").price("3.33").stock(0).await);
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let with = json!({ "kind": "PERCENT_COUPON", "couponValue": "50.00", "couponPercent": "12.5" });
    let (_, reward) = staff.reward(with).await;
    let code = member.buy_coupon(&reward).await;
    let typed = format!(" {} ", code.to_lowercase());
    let found = world.unchanged_by(check(&member, &typed, &[(&tea, 1), (&cup, 2)])).await.expect_ok();
    let expected = json!({ "coupon": { "code": code, "status": "ACTIVE" }, "subtotal": { "amount": "16.65" },
        "discount": { "amount": "2.08" }, "total": { "amount": "14.57", "currencyCode": "CNY" }, "lines": [
            { "productId": tea.id, "quantity": 1, "discount": { "amount": "1.25" }, "total": { "amount": "8.74" } },
            { "productId": cup.id, "quantity": 2, "discount": { "amount": "0.83" }, "total": { "amount": "5.83" } },
        ] });
    assert_eq!(found, expected);
    let checked = check(&member, &code, &[(&tea, 3)]).await.expect_ok();
    let order = member.place_order(&[(&tea, 3)]).with_coupon(&code).await.expect_ok();
    assert_eq!(
        (&order["discount"], &order["total"]),
        (&checked["discount"], &json!({ "amount": checked["total"]["amount"] }))
    );
}

async fn why_it_would_not_do(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let (_, reward) = staff.reward(json!({ "minimumSpend": "20.00", "couponValidDays": 1 })).await;
    let code = member.buy_coupon(&reward).await;
    let refused = async |payload: Payload, code: &str| payload.expect_refused(code);
    let small = refused(check(&member, &code, &[(&tea, 1)]).await, "COUPON_BELOW_MINIMUM").await;
    assert_eq!((&small["minimumSpend"]["amount"], &small["path"]), (&json!("20.00"), &json!(["input", "couponCode"])));
    refused(check(&member, &code, &[]).await, "NO_LINES").await;
    refused(check(&member, &code, &[(&tea, 0)]).await, "BAD_QUANTITY").await;
    let mut unknown = check(&member, &code, &[(&tea, 2)]);
    unknown.input["lines"][0]["productId"] = json!(reward.id);
    refused(unknown.await, "PRODUCT_UNKNOWN").await;
    let order = member.place_order(&[(&tea, 2)]).with_coupon(&code).await.expect_ok();
    refused(check(&member, &code, &[(&tea, 2)]).await, "COUPON_USED").await;
    staff.refund_order(&order).await.expect_ok();
    check(&member, &code, &[(&tea, 2)]).await.expect_ok();
    world.wait_days(1);
    let member = member.another_session().await;
    refused(check(&member, &code, &[(&tea, 2)]).await, "COUPON_EXPIRED").await;
}

async fn only_ones_own_and_for_staff_any(world: World) {
    let tea = world.product("tea").await;
    let (staff, member, other) = (world.staff().await, world.member().with_points(500).await, world.member().await);
    let reward = world.coupon_reward(10).await;
    let code = member.buy_coupon(&reward).await;
    let theirs = check(&other, &code, &[(&tea, 1)]).await.expect_refused("COUPON_NOT_YOURS");
    let none = check(&other, "NOBODYSCODE1", &[(&tea, 1)]).await.expect_refused("COUPON_NOT_YOURS");
    assert_eq!(theirs, none, "nobody learns which codes there are");
    check(&staff, &code, &[(&tea, 1)]).await.expect_ok();
    check(&staff, "NOBODYSCODE1", &[(&tea, 1)]).await.expect_refused("COUPON_NOT_YOURS");
    assert_eq!(check(&world.visitor(), &code, &[(&tea, 1)]).await.answer.code(), "UNAUTHENTICATED");
    staff.merge(&member, &other).await.expect_ok();
    check(&other, &code, &[(&tea, 1)]).await.expect_ok();
}
