//! The settings of the loyalty program: versions, who makes them, and that every process decides by the newest.

use jifen::domain::order::entity::order;
use jifen::domain::points::entity::{ValidityKind, txn};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value as Json, json};

use crate::world::{Answer, Client, Settings, World, both_databases};

both_databases!(
    an_update_makes_a_version,
    what_is_left_out_stays_and_null_empties,
    a_change_of_nothing_makes_no_version,
    another_process_decides_its_very_next_order_by_it,
    a_redemption_brings_the_newest_version_too,
    each_wrong_combination_is_refused_and_changes_nothing,
    all_that_is_wrong_is_told_at_once,
    a_change_of_an_old_version_is_refused,
    of_two_at_once_one_makes_the_version,
    visitors_may_read_and_nothing_more,
    versions_are_listed_newest_first_with_their_authors,
    the_rules_are_told_in_words,
);

const UPDATE: &str = "mutation($input: UpdateLoyaltyProgramInput!) { updateLoyaltyProgram(input: $input) {
    loyaltyProgram { version name earnRate { points money { amount } } returnWindowDays debtLimit
        transfers { policy minimum dailyLimit } timeZone createdAt }
    userErrors { code message path currentVersion nextValid } } }";

async fn update(client: &Client, expected_version: i64, mut change: Json) -> Answer {
    change["expectedVersion"] = json!(expected_version);
    client.graphql(UPDATE, json!({ "input": change })).await
}

/// The version that was made.
#[track_caller]
fn made(answer: &Answer) -> Json {
    let payload = &answer.json["data"]["updateLoyaltyProgram"];
    assert_eq!(payload["userErrors"], json!([]), "{}", answer.json);
    payload["loyaltyProgram"].clone()
}

/// What was refused: each code with its path.
#[track_caller]
fn refused(answer: &Answer) -> Vec<(String, String)> {
    let payload = &answer.json["data"]["updateLoyaltyProgram"];
    assert!(payload["loyaltyProgram"].is_null(), "{}", answer.json);
    let errors = payload["userErrors"].as_array().unwrap_or_else(|| panic!("{}", answer.json));
    let told = errors.iter().map(|error| {
        assert!(error["message"].as_str().is_some_and(|words| words.len() > 5), "{error}");
        let path: Vec<_> = error["path"].as_array().expect("a path").iter().filter_map(Json::as_str).collect();
        (error["code"].as_str().expect("a code").to_owned(), path.join("."))
    });
    told.collect()
}

async fn an_update_makes_a_version(world: World) {
    let staff = world.staff().await;
    world.wait_minutes(1);
    let change = json!({
        "name": " Tea club ",
        "earnRate": { "points": 3, "amount": "2.50" },
        "earnBasis": { "tax": false, "shipping": true, "pointsPaid": true },
        "exchangeRate": { "points": 500, "amount": "1.00" },
        "rounding": "HALF_UP",
        "redemption": { "minimum": 100, "step": 50, "payablePercent": 40 },
        "returnWindowDays": 14,
        "validity": { "kind": "END_OF_YEAR", "count": 12 },
        "graceDays": 10,
        "shortfallPolicy": "ALLOW_DEBT",
        "debtLimit": 5_000,
        "holdMinutes": 30,
        "transfers": { "policy": "ANYBODY", "minimum": 10, "dailyLimit": 1_000 },
        "approvalThreshold": 500,
        "reinstatementDays": 0,
        "timeZone": "Europe/Berlin",
    });
    let answer = made(&update(&staff, 1, change).await);
    assert_eq!((&answer["version"], &answer["name"]), (&json!(2), &json!("Tea club")));
    assert_eq!(answer["createdAt"], world.now());
    let program = world
        .visitor()
        .query(
            "{ loyaltyProgram { version name currencyCode rounding timeZone earnRate { points money { amount } }
            earnBasis { tax shipping pointsPaid } exchangeRate { points money { amount } }
            redemption { minimum step payablePercent } returnWindowDays validity { kind count } graceDays
            shortfallPolicy debtLimit holdMinutes transfers { policy minimum dailyLimit } approvalThreshold
            reinstatementDays } }",
        )
        .await;
    let expected = json!({
        "version": 2, "name": "Tea club", "currencyCode": "CNY", "rounding": "HALF_UP", "timeZone": "Europe/Berlin",
        "earnRate": { "points": 3, "money": { "amount": "2.50" } },
        "earnBasis": { "tax": false, "shipping": true, "pointsPaid": true },
        "exchangeRate": { "points": 500, "money": { "amount": "1.00" } },
        "redemption": { "minimum": 100, "step": 50, "payablePercent": 40 },
        "returnWindowDays": 14, "validity": { "kind": "END_OF_YEAR", "count": 12 }, "graceDays": 10,
        "shortfallPolicy": "ALLOW_DEBT", "debtLimit": 5_000, "holdMinutes": 30,
        "transfers": { "policy": "ANYBODY", "minimum": 10, "dailyLimit": 1_000 },
        "approvalThreshold": 500, "reinstatementDays": 0,
    });
    assert_eq!(program["loyaltyProgram"], expected);
    // The version before is as it was.
    let first = world.app.programs.get(&world.app.db.read, 1).await.expect("version 1");
    assert_eq!((first.earn_points, first.name.as_str(), first.author_id), (10, "积分", None));
}

