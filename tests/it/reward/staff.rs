//! What staff does with rewards, who sees them, and who may redeem them.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    a_reward_is_made_changed_and_ended,
    a_draft_is_nobodys_business,
    what_cannot_be_is_refused_and_changes_nothing,
    only_those_it_is_for_see_it_and_redeem_it,
    a_reward_has_its_time,
    a_limit_counts_pieces_in_its_period,
    stock_is_added_to_and_never_goes_below_what_is_used,
    what_was_redeemed_keeps_what_it_was_worth,
);

async fn a_reward_is_made_changed_and_ended(world: World) {
    let staff = world.staff().await;
    let member = world.member().with_points(1_000).await;
    let (made, reward) = staff
        .reward(json!({ "minimumSpend": "20.00", "couponValidDays": 30, "imageUrl": "https://shop.example/5.png",
            "stock": 10, "limit": { "period": "DAY", "pieces": 2 } }))
        .await;
    let expected = json!({ "id": made["id"], "revision": 1, "status": "OFFERED", "kind": "COUPON", "name": "Five off",
        "description": "", "imageUrl": "https://shop.example/5.png", "pointsPrice": 100, "moneyPrice": null,
        "couponValue": { "amount": "5.00" }, "couponPercent": null, "minimumSpend": { "amount": "20.00" },
        "couponValidDays": 30, "product": null, "available": 10, "startsAt": null, "endsAt": null,
        "limit": { "period": "DAY", "pieces": 2 }, "audience": null });
    assert_eq!(made, expected);
    let changed = staff.update_reward(&made, json!({ "pointsPrice": 90, "limit": null })).await.expect_ok();
    assert_eq!(
        (&changed["revision"], &changed["pointsPrice"], &changed["limit"], &changed["available"]),
        (&json!(2), &json!(90), &Json::Null, &json!(10))
    );
    let same = staff.update_reward(&changed, json!({ "pointsPrice": 90 })).await.expect_ok();
    assert_eq!(same["revision"], 2, "nothing changed");
    assert_eq!(member.redeem(&reward).await.expect_ok()["points"], 90);
    let late = world.unchanged_by(staff.update_reward(&made, json!({ "name": "Late" }))).await;
    assert_eq!(late.expect_refused("REVISION_CONFLICT")["currentRevision"], 2);
    let ended = staff.end_reward(&changed).await.expect_ok();
    assert_eq!((&ended["status"], &ended["revision"]), (&json!("ENDED"), &json!(3)));
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("REWARD_OVER");
    world.unchanged_by(staff.update_reward(&ended, json!({ "name": "Again" }))).await.expect_refused("REWARD_ENDED");
    assert_eq!(member.query("{ rewards { totalCount } }").await["rewards"]["totalCount"], 0);
    assert_eq!(
        staff.query("{ rewards { nodes { status } } }").await["rewards"]["nodes"],
        json!([{ "status": "ENDED" }])
    );
}

async fn a_draft_is_nobodys_business(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(500).await);
    let (draft, reward) = staff.reward(json!({ "draft": true })).await;
    assert_eq!(draft["status"], "DRAFT");
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("REWARD_UNKNOWN");
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let seen = member.graphql(node, json!({ "id": reward.id })).await.data()["node"].clone();
    assert_eq!(
        (seen, &member.query("{ rewards { totalCount } }").await["rewards"]["totalCount"]),
        (Json::Null, &json!(0))
    );
    assert_eq!(staff.graphql(node, json!({ "id": reward.id })).await.data()["node"]["id"], json!(reward.id));
    staff.update_reward(&draft, json!({ "publish": true })).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
}

