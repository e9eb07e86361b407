//! Saving segments, and what is wrong with them.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    a_segment_is_saved_changed_and_deleted,
    what_is_wrong_with_a_segment_is_told_at_once,
    a_segment_that_somebody_changed_is_not_changed_again,
    whatever_was_saved_is_shown_again,
    a_birthday_is_told_changed_and_forgotten,
);

async fn a_segment_is_saved_changed_and_deleted(world: World) {
    let staff = world.staff().await;
    let member = world.member().await;
    staff.tag(&member, json!(["vip"])).await;
    let segment = staff.create_segment(" VIP ", json!({ "tags": ["VIP"] })).await.expect_ok();
    assert_eq!(
        (&segment["name"], &segment["revision"], &segment["memberCount"], &segment["filter"]["tags"]),
        (&json!("VIP"), &json!(1), &json!(1), &json!(["vip"]))
    );
    world.wait_seconds(60);
    let changed = json!({ "description": "The best", "filter": { "tags": ["nobody"] } });
    let after = staff.update_segment(&segment, changed.clone()).await.expect_ok();
    assert_eq!(
        (&after["name"], &after["description"], &after["revision"], &after["memberCount"]),
        (&json!("VIP"), &json!("The best"), &json!(2), &json!(0))
    );
    assert_ne!(after["updatedAt"], segment["updatedAt"]);
    let same = staff.update_segment(&after, changed).await.expect_ok();
    assert_eq!(same["revision"], 2, "a change of nothing");
    let another = staff.create_segment("Another", json!({ "imported": true })).await.expect_ok();
    let names = "{ segments { totalCount nodes { name } } }";
    let listed = staff.query(names).await;
    assert_eq!(listed["segments"], json!({ "totalCount": 2, "nodes": [{ "name": "Another" }, { "name": "VIP" }] }));
    let gone = staff.delete_segment(&after).await;
    assert_eq!(gone, json!({ "deletedSegmentId": after["id"], "userErrors": [] }));
    assert_eq!(staff.query(names).await["segments"], json!({ "totalCount": 1, "nodes": [{ "name": "Another" }] }));
    assert_eq!(staff.delete_segment(&after).await["userErrors"][0]["code"], "SEGMENT_UNKNOWN");
    staff.update_segment(&after, json!({ "name": "x" })).await.expect_refused("SEGMENT_UNKNOWN");
    assert_eq!(staff.delete_segment(&json!({ "id": "x" })).await["userErrors"][0]["code"], "SEGMENT_UNKNOWN");
    assert_eq!(staff.delete_segment(&another).await["userErrors"], json!([]));
}

async fn what_is_wrong_with_a_segment_is_told_at_once(world: World) {
    let staff = world.staff().await;
    let call = staff.create_segment("", json!({ "tags": [] })).with("description", json!("x".repeat(1_001)));
    let answer = world.unchanged_by(call).await.answer;
    assert_eq!(answer.codes(), ["NAME_INVALID", "DESCRIPTION_INVALID", "FILTER_VALUES_INVALID"]);
    let nested = |depth: usize| (1..depth).fold(json!({ "imported": true }), |inner, _| json!({ "not": inner }));
    for (filter, code) in [
        (json!({ "tags": ["a\u{0}b"] }), "FILTER_VALUES_INVALID"),
        (json!({ "spend": {} }), "FILTER_VALUES_INVALID"),
        (json!({ "spend": { "least": "0.001" } }), "FILTER_AMOUNT_INVALID"),
        (json!({ "spend": { "least": "-1" } }), "FILTER_AMOUNT_INVALID"),
        (json!({ "spend": { "least": "2", "most": "1" } }), "FILTER_RANGE_INVALID"),
        (json!({ "spend": { "least": "1", "days": 0 } }), "FILTER_DAYS_INVALID"),
        (json!({ "lastPurchase": { "withinDays": 3_661 } }), "FILTER_DAYS_INVALID"),
        (json!({ "birthMonths": [13] }), "FILTER_RANGE_INVALID"),
        (json!({ "birthMonths": [300] }), "FILTER_RANGE_INVALID"),
        (json!({ "pointsExpiring": { "days": 1, "least": 0 } }), "FILTER_AMOUNT_INVALID"),
        (json!({ "registered": {} }), "FILTER_VALUES_INVALID"),
        (json!({ "registered": { "from": "2026-02-01", "to": "2026-01-31" } }), "FILTER_RANGE_INVALID"),
        (nested(6), "FILTER_TOO_LARGE"),
        (json!({ "all": vec![json!({ "imported": true }); 50] }), "FILTER_TOO_LARGE"),
    ] {
        let error = staff.preview_segment(&filter).await["userErrors"][0].clone();
        assert_eq!((&error["code"], &error["path"]), (&json!(code), &json!(["filter"])), "{filter}");
        world.unchanged_by(staff.create_segment("Wrong", filter)).await.expect_refused(code);
    }
    let segment = staff.create_segment("Deep", nested(5)).await.expect_ok();
    world
        .unchanged_by(staff.update_segment(&segment, json!({ "filter": nested(6) })))
        .await
        .expect_refused("FILTER_TOO_LARGE");
    let chinese = staff.speaking("zh-CN").create_segment("", json!({ "imported": true })).await;
    assert_eq!(chinese.expect_refused("NAME_INVALID")["message"], "名称需为 1 至 100 个字符。");
}