async fn what_is_left_out_stays_and_null_empties(world: World) {
    let staff = world.staff().await;
    let change = json!({ "returnWindowDays": 7, "debtLimit": 500, "transfers": { "dailyLimit": 100 } });
    made(&update(&staff, 1, change).await);
    let after = made(&update(&staff, 2, json!({ "transfers": { "minimum": 5 }, "name": null })).await);
    assert_eq!((&after["returnWindowDays"], &after["debtLimit"]), (&json!(7), &json!(500)));
    assert_eq!(after["transfers"], json!({ "policy": "NOBODY", "minimum": 5, "dailyLimit": 100 }));
    assert_eq!(after["name"], "积分", "a name cannot be empty, so null leaves it");
    let change = json!({ "returnWindowDays": null, "debtLimit": null, "transfers": { "dailyLimit": null } });
    let after = made(&update(&staff, 3, change).await);
    assert_eq!((&after["returnWindowDays"], &after["debtLimit"]), (&Json::Null, &Json::Null));
    assert_eq!(after["transfers"], json!({ "policy": "NOBODY", "minimum": 5, "dailyLimit": null }));
    assert_eq!(after["version"], 4);
}

async fn a_change_of_nothing_makes_no_version(world: World) {
    let staff = world.staff().await;
    world
        .unchanged_by(async {
            for change in [json!({}), json!({ "rounding": "FLOOR", "earnRate": { "points": 10, "amount": 1 } })] {
                assert_eq!(made(&update(&staff, 1, change).await)["version"], 1);
            }
        })
        .await;
}

async fn another_process_decides_its_very_next_order_by_it(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let buyer = world.member().await;
    let other = world.another_process(Settings::default()).await;
    let there = other.serves(&buyer);
    assert_eq!(there.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 100);
    made(&update(&staff, 1, json!({ "earnRate": { "points": 25, "amount": "1.00" }, "timeZone": "UTC" })).await);
    let read = there.query("{ loyaltyProgram { version earnRate { points } } }").await;
    assert_eq!(read["loyaltyProgram"], json!({ "version": 2, "earnRate": { "points": 25 } }));
    assert_eq!(other.app.programs.latest().version, 1, "nobody has told that process yet");
    assert_eq!(there.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 250);
    assert_eq!(other.app.programs.latest().version, 2);
    assert_eq!(other.app.programs.zone().iana_name(), Some("UTC"));
    made(&update(&other.serves(&staff), 2, json!({ "earnRate": { "points": 1, "amount": "1.00" } })).await);
    assert_eq!(buyer.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 10);
    // Each entry keeps the version it was decided with, and so does each order.
    let db = &world.app.db.read;
    let txns = txn::Entity::find().order_by_asc(txn::Column::Seq).all(db).await.expect("transactions");
    assert_eq!(txns.iter().map(|txn| txn.program_version).collect::<Vec<_>>(), [1, 2, 3]);
    let orders = order::Entity::find().order_by_asc(order::Column::PointsEarned).all(db).await.expect("orders");
    assert_eq!(orders.iter().map(|order| order.program_version).collect::<Vec<_>>(), [3, 1, 2]);
    other.stop().await;
}

