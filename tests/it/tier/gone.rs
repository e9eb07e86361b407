//! Rules and rewards that name tiers: only those that are there, and what is said of one that goes.

use serde_json::{Value as Json, json};

use crate::world::tier::three_tiers;
use crate::world::{Client, Member, World, both_databases};

both_databases!(
    a_rule_names_only_tiers_that_are_there,
    an_audience_names_only_tiers_that_are_there,
    what_another_process_changed_counts_at_once,
    a_rule_whose_tier_goes_says_so_and_can_be_changed_in_all_else,
    a_reward_whose_tier_goes_says_so_and_can_be_changed_in_all_else,
);

const GONE: &str = "query($id: ID!) { node(id: $id) {
    ... on EarningRule { goneTiers { code } } ... on Reward { goneTiers { code } } } }";

/// What whoever asks is told of the tiers that a rule or a reward names and that are gone.
async fn gone(who: &Client, of: &Json) -> Json {
    who.graphql(GONE, json!({ "id": of["id"] })).await.data()["node"]["goneTiers"].clone()
}

/// A condition for members of the tier in a place.
fn of(set: &Json, place: usize) -> Json {
    json!({ "tiers": [set["tiers"][place]["id"]] })
}

/// Conditions that name a tier there is not: by no id, by that of something else, by one that went, and somewhere inside.
fn unknown(gone: &Json, member: &Member) -> [Json; 4] {
    let nested = json!({ "any": [{ "tags": ["vip"] }, { "not": of(gone, 1) }] });
    [json!({ "tiers": ["x"] }), json!({ "tiers": [member.id] }), of(gone, 1), nested]
}

/// The silver tier goes.
async fn without_silver(staff: &Member, set: &Json) -> Json {
    let kept = [0, 2].map(|place| {
        let tier = &set["tiers"][place];
        json!({ "id": tier["id"], "code": tier["code"], "name": "Tier", "threshold": tier["threshold"] })
    });
    staff.update_tiers(set, json!({ "tiers": kept })).await.expect_ok()
}

async fn a_rule_names_only_tiers_that_are_there(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    without_silver(&staff, &set).await;
    let rule = json!({ "name": "Seven", "effect": { "bonus": 7 } });
    let made = staff.rule(rule.clone()).await;
    for condition in unknown(&set, &member) {
        let mut with = rule.clone();
        with["condition"] = condition.clone();
        let refused = world.unchanged_by(staff.create_rule(with)).await.expect_refused("REFERENCE_UNKNOWN");
        assert_eq!(refused["path"], json!(["input", "condition"]));
        let change = staff.update_rule(&made, json!({ "condition": condition }));
        world.unchanged_by(change).await.expect_refused("REFERENCE_UNKNOWN");
    }
    staff.update_rule(&made, json!({ "condition": of(&set, 2) })).await.expect_ok();
}

async fn an_audience_names_only_tiers_that_are_there(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    without_silver(&staff, &set).await;
    let coupon = json!({ "kind": "COUPON", "name": "Five off", "pointsPrice": 100, "couponValue": "5.00" });
    let (made, _) = staff.reward(json!({})).await;
    // What is no tier's id leads to nothing that a member has.
    let no_ids = ["AUDIENCE_NOT_OF_MEMBER"; 2];
    for (audience, code) in unknown(&set, &member).into_iter().zip(no_ids.into_iter().chain(["TIER_UNKNOWN"; 2])) {
        let mut with = coupon.clone();
        with["audience"] = audience.clone();
        let refused = world.unchanged_by(staff.create_reward(with)).await.expect_refused(code);
        assert_eq!(refused["path"], json!(["input", "audience"]));
        let change = staff.update_reward(&made, json!({ "audience": audience }));
        world.unchanged_by(change).await.expect_refused(code);
    }
    staff.update_reward(&made, json!({ "audience": of(&set, 2) })).await.expect_ok();
}

