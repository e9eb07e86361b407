//! Deferred revenue, the cohorts by which redemption is expected, and what staff says instead.

use jifen::domain::points::entity::ValidityKind;
use jifen::domain::report::entity::redemption_estimate;
use jifen::domain::report::query::estimate::insert;
use serde_json::{Value as Json, json};

use crate::world::{Client, World, both_databases};

both_databases!(
    e12_through_the_schema,
    the_past_says_what_will_be_redeemed,
    what_is_no_expectation_is_refused,
    a_month_that_is_over_stays_as_it_was_reported,
    a_return_takes_back_what_its_sale_put_aside,
);

const REPORT: &str = "query($from: Date!, $to: Date!) { liabilityReport(from: $from, to: $to, by: MONTH) { agrees
    deferredRevenue { month transactionPrice { amount } standAlonePriceOfPoints { amount } allocatedToPoints { amount }
        allocatedToGoods { amount } expectedRedemptionPercent redeemed expectedRedemptions deferred { amount }
        recognised { amount } recognisedInMonth { amount } balance { amount } }
    cohorts { month points redeemed expired open expectedRedemptionPercent }
    expectations { percent from reason createdAt } } }";

const SET: &str = "mutation($input: SetExpectedRedemptionInput!) { setExpectedRedemption(input: $input) {
    expectedRedemption { percent from reason createdAt } userErrors { code path message } } }";

async fn report(client: &Client, from: &str, to: &str) -> Json {
    client.graphql(REPORT, json!({ "from": from, "to": to })).await.data()["liabilityReport"].clone()
}

async fn set(client: &Client, percent: Json, from: &str, reason: &str) -> Json {
    let input = json!({ "percent": percent, "from": from, "reason": reason });
    client.graphql(SET, json!({ "input": input })).await.data()["setExpectedRedemption"].clone()
}

/// The figures of a month, with money as it is written.
fn figures(month: &Json, names: &[&str]) -> Vec<String> {
    let figure = |name: &&str| month[*name].get("amount").unwrap_or(&month[*name]).as_str().map(str::to_owned);
    names.iter().map(|name| figure(name).unwrap_or_else(|| panic!("no {name} in {month}"))).collect()
}

/// KPMG's published example 10A: goods of 100,000 that earn 10,000 points worth 1 each.
async fn e12_through_the_schema(world: World) {
    world
        .program(|program| {
            (program.earn_points, program.earn_minor) = (1, 1_000);
            (program.exchange_points, program.exchange_minor) = (1, 100);
        })
        .await;
    let goods = world.product("goods").price("100000.00").await;
    let (half, rest) = (world.coupon_reward(4_500).await, world.coupon_reward(4_000).await);
    let staff = world.staff().await;
    for (percent, from) in [("90", "2026-11-01"), ("97", "2026-11-01"), ("98", "2026-12-01")] {
        assert_eq!(set(&staff, json!(percent), from, "auditors").await["userErrors"], json!([]));
    }
    let member = world.member().await;
    member.place_order(&[(&goods, 1)]).await.expect_ok();
    member.redeem(&half).await.expect_ok();
    world.travel_to("2026-12-15T02:00:00Z");
    member.another_session().await.redeem(&rest).await.expect_ok();
    let staff = world.staff().await;
    let report = report(&staff, "2026-11-01", "2026-12-31").await;
    let split = ["transactionPrice", "standAlonePriceOfPoints", "allocatedToPoints", "allocatedToGoods"];
    let earned = ["expectedRedemptions", "redeemed", "recognised", "recognisedInMonth", "balance"];
    let months = report["deferredRevenue"].as_array().expect("months");
    assert_eq!(figures(&months[0], &split), ["100000.00", "9700.00", "8842.30", "91157.70"]);
    assert_eq!(figures(&months[0], &earned), ["9700", "4500", "4102.10", "4102.10", "4740.20"]);
    assert_eq!(figures(&months[1], &split), ["0.00", "0.00", "0.00", "0.00"]);
    assert_eq!(figures(&months[1], &earned), ["9800", "8500", "7669.34", "3567.24", "1172.96"]);
    assert_eq!((&months[1]["month"], months.len()), (&json!("2026-12-01"), 2));
    let said: Vec<_> = report["expectations"].as_array().expect("a list").iter().map(|it| &it["percent"]).collect();
    assert_eq!(said, ["90.0000", "97.0000", "98.0000"]);
}

