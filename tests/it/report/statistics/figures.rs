//! What each figure is, by day, week and month, by tier and by rule.

use serde_json::{Value as Json, json};

use jifen::domain::points::entity::{TransferPolicy, ValidityKind};

use super::{ask, rows, told};
use crate::world::tier::three_tiers;
use crate::world::{World, both_databases};

both_databases!(
    every_figure_is_of_its_day,
    a_member_is_active_once_a_row,
    members_who_were_merged_are_one_active_member,
    what_is_not_counted_yet_is_said,
    a_tier_has_what_its_members_did_in_it,
    a_rule_has_what_it_gave_less_what_came_back,
    a_household_counts_with_who_bought_for_it,
    days_that_are_no_period_are_refused,
    a_year_takes_as_many_statements_as_a_day,
);

async fn every_figure_is_of_its_day(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(50).await;
    world
        .program(|program| {
            program.transfers = TransferPolicy::Anybody;
            (program.validity, program.validity_count) = (ValidityKind::Days, 1);
        })
        .await;
    let (alice, bob, staff) = (world.member().await, world.member().await, world.staff().await);
    // Of Alice's 300 points 100 pay ¥1.00 of the next order, which earns on what is left.
    let order = alice.place_order(&[(&tea, 3)]).await.expect_ok();
    alice.place_order(&[(&tea, 1)]).with_points(100).await.expect_ok();
    bob.place_order(&[(&tea, 1)]).await.expect_ok();
    let redemption = alice.redeem(&reward).await.expect_ok();
    alice.redeem(&reward).await.expect_ok();
    staff.cancel_redemption(&redemption).await.expect_ok();
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    bob.transfer_points(&alice, 10).await.expect_ok();
    staff.adjust_points(&bob, 7).await.expect_ok();
    // A purchase of the past brings points today, and is no order of today.
    world.record_purchase(bob.member_id(), 500).await;
    assert!(world.count().await > 0);
    assert_eq!(world.count().await, 0, "each is counted once");
    world.wait_days(2);
    world.sweep().await;
    world.count().await;
    let staff = world.staff().await;
    let days = rows(&staff, ("2026-11-22", "2026-11-25"), "DAY", "NONE").await;
    let figures: Vec<Json> = days.iter().map(told).collect();
    let first = json!({
        "issued": "540", "takenBack": "100", "redeemed": "150", "activeMembers": "2", "orders": "3", "newMembers": "3",
        "spend": "49.00", "refunded": "10.00",
    });
    assert_eq!(figures[..3], [json!({}), first, json!({})], "{days:?}");
    assert_eq!((&days[1]["netIssued"], &days[1]["redemptionRate"]), (&json!("440"), &json!("0.2778")));
    assert_eq!((&days[0]["redemptionRate"], &days[1]["spend"]["currencyCode"]), (&Json::Null, &json!("CNY")));
    // 540 − 100 − 150 + 7, all of which was good for a day after the first.
    assert_eq!(figures[3]["expired"], "297");
}

