//! Rules from the draft to the end.

use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    a_rule_is_drafted_published_paused_and_ended,
    a_scheduled_rule_starts_and_ends_by_the_clock,
    every_save_is_a_revision_and_brings_a_version_once_in_force,
    what_is_wrong_with_a_rule_is_told_at_once,
    a_rule_that_somebody_changed_is_not_changed_again,
    steps_that_are_none_are_refused,
    a_budget_is_raised_and_never_set_below_what_is_used,
    everybody_reads_the_rules_that_run,
    rules_are_listed_for_staff,
    whatever_is_wrong_with_a_rule_it_can_be_paused_and_ended,
    rules_for_events_ask_for_nothing_of_orders,
    each_cause_of_a_code_is_in_its_message,
);

fn bonus(name: &str, points: i64) -> Json {
    json!({ "name": name, "effect": { "bonus": points } })
}

async fn a_rule_is_drafted_published_paused_and_ended(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let points = async || member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"].clone();
    let rule = staff.create_rule(bonus(" Welcome ", 7)).await.expect_ok();
    assert_eq!((&rule["name"], &rule["state"], &rule["revision"]), (&json!("Welcome"), &json!("DRAFT"), &json!(1)));
    assert_eq!(rule["programVersion"], Json::Null);
    assert_eq!(points().await, 100, "a draft gives nothing");
    let rule = staff.publish_rule(&rule).await.expect_ok();
    assert_eq!((&rule["state"], &rule["revision"], &rule["programVersion"]), (&json!("RUNNING"), &json!(2), &json!(2)));
    assert_eq!(points().await, 107);
    let rule = staff.pause_rule(&rule).await.expect_ok();
    assert_eq!(rule["state"], "PAUSED");
    assert_eq!(points().await, 100);
    let rule = staff.resume_rule(&rule).await.expect_ok();
    assert_eq!(points().await, 107);
    let rule = staff.end_rule(&rule).await.expect_ok();
    assert_eq!((&rule["state"], &rule["programVersion"]), (&json!("ENDED"), &json!(5)));
    assert_eq!(points().await, 100);
}

async fn a_scheduled_rule_starts_and_ends_by_the_clock(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let (start, end) = (world.clock.now().plus(60_000_000), world.clock.now().plus(120_000_000));
    let dates = json!({ "startsAt": start.rfc3339(), "endsAt": end.rfc3339() });
    let mut input = bonus("A minute", 5);
    input["startsAt"] = dates["startsAt"].clone();
    input["endsAt"] = dates["endsAt"].clone();
    let rule = staff.rule(input).await;
    assert_eq!(rule["state"], "SCHEDULED");
    let member = world.member().await;
    let points = async || member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"].clone();
    assert_eq!(points().await, 100);
    world.travel_to(&start.rfc3339());
    assert_eq!(points().await, 105, "in the instant in which it starts");
    world.travel_to(&end.rfc3339());
    assert_eq!(points().await, 100, "in the instant in which it ends");
    let document = "query($id: ID!) { node(id: $id) { ... on EarningRule { state startsAt endsAt } } }";
    let node = staff.graphql(document, json!({ "id": rule["id"] })).await.data();
    assert_eq!(node["node"], json!({ "state": "ENDED", "startsAt": dates["startsAt"], "endsAt": dates["endsAt"] }));
}

async fn every_save_is_a_revision_and_brings_a_version_once_in_force(world: World) {
    let staff = world.staff().await;
    let version =
        async || world.visitor().query("{ loyaltyProgram { version } }").await["loyaltyProgram"]["version"].clone();
    let draft = staff.create_rule(bonus("Draft", 1)).await.expect_ok();
    let draft = staff.update_rule(&draft, json!({ "description": "For all" })).await.expect_ok();
    assert_eq!((&draft["revision"], version().await), (&json!(2), json!(1)), "drafts bring no version");
    let same = staff.update_rule(&draft, json!({ "description": "For all" })).await.expect_ok();
    assert_eq!(same["revision"], 2, "a change of nothing");
    let rule = staff.publish_rule(&draft).await.expect_ok();
    let rule = staff.update_rule(&rule, json!({ "effect": { "perPiece": 3 }, "priority": 9 })).await.expect_ok();
    assert_eq!((&rule["revision"], version().await), (&json!(4), json!(3)));
    assert_eq!(rule["effect"]["perPiece"], 3);
    assert_eq!(rule["description"], "For all");
}

