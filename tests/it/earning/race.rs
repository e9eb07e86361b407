//! Many at once for what a rule has to give. Half of them come in by another process.

use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use crate::world::{Settings, World, both_databases};

both_databases!(
    a_budget_of_a_thousand_points_is_never_overspent,
    what_returns_free_is_given_again_and_never_twice,
    a_member_at_a_hundred_doors_gets_what_one_may,
);

async fn a_budget_of_a_thousand_points_is_never_overspent(world: World) {
    let tea = world.product("tea").price("1.00").await;
    let staff = world.staff().await;
    staff.rule(json!({ "name": "A thousand", "effect": { "bonus": 35 }, "budget": "1000" })).await;
    let other = world.another_process(Settings::default()).await;
    let mut calls = Vec::new();
    for turn in 0..100 {
        let member = world.member().await;
        let door = if turn % 2 == 0 { &world } else { &other };
        calls.push(door.serves(&member).place_order(&[(&tea, 1)]));
    }
    let orders = join_all(calls.into_iter().map(|call| tokio::spawn(async move { call.await }))).await;
    let given = orders.into_iter().map(|order| {
        let order = order.expect("an answer").expect_ok();
        order["pointsEarned"].as_i64().expect("points") - 10
    });
    let mut given: Vec<i64> = given.collect();
    given.sort_unstable();
    // 28 times the whole, once the 20 that were left, and nothing for the rest.
    assert_eq!((given.iter().sum::<i64>(), given[71], given[72]), (1_000, 20, 35));
    let rules = staff.query("{ earningRules { nodes { budget { granted remaining used } } } }").await;
    let budget = json!({ "granted": "1000", "remaining": "0", "used": "1000" });
    assert_eq!(rules["earningRules"]["nodes"][0]["budget"], budget);
    other.stop().await;
}

/// Ten orders come back while forty others are placed: whatever is free at the moment is given, and in the end all of it.
async fn what_returns_free_is_given_again_and_never_twice(world: World) {
    let tea = world.product("tea").price("1.00").await;
    let staff = world.staff().await;
    staff.rule(json!({ "name": "A thousand", "effect": { "bonus": 35 }, "budget": "1000" })).await;
    let other = world.another_process(Settings::default()).await;
    let mut orders = Vec::new();
    for _ in 0..30 {
        orders.push(world.member().await.place_order(&[(&tea, 1)]).await.expect_ok());
    }
    let bonus = |order: &Json| order["pointsEarned"].as_i64().expect("points") - 10;
    assert_eq!(orders.iter().map(bonus).sum::<i64>(), 1_000);
    let mut calls = Vec::new();
    for turn in 0..40 {
        let member = world.member().await;
        let door = if turn % 2 == 0 { &world } else { &other };
        calls.push(door.serves(&member).place_order(&[(&tea, 1)]));
    }
    let cancelled = 20..30;
    calls.splice(20..20, orders[..10].iter().map(|order| staff.cancel_order(order)));
    let answers = join_all(calls.into_iter().map(|call| tokio::spawn(async move { call.await }))).await;
    let answers: Vec<Json> = answers.into_iter().map(|answer| answer.expect("an answer").expect_ok()).collect();
    let given: i64 = (0..50).filter(|at| !cancelled.contains(at)).map(|at| bonus(&answers[at])).sum();
    assert!(given <= 350, "{given} of 350 that came back");
    // Who comes after has the rest.
    let mut rest = 350 - given;
    while rest > 0 {
        let order = world.member().await.place_order(&[(&tea, 1)]).await.expect_ok();
        assert_eq!(bonus(&order), rest.min(35));
        rest -= bonus(&order);
    }
    let rules = staff.query("{ earningRules { nodes { budget { granted remaining used } } } }").await;
    let budget = json!({ "granted": "1000", "remaining": "0", "used": "1000" });
    assert_eq!(rules["earningRules"]["nodes"][0]["budget"], budget);
    other.stop().await;
}

async fn a_member_at_a_hundred_doors_gets_what_one_may(world: World) {
    let tea = world.product("tea").price("1.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let caps = json!([{ "period": "DAY", "times": 3, "points": 50 }]);
    staff.rule(json!({ "name": "Three times", "effect": { "bonus": 20 }, "caps": caps })).await;
    let other = world.another_process(Settings::default()).await;
    let calls = (0..40).map(|turn| {
        let door = if turn % 2 == 0 { &world } else { &other };
        let call = door.serves(&member).place_order(&[(&tea, 1)]);
        tokio::spawn(async move { call.await })
    });
    let orders = join_all(calls).await;
    let given = orders
        .into_iter()
        .map(|order| order.expect("an answer").expect_ok()["pointsEarned"].as_i64().unwrap_or(0) - 10);
    assert_eq!(given.sum::<i64>(), 50);
    other.stop().await;
}