async fn a_member_is_active_once_a_row(world: World) {
    let tea = world.product("tea").await;
    let (alice, bob) = (world.member().await, world.member().await);
    for turn in 0..3 {
        for _ in 0..2 {
            alice.another_session().await.place_order(&[(&tea, 1)]).await.expect_ok();
        }
        if turn > 0 {
            bob.another_session().await.place_order(&[(&tea, 1)]).await.expect_ok();
        }
        world.wait_days(3);
    }
    world.count().await;
    let staff = world.staff().await;
    let active = async |to: &str, by: &str| {
        let rows = rows(&staff, ("2026-11-23", to), by, "NONE").await;
        rows.iter().map(|row| row["activeMembers"].as_str().unwrap_or("none").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(active("2026-11-29", "DAY").await, ["1", "0", "0", "2", "0", "0", "2"]);
    assert_eq!(active("2026-12-06", "WEEK").await, ["2", "0"]);
    assert_eq!(active("2026-12-06", "MONTH").await, ["2", "0"]);
}

async fn members_who_were_merged_are_one_active_member(world: World) {
    let tea = world.product("tea").await;
    let staff = world.staff().await;
    staff.create_tiers(three_tiers()).await.expect_ok();
    let mut members = Vec::new();
    for _ in 0..4 {
        let member = world.member().await;
        member.place_order(&[(&tea, 1)]).await.expect_ok();
        members.push(member);
    }
    let active = async |by: &str, group_by: &str| {
        world.count().await;
        let rows = rows(&staff, ("2026-11-01", "2026-11-30"), by, group_by).await;
        rows.iter().map(|row| row["activeMembers"].as_str().unwrap_or("none").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (active("MONTH", "NONE").await, active("MONTH", "TIER").await),
        (vec!["4".to_owned()], vec!["4".to_owned()])
    );
    // The first is the second, who turns out to be the third; the fourth is somebody else.
    staff.merge(&members[0], &members[1]).await.expect_ok();
    assert_eq!(active("MONTH", "NONE").await, ["3"]);
    staff.merge(&members[1], &members[2]).await.expect_ok();
    members[2].place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(
        (active("MONTH", "NONE").await, active("MONTH", "TIER").await),
        (vec!["2".to_owned()], vec!["2".to_owned()])
    );
    assert_eq!(active("DAY", "NONE").await[22], "2");
    world.assert_balanced().await;
}

async fn what_is_not_counted_yet_is_said(world: World) {
    let tea = world.product("tea").await;
    let (member, staff) = (world.member().await, world.staff().await);
    world.count().await;
    let counted_until = async || {
        let told = ask(&staff, ("2026-11-23", "2026-11-23"), "DAY", "NONE").await.data()["programStatistics"].clone();
        (told["countedUntil"].as_str().expect("a moment").to_owned(), told["rows"][0]["orders"].clone())
    };
    world.wait_minutes(2);
    let placed = member.place_order(&[(&tea, 1)]).await.expect_ok();
    world.wait_minutes(2);
    // Up to the order, and not it.
    assert_eq!(counted_until().await, (placed["placedAt"].as_str().expect("a moment").to_owned(), json!("0")));
    world.count().await;
    // What is recorded now may be committed a moment later.
    let a_minute_ago = world.now();
    world.wait_minutes(1);
    assert_eq!(counted_until().await, (a_minute_ago, json!("1")));
}

async fn a_tier_has_what_its_members_did_in_it(world: World) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let staff = world.staff().await;
    staff.create_tiers(three_tiers()).await.expect_ok();
    let (rich, poor) = (world.member().await, world.member().await);
    // 10,000 points in the lowest tier make it Gold, which earns one and a half times.
    rich.place_order(&[(&one, 1_000)]).await.expect_ok();
    rich.place_order(&[(&one, 100)]).await.expect_ok();
    poor.place_order(&[(&one, 10)]).await.expect_ok();
    world.count().await;
    let tiers = rows(&staff, ("2026-11-23", "2026-11-23"), "DAY", "TIER").await;
    let mut figures: Vec<(Json, Json)> = tiers.iter().map(|row| (row["tier"]["code"].clone(), told(row))).collect();
    figures.sort_by_key(|(code, _)| code.to_string());
    // The staff became a member before there were tiers, which is counted after.
    let base = json!({ "issued": "10100", "activeMembers": "2", "orders": "2", "newMembers": "3", "spend": "1010.00" });
    let gold = json!({ "issued": "1500", "activeMembers": "1", "orders": "1", "spend": "100.00" });
    assert_eq!(figures, [(json!("BASE"), base), (json!("GOLD"), gold)]);
    let whole = rows(&staff, ("2026-11-23", "2026-11-23"), "DAY", "NONE").await;
    assert_eq!((&whole[0]["activeMembers"], &whole[0]["issued"]), (&json!("2"), &json!("11600")));
    let given = rows(&staff, ("2026-11-23", "2026-11-23"), "DAY", "RULE").await;
    let given: Vec<_> =
        given.iter().map(|row| [&row["rule"], &row["tier"]["code"], &row["issued"], &row["orders"]]).collect();
    let null = &Json::Null;
    assert_eq!(given, [[null, null, &json!("11100"), null], [null, &json!("GOLD"), &json!("500"), null]]);
}

async fn a_rule_has_what_it_gave_less_what_came_back(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    staff.rule(json!({ "name": "Thirty more", "effect": { "bonus": 30 } })).await;
    let kind = staff.create_event_type(json!({ "code": "REVIEW", "name": "A review" })).await.expect_ok();
    staff.rule(json!({ "name": "Reviews", "eventTypeId": kind["id"], "effect": { "bonus": 5 } })).await;
    let member = world.member().await;
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    staff.record_event(&member, "REVIEW", "one").await.expect_ok();
    world.wait_days(1);
    let staff = world.staff().await;
    staff.refund_order(&order).await.expect_ok();
    world.count().await;
    let days = rows(&staff, ("2026-11-23", "2026-11-24"), "DAY", "RULE").await;
    let mut told: Vec<Json> = days
        .iter()
        .map(|row| json!([row["from"], row["rule"]["name"], row["issued"], row["takenBack"], row["netIssued"]]))
        .collect();
    let expected = [
        json!(["2026-11-23", "Reviews", "5", "0", "5"]),
        json!(["2026-11-23", "Thirty more", "60", "0", "60"]),
        json!(["2026-11-23", null, "200", "0", "200"]),
        json!(["2026-11-24", "Thirty more", "0", "30", "-30"]),
        json!(["2026-11-24", null, "0", "100", "-100"]),
    ];
    // Within a day rules come by their ids.
    told.sort_by_key(Json::to_string);
    assert_eq!(told, expected);
    for name in ["redeemed", "expired", "redemptionRate", "activeMembers", "orders", "spend", "refunded", "newMembers"]
    {
        assert!(days.iter().all(|row| row[name].is_null()), "{name} is not a rule's");
    }
}

async fn a_household_counts_with_who_bought_for_it(world: World) {
    let tea = world.product("tea").await;
    world
        .program(|program| {
            program.household_size = 3;
            (program.validity, program.validity_count) = (ValidityKind::Days, 1);
        })
        .await;
    let staff = world.staff().await;
    staff.create_tiers(three_tiers()).await.expect_ok();
    let member = world.member().await;
    member.create_household("Home").await.expect_ok();
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    world.wait_days(2);
    world.sweep().await;
    world.count().await;
    let staff = world.staff().await;
    let tiers = rows(&staff, ("2026-11-23", "2026-11-25"), "MONTH", "TIER").await;
    let figures: Vec<_> = tiers.iter().map(|row| (row["tier"]["code"].clone(), told(row))).collect();
    let bought = json!({ "issued": "100", "activeMembers": "1", "orders": "1", "newMembers": "2", "spend": "10.00" });
    // A household has no tier.
    assert_eq!(figures, [(Json::Null, json!({ "expired": "100" })), (json!("BASE"), bought)]);
}

async fn days_that_are_no_period_are_refused(world: World) {
    let staff = world.staff().await;
    for days in [("2026-11-24", "2026-11-23"), ("2020-01-01", "2026-11-23"), ("9999-12-30", "9999-12-31")] {
        let refused = ask(&staff, days, "DAY", "NONE").await;
        let expected = if days.0.starts_with("9999") { "no error" } else { "BAD_USER_INPUT" };
        assert_eq!(refused.code(), expected, "{days:?}");
    }
    let chinese = ask(&staff.speaking("zh-CN"), ("2026-11-24", "2026-11-23"), "DAY", "NONE").await;
    assert_eq!(chinese.json["errors"][0]["message"], "起始日期晚于截止日期。");
}

async fn a_year_takes_as_many_statements_as_a_day(world: World) {
    let tea = world.product("tea").await;
    let staff = world.staff().await;
    staff.create_tiers(three_tiers()).await.expect_ok();
    for name in ["One", "Two", "Three"] {
        staff.rule(json!({ "name": name, "effect": { "bonus": 3 } })).await;
    }
    for _ in 0..10 {
        world.member().await.place_order(&[(&tea, 1)]).await.expect_ok();
        world.wait_days(1);
    }
    world.count().await;
    let staff = world.staff().await;
    // Session, program, and as of one moment the oldest event that is not counted, figures and members; on a server the
    // transaction around them; and the tiers or the rules, all at once.
    for (group_by, most) in [("NONE", 7), ("TIER", 8), ("RULE", 7)] {
        let mut taken = Vec::new();
        for (days, by) in [(("2026-11-23", "2026-11-23"), "DAY"), (("2026-01-01", "2026-12-31"), "DAY")] {
            world.take_statements();
            assert!(!rows(&staff, days, by, group_by).await.is_empty());
            taken.push(world.take_statements());
        }
        assert!(taken[0].len() <= most && taken[1].len() == taken[0].len(), "{group_by}: {taken:#?}");
    }
}
