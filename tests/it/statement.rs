//! A statement of some days: it opens, changes and closes to the point, and a spreadsheet can read it.

use serde_json::{Value as Json, json};

use crate::world::{Answer, Client, World, both_databases};

both_databases!(
    a_statement_adds_up,
    days_begin_where_the_program_is,
    what_cannot_be_drawn_up_is_refused,
    a_spreadsheet_reads_it_and_runs_nothing,
);

const STATEMENT: &str = "query($from: Date!, $to: Date!) { me { pointsAccount { statement(from: $from, to: $to) {
    from to timeZone openingBalance closingBalance totals { type count points change }
    entries { id number type points change balanceAfter reason createdAt } csv } } } }";

async fn ask(client: &Client, from: &str, to: &str) -> Answer {
    client.graphql(STATEMENT, json!({ "from": from, "to": to })).await
}

async fn statement(client: &Client, from: &str, to: &str) -> Json {
    ask(client, from, to).await.data()["me"]["pointsAccount"]["statement"].clone()
}

/// The first ten characters of the present moment in Shanghai.
fn today(world: &World) -> String {
    let now: jiff::Timestamp = world.now().parse().expect("RFC 3339");
    now.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone")).date().to_string()
}

async fn a_statement_adds_up(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(30).await;
    let member = world.member().with_points(50).await;
    let first = today(&world);
    world.wait_days(1);
    let member = member.another_session().await;
    let second = today(&world);
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    member.redeem(&reward).times(2).await.expect_ok();
    world.program(|program| program.return_window_days = Some(7)).await;
    member.place_order(&[(&tea, 2)]).await.expect_ok();
    world.wait_days(1);
    let member = member.another_session().await;
    let third = today(&world);
    member.redeem(&reward).await.expect_ok();

    let day = statement(&member, &second, &second).await;
    assert_eq!((&day["openingBalance"], &day["closingBalance"]), (&json!(50), &json!(90)), "{day}");
    let entries = day["entries"].as_array().expect("a list");
    let told: Vec<_> =
        entries.iter().map(|e| (e["number"].as_i64(), e["points"].as_i64(), e["change"].as_i64())).collect();
    let pending = (Some(4), Some(200), Some(0));
    assert_eq!(told, [(Some(2), Some(100), Some(100)), (Some(3), Some(-60), Some(-60)), pending], "{day}");
    let totals = json!([
        { "type": "ACCRUAL", "count": 2, "points": 300, "change": 100 },
        { "type": "REDEMPTION", "count": 1, "points": -60, "change": -60 },
    ]);
    assert_eq!(day["totals"], totals);
    let all = statement(&member, &first, &third).await;
    assert_eq!((&all["openingBalance"], &all["closingBalance"]), (&json!(0), &json!(60)));
    let changes: i64 =
        all["entries"].as_array().expect("a list").iter().map(|e| e["change"].as_i64().expect("a number")).sum();
    assert_eq!(changes, 60);
    let before = statement(&member, "2020-01-01", "2020-12-31").await;
    assert_eq!((&before["openingBalance"], &before["entries"]), (&json!(0), &json!([])));
    let after = statement(&member, "9000-01-01", "9998-12-31").await;
    assert_eq!((&after["openingBalance"], &after["closingBalance"]), (&json!(60), &json!(60)));
    // Staff read it through the member; nobody else can.
    let staff = world.staff().await;
    let document = "query($by: MemberBy!) { member(by: $by) { pointsAccount { \
                    statement(from: \"2020-01-01\", to: \"2030-01-01\") { closingBalance } } } }";
    let read = staff.graphql(document, json!({ "by": { "id": member.id } })).await.data();
    assert_eq!(read["member"]["pointsAccount"]["statement"]["closingBalance"], 60);
}

async fn days_begin_where_the_program_is(world: World) {
    world.program(|program| program.time_zone = "America/New_York".to_owned()).await;
    let tea = world.product("tea").price("10.00").await;
    let member = world.member().await;
    // It is still the 22nd in New York.
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    let day = statement(&member, "2026-11-22", "2026-11-22").await;
    assert_eq!((&day["timeZone"], &day["closingBalance"]), (&json!("America/New_York"), &json!(100)), "{day}");
    assert_eq!(statement(&member, "2026-11-23", "2026-11-23").await["openingBalance"], 100);
    assert_eq!(statement(&member, "2026-11-21", "2026-11-21").await["closingBalance"], 0);
}

async fn what_cannot_be_drawn_up_is_refused(world: World) {
    let member = world.member().with_points(1).await;
    for (from, to) in [
        ("2026-11-24", "2026-11-23"),
        ("9999-12-31", "9999-12-31"),
        ("2026-02-30", "2026-03-01"),
        ("2026-11-23T00:00:00Z", "2026-11-24"),
        ("", "2026-11-24"),
    ] {
        let answer = ask(&member, from, to).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{from} to {to}: {}", answer.json);
    }
    let many = world.member().await;
    for _ in 0..1_001 {
        world.record_purchase(many.member_id(), 100).await;
    }
    let answer = ask(&many, "2020-01-01", "2030-01-01").await;
    assert_eq!(answer.code(), "BAD_USER_INPUT", "{}", answer.json);
    let told = answer.json["errors"][0]["message"].as_str().expect("a message");
    assert!(told.contains("1000 entries"), "{told}");
    let answer = ask(&many.speaking("zh"), "2020-01-01", "2030-01-01").await;
    assert!(
        answer.json["errors"][0]["message"].as_str().is_some_and(|told| told.contains("1000 条")),
        "{}",
        answer.json
    );
}

async fn a_spreadsheet_reads_it_and_runs_nothing(world: World) {
    world.skip_the_books();
    let member = world.member().with_points(50).await;
    let sql = "UPDATE txn SET reason = '=HYPERLINK(\"http://x\")' WHERE points = 50";
    sea_orm::ConnectionTrait::execute_unprepared(&world.app.db.write, sql).await.expect("the row can be altered");
    let day = today(&world);
    let csv = statement(&member, &day, &day).await["csv"].as_str().expect("text").to_owned();
    assert_eq!(
        csv,
        format!(
            "\u{feff}number,time,type,points,change,balance,reason\r\n\
             ,,OPENING,,,0,\r\n\
             1,{day} 10:00:00,ACCRUAL,50,50,50,\"'=HYPERLINK(\"\"http://x\"\")\"\r\n\
             ,,CLOSING,,,50,\r\n"
        )
    );
}
