//! What members earn by what they do.

use jifen::domain::points::entity::RoundingKind;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::world::{World, both_databases};

both_databases!(
    a_stay_earns_by_the_night,
    the_same_event_is_recorded_once,
    a_number_is_the_same_however_it_is_written,
    a_capped_event_leaves_an_attempt_of_no_points,
    a_rule_gives_for_nothing_that_was_done_before_it_began,
    told_again_after_a_month_it_is_the_same_event,
    what_cannot_be_recorded_changes_nothing,
    no_number_is_too_large_to_be_refused,
    a_batch_records_what_it_can,
    an_event_earns_pays_debts_first,
    kinds_of_events_are_checked,
);

const ATTRIBUTES: &str = "nights";

/// A hotel: a stay has nights, a room, and breakfast or none.
async fn hotel(world: &World) -> crate::world::Client {
    let staff = world.staff().await;
    let attributes = json!([
        { "name": ATTRIBUTES, "kind": "NUMBER" }, { "name": "room", "kind": "TEXT" }, { "name": "breakfast", "kind": "FLAG" },
    ]);
    let kind = staff
        .create_event_type(json!({ "code": "STAY", "name": " A stay ", "attributes": attributes }))
        .await
        .expect_ok();
    assert_eq!((&kind["code"], &kind["name"]), (&json!("STAY"), &json!("A stay")));
    let nights = json!({
        "name": "500 a night", "eventTypeId": kind["id"],
        "effect": { "perUnit": { "points": 500, "attribute": ATTRIBUTES } },
    });
    staff.rule(nights).await;
    let suites = json!({
        "name": "Suites", "eventTypeId": kind["id"], "effect": { "bonus": 1_000 },
        "condition": { "all": [
            { "attribute": { "name": "room", "oneOf": ["suite"] } },
            { "attribute": { "name": ATTRIBUTES, "least": "2" } },
            { "attribute": { "name": "breakfast", "flag": true } },
        ] },
        "caps": [{ "period": "EVER", "times": 1 }],
    });
    staff.rule(suites).await;
    (*staff).clone()
}

fn stay(nights: &str, room: &str) -> Json {
    json!([
        { "name": "nights", "value": { "number": nights } }, { "name": "room", "value": { "text": room } },
        { "name": "breakfast", "value": { "flag": true } },
    ])
}

async fn a_stay_earns_by_the_night(world: World) {
    let staff = hotel(&world).await;
    let member = world.member().await;
    let event =
        staff.record_event(&member, "STAY", "stay-1").with("attributes", stay("2.5", "suite")).await.expect_ok();
    assert_eq!((&event["pointsEarned"], &event["type"]["code"]), (&json!(2_250), &json!("STAY")));
    let shares = json!([
        { "points": 1_250, "due": 1_250, "rule": { "name": "500 a night" } },
        { "points": 1_000, "due": 1_000, "rule": { "name": "Suites" } },
    ]);
    assert_eq!(event["pointsShares"], shares);
    assert_eq!(event["attributes"][1], json!({ "name": "nights", "text": null, "number": "2.5", "flag": null }));
    let seen = member.query(
        "{ me { events { totalCount nodes { uniqueKey pointsEarned } } pointsAccount { active pointsLedger { nodes {
            type points reason order { id } event { uniqueKey } rules { points } } } } } }",
    );
    let seen = seen.await["me"].clone();
    assert_eq!(seen["events"], json!({ "totalCount": 1, "nodes": [{ "uniqueKey": "stay-1", "pointsEarned": 2_250 }] }));
    let entry = json!({
        "type": "ACCRUAL", "points": 2_250, "reason": "Activity", "order": null, "event": { "uniqueKey": "stay-1" },
        "rules": [{ "points": 1_250 }, { "points": 1_000 }],
    });
    assert_eq!(seen["pointsAccount"]["pointsLedger"]["nodes"], json!([entry]));
}

