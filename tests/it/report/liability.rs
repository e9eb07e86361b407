//! The liability report: every movement in its row, days that are over stay as they were, and the last closing is what
//! wallets hold.

use jifen::domain::points::entity::{ShortfallPolicy, TransferPolicy, ValidityKind};
use serde_json::{Value as Json, json};

use crate::world::{Answer, Client, World, both_databases};

both_databases!(
    every_movement_has_its_row,
    a_day_that_is_over_stays_as_it_was,
    days_that_are_closed_say_what_the_ledger_says,
    another_zone_changes_no_day_that_is_closed,
    weeks_and_months_sum_days,
    a_spreadsheet_reads_it,
    days_that_are_no_period_are_refused,
    a_report_takes_as_many_statements_for_many_members_as_for_one,
    books_that_do_not_agree_are_told,
);

const REPORT: &str = "query($from: Date!, $to: Date!, $by: ReportPeriod!) {
    liabilityReport(from: $from, to: $to, by: $by) { from to timeZone outstandingNow agrees csv
        rows { from to opening issued reinstated adjusted writtenOff settled redeemed expired revoked closing } } }";

/// Everything that it tells of the days.
const IN_FULL: &str = "query($from: Date!, $to: Date!, $by: ReportPeriod!) {
    liabilityReport(from: $from, to: $to, by: $by) { from to timeZone outstandingNow agrees csv
        rows { from to opening issued reinstated adjusted writtenOff settled redeemed expired revoked closing }
        cohorts { month points redeemed expired open expectedRedemptionPercent }
        deferredRevenue { month transactionPrice { amount } standAlonePriceOfPoints { amount } expectedRedemptionPercent
            redeemed expectedRedemptions deferred { amount } recognised { amount } balance { amount } } } }";

async fn ask(client: &Client, from: &str, to: &str, by: &str) -> Answer {
    client.graphql(REPORT, json!({ "from": from, "to": to, "by": by })).await
}

async fn report(client: &Client, from: &str, to: &str, by: &str) -> Json {
    ask(client, from, to, by).await.data()["liabilityReport"].clone()
}

/// A figure of a row.
fn points(row: &Json, name: &str) -> i64 {
    row[name].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {name} in {row}"))
}

/// What moved in a row, but for what did not.
fn moved(row: &Json) -> Vec<(&'static str, i64)> {
    const NAMES: [&str; 8] =
        ["issued", "reinstated", "adjusted", "writtenOff", "settled", "redeemed", "expired", "revoked"];
    NAMES.into_iter().map(|name| (name, points(row, name))).filter(|(_, points)| *points != 0).collect()
}

/// Each row opens with what the one before closed, and the last closes with what wallets hold.
fn assert_rolls(report: &Json) {
    assert_eq!(report["agrees"], true, "{report}");
    let rows = report["rows"].as_array().expect("rows");
    for row in rows {
        let came: i64 =
            ["issued", "reinstated", "adjusted", "writtenOff", "settled"].map(|it| points(row, it)).iter().sum();
        let went: i64 = ["redeemed", "expired", "revoked"].map(|it| points(row, it)).iter().sum();
        assert_eq!(points(row, "opening") + came - went, points(row, "closing"), "{row}");
    }
    for pair in rows.windows(2) {
        assert_eq!(pair[0]["closing"], pair[1]["opening"]);
    }
    let last = rows.last().expect("a row");
    assert_eq!(last["closing"], report["outstandingNow"], "{report}");
}

/// A week in which everything happens, a day each from 23 November on.
async fn fill(world: &World) {
    let tea = world.product("tea").price("100.00").await;
    let reward = world.coupon_reward(900).await;
    world
        .program(|program| {
            (program.transfers, program.shortfall) = (TransferPolicy::Anybody, ShortfallPolicy::AllowDebt);
            (program.validity, program.validity_count) = (ValidityKind::Days, 2);
        })
        .await;
    let (alice, bob) = (world.member().await, world.member().await);
    // The 23rd: 1,000 points each are issued, and 900 of Alice's are redeemed.
    let order = alice.place_order(&[(&tea, 1)]).await.expect_ok();
    bob.place_order(&[(&tea, 1)]).await.expect_ok();
    alice.redeem(&reward).await.expect_ok();
    // The 24th: Bob gives 10 to Alice, which is nothing in all; Alice's order comes back, and she owes 890.
    world.wait_days(1);
    let (staff, alice) = (world.staff().await, alice.another_session().await);
    bob.another_session().await.transfer_points(&alice, 10).await.expect_ok();
    staff.refund_order(&order).await.expect_ok();
    // The 25th: staff gives Bob 70.
    world.wait_days(1);
    world.staff().await.adjust_points(&bob, 70).await.expect_ok();
    // The 26th, on which Bob's 990 have expired.
    world.wait_days(1);
    assert_eq!(world.sweep().await, 1);
}