async fn what_is_wrong_with_a_rule_is_told_at_once(world: World) {
    let staff = world.staff().await;
    let everything = json!({
        "name": "", "description": "x".repeat(1_001), "priority": 1_001, "effect": { "multiplier": "1" },
        "startsAt": "2027-01-02T00:00:00Z", "endsAt": "2027-01-02T00:00:00Z",
        "condition": { "not": { "weekdays": [8] } }, "caps": [{ "period": "DAY" }], "budget": "0",
    });
    let answer = world.unchanged_by(staff.create_rule(everything)).await.answer;
    let expected = [
        "NAME_INVALID",
        "DESCRIPTION_INVALID",
        "PRIORITY_INVALID",
        "PERIOD_INVALID",
        "CONDITION_RANGE_INVALID",
        "MULTIPLIER_INVALID",
        "CAP_INVALID",
        "BUDGET_INVALID",
    ];
    assert_eq!(answer.codes(), expected);
    for (input, code) in [
        (json!({ "effect": { "bonus": 0 } }), "POINTS_INVALID"),
        (json!({ "effect": { "bonus": 1_000_001 } }), "POINTS_INVALID"),
        (json!({ "effect": { "perPiece": 2_147_483_647 } }), "POINTS_INVALID"),
        (json!({ "effect": { "perAmount": { "points": 1_000_000_000, "amount": "0.01" } } }), "RATE_TOO_HIGH"),
        (json!({ "effect": { "perAmount": { "points": 10_001, "amount": "1" } } }), "RATE_TOO_HIGH"),
        (json!({ "effect": { "bonus": 1 }, "condition": { "any": [] } }), "CONDITION_NEVER_HOLDS"),
        (json!({ "effect": { "bonus": 1 }, "condition": { "not": { "all": [] } } }), "CONDITION_NEVER_HOLDS"),
        (json!({ "effect": { "bonus": 1 }, "condition": { "products": { "skus": ["NOPE"] } } }), "REFERENCE_UNKNOWN"),
        (json!({ "effect": { "bonus": 1 }, "condition": { "products": { "skus": ["a\u{0}"] } } }), "REFERENCE_UNKNOWN"),
        (
            json!({ "effect": { "bonus": 1 }, "condition": { "spend": { "least": "1", "of": { "skus": [""] } } } }),
            "REFERENCE_UNKNOWN",
        ),
        (json!({ "effect": { "multiplier": "1.00001" } }), "MULTIPLIER_INVALID"),
        (json!({ "effect": { "multiplier": "100.1" } }), "MULTIPLIER_INVALID"),
        (json!({ "effect": { "perAmount": { "points": 1, "amount": "0.001" } } }), "AMOUNT_INVALID"),
        (json!({ "effect": { "perUnit": { "points": 1, "attribute": "nights" } } }), "EFFECT_NOT_FOR_THIS"),
        (json!({ "effect": { "bonus": 1 }, "eventTypeId": "x" }), "EVENT_TYPE_UNKNOWN"),
        (
            json!({ "effect": { "bonus": 1 }, "condition": { "products": { "productIds": ["x"] } } }),
            "REFERENCE_UNKNOWN",
        ),
        (json!({ "effect": { "bonus": 1 }, "condition": { "spend": { "least": "0" } } }), "CONDITION_AMOUNT_INVALID"),
        (json!({ "effect": { "bonus": 1 }, "condition": { "any": [{ "tags": [] }] } }), "CONDITION_VALUES_INVALID"),
        (
            json!({ "effect": { "bonus": 1 }, "condition": { "attribute": { "name": "nights", "least": "2" } } }),
            "ATTRIBUTE_UNKNOWN",
        ),
        (
            json!({ "effect": { "bonus": 1 }, "caps": [{ "period": "DAY", "times": 1 }, { "period": "DAY", "points": 1 }] }),
            "CAP_REPEATED",
        ),
    ] {
        let mut input = input;
        input["name"] = json!("Wrong");
        world.unchanged_by(staff.create_rule(input)).await.expect_refused(code);
    }
}

