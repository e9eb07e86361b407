//! What each kind of reward gives.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    a_percentage_is_shared_over_the_lines_up_to_its_ceiling,
    a_coupon_for_a_product_takes_one_piece_off,
    a_donation_gives_nothing,
    goods_are_taken_from_the_products_stock,
    money_is_paid_beside_points,
);

async fn a_percentage_is_shared_over_the_lines_up_to_its_ceiling(world: World) {
    let (tea, cup) = (world.product("tea").price("9.99").await, world.product("cup").price("3.33").await);
    let (staff, member) = (world.staff().await, world.member().with_points(5_000).await);
    let (made, reward) =
        staff.reward(json!({ "kind": "PERCENT_COUPON", "couponValue": "50.00", "couponPercent": "12.5" })).await;
    assert_eq!((&made["couponPercent"], &made["couponValue"]), (&json!("12.5"), &json!({ "amount": "50.00" })));
    let code = member.buy_coupon(&reward).await;
    let order = member.place_order(&[(&tea, 1), (&cup, 2)]).with_coupon(&code).await.expect_ok();
    // 12.5 % of ¥16.65 are ¥2.08125.
    let lines: Vec<&Json> =
        order["lines"].as_array().expect("lines").iter().map(|line| &line["discount"]["amount"]).collect();
    assert_eq!((&order["discount"]["amount"], lines), (&json!("2.08"), vec![&json!("1.25"), &json!("0.83")]));
    let capped = staff.update_reward(&made, json!({ "couponValue": "1.00" })).await.expect_ok();
    assert_eq!(capped["couponValue"]["amount"], "1.00");
    let code = member.buy_coupon(&reward).await;
    let order = member.place_order(&[(&tea, 1), (&cup, 2)]).with_coupon(&code).await.expect_ok();
    assert_eq!(order["discount"]["amount"], "1.00");
    staff.refund_order(&order).await.expect_ok();
    let me = member.query("{ me { coupons { nodes { status percent value { amount } } } } }").await;
    let newest = json!({ "status": "ACTIVE", "percent": "12.5", "value": { "amount": "1.00" } });
    assert_eq!(me["me"]["coupons"]["nodes"][0], newest);
}

async fn a_coupon_for_a_product_takes_one_piece_off(world: World) {
    let (tea, cup) = (world.product("tea").price("12.00").await, world.product("cup").price("7.00").await);
    let (staff, member) = (world.staff().await, world.member().with_points(5_000).await);
    let (made, reward) = staff
        .reward(json!({ "kind": "PRODUCT_COUPON", "couponValue": null, "productId": cup.id, "minimumSpend": "15.00" }))
        .await;
    assert_eq!(made["product"]["sku"], json!(cup.sku));
    let code = member.buy_coupon(&reward).await;
    let without = world.unchanged_by(member.place_order(&[(&tea, 2)]).with_coupon(&code)).await;
    assert_eq!(without.expect_refused("COUPON_PRODUCT_MISSING")["path"], json!(["input", "couponCode"]));
    let small = world.unchanged_by(member.place_order(&[(&cup, 2)]).with_coupon(&code)).await;
    small.expect_refused("COUPON_BELOW_MINIMUM");
    // A piece is free at the price of the day.
    world.reprice(&cup, "8.00").await;
    let order = member.place_order(&[(&tea, 1), (&cup, 3)]).with_coupon(&code).await.expect_ok();
    let lines: Vec<&Json> =
        order["lines"].as_array().expect("lines").iter().map(|line| &line["total"]["amount"]).collect();
    assert_eq!((&order["discount"]["amount"], lines), (&json!("8.00"), vec![&json!("12.00"), &json!("16.00")]));
    staff.refund_order(&order).await.expect_ok();
    let again = member.place_order(&[(&tea, 1), (&cup, 1)]).with_coupon(&code).await.expect_ok();
    assert_eq!(again["total"]["amount"], "12.00");
}

async fn a_donation_gives_nothing(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(500).await);
    let (_, reward) =
        staff.reward(json!({ "kind": "DONATION", "name": "Trees", "couponValue": null, "pointsPrice": 10 })).await;
    let given = member.redeem(&reward).times(30).await.expect_ok();
    assert_eq!((&given["points"], &given["coupons"]), (&json!(300), &json!([])));
    assert_eq!(member.points().await, 200);
}

async fn goods_are_taken_from_the_products_stock(world: World) {
    let cup = world.product("cup").stock(5).await;
    let (staff, member) = (world.staff().await, world.member().with_points(500).await);
    let goods = json!({ "kind": "PRODUCT", "couponValue": null, "productId": cup.id, "pointsPrice": 10 });
    let (seen, reward) = staff.reward(goods).await;
    member.redeem(&reward).times(2).await.expect_ok();
    assert_eq!(world.pieces_left(cup.row).await, 3);
    // A pile of its own from now on; the shelf keeps what it has.
    staff.update_reward(&seen, json!({ "stock": 1 })).await.expect_ok();
    let redemption = member.redeem(&reward).await.expect_ok();
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("REWARD_SOLD_OUT");
    assert_eq!((world.pieces_left(cup.row).await, world.pieces_left(reward.row).await), (3, 0));
    staff.cancel_redemption(&redemption).await.expect_ok();
    assert_eq!((world.pieces_left(cup.row).await, world.pieces_left(reward.row).await), (3, 1));
}

async fn money_is_paid_beside_points(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(500).await);
    let (made, reward) = staff.reward(json!({ "moneyPrice": "9.90", "stock": 5 })).await;
    assert_eq!(made["moneyPrice"]["amount"], "9.90");
    let redemption = member.redeem(&reward).times(2).await.expect_ok();
    let shown = "query($id: ID!) { node(id: $id) { ... on Redemption {
        status money { amount currencyCode } moneyToGiveBack { amount } } } }";
    let seen = member.graphql(shown, json!({ "id": redemption["id"] })).await.data()["node"].clone();
    let money = json!({ "amount": "19.80", "currencyCode": "CNY" });
    assert_eq!(seen, json!({ "status": "ISSUED", "money": money, "moneyToGiveBack": null }));
    let cancelled = staff.cancel_redemption(&redemption).await.expect_ok();
    assert_eq!(cancelled["moneyToGiveBack"]["amount"], "19.80");
    assert_eq!((member.points().await, world.pieces_left(reward.row).await), (500, 5));
}