async fn every_movement_has_its_row(world: World) {
    fill(&world).await;
    let staff = world.staff().await;
    let report = report(&staff, "2026-11-22", "2026-11-26", "DAY").await;
    assert_eq!((&report["timeZone"], &report["outstandingNow"]), (&json!("Asia/Shanghai"), &json!("-820")));
    assert_rolls(&report);
    let rows = report["rows"].as_array().expect("rows");
    let told: Vec<_> = rows.iter().map(moved).collect();
    let expected = [
        vec![],
        vec![("issued", 2000), ("redeemed", 900)],
        vec![("revoked", 1000)],
        vec![("adjusted", 70)],
        vec![("expired", 990)],
    ];
    assert_eq!(told, expected, "{report}");
    let closings: Vec<_> = rows.iter().map(|row| points(row, "closing")).collect();
    assert_eq!(closings, [0, 1100, 100, 170, -820]);
}

async fn a_day_that_is_over_stays_as_it_was(world: World) {
    let (tea, member) = (world.product("tea").await, world.member().await);
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    world.wait_days(1);
    let before = report(&*world.staff().await, "2026-11-23", "2026-11-23", "DAY").await;
    assert_eq!(before["rows"][0]["issued"], "100");
    // A purchase of long ago that is recorded only now is of today.
    world.record_purchase(member.member_id(), 5_000).await;
    member.another_session().await.place_order(&[(&tea, 1)]).await.expect_ok();
    let staff = world.staff().await;
    let after = report(&staff, "2026-11-23", "2026-11-24", "DAY").await;
    assert_eq!(after["rows"][0], before["rows"][0]);
    assert_eq!(moved(&after["rows"][1]), [("issued", 600)]);
    assert_rolls(&after);
    // Days begin where the program is: this is the 25th there, and the 24th in UTC.
    world.travel_to("2026-11-24T16:00:00Z");
    member.another_session().await.place_order(&[(&tea, 1)]).await.expect_ok();
    let days = report(&*world.staff().await, "2026-11-24", "2026-11-25", "DAY").await;
    assert_eq!((moved(&days["rows"][0]), moved(&days["rows"][1])), (vec![("issued", 600)], vec![("issued", 100)]));
}

/// Whatever is asked for, before any day is closed, when some are and when as many as can be are.
async fn days_that_are_closed_say_what_the_ledger_says(world: World) {
    fill(&world).await;
    let tea = world.product("tea").await;
    let asked = [
        ("2026-11-20", "2026-12-31", "DAY"),
        ("2026-11-24", "2026-11-25", "DAY"),
        ("2026-11-16", "2026-12-31", "WEEK"),
        ("2026-10-01", "2027-01-31", "MONTH"),
    ];
    let all = async || {
        let (staff, mut answers) = (world.staff().await, Vec::new());
        for (from, to, by) in asked {
            let answer = staff.graphql(IN_FULL, json!({ "from": from, "to": to, "by": by })).await;
            answers.push(answer.data()["liabilityReport"].clone());
        }
        answers
    };
    let mut closed = 0;
    for days in [0, 0, 1, 5, 40] {
        world.wait_days(days);
        let member = world.member().await;
        let order = member.place_order(&[(&tea, 2)]).await.expect_ok();
        world.staff().await.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
        world.sweep().await;
        let told = all().await;
        assert_rolls(&told[0]);
        closed += world.close_days().await;
        assert_eq!(all().await, told, "{closed} days are closed");
        assert_eq!(world.close_days().await, 0);
    }
    // All days that are over but for the last one.
    assert_eq!(closed, 3 + 46 - 1);
}

