//! Earning rules that name segments.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    a_rule_gives_only_to_a_segment,
    what_a_segment_earned_is_taken_back_by_what_was_known_then,
    a_segment_that_a_rule_names_is_not_deleted,
    a_segment_that_a_reward_is_for_is_not_deleted,
    what_is_over_by_its_date_keeps_no_segment,
    events_told_late_keep_the_segment_they_earn_by,
    a_visitor_is_told_what_a_new_member_earns,
    a_rule_names_only_segments_that_are_there,
    an_order_asks_once_for_all_segments,
);

fn bonus(name: &str, points: i64, segments: &[&Json]) -> Json {
    let ids: Vec<&Json> = segments.iter().map(|segment| &segment["id"]).collect();
    json!({ "name": name, "effect": { "bonus": points }, "condition": { "segments": ids } })
}

async fn a_rule_gives_only_to_a_segment(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, a, b) = (world.staff().await, world.member().await, world.member().await);
    let twice = staff.create_segment("Regulars", json!({ "orders": { "least": 2, "days": 30 } })).await.expect_ok();
    let rule = staff.rule(bonus("For regulars", 7, &[&twice])).await;
    assert_eq!(rule["condition"]["segments"], json!([twice["id"]]));
    let order = async |member: &crate::world::Member| {
        member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"].clone()
    };
    assert_eq!([order(&a).await, order(&a).await, order(&a).await], [100, 100, 107]);
    assert_eq!(order(&b).await, 100);
    // A new filter holds at once.
    staff.update_segment(&twice, json!({ "filter": { "tags": ["vip"] } })).await.expect_ok();
    staff.tag(&b, json!(["vip"])).await;
    assert_eq!([order(&a).await, order(&b).await], [100, 107]);
    // Events ask as orders do.
    staff.create_event_type(json!({ "code": "CHECK_IN", "name": "Check-in" })).await.expect_ok();
    let types = staff.query("{ eventTypes { id } }").await;
    let mut for_events = bonus("Check-in of VIPs", 3, &[&twice]);
    for_events["eventTypeId"] = types["eventTypes"][0]["id"].clone();
    staff.rule(for_events).await;
    let event =
        async |member| staff.record_event(member, "CHECK_IN", "today").await.expect_ok()["pointsEarned"].clone();
    assert_eq!([event(&a).await, event(&b).await], [0, 3]);
}

async fn what_a_segment_earned_is_taken_back_by_what_was_known_then(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    staff.tag(&member, json!(["vip"])).await;
    let vip = staff.create_segment("VIP", json!({ "tags": ["vip"] })).await.expect_ok();
    let condition = json!({ "segments": [vip["id"]] });
    let rule = json!({ "name": "Twice", "effect": { "multiplier": "2" }, "condition": condition });
    let rule = staff.rule(rule).await;
    let order = member.place_order(&[(&tea, 2)]).await.expect_ok();
    assert_eq!(order["pointsEarned"], 400);
    // The member has left the segment, and the segment is no more.
    staff.tag(&member, json!([])).await;
    staff.end_rule(&rule).await.expect_ok();
    assert_eq!(staff.delete_segment(&vip).await["userErrors"], json!([]));
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    assert_eq!(world.balances(&member).await, [200, 0, 0], "what is left was bought by a VIP");
    staff.refund_order(&order).await.expect_ok();
    assert_eq!(world.balances(&member).await, [0, 0, 0]);
}

async fn a_segment_that_a_rule_names_is_not_deleted(world: World) {
    let staff = world.staff().await;
    let segment = staff.create_segment("VIP", json!({ "tags": ["vip"] })).await.expect_ok();
    let draft = json!({ "name": "Draft", "effect": { "bonus": 1 }, "condition": {
        "all": [{ "not": { "segments": [segment["id"]] } }] } });
    let draft = staff.create_rule(draft).await.expect_ok();
    let rule = staff.publish_rule(&draft).await.expect_ok();
    let in_use = json!({ "deletedSegmentId": null, "userErrors": [{ "code": "SEGMENT_IN_USE", "path": ["input", "id"],
        "message": "Earning rules or rewards name this segment; end or change them first.",
        "earningRuleIds": [rule["id"]], "rewardIds": [] }] });
    assert_eq!(staff.delete_segment(&segment).await, in_use);
    let rule = staff.pause_rule(&rule).await.expect_ok();
    assert_eq!(staff.delete_segment(&segment).await, in_use, "it may be resumed");
    let rule = staff.update_rule(&rule, json!({ "condition": { "all": [] } })).await.expect_ok();
    assert_eq!(staff.delete_segment(&segment).await["userErrors"], json!([]));
    staff.resume_rule(&rule).await.expect_ok();
}

