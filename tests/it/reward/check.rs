//! What a reward says to whoever asks whether they could redeem it.

use serde_json::{Value as Json, json};

use crate::world::{Client, World, both_databases};

both_databases!(
    everything_that_stands_in_the_way_is_told,
    what_it_says_is_what_redeem_does,
    a_page_takes_as_many_statements_for_one_reward_as_for_many,
);

const CHECK: &str = "query($id: ID!, $quantity: Int! = 1, $from: PointsPurse! = OWN) { node(id: $id) { ... on Reward {
    canRedeem(quantity: $quantity, pointsFrom: $from) { ok reasons { code message requiredPoints missingPoints
        availableQuantity startsAt } } } } }";

async fn check(client: &Client, id: &str, quantity: i64) -> Json {
    let answer = client.graphql(CHECK, json!({ "id": id, "quantity": quantity })).await;
    answer.data()["node"]["canRedeem"].clone()
}

fn codes(check: &Json) -> Vec<&str> {
    check["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .map(|reason| reason["code"].as_str().expect("a code"))
        .collect()
}

async fn everything_that_stands_in_the_way_is_told(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(150).await);
    let limit = json!({ "limit": { "period": "DAY", "pieces": 2 }, "stock": 3, "audience": { "tags": ["gold"] } });
    let (seen, reward) = staff.reward(limit).await;
    assert_eq!(check(&world.visitor(), &reward.id, 1).await, Json::Null);
    assert_eq!(codes(&check(&member, &reward.id, 1).await), ["REWARD_NOT_FOR_YOU"]);
    staff.tag(&member, json!(["gold"])).await;
    assert_eq!(check(&member, &reward.id, 1).await, json!({ "ok": true, "reasons": [] }));
    let all = check(&member, &reward.id, 4).await;
    assert_eq!(codes(&all), ["LIMIT_REACHED", "REWARD_SOLD_OUT", "NOT_ENOUGH_POINTS"]);
    let reasons = &all["reasons"];
    assert_eq!((&reasons[0]["availableQuantity"], &reasons[1]["availableQuantity"]), (&json!(2), &json!(3)));
    assert_eq!((&reasons[2]["requiredPoints"], &reasons[2]["missingPoints"]), (&json!(400), &json!(250)));
    assert_eq!(codes(&check(&member, &reward.id, 0).await), ["BAD_QUANTITY"]);
    member.redeem(&reward).await.expect_ok();
    assert_eq!(codes(&check(&member, &reward.id, 1).await), ["NOT_ENOUGH_POINTS"]);
    let household = member.graphql(CHECK, json!({ "id": reward.id, "from": "HOUSEHOLD" })).await;
    assert_eq!(codes(&household.data()["node"]["canRedeem"]), ["NO_HOUSEHOLD"]);
    let at = json!(world.app.clock.now().plus(60_000_000).rfc3339());
    let later = staff.update_reward(&seen, json!({ "startsAt": at })).await.expect_ok();
    let early = check(&member, &reward.id, 1).await;
    assert_eq!((codes(&early)[0], early["reasons"][0]["startsAt"].is_string()), ("REWARD_NOT_YET", true));
    staff.end_reward(&later).await.expect_ok();
    let over = check(&member.speaking("zh-CN"), &reward.id, 1).await;
    assert_eq!((codes(&over)[0], &over["reasons"][0]["message"]), ("REWARD_OVER", &json!("礼品已停止兑换。")));
}

/// In a world in which each reward is refused for something else.
async fn what_it_says_is_what_redeem_does(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(500).await);
    let mut rewards = vec![staff.code_reward(&["a"], json!({})).await, staff.code_reward(&[], json!({})).await];
    for with in [
        json!({}),
        json!({ "pointsPrice": 501 }),
        json!({ "stock": 0 }),
        json!({ "audience": { "not": { "tags": ["x"] } } }),
        json!({ "audience": { "tags": ["x"] } }),
        json!({ "endsAt": world.app.clock.now().plus(1).rfc3339() }),
    ] {
        rewards.push(staff.reward(with).await.1);
    }
    world.wait_seconds(1);
    for reward in &rewards {
        let said = check(&member, &reward.id, 1).await;
        let done = member.redeem(reward).await.outcome();
        let said = if said["ok"] == true { "OK" } else { codes(&said)[0] };
        assert_eq!(said, done);
        let redeemed = member.query("{ me { pointsAccount { active } } }").await;
        assert!(redeemed["me"]["pointsAccount"]["active"].is_i64());
    }
}

async fn a_page_takes_as_many_statements_for_one_reward_as_for_many(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(5_000).await);
    let set = staff.create_tiers(crate::world::tier::three_tiers()).await.expect_ok();
    let rewards = async |count: usize| {
        for number in 0..count {
            let prices = json!([{ "tierId": set["tiers"][number % 3]["id"], "pointsPrice": 5 }]);
            let audience = json!({ "any": [{ "not": { "tags": ["x"] } }, { "tiers": [set["tiers"][0]["id"]] }] });
            let with = json!({ "stock": 5, "limit": { "period": "WEEK", "pieces": 2 } });
            let with = match number % 2 {
                0 => json!({ "stock": 5, "limit": with["limit"], "tierPrices": prices }),
                _ => json!({ "stock": 5, "limit": with["limit"], "audience": audience, "tierPrices": prices }),
            };
            staff.reward(with).await;
        }
    };
    let document = "{ rewards(first: 100) { nodes { available canRedeem { ok reasons { code missingPoints } }
        priceForMe { pointsPrice tier { code } } tierPrices { pointsPrice tier { code } } } } }";
    rewards(2).await;
    member.query(document).await;
    world.take_statements();
    member.query(document).await;
    let of_few = world.take_statements();
    rewards(40).await;
    world.take_statements();
    let data = member.query(document).await;
    let of_many = world.take_statements();
    assert_eq!(data["rewards"]["nodes"].as_array().map(Vec::len), Some(42));
    assert!(data["rewards"]["nodes"].as_array().expect("rewards").iter().all(|node| node["canRedeem"]["ok"] == true));
    println!("{} statements", of_few.len());
    assert!(of_many.len() <= of_few.len() + 2, "{} and {}:\n{}", of_few.len(), of_many.len(), of_many.join("\n"));
}
