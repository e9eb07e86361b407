//! What rules give for orders.

use serde_json::{Value as Json, json};

use crate::world::{Member, World, both_databases};

both_databases!(
    each_rule_says_what_it_gave,
    rules_pick_products_and_sums,
    the_first_order_is_the_first_that_was_not_taken_back,
    channels_and_members_with_tags,
    caps_are_counted_by_the_periods_of_the_zone,
    another_process_gives_by_the_newest_rules,
    another_process_looks_up_what_the_newest_rules_ask,
    the_same_key_gives_the_same_points,
    what_points_earn_waits_and_is_shared_like_the_rest,
);

const LEDGER: &str = "{ me { pointsAccount { active pending pointsLedger { nodes { type points programVersion
    rules { points due clawedBack rule { name revision } } } } } } }";

/// What each rule gave of the last accrual, with what it was due.
async fn last_shares(member: &Member) -> Vec<(String, i64, i64)> {
    let ledger = member.query(LEDGER).await;
    let nodes = ledger["me"]["pointsAccount"]["pointsLedger"]["nodes"].as_array().cloned().unwrap_or_default();
    let accrual = nodes.iter().find(|entry| entry["type"] == "ACCRUAL").expect("an accrual");
    let shares = accrual["rules"].as_array().expect("shares").iter().map(|share| {
        let points = |field: &str| share[field].as_i64().expect("points");
        (share["rule"]["name"].as_str().unwrap_or_default().to_owned(), points("points"), points("due"))
    });
    shares.collect()
}

fn share(name: &str, points: i64, due: i64) -> (String, i64, i64) {
    (name.to_owned(), points, due)
}

async fn each_rule_says_what_it_gave(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    staff.rule(json!({ "name": "Half more", "effect": { "multiplier": "1.5" }, "priority": 2 })).await;
    staff.rule(json!({ "name": "A point a yuan", "effect": { "perAmount": { "points": 1, "amount": "1.00" } } })).await;
    let order = member.place_order(&[(&tea, 2)]).await.expect_ok();
    assert_eq!((&order["pointsEarned"], &order["lines"][0]["pointsEarned"]), (&json!(320), &json!(320)));
    assert_eq!(last_shares(&member).await, [share("Half more", 100, 100), share("A point a yuan", 20, 20)]);
    let document =
        "query($number: String!) { order(by: { number: $number }) { pointsShares { points rule { name } } } }";
    let seen = member.graphql(document, json!({ "number": order["number"] })).await.data();
    let shares = json!([
        { "points": 100, "rule": { "name": "Half more" } }, { "points": 20, "rule": { "name": "A point a yuan" } },
    ]);
    assert_eq!(seen["order"]["pointsShares"], shares);
}

async fn rules_pick_products_and_sums(world: World) {
    let (tea, cup) = (world.product("tea").price("10.00").await, world.product("cup").price("5.00").await);
    let (staff, member) = (world.staff().await, world.member().await);
    let of_cups = json!({ "productIds": [cup.id] });
    let condition = json!({ "all": [{ "products": of_cups }, { "spend": { "least": "20.00" } }] });
    staff.rule(json!({ "name": "Cups twice", "effect": { "multiplier": "2" }, "condition": condition })).await;
    let condition = json!({ "quantity": { "least": 3, "of": of_cups } });
    staff.rule(json!({ "name": "Three cups", "effect": { "bonus": 30 }, "condition": condition })).await;
    let earned = async |lines: &[(&crate::world::shop::Product, i64)]| {
        let order = member.place_order(lines).await.expect_ok();
        let lines: Vec<Json> =
            order["lines"].as_array().expect("lines").iter().map(|line| line["pointsEarned"].clone()).collect();
        (order["pointsEarned"].clone(), lines)
    };
    assert_eq!(earned(&[(&tea, 1), (&cup, 1)]).await, (json!(150), vec![json!(100), json!(50)]), "¥15 are too little");
    assert_eq!(earned(&[(&tea, 2), (&cup, 1)]).await, (json!(300), vec![json!(200), json!(100)]), "cups twice");
    // The bonus is for the order, and lies on its lines as their prices do.
    assert_eq!(earned(&[(&cup, 3)]).await, (json!(180), vec![json!(180)]));
    assert_eq!(earned(&[(&tea, 3)]).await, (json!(300), vec![json!(300)]));
}

async fn the_first_order_is_the_first_that_was_not_taken_back(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    staff.rule(json!({ "name": "First", "effect": { "bonus": 50 }, "condition": { "firstOrder": true } })).await;
    let order = async || member.place_order(&[(&tea, 1)]).await.expect_ok();
    let first = order().await;
    assert_eq!((&first["pointsEarned"], &order().await["pointsEarned"]), (&json!(150), &json!(100)));
    staff.cancel_order(&first).await.expect_ok();
    assert_eq!(order().await["pointsEarned"], 100, "there is another");
    let other = world.member().await;
    let only = other.place_order(&[(&tea, 1)]).await.expect_ok();
    staff.cancel_order(&only).await.expect_ok();
    let again = other.place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(again["pointsEarned"], 150, "all of it was taken back");
    assert_eq!(world.balances(&other).await, [150, 0, 0]);
}