async fn a_redemption_brings_the_newest_version_too(world: World) {
    let reward = world.coupon_reward(10).await;
    let member = world.member().with_points(100).await;
    let other = world.another_process(Settings::default()).await;
    world.program(|program| program.validity = ValidityKind::None).await;
    world.program(|program| program.grace_days = 1).await;
    other.serves(&member).redeem(&reward).await.expect_ok();
    assert_eq!(other.app.programs.latest().version, 3);
    let newest = txn::Entity::find().order_by_desc(txn::Column::Seq).one(&world.app.db.read).await;
    assert_eq!(newest.expect("transactions").expect("the redemption").program_version, 3);
    // A version that was passed over can be read all the same.
    let passed = other.app.programs.get(&other.app.db.read, 2).await.expect("version 2");
    assert_eq!((passed.version, passed.grace_days), (2, 30));
    assert!(other.app.programs.get(&other.app.db.read, 9).await.is_err());
    other.stop().await;
}

async fn each_wrong_combination_is_refused_and_changes_nothing(world: World) {
    let staff = world.staff().await;
    let long = "字".repeat(101);
    let cases = [
        (json!({ "name": " " }), "NAME_INVALID", "name"),
        (json!({ "name": long }), "NAME_INVALID", "name"),
        (json!({ "name": "a\u{0}b" }), "NAME_INVALID", "name"),
        (json!({ "earnRate": { "points": 0, "amount": "1.00" } }), "EARN_RATE_INVALID", "earnRate"),
        (json!({ "earnRate": { "points": 1, "amount": "0.005" } }), "EARN_RATE_INVALID", "earnRate"),
        (json!({ "earnRate": { "points": 1, "amount": "99999999999" } }), "EARN_RATE_INVALID", "earnRate"),
        (json!({ "earnRate": { "points": 1, "amount": "10000000.01" } }), "EARN_RATE_INVALID", "earnRate"),
        (json!({ "exchangeRate": { "points": 100, "amount": "-1" } }), "EXCHANGE_RATE_INVALID", "exchangeRate"),
        (json!({ "timeZone": "Mars/Olympus" }), "TIME_ZONE_UNKNOWN", "timeZone"),
        (json!({ "redemption": { "minimum": 15, "step": 10 } }), "REDEMPTION_MINIMUM_INVALID", "redemption.minimum"),
        (
            json!({ "exchangeRate": { "points": 500, "amount": "1.00" }, "redemption": { "minimum": 500, "step": 7 } }),
            "REDEMPTION_STEP_INVALID",
            "redemption.step",
        ),
        (
            json!({ "earnRate": { "points": 1, "amount": "0.01" }, "earnBasis": { "pointsPaid": true } }),
            "POINTS_EARN_THEMSELVES",
            "earnBasis.pointsPaid",
        ),
        (json!({ "redemption": { "payablePercent": 101 } }), "PAYABLE_PERCENT_INVALID", "redemption.payablePercent"),
        (json!({ "returnWindowDays": 366 }), "RETURN_WINDOW_INVALID", "returnWindowDays"),
        (json!({ "validity": { "kind": "NONE", "count": 1 } }), "VALIDITY_INVALID", "validity.count"),
        (json!({ "validity": { "kind": "DAYS" } }), "VALIDITY_INVALID", "validity.count"),
        (json!({ "validity": { "kind": "MONTHS", "count": 121 } }), "VALIDITY_INVALID", "validity.count"),
        (json!({ "graceDays": -1 }), "GRACE_DAYS_INVALID", "graceDays"),
        (json!({ "debtLimit": -1 }), "DEBT_LIMIT_INVALID", "debtLimit"),
        (json!({ "shortfallPolicy": "WRITE_OFF", "debtLimit": 5 }), "DEBT_LIMIT_WITHOUT_DEBT", "debtLimit"),
        (json!({ "holdMinutes": 43_201 }), "HOLD_MINUTES_INVALID", "holdMinutes"),
        (json!({ "transfers": { "minimum": 0 } }), "TRANSFER_MINIMUM_INVALID", "transfers.minimum"),
        (json!({ "transfers": { "dailyLimit": 0 } }), "TRANSFER_LIMIT_INVALID", "transfers.dailyLimit"),
        (
            json!({ "transfers": { "minimum": 11, "dailyLimit": 10 } }),
            "TRANSFER_MINIMUM_ABOVE_LIMIT",
            "transfers.minimum",
        ),
        (json!({ "approvalThreshold": -1 }), "APPROVAL_THRESHOLD_INVALID", "approvalThreshold"),
        (json!({ "reinstatementDays": 3_651 }), "REINSTATEMENT_DAYS_INVALID", "reinstatementDays"),
    ];
    world
        .unchanged_by(async {
            for (change, code, path) in cases {
                let answer = update(&staff, 1, change.clone()).await;
                assert_eq!(refused(&answer), [(code.to_owned(), format!("input.{path}"))], "{change}");
            }
        })
        .await;
    assert_eq!(world.app.programs.latest().version, 1);
    let answer = update(&staff, 1, json!({ "exchangeRate": { "points": 1, "amount": "10000000.01" } })).await;
    let told = answer.json["data"]["updateLoyaltyProgram"]["userErrors"][0]["message"].to_string();
    assert!(told.contains("in whole minor units, 1,000,000,000 of them at most"), "{told}");
}