async fn what_cannot_be_is_refused_and_changes_nothing(world: World) {
    let staff = world.staff().await;
    let tea = world.product("tea").await;
    let base = json!({ "kind": "COUPON", "name": "Five off", "pointsPrice": 100, "couponValue": "5.00" });
    for (field, value, code) in [
        ("name", json!(" "), "NAME_INVALID"),
        ("name", json!("x".repeat(101)), "NAME_INVALID"),
        ("description", json!("a\u{7}"), "DESCRIPTION_INVALID"),
        ("imageUrl", json!("javascript:alert(1)"), "IMAGE_INVALID"),
        ("pointsPrice", json!(0), "PRICE_INVALID"),
        ("moneyPrice", json!("0.001"), "PRICE_INVALID"),
        ("couponValue", json!("0"), "TERMS_INVALID"),
        ("couponPercent", json!("10"), "TERMS_INVALID"),
        ("minimumSpend", json!("-1"), "TERMS_INVALID"),
        ("endsAt", json!("2020-01-01T00:00:00Z"), "PERIOD_INVALID"),
        ("couponValidDays", json!(0), "TERMS_INVALID"),
        ("productId", json!(tea.id), "PRODUCT_UNKNOWN"),
        ("audience", json!({ "weekdays": [1] }), "AUDIENCE_NOT_OF_MEMBER"),
        ("audience", json!({ "not": { "spend": { "least": "1.00" } } }), "AUDIENCE_NOT_OF_MEMBER"),
        ("audience", json!({ "tags": [] }), "AUDIENCE_INVALID"),
        ("audience", json!({ "any": [] }), "AUDIENCE_INVALID"),
        ("limit", json!({ "period": "WEEK", "pieces": 0 }), "LIMIT_INVALID"),
        ("stock", json!(-1), "STOCK_INVALID"),
    ] {
        let mut input = base.clone();
        input[field] = value;
        let error = world.unchanged_by(staff.create_reward(input)).await.expect_refused(code);
        assert_eq!(error["path"], json!(["input", field]), "{error}");
    }
    for (kind, field) in [("PERCENT_COUPON", "couponPercent"), ("DONATION", "couponValue")] {
        let mut input = base.clone();
        input["kind"] = json!(kind);
        let error = world.unchanged_by(staff.create_reward(input)).await.expect_refused("TERMS_INVALID");
        assert_eq!(error["path"], json!(["input", field]), "{error}");
    }
    // One that is on offer is not ended by a date that is over.
    let (reward, _) = staff.reward(json!({})).await;
    let past = json!({ "endsAt": world.app.clock.now().plus(-1).rfc3339() });
    world.unchanged_by(staff.update_reward(&reward, past)).await.expect_refused("PERIOD_INVALID");

    let dates = json!({ "startsAt": "2030-01-02T00:00:00Z", "endsAt": "2030-01-02T00:00:00Z" });
    let mut input = base.clone();
    (input["startsAt"], input["endsAt"]) = (dates["startsAt"].clone(), dates["endsAt"].clone());
    world.unchanged_by(staff.create_reward(input)).await.expect_refused("PERIOD_INVALID");
    for id in ["", "x", tea.id.as_str()] {
        let unknown = json!({ "id": id, "revision": 1 });
        world.unchanged_by(staff.update_reward(&unknown, json!({}))).await.expect_refused("REWARD_UNKNOWN");
    }
}

async fn only_those_it_is_for_see_it_and_redeem_it(world: World) {
    let staff = world.staff().await;
    let (gold, plain) = (world.member().with_points(500).await, world.member().with_points(500).await);
    staff.tag(&gold, json!(["gold"])).await;
    let (_, reward) =
        staff.reward(json!({ "audience": { "all": [{ "tags": ["Gold"] }, { "not": { "tags": ["banned"] } }] } })).await;
    staff.reward(json!({ "name": "For all", "pointsPrice": 5 })).await;
    let names = "{ rewards { totalCount nodes { name audience { tags } } } }";
    let all = json!({ "name": "For all", "audience": null });
    let some = json!({ "name": "Five off", "audience": null });
    assert_eq!(gold.query(names).await["rewards"], json!({ "totalCount": 2, "nodes": [all, some] }));
    for other in [&*plain, &world.visitor()] {
        assert_eq!(other.query(names).await["rewards"], json!({ "totalCount": 1, "nodes": [all] }));
    }
    world.unchanged_by(plain.redeem(&reward)).await.expect_refused("REWARD_NOT_FOR_YOU");
    let made = gold.redeem(&reward).with_key("once").await.expect_ok();
    // Who is no longer of them finds what their key made, and gets nothing new.
    staff.tag(&gold, json!([])).await;
    assert_eq!(gold.redeem(&reward).with_key("once").await.expect_ok()["id"], made["id"]);
    world.unchanged_by(gold.redeem(&reward)).await.expect_refused("REWARD_NOT_FOR_YOU");
}