async fn the_same_event_is_recorded_once(world: World) {
    let staff = hotel(&world).await;
    let (member, other) = (world.member().await, world.member().await);
    let record = || staff.record_event(&member, "STAY", "stay-1").with("attributes", stay("1", "double"));
    let event = record().await.expect_ok();
    let again = world.unchanged_by(record()).await.expect_ok();
    assert_eq!(again, event);
    let more = record().with("attributes", stay("2", "double"));
    world.unchanged_by(more).await.expect_refused("UNIQUE_KEY_CONFLICT");
    // The name is the member's own.
    staff.record_event(&other, "STAY", "stay-1").await.expect_ok();
    let sent: Vec<_> =
        (0..20).map(|_| staff.record_event(&member, "STAY", "stay-2").with("attributes", stay("1", "x"))).collect();
    let answers =
        futures_util::future::join_all(sent.into_iter().map(|call| tokio::spawn(async move { call.await }))).await;
    let ids: std::collections::BTreeSet<String> =
        answers.into_iter().map(|answer| answer.expect("an answer").expect_ok()["id"].to_string()).collect();
    assert_eq!((ids.len(), world.balances(&member).await), (1, [1_000, 0, 0]));
}

async fn a_number_is_the_same_however_it_is_written(world: World) {
    let staff = hotel(&world).await;
    let member = world.member().await;
    let record = |nights: &str| staff.record_event(&member, "STAY", "stay").with("attributes", stay(nights, "double"));
    let event = record("1.0").await.expect_ok();
    for nights in ["1.00", "1", "1.0"] {
        assert_eq!(world.unchanged_by(record(nights)).await.expect_ok(), event);
    }
    world.unchanged_by(record("1.01")).await.expect_refused("UNIQUE_KEY_CONFLICT");
    // One that was recorded by a build which took the text of a number for the number.
    let before = "{\"breakfast\":true,\"nights\":{\"number\":\"1.0\"},\"room\":\"double\"}";
    let hash = Sha256::new().chain_update(before).chain_update(i64::MIN.to_be_bytes()).finalize().to_vec();
    let sql = "UPDATE event SET request_hash = $1";
    let altered = world.app.db.dialect.statement(sql, [hash.into()]);
    sea_orm::ConnectionTrait::execute_raw(&world.app.db.write, altered).await.expect("an alteration");
    assert_eq!(world.unchanged_by(record("1.0")).await.expect_ok(), event);
}

async fn a_capped_event_leaves_an_attempt_of_no_points(world: World) {
    let staff = world.staff().await;
    let kind = staff.create_event_type(json!({ "code": "CHECK_IN", "name": "Check-in" })).await.expect_ok();
    let caps = json!([{ "period": "DAY", "times": 1 }]);
    staff
        .rule(json!({ "name": "Daily", "eventTypeId": kind["id"], "effect": { "bonus": 5 }, "caps": caps,
        "startsAt": "2020-01-01T00:00:00Z" }))
        .await;
    let member = world.member().await;
    staff.record_event(&member, "CHECK_IN", "one").await.expect_ok();
    let second = staff.record_event(&member, "CHECK_IN", "two").await.expect_ok();
    assert_eq!(second["pointsEarned"], 0);
    assert_eq!(second["pointsShares"], json!([{ "points": 0, "due": 5, "rule": { "name": "Daily" } }]));
    // Yesterday's, told today, counts for yesterday.
    let yesterday = world.clock.now().plus(-24 * 60 * 60 * 1_000_000).rfc3339();
    let late = staff.record_event(&member, "CHECK_IN", "three").with("occurredAt", json!(yesterday)).await.expect_ok();
    assert_eq!((&late["pointsEarned"], &late["occurredAt"]), (&json!(5), &json!(yesterday)));
    assert_eq!(world.balances(&member).await, [10, 0, 0]);
}