async fn all_that_is_wrong_is_told_at_once(world: World) {
    let staff = world.staff().await;
    let change = json!({ "exchangeRate": { "points": 500, "amount": "1.00" },
        "redemption": { "minimum": 12, "step": 12 }, "timeZone": "", "graceDays": 400 });
    let answer = world.unchanged_by(update(&staff, 1, change.clone())).await;
    let codes: Vec<_> = refused(&answer).into_iter().map(|(code, _)| code).collect();
    let expected = ["TIME_ZONE_UNKNOWN", "REDEMPTION_STEP_INVALID", "REDEMPTION_MINIMUM_INVALID", "GRACE_DAYS_INVALID"];
    assert_eq!(codes, expected);
    let errors = &answer.json["data"]["updateLoyaltyProgram"]["userErrors"];
    assert_eq!((&errors[1]["nextValid"], &errors[2]["nextValid"]), (&json!(15), &json!(15)));
    let chinese = update(&staff.speaking("zh-CN"), 1, change).await;
    assert!(chinese.json.to_string().contains("下一个可用值为 15 积分"), "{}", chinese.json);
    // Who follows the suggestions is done.
    let change =
        json!({ "exchangeRate": { "points": 500, "amount": "1.00" }, "redemption": { "minimum": 15, "step": 15 } });
    assert_eq!(made(&update(&staff, 1, change).await)["version"], 2);
}

async fn a_change_of_an_old_version_is_refused(world: World) {
    let staff = world.staff().await;
    made(&update(&staff, 1, json!({ "graceDays": 1 })).await);
    for expected in [-1, 0, 1, 3] {
        let answer = world.unchanged_by(update(&staff, expected, json!({ "graceDays": 2 }))).await;
        assert_eq!(refused(&answer), [("VERSION_CONFLICT".to_owned(), "input.expectedVersion".to_owned())]);
        assert_eq!(answer.json["data"]["updateLoyaltyProgram"]["userErrors"][0]["currentVersion"], 2);
    }
}