async fn what_is_over_by_its_date_keeps_no_segment(world: World) {
    let staff = world.staff().await;
    let segment = staff.create_segment("VIP", json!({ "tags": ["vip"] })).await.expect_ok();
    let end = world.clock.now().plus(60_000_000).rfc3339();
    let mut input = bonus("A minute", 1, &[&segment]);
    input["endsAt"] = json!(end);
    let rule = staff.rule(input).await;
    let audience = json!({ "segments": [segment["id"]] });
    let reward = json!({ "kind": "DONATION", "name": "Trees", "pointsPrice": 1, "audience": audience, "endsAt": end });
    staff.create_reward(reward).await.expect_ok();
    let refused = staff.delete_segment(&segment).await["userErrors"][0].clone();
    let named = |field: &str| refused[field].as_array().map(Vec::len);
    assert_eq!((named("earningRuleIds"), named("rewardIds")), (Some(1), Some(1)));
    world.travel_to(&end);
    assert_eq!(staff.delete_segment(&segment).await["userErrors"], json!([]));
    // It is over for good, so nothing brings it back without its segment.
    for call in [staff.update_rule(&rule, json!({ "endsAt": null })), staff.pause_rule(&rule)] {
        world.unchanged_by(call).await.expect_refused("STEP_IMPOSSIBLE");
    }
    staff.end_rule(&rule).await.expect_ok();
}

async fn events_told_late_keep_the_segment_they_earn_by(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    staff.tag(&member, json!(["vip"])).await;
    let segment = staff.create_segment("VIP", json!({ "tags": ["vip"] })).await.expect_ok();
    let kind = staff.create_event_type(json!({ "code": "CHECK_IN", "name": "Check-in" })).await.expect_ok();
    let mut rule = bonus("Check-in of VIPs", 3, &[&segment]);
    rule["eventTypeId"] = kind["id"].clone();
    rule["endsAt"] = json!(world.clock.now().plus(60_000_000).rfc3339());
    staff.rule(rule).await;
    let happened = world.clock.now().rfc3339();
    world.wait_days(30);
    let staff = staff.another_session().await;
    assert_eq!(staff.delete_segment(&segment).await["userErrors"][0]["code"], "SEGMENT_IN_USE");
    let told = staff.record_event(&member, "CHECK_IN", "late").with("occurredAt", json!(happened)).await.expect_ok();
    assert_eq!(told["pointsEarned"], 3);
    world.wait_days(2);
    let deleted = staff.another_session().await.delete_segment(&segment).await;
    assert_eq!(deleted["userErrors"], json!([]));
}

/// Each rule gives another power of two, so that the points tell which segments somebody is taken to be in.
async fn a_visitor_is_told_what_a_new_member_earns(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let tiers = json!([{ "code": "BASE", "name": "Base", "threshold": "0" },
        { "code": "GOLD", "name": "Gold", "threshold": "1000" }]);
    let tiers =
        staff.create_tiers(json!({ "basis": "POINTS", "window": "LIFETIME", "tiers": tiers })).await.expect_ok();
    let [base, gold] = [0, 1].map(|place| tiers["tiers"][place]["id"].clone());
    let filters = [
        json!({ "all": [] }),
        json!({ "lastPurchase": { "never": true } }),
        json!({ "lastPurchase": { "withinDays": 30 } }),
        json!({ "lastPurchase": { "beforeDays": 30 } }),
        json!({ "spend": { "most": "0" } }),
        json!({ "spend": { "least": "0.01", "days": 30 } }),
        json!({ "orders": { "least": 0, "most": 3 } }),
        json!({ "points": { "least": 1 } }),
        json!({ "registered": { "mostDays": 0 } }),
        json!({ "registered": { "leastDays": 1 } }),
        json!({ "registered": { "from": "2026-11-23", "to": "2026-11-23" } }),
        json!({ "registered": { "to": "2026-11-22" } }),
        json!({ "tiers": [base] }),
        json!({ "tiers": [gold] }),
        json!({ "not": { "tags": ["vip"] } }),
        json!({ "any": [{ "birthMonths": [11] }, { "imported": true }, { "pointsExpiring": { "days": 30 } }] }),
    ];
    for (place, filter) in filters.iter().enumerate() {
        let segment = staff.create_segment(&format!("Segment {place}"), filter.clone()).await.expect_ok();
        staff.rule(bonus(&format!("Rule {place}"), 1 << place, &[&segment])).await;
    }
    let preview =
        "query($id: ID!) { previewEarn(input: { lines: [{ productId: $id, quantity: 1 }] }) { preview { points } } }";
    let told = async |client: &crate::world::Client| {
        client.graphql(preview, json!({ "id": tea.id })).await.data()["previewEarn"]["preview"]["points"].clone()
    };
    let member = world.member().await;
    let (visitor, new) = (told(&world.visitor()).await, told(&member).await);
    assert_eq!(
        (&visitor, &new),
        (&json!(100 + 0b0101_0101_0101_0011), &visitor),
        "{:b}",
        new.as_i64().unwrap_or(0) - 100
    );
    assert_eq!(member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], visitor);
}