async fn a_reward_has_its_time(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(500).await);
    let at = |minutes: i64| json!(world.app.clock.now().plus(minutes * 60_000_000).rfc3339());
    let (seen, reward) = staff.reward(json!({ "startsAt": at(4), "endsAt": at(8) })).await;
    assert_eq!(seen["status"], "SCHEDULED");
    let early = world.unchanged_by(member.redeem(&reward)).await;
    early.expect_refused("REWARD_NOT_YET");
    world.wait_minutes(4);
    member.redeem(&reward).await.expect_ok();
    world.wait_minutes(4);
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("REWARD_OVER");
}

async fn a_limit_counts_pieces_in_its_period(world: World) {
    let staff = world.staff().await;
    let (member, other) = (world.member().with_points(5_000).await, world.member().with_points(500).await);
    let (seen, reward) = staff.reward(json!({ "limit": { "period": "DAY", "pieces": 3 } })).await;
    let first = member.redeem(&reward).times(2).await.expect_ok();
    let error = world.unchanged_by(member.redeem(&reward).times(2)).await.expect_refused("LIMIT_REACHED");
    assert_eq!((&error["availableQuantity"], &error["path"]), (&json!(1), &json!(["input", "quantity"])));
    member.redeem(&reward).await.expect_ok();
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("LIMIT_REACHED");
    other.redeem(&reward).times(3).await.expect_ok();
    // What is cancelled is free again.
    staff.cancel_redemption(&first).await.expect_ok();
    member.redeem(&reward).times(2).await.expect_ok();
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("LIMIT_REACHED");
    world.wait_days(1);
    let (staff, member) = (staff.another_session().await, member.another_session().await);
    member.redeem(&reward).times(3).await.expect_ok();
    // A limit of another period counts anew; what counted in the old one is still freed there.
    staff.update_reward(&seen, json!({ "limit": { "period": "EVER", "pieces": 1 } })).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("LIMIT_REACHED");
}

async fn stock_is_added_to_and_never_goes_below_what_is_used(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(5_000).await);
    let (seen, reward) = staff.reward(json!({ "stock": 2 })).await;
    member.redeem(&reward).times(2).await.expect_ok();
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("REWARD_SOLD_OUT");
    let below = world.unchanged_by(staff.update_reward(&seen, json!({ "stock": 1 }))).await;
    assert_eq!(below.expect_refused("STOCK_BELOW_USED")["usedQuantity"], 2);
    let more = staff.update_reward(&seen, json!({ "stock": 5 })).await.expect_ok();
    assert_eq!(more["available"], 3);
    member.redeem(&reward).times(3).await.expect_ok();
    let free = staff.update_reward(&more, json!({ "stock": null })).await.expect_ok();
    assert_eq!(free["available"], Json::Null);
    member.redeem(&reward).times(7).await.expect_ok();
    let again = staff.update_reward(&free, json!({ "stock": 6 })).await.expect_ok();
    assert_eq!(again["available"], 1, "what was redeemed without a pile is not of it");
}

async fn what_was_redeemed_keeps_what_it_was_worth(world: World) {
    let tea = world.product("tea").price("40.00").await;
    let (staff, member) = (world.staff().await, world.member().with_points(5_000).await);
    let (seen, reward) = staff.reward(json!({})).await;
    let old = member.buy_coupon(&reward).await;
    let change = json!({ "couponValue": "7.50", "minimumSpend": "30.00", "pointsPrice": 150, "couponValidDays": 5 });
    staff.update_reward(&seen, change).await.expect_ok();
    let new = member.buy_coupon(&reward).await;
    for (code, off) in [(old, "5.00"), (new, "7.50")] {
        let order = member.place_order(&[(&tea, 1)]).with_coupon(&code).await.expect_ok();
        assert_eq!(order["discount"]["amount"], off);
    }
    assert_eq!(member.points().await, 5_000 - 100 - 150 + 350 + 325);
}