async fn of_two_at_once_one_makes_the_version(world: World) {
    let (ann, bob) = (world.staff().await, world.staff().await);
    let other = world.another_process(Settings::default()).await;
    let bob = other.serves(&bob);
    for version in 1..=5 {
        let both = tokio::join!(
            update(&ann, version, json!({ "graceDays": version })),
            update(&bob, version, json!({ "graceDays": 100 + version })),
        );
        let versions = [&both.0, &both.1].map(|answer| &answer.json["data"]["updateLoyaltyProgram"]);
        let done = versions.iter().filter(|payload| payload["loyaltyProgram"]["version"] == version + 1).count();
        let conflicts = versions.iter().filter(|payload| {
            let error = &payload["userErrors"][0];
            error["code"] == "VERSION_CONFLICT" && error["currentVersion"] == version + 1
        });
        assert_eq!((done, conflicts.count()), (1, 1), "{versions:?}");
    }
    other.stop().await;
}

async fn visitors_may_read_and_nothing_more(world: World) {
    let visitor = world.visitor();
    let answer = world.unchanged_by(update(&visitor, 1, json!({ "graceDays": 1 }))).await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
    let listed = visitor.graphql("{ loyaltyProgramVersions { totalCount } }", Json::Null).await;
    assert_eq!(listed.code(), "UNAUTHENTICATED");
    let member = world.member().await;
    assert_eq!(update(&member, 1, json!({ "graceDays": 1 })).await.code(), "FORBIDDEN");
    let staff = world.staff().await;
    made(&update(&staff, 1, json!({ "graceDays": 1 })).await);
    let read = visitor.query("{ loyaltyProgram { graceDays authorNumber } }").await;
    assert_eq!(read["loyaltyProgram"], json!({ "graceDays": 1, "authorNumber": null }));
}

async fn versions_are_listed_newest_first_with_their_authors(world: World) {
    let staff = world.staff().await;
    let number = staff.query("{ me { number } }").await["me"]["number"].clone();
    for version in 1..=4 {
        made(&update(&staff, version, json!({ "graceDays": version })).await);
    }
    let page = "query($after: String) { loyaltyProgramVersions(first: 3, after: $after) { totalCount
        nodes { version graceDays authorNumber } pageInfo { hasNextPage endCursor } } }";
    let first = staff.graphql(page, Json::Null).await.data()["loyaltyProgramVersions"].clone();
    let node = |version: i64| json!({ "version": version, "graceDays": version - 1, "authorNumber": number });
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(5), &json!(true)));
    assert_eq!(first["nodes"], json!([node(5), node(4), node(3)]));
    world.take_statements();
    let rest = staff.graphql(page, json!({ "after": first["pageInfo"]["endCursor"] })).await.data();
    // Session, page, newest, author.
    assert!(world.take_statements().len() <= 4);
    let oldest = json!({ "version": 1, "graceDays": 30, "authorNumber": null });
    assert_eq!(rest["loyaltyProgramVersions"]["nodes"], json!([node(2), oldest]));
}

async fn the_rules_are_told_in_words(world: World) {
    let told = async |client: Client| {
        let data = client.query("{ loyaltyProgram { description } }").await;
        data["loyaltyProgram"]["description"].as_str().expect("words").to_owned()
    };
    let words = told(world.visitor()).await;
    assert!(words.ends_with("Points can be spent as soon as the order is paid. Points do not expire."), "{words}");
    world
        .program(|program| {
            program.return_window_days = Some(7);
            (program.validity, program.validity_count) = (ValidityKind::EndOfMonth, 12);
        })
        .await;
    let words = told(world.visitor()).await;
    assert!(words.contains("return window of 7 days") && words.contains("12 months"), "{words}");
    let words = told(world.visitor().speaking("zh-CN")).await;
    assert!(words.ends_with("积分自可用之日起 12 个月，并延至该月末有效。"), "{words}");
}