async fn a_rule_that_somebody_changed_is_not_changed_again(world: World) {
    let staff = world.staff().await;
    let seen = staff.create_rule(bonus("One", 1)).await.expect_ok();
    staff.update_rule(&seen, json!({ "name": "Two" })).await.expect_ok();
    for call in [staff.update_rule(&seen, json!({ "name": "Three" })), staff.publish_rule(&seen), staff.end_rule(&seen)]
    {
        let error = world.unchanged_by(call).await.expect_refused("REVISION_CONFLICT");
        assert_eq!(error["currentRevision"], 2);
    }
    let unknown = json!({ "id": "x", "revision": 1 });
    staff.publish_rule(&unknown).await.expect_refused("RULE_UNKNOWN");
}

async fn steps_that_are_none_are_refused(world: World) {
    let staff = world.staff().await;
    let draft = staff.create_rule(bonus("One", 1)).await.expect_ok();
    for call in [staff.pause_rule(&draft), staff.resume_rule(&draft)] {
        world.unchanged_by(call).await.expect_refused("STEP_IMPOSSIBLE");
    }
    let ended = staff.end_rule(&draft).await.expect_ok();
    for call in [
        staff.publish_rule(&ended),
        staff.resume_rule(&ended),
        staff.end_rule(&ended),
        staff.update_rule(&ended, json!({ "name": "Again" })),
    ] {
        world.unchanged_by(call).await.expect_refused("STEP_IMPOSSIBLE");
    }
}

async fn a_budget_is_raised_and_never_set_below_what_is_used(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let mut input = bonus("Budgeted", 60);
    input["budget"] = json!("100");
    let rule = staff.rule(input).await;
    assert_eq!(rule["budget"], json!({ "granted": "100", "remaining": "100", "used": "0" }));
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    let error = staff.update_rule(&rule, json!({ "budget": "59" })).await.expect_refused("BUDGET_BELOW_USED");
    assert_eq!(error["usedPoints"], "60");
    let rule = staff.update_rule(&rule, json!({ "budget": "200" })).await.expect_ok();
    assert_eq!(rule["budget"], json!({ "granted": "200", "remaining": "140", "used": "60" }));
    // Without a budget it gives on, and what it has used of the old one is still known when there is one again.
    let rule = staff.update_rule(&rule, json!({ "budget": null })).await.expect_ok();
    assert_eq!(rule["budget"], Json::Null);
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    let rule = staff.update_rule(&rule, json!({ "budget": "60" })).await.expect_ok();
    assert_eq!(rule["budget"], json!({ "granted": "60", "remaining": "0", "used": "60" }));
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(order["pointsEarned"], 100, "there is nothing left");
}

async fn everybody_reads_the_rules_that_run(world: World) {
    let staff = world.staff().await;
    staff.create_rule(bonus("Draft", 1)).await.expect_ok();
    let mut hidden = bonus("Running", 2);
    hidden["condition"] = json!({ "tags": ["vip"] });
    hidden["budget"] = json!("500");
    hidden["priority"] = json!(3);
    staff.rule(hidden).await;
    let paused = staff.rule(bonus("Paused", 3)).await;
    staff.pause_rule(&paused).await.expect_ok();
    let document =
        "{ loyaltyProgram { earningRules { name state effect { bonus } condition { tags } budget { used } } } }";
    let seen = world.visitor().query(document).await;
    let rule =
        json!({ "name": "Running", "state": "RUNNING", "effect": { "bonus": 2 }, "condition": null, "budget": null });
    assert_eq!(seen["loyaltyProgram"]["earningRules"], json!([rule]));
    let seen = staff.query(document).await;
    let of_staff = &seen["loyaltyProgram"]["earningRules"][0];
    assert_eq!((&of_staff["condition"], &of_staff["budget"]), (&json!({ "tags": ["vip"] }), &json!({ "used": "0" })));
}

/// A rule of a time when more could be set.
async fn whatever_is_wrong_with_a_rule_it_can_be_paused_and_ended(world: World) {
    let staff = world.staff().await;
    let rule = staff.rule(bonus("Much", 7)).await;
    let terms =
        r#"UPDATE earning_rule SET terms = '{"condition":{"any":[]},"effect":{"bonus":{"points":2147483647}}}'"#;
    world.app.db.write.execute_unprepared(terms).await.expect("an update");
    let paused = staff.pause_rule(&rule).await.expect_ok();
    for wrong in [staff.resume_rule(&paused), staff.update_rule(&paused, json!({ "name": "More" }))] {
        let answer = world.unchanged_by(wrong).await.answer;
        assert_eq!(answer.codes(), ["CONDITION_NEVER_HOLDS", "POINTS_INVALID"]);
    }
    assert_eq!(staff.end_rule(&paused).await.expect_ok()["state"], "ENDED");
}

