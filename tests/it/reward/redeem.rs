//! What a redemption does: points, lots in their order, stock and coupons.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    a_coupon_for_each_piece,
    goods_come_from_a_pile_of_their_own,
    points_are_taken_from_many_small_purchases,
    rewards_are_listed_from_the_cheapest_on,
);

async fn a_coupon_for_each_piece(world: World) {
    let reward = world.coupon_reward(100).value("2.50").valid_days(30).await;
    let member = world.member().with_points(1_000).await;
    let redemption = member.redeem(&reward).times(3).await.expect_ok();
    assert_eq!((&redemption["quantity"], &redemption["points"]), (&json!(3), &json!(300)));
    let coupons = redemption["coupons"].as_array().expect("coupons");
    assert_eq!((coupons.len(), &redemption["coupon"]["id"]), (3, &coupons[0]["id"]));
    for coupon in coupons {
        let code = coupon["code"].as_str().expect("a code");
        assert!(code.len() == 12 && code.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()), "{code}");
    }
    assert_eq!(redemption["reward"]["kind"], "COUPON");
    let me = member
        .query("{ me { coupons { totalCount nodes { status value { amount } minimumSpend { amount } } } } }")
        .await;
    let coupon = json!({ "status": "ACTIVE", "value": { "amount": "2.50" }, "minimumSpend": null });
    assert_eq!(me["me"]["coupons"], json!({ "totalCount": 3, "nodes": [coupon, coupon, coupon] }));
    assert_eq!(member.points().await, 700);
}

async fn goods_come_from_a_pile_of_their_own(world: World) {
    let cup = world.product("cup").stock(7).await;
    let reward = world.goods_reward(&cup, 40).pieces(3).await;
    let member = world.member().with_points(100).await;
    let redemption = member.redeem(&reward).times(2).await.expect_ok();
    assert_eq!((&redemption["coupon"], &redemption["coupons"]), (&Json::Null, &json!([])));
    assert_eq!((world.pieces_left(reward.row).await, world.pieces_left(cup.row).await), (1, 7));
    let rewards = "{ rewards { nodes { kind available couponValue { amount } product { sku } } } }";
    let shown = world.visitor().query(rewards).await["rewards"]["nodes"].clone();
    assert_eq!(
        shown,
        json!([{ "kind": "PRODUCT", "available": 1, "couponValue": null, "product": { "sku": cup.sku } }])
    );
}

/// More lots than are loaded at first, so the command has to come back for more, twice.
async fn points_are_taken_from_many_small_purchases(world: World) {
    let reward = world.coupon_reward(1_100).await;
    let member = world.member().await;
    for _ in 0..110 {
        world.record_purchase(member.member_id(), 100).await;
    }
    assert_eq!(member.points().await, 1_100);
    member.redeem(&reward).await.expect_ok();
    assert_eq!(member.points().await, 0);
    // Not one point more than there is, whatever was loaded.
    world.record_purchase(member.member_id(), 10_990).await;
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("NOT_ENOUGH_POINTS");
}

async fn rewards_are_listed_from_the_cheapest_on(world: World) {
    for points in [300, 100, 200, 100] {
        world.coupon_reward(points).await;
    }
    let list = world.visitor().query("{ rewards { totalCount nodes { pointsPrice } } }").await["rewards"].clone();
    let prices: Vec<_> = list["nodes"].as_array().expect("rewards").iter().map(|node| &node["pointsPrice"]).collect();
    assert_eq!(
        (list["totalCount"].as_i64(), prices),
        (Some(4), vec![&json!(100), &json!(100), &json!(200), &json!(300)])
    );
}