async fn a_rule_gives_for_nothing_that_was_done_before_it_began(world: World) {
    let staff = hotel(&world).await;
    let kind = staff.create_event_type(json!({ "code": "CHECK_IN", "name": "Check-in" })).await.expect_ok();
    let draft = json!({ "name": "Bonus", "eventTypeId": kind["id"], "effect": { "bonus": 5 } });
    let draft = staff.create_rule(draft).await.expect_ok();
    world.wait_days(2);
    let staff = world.staff().await;
    let rule = staff.publish_rule(&draft).await.expect_ok();
    assert_eq!(rule["startsAt"], json!(world.clock.now().rfc3339()));
    let member = world.member().await;
    world.wait_days(1);
    let staff = world.staff().await;
    let days_ago = |days: i64| json!(world.clock.now().plus(-days * 86_400_000_000).rfc3339());
    let told = async |key: &str, days: i64| {
        let call = staff.record_event(&member, "CHECK_IN", key).with("occurredAt", days_ago(days));
        call.await.expect_ok()["pointsEarned"].clone()
    };
    assert_eq!([told("before", 2).await, told("since", 1).await, told("today", 0).await], [0, 5, 5]);
    // A beginning that is left out later is not put off by it; one that is named counts.
    let rule = staff.update_rule(&rule, json!({ "startsAt": null })).await.expect_ok();
    assert_eq!([told("before too", 2).await, told("since too", 1).await], [0, 5]);
    staff.update_rule(&rule, json!({ "startsAt": days_ago(9) })).await.expect_ok();
    assert_eq!([told("long before", 10).await, told("now since", 8).await], [0, 5]);
}

async fn told_again_after_a_month_it_is_the_same_event(world: World) {
    let staff = hotel(&world).await;
    let member = world.member().await;
    let then = world.clock.now().plus(-30 * 86_400_000_000).rfc3339();
    let tell = |staff: &crate::world::Client, key: &str| {
        staff.record_event(&member, "STAY", key).with("occurredAt", json!(then))
    };
    let event = tell(&staff, "a stay").await.expect_ok();
    world.wait_days(2);
    let staff = world.staff().await;
    let record = || tell(&staff, "a stay");
    assert_eq!(world.unchanged_by(record()).await.expect_ok()["id"], event["id"]);
    world.unchanged_by(record().with("attributes", stay("9", "x"))).await.expect_refused("UNIQUE_KEY_CONFLICT");
    world.unchanged_by(tell(&staff, "another")).await.expect_refused("OCCURRED_AT_INVALID");
}

async fn what_cannot_be_recorded_changes_nothing(world: World) {
    let staff = hotel(&world).await;
    let member = world.member().await;
    let record = || staff.record_event(&member, "STAY", "stay");
    let (past, future) = (world.clock.now().plus(-32 * 86_400_000_000), world.clock.now().plus(600_000_000));
    for (call, code) in [
        (record().with("type", json!("GAME")), "TYPE_UNKNOWN"),
        (record().with("memberId", json!("x")), "MEMBER_UNKNOWN"),
        (record().with("uniqueKey", json!("")), "UNIQUE_KEY_INVALID"),
        (record().with("attributes", json!([{ "name": "view", "value": { "flag": true } }])), "ATTRIBUTE_UNKNOWN"),
        (record().with("attributes", json!([{ "name": "nights", "value": { "text": "2" } }])), "ATTRIBUTE_INVALID"),
        (record().with("occurredAt", json!(past.rfc3339())), "OCCURRED_AT_INVALID"),
        (record().with("occurredAt", json!(future.rfc3339())), "OCCURRED_AT_INVALID"),
        (record().with("attributes", stay("999999999999", "x")), "TOO_LARGE"),
    ] {
        world.unchanged_by(call).await.expect_refused(code);
    }
    let room = |text: &str| json!({ "name": "room", "value": { "text": text } });
    let refused = world.unchanged_by(record().with("attributes", json!([room("a"), room("b")]))).await;
    let refused = refused.expect_refused("ATTRIBUTE_REPEATED");
    assert_eq!((&refused["attribute"], &refused["path"]), (&json!("room"), &json!(["input", "attributes"])));
    let long = record().with("attributes", json!([room(&"x".repeat(201))]));
    let refused = world.unchanged_by(long).await.expect_refused("ATTRIBUTE_INVALID");
    assert!(refused["message"].as_str().is_some_and(|told| told.contains("more than 200 characters")), "{refused}");
    let own = staff.query("{ me { id } }").await["me"]["id"].clone();
    world.unchanged_by(record().with("memberId", own)).await.expect_refused("OWN_EVENT");
}