async fn rules_for_events_ask_for_nothing_of_orders(world: World) {
    let staff = world.staff().await;
    let kind = staff.create_event_type(json!({ "code": "VISIT", "name": "Visit" })).await.expect_ok();
    let tea = world.product("tea").await;
    let rule = |condition: &Json| json!({ "name": "Visit", "eventTypeId": kind["id"], "effect": { "bonus": 1 }, "condition": condition });
    for condition in [
        json!({ "firstOrder": true }),
        json!({ "firstOrder": false }),
        json!({ "any": [{ "weekdays": [1] }, { "channel": ["APP"] }] }),
        json!({ "products": { "skus": [tea.sku] } }),
        json!({ "not": { "spend": { "least": "1" } } }),
        json!({ "quantity": { "least": 1 } }),
    ] {
        let refused = world.unchanged_by(staff.create_rule(rule(&condition))).await;
        assert_eq!(refused.expect_refused("CONDITION_NOT_FOR_EVENTS")["path"], json!(["input", "condition"]));
    }
    staff.create_rule(rule(&json!({ "weekdays": [1] }))).await.expect_ok();
}

async fn each_cause_of_a_code_is_in_its_message(world: World) {
    let staff = world.staff().await;
    for (condition, code, named) in [
        (json!({ "weekdays": [0] }), "CONDITION_RANGE_INVALID", "not 1 (Monday) to 7 (Sunday)"),
        (json!({ "dates": {} }), "CONDITION_VALUES_INVALID", "names an end of a range"),
        (json!({ "tags": [""] }), "CONDITION_VALUES_INVALID", "a tag has 1 to 50 characters"),
        (json!({ "tags": ["x".repeat(51)] }), "CONDITION_VALUES_INVALID", "a tag has 1 to 50 characters"),
        (json!({ "spend": { "least": "99999999999999999999" } }), "CONDITION_AMOUNT_INVALID", "not larger"),
        (json!({ "spend": { "least": "0.001" } }), "CONDITION_AMOUNT_INVALID", "units of the currency"),
        (json!({ "quantity": { "least": 1_000_001 } }), "CONDITION_AMOUNT_INVALID", "pieces is 1 to 1,000,000"),
    ] {
        let rule = json!({ "name": "Wrong", "effect": { "bonus": 1 }, "condition": condition });
        let refused = world.unchanged_by(staff.create_rule(rule)).await.expect_refused(code);
        let message = refused["message"].as_str().expect("a message");
        assert!(message.contains(named), "{condition}: {message}");
    }
    let mut vast = bonus("Vast", 1);
    vast["budget"] = json!("2147483647001");
    let refused = world.unchanged_by(staff.create_rule(vast)).await.expect_refused("BUDGET_INVALID");
    assert_eq!(refused["message"], "A budget is 1 to 2,147,483,647,000 points.");
    staff.create_rule(json!({ "name": "Most", "effect": { "bonus": 1 }, "budget": "2147483647000" })).await.expect_ok();
}

async fn rules_are_listed_for_staff(world: World) {
    let staff = world.staff().await;
    for number in 1..=3 {
        let rule = staff.create_rule(bonus(&format!("Rule {number}"), number)).await.expect_ok();
        staff.update_rule(&rule, json!({ "priority": number })).await.expect_ok();
        world.wait_seconds(1);
    }
    let document = "query($after: String) { earningRules(first: 2, after: $after) { totalCount
        pageInfo { hasNextPage endCursor } nodes { name revision priority } } }";
    let first = staff.graphql(document, json!({})).await.data()["earningRules"].clone();
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    assert_eq!(first["nodes"][0], json!({ "name": "Rule 3", "revision": 2, "priority": 3 }));
    let rest = staff.graphql(document, json!({ "after": first["pageInfo"]["endCursor"] })).await.data();
    assert_eq!(rest["earningRules"]["nodes"], json!([{ "name": "Rule 1", "revision": 2, "priority": 1 }]));
}
