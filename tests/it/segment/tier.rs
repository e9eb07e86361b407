//! Members of a tier.

use serde_json::{Value as Json, json};

use crate::world::tier::three_tiers;
use crate::world::{World, both_databases};

both_databases!(
    members_of_a_tier_are_found_by_what_was_written_last,
    the_lowest_tier_is_of_everybody_who_has_reached_none,
    a_rule_and_a_reward_can_be_for_a_segment_of_a_tier,
    only_tiers_that_are_there_can_be_named,
    a_tier_that_goes_is_nobodys_and_the_segment_says_so,
);

/// A filter for members of some of the tiers of a set, by their places.
fn of(set: &Json, places: &[usize]) -> Json {
    json!({ "tiers": places.iter().map(|place| &set["tiers"][*place]["id"]).collect::<Vec<_>>() })
}

async fn members_of_a_tier_are_found_by_what_was_written_last(world: World) {
    let (tea, gold) = (world.product("tea").price("500.00").await, world.product("gold").price("1000.00").await);
    let (staff, a, b, c) = (world.staff().await, world.member().await, world.member().await, world.member().await);
    let all = [("a", &a), ("b", &b), ("c", &c)];
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    b.place_order(&[(&tea, 1)]).await.expect_ok();
    let order = c.place_order(&[(&gold, 1)]).await.expect_ok();
    assert_eq!(staff.who_fits(of(&set, &[1]), &all).await, "b");
    assert_eq!(staff.who_fits(of(&set, &[2]), &all).await, "c");
    assert_eq!(staff.who_fits(of(&set, &[1, 2]), &all).await, "bc");
    assert_eq!(staff.who_fits(json!({ "not": of(&set, &[1, 2]) }), &all).await, "a");
    let rich = json!({ "all": [of(&set, &[1, 2]), { "spend": { "least": "600.00" } }] });
    assert_eq!(staff.who_fits(rich, &all).await, "c");
    // What a return undoes is written with it.
    staff.refund_order(&order).await.expect_ok();
    assert_eq!(staff.who_fits(of(&set, &[1, 2]), &all).await, "b");
    // The year of the tier is over, which is seen from the sweep on.
    world.travel_to("2028-01-02T00:00:00Z");
    let staff = staff.another_session().await;
    assert_eq!((staff.who_fits(of(&set, &[1]), &all).await, b.tier().await), ("b".to_owned(), "BASE".to_owned()));
    world.sweep().await;
    assert_eq!(staff.who_fits(of(&set, &[1]), &all).await, "");
    assert_eq!(staff.who_fits(of(&set, &[0]), &all).await, "abc");
}

async fn the_lowest_tier_is_of_everybody_who_has_reached_none(world: World) {
    let (staff, a, b) = (world.staff().await, world.member().await, world.member().with_points(6_000).await);
    let all = [("a", &a), ("b", &b)];
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    assert_eq!(staff.who_fits(of(&set, &[0]), &all).await, "ab", "nobody has been judged by these tiers yet");
    world.sweep().await;
    assert_eq!(staff.who_fits(of(&set, &[0]), &all).await, "a");
    let c = world.member().await;
    assert_eq!(staff.who_fits(of(&set, &[0]), &[("c", &c)]).await, "c", "whoever has just joined");
    assert_eq!(staff.who_fits(json!({ "not": of(&set, &[0]) }), &all).await, "b");
    // A tier below all others is theirs from the moment on at which it is there.
    let mut tiers = set["tiers"].clone();
    tiers.as_array_mut().into_iter().flatten().for_each(|tier| {
        tier.as_object_mut().map(|tier| tier.remove("position"));
    });
    tiers[0]["threshold"] = json!("10");
    let new = json!({ "code": "NEW", "name": "New", "threshold": "0" });
    tiers.as_array_mut().expect("tiers").insert(0, new);
    let set = staff.update_tiers(&set, json!({ "tiers": tiers })).await.expect_ok();
    assert_eq!(staff.who_fits(of(&set, &[0]), &[("c", &c)]).await, "c");
    assert_eq!(staff.who_fits(of(&set, &[1, 2, 3]), &[("c", &c)]).await, "");
}

async fn a_rule_and_a_reward_can_be_for_a_segment_of_a_tier(world: World) {
    let tea = world.product("tea").price("500.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let segment = staff.create_segment("Silver and up", of(&set, &[1, 2])).await.expect_ok();
    assert_eq!((segment["filter"]["tiers"].as_array().map(Vec::len), &segment["memberCount"]), (Some(2), &json!(0)));
    let condition = json!({ "segments": [segment["id"]] });
    staff.rule(json!({ "name": "Seven", "effect": { "bonus": 7 }, "condition": condition })).await;
    let (_, reward) = staff.reward(json!({ "audience": condition })).await;
    let earned = async || member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"].clone();
    assert_eq!(earned().await, 5_000, "not yet");
    let other = world.member().with_points(500).await;
    other.redeem(&reward).await.expect_refused("REWARD_NOT_FOR_YOU");
    assert_eq!(earned().await, 5_007);
    member.redeem(&reward).await.expect_ok();
    let used = staff.delete_segment(&segment).await["userErrors"][0].clone();
    assert_eq!(used["code"], "SEGMENT_IN_USE");
}

async fn only_tiers_that_are_there_can_be_named(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let unknown = "FILTER_TIER_UNKNOWN";
    let nobodys = json!({ "tiers": ["x"] });
    world.unchanged_by(staff.create_segment("A", nobodys.clone())).await.expect_refused(unknown);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let segment = staff.create_segment("Gold", of(&set, &[2])).await.expect_ok();
    for (filter, code) in [
        (nobodys.clone(), unknown),
        (json!({ "tiers": [member.id] }), unknown),
        (json!({ "any": [of(&set, &[1]), { "not": nobodys }] }), unknown),
        (json!({ "tiers": [] }), "FILTER_VALUES_INVALID"),
    ] {
        world.unchanged_by(staff.create_segment("A", filter.clone())).await.expect_refused(code);
        world.unchanged_by(staff.update_segment(&segment, json!({ "filter": filter }))).await.expect_refused(code);
        assert_eq!(staff.preview_segment(&filter).await["userErrors"][0]["code"], code);
        let list = "query($filter: SegmentFilterInput!) { members(where: $filter) { nodes { id } } }";
        let answer = staff.graphql(list, json!({ "filter": filter })).await;
        assert_eq!(answer.json["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

async fn a_tier_that_goes_is_nobodys_and_the_segment_says_so(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(6_000).await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    world.sweep().await;
    let segment = staff.create_segment("Silver", of(&set, &[1])).await.expect_ok();
    assert_eq!((&segment["memberCount"], &segment["goneTiers"]), (&json!(1), &json!([])));
    let tiers = json!([{ "id": set["tiers"][0]["id"], "code": "BASE", "name": "Member", "threshold": "0" }]);
    staff.update_tiers(&set, json!({ "tiers": tiers })).await.expect_ok();
    let renamed = staff.update_segment(&segment, json!({ "name": "Nobody" })).await.expect_ok();
    assert_eq!((&renamed["memberCount"], &renamed["goneTiers"]), (&json!(0), &json!([{ "code": "SILVER" }])));
    world.sweep().await;
    assert_eq!(member.tier().await, "BASE");
    let again = json!({ "filter": { "any": [of(&set, &[1]), { "tags": ["vip"] }] } });
    staff.update_segment(&renamed, again).await.expect_refused("FILTER_TIER_UNKNOWN");
}
