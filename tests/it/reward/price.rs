//! What rewards cost members of tiers.

use serde_json::{Value as Json, json};

use crate::world::tier::three_tiers;
use crate::world::{Member, World, both_databases};

both_databases!(
    a_member_pays_what_their_tier_pays,
    the_price_is_that_of_the_moment,
    prices_are_set_changed_and_kept_by_revision,
    what_cannot_be_a_price_changes_nothing,
);

/// Who has earned so many points for purchases by now.
async fn shopper(world: &World, spend: &str) -> Member {
    let (goods, member) = (world.product("goods").price(spend).await, world.member().await);
    member.place_order(&[(&goods, 1)]).await.expect_ok();
    member
}

async fn a_member_pays_what_their_tier_pays(world: World) {
    let staff = world.staff().await;
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let (plain, silver, gold) =
        (shopper(&world, "30.00").await, shopper(&world, "600.00").await, shopper(&world, "1200.00").await);
    let prices = json!([
        { "tierId": set["tiers"][1]["id"], "pointsPrice": 80 },
        { "tierId": set["tiers"][2]["id"], "pointsPrice": 50, "moneyPrice": "1.50" },
    ]);
    let (made, reward) = staff.reward(json!({ "moneyPrice": "2.00", "tierPrices": prices })).await;
    assert_eq!(made["revision"], 1);
    let mine = "{ rewards { nodes { pointsPrice priceForMe { pointsPrice moneyPrice { amount } tier { code } }
        tierPrices { pointsPrice } } } }";
    let paid = "query($id: ID!) { node(id: $id) { ... on Redemption { points money { amount } pricedFor { code } } } }";
    for (member, points, money, code) in [
        (&plain, 100, json!({ "amount": "2.00" }), Json::Null),
        (&silver, 80, Json::Null, json!("SILVER")),
        (&gold, 50, json!({ "amount": "1.50" }), json!("GOLD")),
    ] {
        let tier = if code.is_null() { Json::Null } else { json!({ "code": code }) };
        let seen = member.query(mine).await["rewards"]["nodes"][0].clone();
        assert_eq!(seen["priceForMe"], json!({ "pointsPrice": points, "moneyPrice": money, "tier": tier }));
        assert_eq!((&seen["pointsPrice"], seen["tierPrices"].as_array().map(Vec::len)), (&json!(100), Some(2)));
        let before = member.points().await;
        let redemption = member.redeem(&reward).times(2).await.expect_ok();
        assert_eq!((&redemption["points"], before - member.points().await), (&json!(2 * points), 2 * points));
        let shown = member.graphql(paid, json!({ "id": redemption["id"] })).await.data()["node"].clone();
        assert_eq!((&shown["points"], &shown["pricedFor"]), (&json!(2 * points), &tier));
        assert_eq!(shown["money"].is_null(), money.is_null());
        staff.cancel_redemption(&redemption).await.expect_ok();
        assert_eq!(member.points().await, before, "what was paid comes back, whatever the price");
    }
    let visitor = world.visitor().query(mine).await["rewards"]["nodes"][0].clone();
    assert_eq!(visitor["priceForMe"], Json::Null);
}

async fn the_price_is_that_of_the_moment(world: World) {
    let staff = world.staff().await;
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let member = shopper(&world, "30.00").await;
    let prices = json!([{ "tierId": set["tiers"][1]["id"], "pointsPrice": 10 }]);
    let (_, reward) = staff.reward(json!({ "tierPrices": prices })).await;
    assert_eq!(member.redeem(&reward).with_key("plain").await.expect_ok()["points"], 100);
    let goods = world.product("more").price("500.00").await;
    member.place_order(&[(&goods, 1)]).await.expect_ok();
    assert_eq!(member.tier().await, "SILVER");
    assert_eq!(member.redeem(&reward).await.expect_ok()["points"], 10);
    let again = world.unchanged_by(member.redeem(&reward).with_key("plain")).await.expect_ok();
    assert_eq!(again["points"], 100, "a key finds what it cost then");
    // The year is over, and so is the tier, though no sweep has said so yet.
    world.travel_to("2028-01-02T00:00:00Z");
    let member = member.another_session().await;
    let check = "{ rewards { nodes { priceForMe { pointsPrice } } } }";
    assert_eq!(member.query(check).await["rewards"]["nodes"][0]["priceForMe"]["pointsPrice"], 100);
    assert_eq!(member.redeem(&reward).await.expect_ok()["points"], 100);
    assert_eq!(member.tier().await, "BASE");
}

async fn prices_are_set_changed_and_kept_by_revision(world: World) {
    let staff = world.staff().await;
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let member = shopper(&world, "600.00").await;
    let price = |points: i64| json!([{ "tierId": set["tiers"][1]["id"], "pointsPrice": points }]);
    let (made, reward) = staff.reward(json!({ "tierPrices": price(70) })).await;
    let renamed = staff.update_reward(&made, json!({ "name": "Renamed" })).await.expect_ok();
    assert_eq!(member.redeem(&reward).await.expect_ok()["points"], 70, "prices stay when something else changes");
    let same = staff.update_reward(&renamed, json!({ "tierPrices": price(70) })).await.expect_ok();
    assert_eq!(same["revision"], 2, "nothing is different");
    let cheaper = staff.update_reward(&renamed, json!({ "tierPrices": price(60) })).await.expect_ok();
    assert_eq!((&cheaper["revision"], &member.redeem(&reward).await.expect_ok()["points"]), (&json!(3), &json!(60)));
    let none = staff.update_reward(&cheaper, json!({ "tierPrices": [] })).await.expect_ok();
    assert_eq!((&none["revision"], &member.redeem(&reward).await.expect_ok()["points"]), (&json!(4), &json!(100)));
}

async fn what_cannot_be_a_price_changes_nothing(world: World) {
    let staff = world.staff().await;
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let (silver, member) = (&set["tiers"][1]["id"], world.member().await);
    let input = |prices: Json| json!({ "kind": "COUPON", "name": "A", "pointsPrice": 9, "couponValue": "5.00", "tierPrices": prices });
    for (prices, code) in [
        (json!([{ "tierId": silver, "pointsPrice": 0 }]), "TIER_PRICE_INVALID"),
        (json!([{ "tierId": silver, "pointsPrice": 1, "moneyPrice": "0" }]), "TIER_PRICE_INVALID"),
        (json!([{ "tierId": silver, "pointsPrice": 1 }, { "tierId": silver, "pointsPrice": 2 }]), "TIER_PRICE_INVALID"),
        (json!([{ "tierId": member.id, "pointsPrice": 1 }]), "TIER_UNKNOWN"),
        (json!([{ "tierId": "x", "pointsPrice": 1 }]), "TIER_UNKNOWN"),
    ] {
        let error = world.unchanged_by(staff.create_reward(input(prices.clone()))).await.expect_refused(code);
        assert_eq!(error["path"], json!(["input", "tierPrices"]));
        let (made, _) = staff.reward(json!({})).await;
        world.unchanged_by(staff.update_reward(&made, json!({ "tierPrices": prices }))).await.expect_refused(code);
    }
}