async fn channels_and_members_with_tags(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    staff
        .rule(json!({ "name": "App", "effect": { "bonus": 1 }, "condition": { "channel": ["APP", "MINI_PROGRAM"] } }))
        .await;
    staff.rule(json!({ "name": "VIP", "effect": { "bonus": 10 }, "condition": { "tags": ["vip"] } })).await;
    let order = async |channel: Json| {
        let order = member.place_order(&[(&tea, 1)]).with("channel", channel).await.expect_ok();
        order["pointsEarned"].clone()
    };
    assert_eq!(
        (order(json!("WEB")).await, order(json!("APP")).await, order(Json::Null).await),
        (json!(100), json!(101), json!(100))
    );
    staff.tag(&member, json!(["VIP "])).await;
    assert_eq!((order(json!("WEB")).await, order(json!("APP")).await), (json!(110), json!(111)));
}

/// What rules give for a piece of ¥10.
async fn bonus(member: &Member, product: &crate::world::shop::Product) -> i64 {
    let order = member.place_order(&[(product, 1)]).await.expect_ok();
    order["pointsEarned"].as_i64().expect("points") - 100
}

async fn caps_are_counted_by_the_periods_of_the_zone(world: World) {
    let tea = world.product("tea").price("10.00").await;
    // Half past eleven in the evening of Saturday, 30 January 2027, in Shanghai.
    world.travel_to("2027-01-30T15:30:00Z");
    let (staff, member) = (world.staff().await, world.member().await);
    let caps = json!([{ "period": "DAY", "points": 100 }, { "period": "WEEK", "points": 220 }, { "period": "EVER", "times": 6 }]);
    staff.rule(json!({ "name": "Capped", "effect": { "bonus": 60 }, "caps": caps })).await;
    let order = async || bonus(&member, &tea).await;
    assert_eq!([order().await, order().await, order().await], [60, 40, 0], "a day's points, the last time in part");
    world.wait_minutes(31);
    let member = member.another_session().await;
    let order = async || bonus(&member, &tea).await;
    assert_eq!([order().await, order().await, order().await], [60, 40, 0], "Sunday, of the same week");
    world.travel_to("2027-01-31T16:00:00Z");
    let member = member.another_session().await;
    let order = async || bonus(&member, &tea).await;
    assert_eq!([order().await, order().await], [60, 40], "Monday");
    world.travel_to("2027-02-07T16:00:00Z");
    let member = member.another_session().await;
    assert_eq!(member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 100, "six times it gave");
}

async fn another_process_gives_by_the_newest_rules(world: World) {
    use crate::world::Settings;
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let other = world.another_process(Settings::default()).await;
    let there = other.serves(&member);
    there.place_order(&[(&tea, 1)]).await.expect_ok();
    let caps = json!([{ "period": "EVER", "times": 1 }]);
    let rule = staff.rule(json!({ "name": "Once", "effect": { "bonus": 5 }, "caps": caps, "budget": "100" })).await;
    // Neither the rule nor its budget nor the member's count was asked for when it was sent.
    assert_eq!(there.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 105);
    assert_eq!(member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 100);
    staff.end_rule(&rule).await.expect_ok();
    assert_eq!(there.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 100);
    other.stop().await;
}

async fn another_process_looks_up_what_the_newest_rules_ask(world: World) {
    use crate::world::Settings;
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let kind = staff.create_event_type(json!({ "code": "CHECK_IN", "name": "Check-in" })).await.expect_ok();
    staff.tag(&member, json!(["vip"])).await;
    let other = world.another_process(Settings::default()).await;
    let (there, staff_there) = (other.serves(&member), other.serves(&staff));
    there.place_order(&[(&tea, 1)]).await.expect_ok();
    // The other process has met no rule that asks for tags, nor for segments, when the next order is sent to it.
    let (vip, others) = (json!({ "tags": ["vip"] }), json!({ "not": { "tags": ["vip"] } }));
    staff.rule(json!({ "name": "VIPs", "effect": { "bonus": 5 }, "condition": vip })).await;
    staff.rule(json!({ "name": "All others", "effect": { "bonus": 70 }, "condition": others })).await;
    assert_eq!(there.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 105);
    let regulars = staff.create_segment("Regulars", json!({ "orders": { "least": 2 } })).await.expect_ok();
    let regulars =
        json!({ "name": "Regulars", "effect": { "bonus": 3 }, "condition": { "segments": [regulars["id"]] } });
    staff.rule(regulars.clone()).await;
    assert_eq!(there.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 108);
    let mut for_events = regulars;
    for_events["eventTypeId"] = kind["id"].clone();
    staff.rule(for_events).await;
    assert_eq!(staff_there.record_event(&member, "CHECK_IN", "today").await.expect_ok()["pointsEarned"], 3);
    other.stop().await;
}

async fn the_same_key_gives_the_same_points(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let rule = staff.rule(json!({ "name": "Bonus", "effect": { "bonus": 5 }, "budget": "100" })).await;
    let order = member.place_order(&[(&tea, 1)]).with_key("once").await.expect_ok();
    staff.end_rule(&rule).await.expect_ok();
    let call = member.place_order(&[(&tea, 1)]).with_key("once");
    let again = world.unchanged_by(call).await.expect_ok();
    assert_eq!((&again["id"], &again["pointsEarned"]), (&order["id"], &json!(105)));
    let call = member.place_order(&[(&tea, 1)]).with("channel", json!("APP")).with_key("once");
    world.unchanged_by(call).await.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
}

async fn what_points_earn_waits_and_is_shared_like_the_rest(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    world.program(|program| program.return_window_days = Some(7)).await;
    staff.rule(json!({ "name": "Twice", "effect": { "multiplier": "2" } })).await;
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(world.balances(&member).await, [0, 200, 0]);
    staff.deliver_order(&order).await.expect_ok();
    world.wait_days(8);
    assert_eq!(world.balances(&member).await, [200, 0, 0]);
}