async fn no_number_is_too_large_to_be_refused(world: World) {
    let staff = world.staff().await;
    let attributes = json!([{ "name": ATTRIBUTES, "kind": "NUMBER" }]);
    let kind = json!({ "code": "STAY", "name": "A stay", "attributes": attributes });
    let kind = staff.create_event_type(kind).await.expect_ok();
    let effect = json!({ "perUnit": { "points": 1, "attribute": ATTRIBUTES } });
    staff.rule(json!({ "name": "One a night", "eventTypeId": kind["id"], "effect": effect })).await;
    let member = world.member().await;
    let nights = json!([{ "name": ATTRIBUTES, "value": { "number": Decimal::MAX.to_string() } }]);
    for rounding in [RoundingKind::Floor, RoundingKind::HalfUp, RoundingKind::Ceil] {
        world.program(|program| program.rounding = rounding).await;
        let call = staff.record_event(&member, "STAY", "stay").with("attributes", nights.clone());
        world.unchanged_by(call).await.expect_refused("TOO_LARGE");
    }
}

async fn a_batch_records_what_it_can(world: World) {
    let staff = hotel(&world).await;
    let member = world.member().await;
    let event = |kind: &str, key: &str| json!({ "type": kind, "memberId": member.id, "uniqueKey": key, "attributes": stay("1", "double") });
    let events = [event("STAY", "a"), event("GAME", "b"), event("STAY", "c"), event("STAY", "a")];
    let document = "mutation($input: RecordEventsInput!) { recordEvents(input: $input) {
        events { uniqueKey pointsEarned } userErrors { code path } } }";
    let batch = staff.graphql(document, json!({ "input": { "events": events } })).await.data()["recordEvents"].clone();
    let recorded = |key| json!({ "uniqueKey": key, "pointsEarned": 500 });
    assert_eq!(batch["events"], json!([recorded("a"), null, recorded("c"), recorded("a")]));
    assert_eq!(batch["userErrors"], json!([{ "code": "TYPE_UNKNOWN", "path": ["input", "events", "1", "type"] }]));
    assert_eq!(world.balances(&member).await, [1_000, 0, 0]);
    let none = staff.graphql(document, json!({ "input": { "events": [] } })).await;
    assert_eq!(none.code(), "BAD_USER_INPUT");
}

async fn an_event_earns_pays_debts_first(world: World) {
    let tea = world.product("tea").price("100.00").await;
    let reward = world.coupon_reward(900).await;
    let staff = hotel(&world).await;
    let member = world.member().await;
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    staff.refund_order(&order).await.expect_ok();
    assert_eq!(world.balances(&member).await, [0, 0, 900]);
    staff.record_event(&member, "STAY", "stay").with("attributes", stay("2", "double")).await.expect_ok();
    assert_eq!(world.balances(&member).await, [100, 0, 0]);
}

async fn kinds_of_events_are_checked(world: World) {
    let staff = hotel(&world).await;
    let create = |code: &str, name: &str| staff.create_event_type(json!({ "code": code, "name": name }));
    for (call, code) in [
        (create("stay", "x"), "CODE_INVALID"),
        (create("", "x"), "CODE_INVALID"),
        (create("9", "x"), "CODE_INVALID"),
        (create("STAY", "x"), "CODE_TAKEN"),
        (create("VISIT", " "), "NAME_INVALID"),
        (create("VISIT", "x").with("attributes", json!([{ "name": "a b", "kind": "TEXT" }])), "ATTRIBUTES_INVALID"),
        (
            create("VISIT", "x")
                .with("attributes", json!([{ "name": "a", "kind": "TEXT" }, { "name": "a", "kind": "NUMBER" }])),
            "ATTRIBUTES_INVALID",
        ),
    ] {
        world.unchanged_by(call).await.expect_refused(code);
    }
    let kinds = staff.query("{ eventTypes { code attributes { name kind } } }").await;
    assert_eq!(kinds["eventTypes"][0]["code"], "STAY");
    assert_eq!(kinds["eventTypes"][0]["attributes"][1], json!({ "name": "nights", "kind": "NUMBER" }));
}
