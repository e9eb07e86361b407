//! What a placed order does to money, points and stock.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    points_are_rounded_once_and_shared_by_largest_remainder,
    a_discount_is_shared_over_the_lines,
    a_coupon_larger_than_the_order_makes_it_free,
    one_product_on_two_lines_is_taken_twice,
    the_largest_order_is_accepted,
    what_is_too_large_is_refused_and_changes_nothing,
    a_coupons_code_may_be_typed_in_any_case,
);

fn column<'a>(order: &'a Json, field: &str) -> Vec<&'a Json> {
    order["lines"].as_array().expect("lines").iter().map(|line| &line[field]).collect()
}

/// Example E2 of the ledger without its multiplier: ¥19.99, ¥5.01, ¥0.05 earn floor(250.5), shared 200/50/0.
async fn points_are_rounded_once_and_shared_by_largest_remainder(world: World) {
    let (a, b) = (world.product("a").price("19.99").await, world.product("b").price("5.01").await);
    let c = world.product("c").price("0.05").await;
    let member = world.member().await;
    let order = member.place_order(&[(&a, 1), (&b, 1), (&c, 1)]).await.expect_ok();
    assert_eq!((&order["total"]["amount"], &order["pointsEarned"]), (&json!("25.05"), &json!(250)));
    assert_eq!(column(&order, "pointsEarned"), [&json!(200), &json!(50), &json!(0)]);
    // Example E1: three of ¥33.34 earn 1000, not three times 333.
    let d = world.product("d").price("33.34").await;
    let order = member.place_order(&[(&d, 1), (&d, 1), (&d, 1)]).await.expect_ok();
    assert_eq!(order["pointsEarned"], 1000);
    assert_eq!(column(&order, "pointsEarned"), [&json!(334), &json!(333), &json!(333)]);
    assert_eq!(member.points().await, 1250);
}

async fn a_discount_is_shared_over_the_lines(world: World) {
    let (a, b) = (world.product("a").price("30.00").await, world.product("b").price("6.67").await);
    let reward = world.coupon_reward(100).value("10.00").await;
    let member = world.member().with_points(100).await;
    let code = member.buy_coupon(&reward).await;
    let order = member.place_order(&[(&a, 1), (&b, 3)]).with_coupon(&code).await.expect_ok();
    let sums = ["subtotal", "discount", "total"].map(|sum| order[sum]["amount"].clone());
    assert_eq!(sums, ["50.01", "10.00", "40.01"].map(Json::from));
    let amounts = |field| column(&order, field).iter().map(|money| money["amount"].clone()).collect::<Vec<_>>();
    assert_eq!(amounts("discount"), [json!("6.00"), json!("4.00")]);
    assert_eq!(amounts("total"), [json!("24.00"), json!("16.01")]);
    assert_eq!(order["pointsEarned"], 400, "on what was paid");
    assert_eq!(order["payments"][0]["amount"]["amount"], "40.01");
}

async fn a_coupon_larger_than_the_order_makes_it_free(world: World) {
    let tea = world.product("tea").price("3.00").await;
    let reward = world.coupon_reward(100).value("10.00").await;
    let member = world.member().with_points(100).await;
    let code = member.buy_coupon(&reward).await;
    let order = member.place_order(&[(&tea, 1)]).with_coupon(&code).await.expect_ok();
    let sums = ["subtotal", "discount", "total"].map(|sum| order[sum]["amount"].clone());
    assert_eq!(sums, ["3.00", "3.00", "0.00"].map(Json::from));
    assert_eq!((&order["pointsEarned"], member.points().await), (&json!(0), 0));
    let free = world.product("a gift").price("0.00").await;
    assert_eq!(member.place_order(&[(&free, 2)]).await.expect_ok()["total"]["amount"], "0.00");
}

async fn one_product_on_two_lines_is_taken_twice(world: World) {
    let tea = world.product("tea").stock(5).await;
    let member = world.member().await;
    let error =
        world.unchanged_by(member.place_order(&[(&tea, 3), (&tea, 3)])).await.expect_refused("NOT_ENOUGH_STOCK");
    assert_eq!((&error["path"], &error["availableQuantity"]), (&json!(["input", "lines", "1", "quantity"]), &json!(2)));
    member.place_order(&[(&tea, 3), (&tea, 2)]).await.expect_ok();
    assert_eq!(world.pieces_left(tea.row).await, 0);
}

async fn the_largest_order_is_accepted(world: World) {
    let mut products = Vec::new();
    for number in 0..100 {
        products.push(world.product(&format!("product {number}")).price("0.01").stock(10_000).await);
    }
    let member = world.member().await;
    let lines: Vec<_> = products.iter().map(|product| (product, 10_000)).collect();
    let order = member.place_order(&lines).await.expect_ok();
    assert_eq!((&order["pieces"], &order["total"]["amount"]), (&json!(1_000_000), &json!("10000.00")));
    assert_eq!(order["lines"].as_array().map(Vec::len), Some(100));
}

async fn what_is_too_large_is_refused_and_changes_nothing(world: World) {
    let gold = world.product("gold").price("214748364.00").stock(100_000).await;
    let (one, most) = (world.product("one").price("1.00").await, world.product("most").price("0.70").await);
    let vast = world.product("vast").price("92233720368547758.07").await;
    let member = world.member().await;
    for (order, code) in [
        ([(&gold, 2), (&one, 1)], "TOO_MANY_POINTS"),
        ([(&gold, 10_000), (&one, 1)], "TOO_MANY_POINTS"),
        ([(&vast, 1), (&vast, 1)], "ORDER_TOO_LARGE"),
        ([(&vast, 99), (&one, 1)], "ORDER_TOO_LARGE"),
    ] {
        let error = world.unchanged_by(member.place_order(&order)).await.expect_refused(code);
        assert_eq!(error["path"], json!(["input", "lines"]));
    }
    // A wallet takes what a GraphQL Int holds and not a point more.
    member.place_order(&[(&gold, 1)]).await.expect_ok();
    world.unchanged_by(member.place_order(&[(&one, 1)])).await.expect_refused("TOO_MANY_POINTS");
    member.place_order(&[(&most, 1)]).await.expect_ok();
    assert_eq!(member.points().await, i64::from(i32::MAX));
    world.unchanged_by(member.place_order(&[(&most, 1)])).await.expect_refused("TOO_MANY_POINTS");
}

async fn a_coupons_code_may_be_typed_in_any_case(world: World) {
    let tea = world.product("tea").await;
    let reward = world.coupon_reward(100).await;
    let member = world.member().with_points(100).await;
    let code = member.buy_coupon(&reward).await;
    let typed = format!("  {} ", code.to_lowercase());
    let order = member.place_order(&[(&tea, 1)]).with_coupon(&typed).await.expect_ok();
    assert_eq!(order["discount"]["amount"], "1.00");
}
