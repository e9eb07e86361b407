//! What a tier gives: its multiplier, and rules that ask for it.

use serde_json::json;

use crate::world::tier::three_tiers;
use crate::world::{World, both_databases};

both_databases!(
    a_tier_multiplies_from_the_next_order_on_and_returns_reckon_with_it,
    a_rule_can_be_for_members_of_a_tier,
    a_list_of_members_takes_no_more_statements_for_tiers,
);

const SHARES: &str = "query($number: String!) { order(by: { number: $number }) {
    pointsEarned pointsShares { points clawedBack tier { code multiplier } rule { name } } } }";

async fn a_tier_multiplies_from_the_next_order_on_and_returns_reckon_with_it(world: World) {
    let (big, small) = (world.product("big").price("1000.00").await, world.product("small").price("3.33").await);
    let (staff, member) = (world.staff().await, world.member().await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let first = member.place_order(&[(&big, 1)]).await.expect_ok();
    assert_eq!(first["pointsEarned"], 10_000, "the order that reaches it is still of the tier before");
    staff.rule(json!({ "name": "Double", "effect": { "multiplier": "2" } })).await;
    let order = member.place_order(&[(&small, 3)]).await.expect_ok();
    // ¥9.99: 99.9 at once, 149.85 one and a half times, 249.75 with the rule on top; rounded down at each step.
    let seen = member.graphql(SHARES, json!({ "number": order["number"] })).await.data()["order"].clone();
    let shares = json!([
        { "points": 50, "clawedBack": 0, "tier": { "code": "GOLD", "multiplier": "1.5" }, "rule": null },
        { "points": 100, "clawedBack": 0, "tier": null, "rule": { "name": "Double" } },
    ]);
    assert_eq!((&seen["pointsEarned"], &seen["pointsShares"]), (&json!(249), &shares));
    let mut clawed = Vec::new();
    // Whatever the tier gives by now, the return is reckoned with what it gave then.
    let tiers = json!([{ "id": set["tiers"][0]["id"], "code": "ALL", "name": "All", "threshold": "0" }]);
    staff.update_tiers(&set, json!({ "tiers": tiers })).await.expect_ok();
    for _ in 0..3 {
        let taken = staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
        clawed.push(taken["pointsClawedBack"].as_i64().expect("points"));
    }
    assert_eq!(clawed.iter().sum::<i64>(), 249, "{clawed:?}");
    let seen = member.graphql(SHARES, json!({ "number": order["number"] })).await.data();
    assert_eq!(seen["order"]["pointsShares"][0]["clawedBack"], 50);
}

async fn a_rule_can_be_for_members_of_a_tier(world: World) {
    let tea = world.product("tea").price("500.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let condition = json!({ "tiers": [set["tiers"][1]["id"]] });
    staff.rule(json!({ "name": "Silver", "effect": { "bonus": 7 }, "condition": condition, "budget": "10" })).await;
    let earned = async || member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"].clone();
    assert_eq!(earned().await, 5_000, "not yet");
    assert_eq!(earned().await, 5_007);
    assert_eq!(earned().await, 7_500, "gold by now, half as much again");
}

async fn a_list_of_members_takes_no_more_statements_for_tiers(world: World) {
    let staff = world.staff().await;
    staff.create_tiers(three_tiers()).await.expect_ok();
    let fields =
        "tier { code } tierProgress { qualifying next { missing } } tierHistory { totalCount nodes { to { code } } }";
    let (ann, bob) = (world.member().with_points(6_000).await, world.member().with_points(20_000).await);
    let ask = async |ids: &[&str]| {
        let parts = ids
            .iter()
            .enumerate()
            .map(|(at, id)| format!("m{at}: node(id: \"{id}\") {{ ... on Member {{ {fields} }} }}"));
        let document = format!("{{ {} }}", parts.collect::<Vec<_>>().join(" "));
        world.take_statements();
        let data = staff.query(&document).await;
        (world.take_statements().len(), data)
    };
    let (of_one, _) = ask(&[&ann.id]).await;
    let (of_all, data) = ask(&[&ann.id, &bob.id, &staff.id]).await;
    assert_eq!((&data["m0"]["tier"]["code"], &data["m1"]["tier"]["code"]), (&json!("SILVER"), &json!("GOLD")));
    assert!(of_all <= of_one, "{of_one} for one and {of_all} for three");
}