/// Points of two months, of which a third expired after a month: those of the next are expected to lose as many.
async fn the_past_says_what_will_be_redeemed(world: World) {
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Months, 1)).await;
    let tea = world.product("tea").price("30.00").await;
    let reward = world.coupon_reward(200).await;
    let member = world.member().await;
    for day in ["2026-12-02T02:00:00Z", "2027-01-04T02:00:00Z", "2027-02-06T02:00:00Z"] {
        world.travel_to(day);
        let session = member.another_session().await;
        session.place_order(&[(&tea, 1)]).await.expect_ok();
        session.redeem(&reward).await.expect_ok();
        world.sweep().await;
    }
    world.travel_to("2027-03-01T02:00:00Z");
    let staff = world.staff().await;
    let told = report(&staff, "2027-02-01", "2027-02-28").await;
    let cohort = |month: &str, expired: &str, open: &str, percent: &str| {
        json!({ "month": month, "points": "300", "redeemed": "200", "expired": expired, "open": open,
            "expectedRedemptionPercent": percent })
    };
    // Nothing came in November, in which the program began.
    let cohorts = told["cohorts"].as_array().expect("cohorts");
    assert_eq!(
        cohorts[..],
        [
            cohort("2026-12-01", "100", "0", "66.6666"),
            cohort("2027-01-01", "100", "0", "66.6666"),
            cohort("2027-02-01", "0", "100", "66.6666"),
        ]
    );
    // What was expected at the beginning of February: December had lost a third in January, its second month.
    let february = &told["deferredRevenue"][0];
    assert_eq!((&february["month"], &february["expectedRedemptionPercent"]), (&json!("2027-02-01"), &json!("66.6666")));
    // Later months change nothing of those before.
    world.travel_to("2027-05-01T02:00:00Z");
    world.sweep().await;
    let later = report(&*world.staff().await, "2027-02-01", "2027-02-28").await;
    assert_eq!(later, told);
}

async fn what_is_no_expectation_is_refused(world: World) {
    let staff = world.staff().await;
    for percent in [json!("-1"), json!("100.0001"), json!("50.00001"), json!("79228162514264337593543950335")] {
        let refused = set(&staff, percent, "2026-11-01", "auditors").await;
        assert_eq!(refused["userErrors"][0]["code"], "PERCENT_INVALID", "{refused}");
        assert_eq!(refused["userErrors"][0]["path"], json!(["input", "percent"]));
    }
    for reason in ["", "  ", "\u{0}", &"x".repeat(501)] {
        let refused = set(&staff.speaking("zh-CN"), json!("50"), "2026-11-01", reason).await;
        assert_eq!(refused["userErrors"][0]["code"], "REASON_INVALID", "{refused}");
    }
    assert_eq!(report(&staff, "2026-11-01", "2026-11-30").await["expectations"], json!([]));
    // Nothing said is what the cohorts say again.
    let now = world.now();
    for percent in [json!("50.5"), Json::Null] {
        assert_eq!(set(&staff, percent.clone(), "2026-11-01", " auditors ").await["userErrors"], json!([]));
        world.wait_seconds(1);
        let told = report(&staff, "2026-11-01", "2026-11-30").await;
        let counts = if percent.is_null() { "100.0000" } else { "50.5000" };
        assert_eq!(told["deferredRevenue"][0]["expectedRedemptionPercent"], counts);
        assert_eq!(
            told["expectations"][0],
            json!(
                { "percent": "50.5000", "from": "2026-11-01", "reason": "auditors", "createdAt": now }
            )
        );
    }
}