async fn a_segment_that_somebody_changed_is_not_changed_again(world: World) {
    let staff = world.staff().await;
    let seen = staff.create_segment("One", json!({ "imported": true })).await.expect_ok();
    staff.update_segment(&seen, json!({ "name": "Two" })).await.expect_ok();
    let call = staff.update_segment(&seen, json!({ "name": "Three" }));
    let error = world.unchanged_by(call).await.expect_refused("REVISION_CONFLICT");
    assert_eq!(error["currentRevision"], 2);
    let again = json!({ "id": seen["id"], "revision": 2 });
    let (one, other) =
        tokio::join!(async { staff.update_segment(&again, json!({ "name": "A" })).await.outcome() }, async {
            staff.update_segment(&again, json!({ "name": "B" })).await.outcome()
        },);
    let mut outcomes = [one, other];
    outcomes.sort();
    assert_eq!(outcomes, ["OK", "REVISION_CONFLICT"]);
}

async fn whatever_was_saved_is_shown_again(world: World) {
    let staff = world.staff().await;
    let parts = json!([
        { "tags": ["tea", "vip"] },
        { "spend": { "least": "1.00", "most": "20.50", "days": 30 } },
        { "lastPurchase": { "withinDays": 7 } },
        { "lastPurchase": { "beforeDays": 90 } },
        { "lastPurchase": { "never": true } },
        { "orders": { "least": 1, "most": 5, "days": 60 } },
        { "birthMonths": [1, 12] },
        { "birthdayThisMonth": true },
        { "pointsExpiring": { "days": 30, "least": 100 } },
        { "points": { "least": 1, "most": 1000 } },
        { "registered": { "from": "2026-01-01", "to": "2026-12-31", "leastDays": 0, "mostDays": 400 } },
        { "imported": true },
        { "not": { "tags": ["staff"] } },
        { "any": [{ "tags": ["a"] }] },
    ]);
    let segment = staff.create_segment("All", json!({ "all": parts })).await.expect_ok();
    assert_eq!(segment["memberCount"], 0);
    for (shown, part) in
        segment["filter"]["all"].as_array().expect("parts").iter().zip(parts.as_array().expect("parts"))
    {
        let (name, value) = part.as_object().and_then(|part| part.iter().next()).expect("a part");
        let told: Vec<&String> = shown
            .as_object()
            .expect("a part")
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(told, [name], "one field is there");
        for (field, value) in value.as_object().into_iter().flatten() {
            if field != "tags" {
                assert_eq!(&shown[name][field], value, "{name}");
            }
        }
        if !value.is_object() && name != "any" {
            assert_eq!(&shown[name], value);
        }
    }
}

async fn a_birthday_is_told_changed_and_forgotten(world: World) {
    let member = world.member().with("birthday", "1990-11-23").await;
    let birthday = async || member.query("{ me { birthday } }").await["me"]["birthday"].clone();
    assert_eq!(birthday().await, "1990-11-23");
    let update = async |value: Json| {
        let document = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { member { birthday }
            userErrors { code path } } }";
        member.graphql(document, json!({ "input": { "birthday": value } })).await.data()["updateProfile"].clone()
    };
    assert_eq!(update(json!("2000-02-29")).await["member"]["birthday"], "2000-02-29");
    for wrong in ["1899-12-31", "2026-11-24"] {
        let refused = update(json!(wrong)).await;
        assert_eq!(refused["userErrors"], json!([{ "code": "BIRTHDAY_INVALID", "path": ["input", "birthday"] }]));
    }
    assert_eq!(birthday().await, "2000-02-29");
    assert_eq!(update(json!("1900-01-01")).await["member"]["birthday"], "1900-01-01");
    // Staff reads it, and a change of something else leaves it.
    let staff = world.staff().await;
    let by = "query($id: ID!) { member(by: { id: $id }) { birthday } }";
    assert_eq!(staff.graphql(by, json!({ "id": member.id })).await.data()["member"]["birthday"], "1900-01-01");
    member.query("mutation { updateProfile(input: { name: \"Lin\" }) { member { id } } }").await;
    assert_eq!(birthday().await, "1900-01-01");
    assert_eq!(update(Json::Null).await["member"]["birthday"], Json::Null);
    let refused = world
        .visitor()
        .register(json!({ "username": "fresh", "email": "fresh@example.com",
        "password": "correct horse battery", "birthday": "2026-11-24" }))
        .await;
    assert_eq!(refused.codes(), ["BIRTHDAY_INVALID"]);
}
