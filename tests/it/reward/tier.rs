//! What a tier has of rewards.

use serde_json::{Value as Json, json};

use crate::world::tier::three_tiers;
use crate::world::{Client, World, both_databases};

both_databases!(
    a_tier_lists_what_is_only_for_it_or_has_a_price_for_it,
    others_see_what_they_could_redeem_in_the_tier,
    its_rewards_come_in_pages_with_a_fixed_number_of_statements,
);

const REWARDS: &str = "query($id: ID!) { node(id: $id) { ... on Tier { rewards { totalCount nodes {
    exclusive reward { name } price { pointsPrice moneyPrice { amount } tier { code } } } } } } }";

/// The rewards of a tier, as somebody sees them.
async fn rewards(client: &Client, tier: &Json) -> Json {
    let seen = client.graphql(REWARDS, json!({ "id": tier["id"] })).await.data()["node"]["rewards"].clone();
    assert_eq!(seen["totalCount"], seen["nodes"].as_array().map_or(0, Vec::len));
    seen["nodes"].clone()
}

/// Their names, in the order of the list.
async fn names(client: &Client, tier: &Json) -> String {
    let nodes = rewards(client, tier).await;
    let names = nodes.as_array().into_iter().flatten().filter_map(|node| node["reward"]["name"].as_str());
    names.collect::<Vec<_>>().join(" ")
}

async fn a_tier_lists_what_is_only_for_it_or_has_a_price_for_it(world: World) {
    let staff = world.staff().await;
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let [base, silver, gold] = [0, 1, 2].map(|place| set["tiers"][place].clone());
    let prices = json!([{ "tierId": gold["id"], "pointsPrice": 50, "moneyPrice": "1.50" }]);
    let (cheap, _) = staff.reward(json!({ "name": "Cheaper", "tierPrices": prices })).await;
    let audience = json!({ "tiers": [silver["id"], gold["id"]] });
    staff.reward(json!({ "name": "Exclusive", "pointsPrice": 60, "audience": audience })).await;
    staff.reward(json!({ "name": "Plain" })).await;
    let everybody = json!({ "tiers": [base["id"], silver["id"], gold["id"]] });
    staff.reward(json!({ "name": "Everybody", "audience": everybody })).await;
    let visitor = world.visitor();
    let exclusive = json!({ "exclusive": true, "reward": { "name": "Exclusive" },
        "price": { "pointsPrice": 60, "moneyPrice": null, "tier": null } });
    let cheaper = json!({ "exclusive": false, "reward": { "name": "Cheaper" },
        "price": { "pointsPrice": 50, "moneyPrice": { "amount": "1.50" }, "tier": { "code": "GOLD" } } });
    assert_eq!(rewards(&visitor, &base).await, json!([]));
    assert_eq!(rewards(&visitor, &silver).await, json!([exclusive]));
    assert_eq!(rewards(&visitor, &gold).await, json!([exclusive, cheaper]));
    // Only the prices of today's revision count.
    let prices = json!([{ "tierId": silver["id"], "pointsPrice": 70 }]);
    let cheap = staff.update_reward(&cheap, json!({ "tierPrices": prices })).await.expect_ok();
    assert_eq!(
        (names(&visitor, &silver).await, names(&visitor, &gold).await),
        ("Exclusive Cheaper".into(), "Exclusive".into())
    );
    staff.end_reward(&cheap).await.expect_ok();
    assert_eq!(
        (names(&visitor, &silver).await, names(&staff, &silver).await),
        ("Exclusive".into(), "Exclusive".into())
    );
}

