//! Paying part of an order with points.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(e8_points_and_money_on_one_order, what_is_wrong_with_paying_with_points);

/// E8: ¥30.00, three of ¥6.67 and ¥9.99 are ¥60.00; 1,000 points pay ¥10 of it, and the rest earns 500.
async fn e8_points_and_money_on_one_order(world: World) {
    let cake = world.product("cake").price("30.00").await;
    let tea = world.product("tea").price("6.67").await;
    let bread = world.product("bread").price("9.99").await;
    let member = world.member().with_points(1_200).await;
    let order = member.place_order(&[(&cake, 1), (&tea, 3), (&bread, 1)]).with_points(1_000).await.expect_ok();
    assert_eq!((&order["total"]["amount"], &order["pointsEarned"]), (&json!("60.00"), &json!(500)));
    assert_eq!(
        order["payments"],
        json!([{ "method": "MANUAL", "status": "CAPTURED", "amount": { "amount": "50.00" } }])
    );
    assert_eq!(member.points().await, 700);
}

async fn what_is_wrong_with_paying_with_points(world: World) {
    world
        .program(|program| {
            // 3 points are worth 2 fen, so an order takes a multiple of 3; at most half of it.
            (program.exchange_points, program.exchange_minor) = (3, 2);
            (program.redemption_minimum, program.redemption_step) = (30, 3);
            program.payable_percent = 50;
        })
        .await;
    let tea = world.product("tea").price("1.00").await;
    let member = world.member().with_points(60).await;
    let pay = |points: i64| member.place_order(&[(&tea, 1)]).with_points(points);
    assert_eq!(pay(29).await.expect_refused("POINTS_BELOW_MINIMUM")["path"], json!(["input", "points"]));
    pay(31).await.expect_refused("POINTS_NOT_A_STEP");
    pay(78).await.expect_refused("POINTS_ABOVE_SHARE");
    pay(75).await.expect_refused("NOT_ENOUGH_POINTS");
    pay(-3).await.expect_refused("POINTS_BELOW_MINIMUM");
    let would_do = |refused: &Json| refused["validPoints"].clone();
    assert_eq!(would_do(&pay(28).await.expect_refused("POINTS_BELOW_MINIMUM")), json!([30]));
    assert_eq!(would_do(&pay(31).await.expect_refused("POINTS_NOT_A_STEP")), json!([30, 33]));
    assert_eq!(would_do(&pay(76).await.expect_refused("POINTS_ABOVE_SHARE")), json!([75]), "a step above is too much");
    // Half of ¥0.20 is less than the least.
    let crumb = world.product("crumb").price("0.20").await;
    for points in [1, 15, 31, 3_000] {
        let refused = member.place_order(&[(&crumb, 1)]).with_points(points).await;
        assert_eq!(would_do(&refused.expect_refused("POINTS_ABOVE_SHARE")), json!([]), "{points}");
    }
    assert_eq!((member.points().await, world.pieces_left(tea.row).await), (60, 1_000), "nothing was changed");
    let order = pay(60).await.expect_ok();
    assert_eq!(order["payments"][0]["amount"]["amount"], "0.60");
    assert_eq!((&order["pointsEarned"], member.points().await), (&json!(6), 6));
}