/// What there is, is asked of the database, not of what a process happens to know.
async fn what_another_process_changed_counts_at_once(world: World) {
    use crate::world::Settings;
    let staff = world.staff().await;
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let rule = json!({ "name": "Seven", "effect": { "bonus": 7 } });
    let with = |condition: Json| {
        let mut rule = rule.clone();
        rule["condition"] = condition;
        rule
    };
    let silver = staff.rule(with(of(&set, 1))).await;
    let other = world.another_process(Settings::default()).await;
    let staff_there = other.serves(&staff);
    let prices = |set: &Json, place: usize| json!([{ "tierId": set["tiers"][place]["id"], "pointsPrice": 50 }]);
    let coupon = json!({ "kind": "COUPON", "name": "Five off", "pointsPrice": 100, "couponValue": "5.00" });
    let priced = |set: &Json, place: usize| {
        let mut coupon = coupon.clone();
        coupon["tierPrices"] = prices(set, place);
        coupon
    };
    let without = without_silver(&staff, &set).await;
    staff_there.create_rule(with(of(&set, 1))).await.expect_refused("REFERENCE_UNKNOWN");
    staff_there.create_reward(priced(&set, 1)).await.expect_refused("TIER_UNKNOWN");
    staff_there.create_segment("Silver", of(&set, 1)).await.expect_refused("FILTER_TIER_UNKNOWN");
    assert_eq!(gone(&staff_there, &silver).await, json!([{ "code": "SILVER" }]));
    let mut tiers = without["tiers"].as_array().expect("tiers").clone();
    tiers.push(json!({ "code": "PLATINUM", "threshold": "20000" }));
    tiers.iter_mut().for_each(|tier| tier["name"] = json!("Tier"));
    let more = staff.update_tiers(&without, json!({ "tiers": tiers })).await.expect_ok();
    staff_there.create_rule(with(of(&more, 2))).await.expect_ok();
    staff_there.create_reward(priced(&more, 2)).await.expect_ok();
    staff_there.create_segment("Platinum", of(&more, 2)).await.expect_ok();
    other.stop().await;
}

async fn a_rule_whose_tier_goes_says_so_and_can_be_changed_in_all_else(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let with = json!({ "name": "Seven", "effect": { "bonus": 7 }, "condition": of(&set, 1) });
    let (rule, draft) = (staff.rule(with.clone()).await, staff.create_rule(with).await.expect_ok());
    assert_eq!((gone(&staff, &rule).await, gone(&member, &rule).await), (json!([]), Json::Null));
    without_silver(&staff, &set).await;
    let silver = json!([{ "code": "SILVER" }]);
    assert_eq!((gone(&staff, &rule).await, gone(&staff, &draft).await), (silver.clone(), silver.clone()));
    assert_eq!(gone(&member, &rule).await, Json::Null, "for staff only");
    let rule = staff.update_rule(&rule, json!({ "name": "Eight", "effect": { "bonus": 8 } })).await.expect_ok();
    let rule = staff.pause_rule(&rule).await.expect_ok();
    let rule = staff.resume_rule(&rule).await.expect_ok();
    assert_eq!(gone(&staff, &rule).await, silver);
    let both = json!({ "tiers": [set["tiers"][1]["id"], set["tiers"][2]["id"]] });
    staff.update_rule(&rule, json!({ "condition": both })).await.expect_refused("REFERENCE_UNKNOWN");
    let rule = staff.update_rule(&rule, json!({ "condition": of(&set, 2) })).await.expect_ok();
    assert_eq!(gone(&staff, &rule).await, json!([]));
    // What nobody would earn by does not come in force, and can be put right.
    let draft = staff.update_rule(&draft, json!({ "priority": 5 })).await.expect_ok();
    world.unchanged_by(staff.publish_rule(&draft)).await.expect_refused("REFERENCE_UNKNOWN");
    let draft = staff.update_rule(&draft, json!({ "condition": of(&set, 2) })).await.expect_ok();
    staff.publish_rule(&draft).await.expect_ok();
    staff.end_rule(&rule).await.expect_ok();
}

async fn a_reward_whose_tier_goes_says_so_and_can_be_changed_in_all_else(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let prices = json!([{ "tierId": set["tiers"][1]["id"], "pointsPrice": 50 }]);
    let (made, _) = staff.reward(json!({ "audience": of(&set, 1) })).await;
    let (priced, _) = staff.reward(json!({ "tierPrices": prices })).await;
    let (draft, _) = staff.reward(json!({ "audience": of(&set, 1), "draft": true })).await;
    assert_eq!((gone(&staff, &made).await, gone(&member, &made).await), (json!([]), Json::Null));
    without_silver(&staff, &set).await;
    let silver = json!([{ "code": "SILVER" }]);
    for reward in [&made, &priced, &draft] {
        assert_eq!((gone(&staff, reward).await, gone(&member, reward).await), (silver.clone(), Json::Null));
    }
    let made = staff.update_reward(&made, json!({ "name": "Six off", "pointsPrice": 90 })).await.expect_ok();
    staff.update_reward(&made, json!({ "audience": of(&set, 2) })).await.expect_ok();
    let draft = staff.update_reward(&draft, json!({ "pointsPrice": 90 })).await.expect_ok();
    world.unchanged_by(staff.update_reward(&draft, json!({ "publish": true }))).await.expect_refused("TIER_UNKNOWN");
    let right = json!({ "publish": true, "audience": of(&set, 2) });
    let draft = staff.update_reward(&draft, right).await.expect_ok();
    assert_eq!(gone(&staff, &draft).await, json!([]));
    staff.end_reward(&draft).await.expect_ok();
}
