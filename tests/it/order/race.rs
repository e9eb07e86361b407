//! Many at once for what is scarce: pieces, points, one coupon. Half of them come in by another process.

use std::collections::HashMap;

use crate::world::order::Call;
use crate::world::{Settings, World, both_databases};

both_databases!(
    five_pieces_are_sold_five_times,
    one_coupon_is_used_once,
    points_for_thirty_seven_are_redeemed_thirty_seven_times,
    ten_limited_rewards_are_given_ten_times,
    orders_over_the_same_products_do_not_deadlock,
);

/// Sends all calls at once, and counts their outcomes.
async fn outcomes(calls: impl IntoIterator<Item = Call>) -> HashMap<String, usize> {
    let tasks: Vec<_> = calls.into_iter().map(|call| tokio::spawn(async move { call.await.outcome() })).collect();
    let mut counts = HashMap::new();
    for outcome in futures_util::future::join_all(tasks).await {
        *counts.entry(outcome.expect("an answer")).or_default() += 1;
    }
    counts
}

fn counts<const N: usize>(expected: [(&str, usize); N]) -> HashMap<String, usize> {
    expected.into_iter().map(|(outcome, count)| (outcome.to_owned(), count)).collect()
}

async fn five_pieces_are_sold_five_times(world: World) {
    let tea = world.product("tea").stock(5).await;
    let other = world.another_process(Settings::default()).await;
    let mut calls = Vec::new();
    for turn in 0..50 {
        let member = world.member().await;
        let door = if turn % 2 == 0 { &world } else { &other };
        calls.push(door.serves(&member).place_order(&[(&tea, 1)]));
    }
    assert_eq!(outcomes(calls).await, counts([("OK", 5), ("NOT_ENOUGH_STOCK", 45)]));
    assert_eq!(world.pieces_left(tea.row).await, 0);
    other.stop().await;
}

async fn one_coupon_is_used_once(world: World) {
    let tea = world.product("tea").await;
    let reward = world.coupon_reward(100).await;
    let member = world.member().with_points(100).await;
    let code = member.buy_coupon(&reward).await;
    let other = world.another_process(Settings::default()).await;
    let calls = (0..20).map(|turn| {
        let door = if turn % 2 == 0 { &world } else { &other };
        door.serves(&member).place_order(&[(&tea, 1)]).with_coupon(&code)
    });
    assert_eq!(outcomes(calls).await, counts([("OK", 1), ("COUPON_USED", 19)]));
    other.stop().await;
}

async fn points_for_thirty_seven_are_redeemed_thirty_seven_times(world: World) {
    let reward = world.coupon_reward(100).await;
    let member = world.member().with_points(3_799).await;
    let other = world.another_process(Settings::default()).await;
    let calls = (0..200).map(|turn| {
        let door = if turn % 2 == 0 { &world } else { &other };
        door.serves(&member).redeem(&reward)
    });
    assert_eq!(outcomes(calls).await, counts([("OK", 37), ("NOT_ENOUGH_POINTS", 163)]));
    assert_eq!(member.points().await, 99);
    assert_eq!(world.books().await.count("coupon"), 37);
    other.stop().await;
}

async fn ten_limited_rewards_are_given_ten_times(world: World) {
    let tea = world.product("tea").await;
    let reward = world.goods_reward(&tea, 10).pieces(10).await;
    let mut calls = Vec::new();
    for _ in 0..20 {
        let member = world.member().with_points(100).await;
        calls.extend([member.redeem(&reward), member.redeem(&reward)]);
    }
    assert_eq!(outcomes(calls).await, counts([("OK", 10), ("REWARD_SOLD_OUT", 30)]));
    assert_eq!(world.pieces_left(reward.row).await, 0);
}

async fn orders_over_the_same_products_do_not_deadlock(world: World) {
    let (a, b, c) = (world.product("a").await, world.product("b").await, world.product("c").await);
    let other = world.another_process(Settings::default()).await;
    let mut calls = Vec::new();
    for turn in 0..60 {
        let member = world.member().await;
        let door = if turn % 2 == 0 { &world } else { &other };
        let lines = match turn % 3 {
            0 => [(&a, 1), (&b, 1), (&c, 1)],
            1 => [(&c, 1), (&b, 1), (&a, 1)],
            _ => [(&b, 1), (&c, 1), (&a, 1)],
        };
        calls.push(door.serves(&member).place_order(&lines));
    }
    assert_eq!(outcomes(calls).await, counts([("OK", 60)]));
    for product in [&a, &b, &c] {
        assert_eq!(world.pieces_left(product.row).await, 940);
    }
    other.stop().await;
}