/// The program moves from Shanghai to New York: what was told of closed days is told again, and nothing is lost between.
async fn another_zone_changes_no_day_that_is_closed(world: World) {
    fill(&world).await;
    world.wait_days(1);
    assert!(world.close_days().await > 0);
    let before = report(&*world.staff().await, "2026-11-23", "2026-11-24", "DAY").await;
    world.program(|program| program.time_zone = "America/New_York".to_owned()).await;
    let staff = world.staff().await;
    let after = report(&staff, "2026-11-23", "2026-11-30", "DAY").await;
    assert_rolls(&after);
    assert_eq!((&after["rows"][0], &after["rows"][1]), (&before["rows"][0], &before["rows"][1]));
    world.wait_days(3);
    assert!(world.close_days().await > 0);
    let closed = report(&*world.staff().await, "2026-11-23", "2026-11-30", "DAY").await;
    assert_eq!(closed["rows"], after["rows"]);
}

async fn weeks_and_months_sum_days(world: World) {
    fill(&world).await;
    let staff = world.staff().await;
    let whole = [("issued", 2000), ("adjusted", 70), ("redeemed", 900), ("expired", 990), ("revoked", 1000)];
    for (by, from, to, rows) in [("WEEK", "2026-11-16", "2026-11-29", 2), ("MONTH", "2026-10-15", "2026-11-30", 2)] {
        let report = report(&staff, from, to, by).await;
        assert_rolls(&report);
        assert_eq!(report["rows"].as_array().map(Vec::len), Some(rows), "{report}");
        assert_eq!(moved(&report["rows"][1]), whole, "{by}");
    }
}

async fn a_spreadsheet_reads_it(world: World) {
    fill(&world).await;
    let report = report(&*world.staff().await, "2026-11-23", "2026-11-24", "DAY").await;
    let expected = "\u{feff}from,to,opening,issued,reinstated,adjusted,writtenOff,settled,redeemed,expired,revoked,closing\r\n\
                    2026-11-23,2026-11-23,0,2000,0,0,0,0,900,0,0,1100\r\n\
                    2026-11-24,2026-11-24,1100,0,0,0,0,0,0,0,1000,100\r\n";
    assert_eq!(report["csv"], expected);
}

async fn days_that_are_no_period_are_refused(world: World) {
    let staff = world.staff().await;
    for (from, to) in [("2026-11-24", "2026-11-23"), ("2020-01-01", "2026-11-23"), ("9999-12-30", "9999-12-31")] {
        assert_eq!(ask(&staff, from, to, "DAY").await.code(), "BAD_USER_INPUT", "{from} to {to}");
    }
    let chinese = ask(&staff.speaking("zh-CN"), "2026-11-24", "2026-11-23", "DAY").await;
    assert_eq!(chinese.json["errors"][0]["message"], "起始日期晚于截止日期。");
    let future = report(&staff, "2500-01-01", "2500-01-02", "DAY").await;
    assert_rolls(&future);
}

async fn a_report_takes_as_many_statements_for_many_members_as_for_one(world: World) {
    let tea = world.product("tea").await;
    let staff = world.staff().await;
    let mut counts = Vec::new();
    for members in [1, 20] {
        for _ in 0..members {
            world.member().await.place_order(&[(&tea, 1)]).await.expect_ok();
        }
        world.take_statements();
        assert_rolls(&report(&staff, "2026-11-01", "2026-11-30", "DAY").await);
        counts.push(world.take_statements().len());
    }
    // Session, program, and within the snapshot: the closed days, the first member, wallets, expectations and versions; and
    // of closed days and of those since, accounts, lots, orders and returns; on a server its settings besides.
    assert!(counts[0] <= 16 && counts[1] == counts[0], "{counts:?}");
}

async fn books_that_do_not_agree_are_told(world: World) {
    world.member().with_points(50).await;
    let staff = world.staff().await;
    assert_eq!(report(&staff, "2026-11-23", "2026-11-23", "DAY").await["agrees"], true);
    world.skip_the_books();
    let altered = world.app.db.dialect.statement("UPDATE wallet SET posted = posted + 1 WHERE posted = 50", []);
    sea_orm::ConnectionTrait::execute_raw(&world.app.db.write, altered).await.expect("an alteration");
    assert_eq!(report(&staff, "2026-11-23", "2026-11-23", "DAY").await["agrees"], false);
}