/// What staff expects counts from the month in which they say so; months before it have been reported by then.
async fn a_month_that_is_over_stays_as_it_was_reported(world: World) {
    let tea = world.product("tea").price("100.00").await;
    let reward = world.coupon_reward(400).await;
    let member = world.member().await;
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    world.travel_to("2027-03-10T02:00:00Z");
    let staff = world.staff().await;
    let months = async |staff: &Client| report(staff, "2026-11-01", "2027-03-31").await["deferredRevenue"].clone();
    let reported = months(&staff).await;
    assert_eq!(figures(&reported[3], &["deferred", "recognised", "balance"]), ["9.09", "3.64", "5.45"]);
    for from in ["2026-01-01", "2027-02-28", "0001-01-01"] {
        let refused = set(&staff.speaking("zh-CN"), json!("50"), from, "auditors").await;
        assert_eq!(refused["userErrors"][0]["code"], "FROM_INVALID", "{refused}");
        assert_eq!(refused["userErrors"][0]["path"], json!(["input", "from"]));
    }
    assert_eq!(months(&staff).await, reported);
    // One of before there was such a limit changes no more than one of today.
    let row = redemption_estimate::Model {
        program_id: world.app.programs.id(),
        id: world.app.ids.next(),
        millionths: Some(500_000),
        first_day: "2026-01-01".to_owned(),
        reason: "auditors".to_owned(),
        author_id: world.app.ids.next(),
        created_at: world.clock.now().micros(),
    };
    insert(&world.app.db.write, row).await.expect("an expectation of before");
    let after = months(&staff).await;
    assert_eq!(after.as_array().expect("months")[..4], reported.as_array().expect("months")[..4]);
    // 400 of 500 instead of 400 of 1,000: March catches up.
    assert_eq!(figures(&after[4], &["recognised", "recognisedInMonth", "balance"]), ["7.27", "3.63", "1.82"]);
    assert_eq!(set(&staff, json!("80"), "2027-03-01", "auditors").await["userErrors"], json!([]));
    let after = months(&staff).await;
    assert_eq!(after.as_array().expect("months")[..4], reported.as_array().expect("months")[..4]);
    assert_eq!(figures(&after[4], &["expectedRedemptionPercent", "recognised"]), ["80.0000", "4.55"]);
    // The first of April in Shanghai, and still March in UTC.
    world.travel_to("2027-03-31T16:00:00Z");
    let staff = world.staff().await;
    assert_eq!(set(&staff, json!("50"), "2027-03-31", "auditors").await["userErrors"][0]["code"], "FROM_INVALID");
    assert_eq!(set(&staff, json!("50"), "2027-04-01", "auditors").await["userErrors"], json!([]));
    assert_eq!(months(&staff).await, after);
}

/// In whatever month it comes back, and whatever is expected or points are worth by then.
async fn a_return_takes_back_what_its_sale_put_aside(world: World) {
    let tea = world.product("tea").price("50.00").await;
    let member = world.member().await;
    let whole = member.place_order(&[(&tea, 2)]).await.expect_ok();
    let parts = member.place_order(&[(&tea, 2)]).await.expect_ok();
    world.travel_to("2026-12-10T02:00:00Z");
    world.program(|program| program.exchange_points *= 4).await;
    let staff = world.staff().await;
    assert_eq!(set(&staff, json!("50"), "2026-12-01", "auditors").await["userErrors"], json!([]));
    member.another_session().await.place_order(&[(&tea, 2)]).await.expect_ok();
    staff.refund_order(&whole).await.expect_ok();
    staff.refund_order(&parts).pieces(&[(0, 1)]).await.expect_ok();
    world.travel_to("2027-01-10T02:00:00Z");
    let staff = world.staff().await;
    staff.refund_order(&parts).await.expect_ok();
    let months = report(&staff, "2026-11-01", "2027-01-31").await["deferredRevenue"].clone();
    let split = ["transactionPrice", "standAlonePriceOfPoints", "allocatedToPoints", "allocatedToGoods", "deferred"];
    // 20.00 beside 200.00; of that 50.00 with 5.00 are left; what was sold in December is 1.25 beside 100.00.
    assert_eq!(figures(&months[0], &split), ["200.00", "20.00", "18.18", "181.82", "18.18"]);
    assert_eq!(figures(&months[1], &split), ["-50.00", "-13.75", "-12.40", "-37.60", "5.78"]);
    assert_eq!(figures(&months[2], &split), ["-50.00", "-5.00", "-4.55", "-45.45", "1.23"]);
}