async fn a_rule_names_only_segments_that_are_there(world: World) {
    let staff = world.staff().await;
    let segment = staff.create_segment("VIP", json!({ "tags": ["vip"] })).await.expect_ok();
    let member = world.member().await;
    for wrong in [json!("x"), json!(member.id)] {
        let call = staff.create_rule(bonus("Wrong", 1, &[&json!({ "id": wrong })]));
        world.unchanged_by(call).await.expect_refused("REFERENCE_UNKNOWN");
    }
    world.unchanged_by(staff.create_rule(bonus("None", 1, &[]))).await.expect_refused("CONDITION_VALUES_INVALID");
    let (draft, other) = (
        staff.create_rule(bonus("Draft", 1, &[&segment])).await.expect_ok(),
        staff.create_rule(bonus("Other", 1, &[&segment])).await.expect_ok(),
    );
    assert_eq!(staff.delete_segment(&segment).await["userErrors"], json!([]), "a draft gives nothing");
    world.unchanged_by(staff.publish_rule(&draft)).await.expect_refused("REFERENCE_UNKNOWN");
    let again = staff.create_rule(bonus("Again", 1, &[&segment]));
    world.unchanged_by(again).await.expect_refused("REFERENCE_UNKNOWN");
    staff.end_rule(&other).await.expect_ok();
}

async fn an_order_asks_once_for_all_segments(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let place = async || {
        world.take_statements();
        let earned = member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"].clone();
        (earned, world.take_statements().len())
    };
    staff.rule(json!({ "name": "All", "effect": { "bonus": 1 } })).await;
    place().await;
    let (_, without) = place().await;
    for number in 1..=5 {
        let filter = json!({ "any": [{ "orders": { "least": number, "days": 30 } }, { "tags": ["vip"] }] });
        let segment = staff.create_segment(&format!("Segment {number}"), filter).await.expect_ok();
        staff.rule(bonus(&format!("Rule {number}"), 10, &[&segment])).await;
    }
    place().await;
    let (earned, with) = place().await;
    assert_eq!(earned, 131, "of three orders before");
    // The segments, and who is in them.
    assert_eq!(with - without, 2);
}

async fn a_segment_that_a_reward_is_for_is_not_deleted(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(500).await);
    staff.tag(&member, json!(["vip"])).await;
    let segment = staff.create_segment("VIP", json!({ "tags": ["vip"] })).await.expect_ok();
    let audience = json!({ "any": [{ "segments": [segment["id"]] }, { "tags": ["press"] }] });
    let (seen, reward) = staff.reward(json!({ "audience": audience, "draft": true })).await;
    let in_use = world.unchanged_by(staff.delete_segment(&segment)).await;
    assert_eq!(in_use["userErrors"][0]["code"], "SEGMENT_IN_USE", "a draft is meant to be published");
    assert_eq!(
        (&in_use["userErrors"][0]["rewardIds"], &in_use["userErrors"][0]["earningRuleIds"]),
        (&json!([reward.id]), &json!([]))
    );
    let seen = staff.update_reward(&seen, json!({ "publish": true })).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    staff.end_reward(&seen).await.expect_ok();
    assert_eq!(staff.delete_segment(&segment).await["userErrors"], json!([]), "it is over");
    let gone = json!({ "kind": "COUPON", "name": "A", "pointsPrice": 9, "couponValue": "5.00", "audience": audience });
    world.unchanged_by(staff.create_reward(gone)).await.expect_refused("SEGMENT_UNKNOWN");
}