async fn others_see_what_they_could_redeem_in_the_tier(world: World) {
    let (staff, member, vip) = (world.staff().await, world.member().await, world.member().await);
    staff.tag(&vip, json!(["vip"])).await;
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let gold = &set["tiers"][2];
    let both = json!({ "all": [{ "tags": ["vip"] }, { "tiers": [gold["id"]] }] });
    let price = json!([{ "tierId": gold["id"], "pointsPrice": 9 }]);
    staff.reward(json!({ "name": "VIP", "pointsPrice": 1, "audience": both })).await;
    let tagged = json!({ "tags": ["vip"] });
    staff.reward(json!({ "name": "Tagged", "pointsPrice": 2, "audience": tagged, "tierPrices": price })).await;
    staff.reward(json!({ "name": "Draft", "pointsPrice": 3, "draft": true, "tierPrices": price })).await;
    let later = json!("2026-12-01T00:00:00Z");
    staff.reward(json!({ "name": "Later", "pointsPrice": 4, "startsAt": later, "tierPrices": price })).await;
    staff.reward(json!({ "name": "Now", "pointsPrice": 5, "tierPrices": price })).await;
    assert_eq!(names(&world.visitor(), gold).await, "Now");
    assert_eq!(names(&member, gold).await, "Now");
    assert_eq!(names(&vip, gold).await, "VIP Tagged Now", "as if they were in it");
    assert_eq!(names(&staff, gold).await, "VIP Tagged Draft Later Now");
}

async fn its_rewards_come_in_pages_with_a_fixed_number_of_statements(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let price = |place: usize| json!({ "tierId": set["tiers"][place]["id"], "pointsPrice": 5 });
    let reward = async |points: i64| {
        let audience = json!({ "any": [{ "tags": ["vip"] }, { "not": { "tags": ["nobody"] } }] });
        let name = format!("R{points}");
        let prices = json!([price(0), price(1), price(2)]);
        staff.reward(json!({ "name": name, "pointsPrice": points, "audience": audience, "tierPrices": prices })).await;
    };
    let fields = "rewards(first: 2) { totalCount nodes { reward { name } price { pointsPrice tier { code } } } }";
    let ask = async |places: &[usize]| {
        let parts = places.iter().map(|place| {
            let id = set["tiers"][*place]["id"].as_str().unwrap_or_default();
            format!("t{place}: node(id: \"{id}\") {{ ... on Tier {{ {fields} }} }}")
        });
        let document = format!("{{ {} }}", parts.collect::<Vec<_>>().join(" "));
        world.take_statements();
        let data = member.query(&document).await;
        (world.take_statements(), data)
    };
    reward(10).await;
    ask(&[0]).await;
    let (of_one, _) = ask(&[0]).await;
    for points in [30, 20, 20, 50, 40] {
        reward(points).await;
    }
    let (of_all, data) = ask(&[0, 1, 2]).await;
    assert_eq!(data["t2"]["rewards"]["totalCount"], 6);
    assert!(of_all.len() <= of_one.len(), "{} for one:\n{}", of_one.len(), of_all.join("\n"));
    // The pages, from either end.
    let paged =
        "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { node(id: $id) { ... on Tier {
        rewards(first: $first, after: $after, last: $last, before: $before) { nodes { reward { name } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }";
    let page = async |mut variables: Json| {
        variables["id"] = set["tiers"][1]["id"].clone();
        member.graphql(paged, variables).await.data()["node"]["rewards"].clone()
    };
    let all = page(json!({})).await["nodes"].as_array().cloned().unwrap_or_default();
    let (mut forward, mut after) = (Vec::new(), Json::Null);
    loop {
        let seen = page(json!({ "first": 2, "after": after })).await;
        forward.extend(seen["nodes"].as_array().cloned().unwrap_or_default());
        after = seen["pageInfo"]["endCursor"].clone();
        if seen["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!((forward.len(), &forward), (6, &all));
    let last = page(json!({ "last": 2 })).await;
    assert_eq!(last["nodes"], json!(all[4..]));
    let before = page(json!({ "last": 3, "before": last["pageInfo"]["startCursor"] })).await;
    assert_eq!((&before["nodes"], &before["pageInfo"]["hasPreviousPage"]), (&json!(all[1..4]), &json!(true)));
}
