//! `ledgerAudit`: staff prove the books, of one member or of all.

use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};

use crate::world::{Client, Settings, World, both_databases};

both_databases!(
    the_books_are_proved,
    the_books_of_a_household_are_proved,
    a_defect_is_named,
    an_audit_that_takes_too_long_ends,
    one_audit_of_all_at_a_time,
    an_audit_given_up_keeps_its_turn_until_its_statement_ends,
);

const AUDIT: &str = "query($member: ID) { ledgerAudit(member: $member) { ok members orders transactions
    invariants { name meaning ok checked first { memberNumber seq expected found } } } }";

async fn audit(client: &Client, member: Json) -> Json {
    client.graphql(AUDIT, json!({ "member": member })).await.data()["ledgerAudit"].clone()
}

async fn the_books_are_proved(world: World) {
    let tea = world.product("tea").await;
    let staff = world.staff().await;
    let (alice, bob) = (world.member().with_points(100).await, world.member().with_points(50).await);
    alice.place_order(&[(&tea, 1)]).await.expect_ok();
    let all = audit(&staff, Json::Null).await;
    assert_eq!(
        (&all["ok"], &all["members"], &all["orders"], &all["transactions"]),
        (&json!(true), &json!(3), &json!(3), &json!(3))
    );
    let one = audit(&staff, json!(alice.id)).await;
    assert_eq!(
        (&one["ok"], &one["members"], &one["orders"], &one["transactions"]),
        (&json!(true), &json!(1), &json!(2), &json!(2))
    );
    let invariants = one["invariants"].as_array().expect("a list");
    assert!(invariants.len() > 60 && invariants.len() < all["invariants"].as_array().expect("a list").len());
    let chain = invariants.iter().find(|one| one["name"] == "hash-is-of-content").expect("it is asked of one member");
    assert_eq!((&chain["checked"], &chain["ok"], &chain["first"]), (&json!(2), &json!(true), &Json::Null));
    for nobody in [json!("x"), json!(tea.id)] {
        assert_eq!(audit(&staff, nobody).await, Json::Null);
    }
    let member = bob.graphql(AUDIT, json!({ "member": bob.id })).await;
    assert_eq!(member.code(), "FORBIDDEN", "not even their own");
    let twice = staff.graphql("{ a: ledgerAudit { ok } b: ledgerAudit { ok } }", Json::Null).await;
    assert!(twice.json["data"].is_null(), "once a document: {}", twice.json);
}

async fn the_books_of_a_household_are_proved(world: World) {
    world.skip_the_books();
    world.program(|program| program.household_size = 2).await;
    let tea = world.product("tea").price("10.00").await;
    let (staff, anna, ben) = (world.staff().await, world.member().await, world.member().await);
    let household = anna.create_household("Home").await.expect_ok();
    anna.shares_with(&ben, "SPENDER").await;
    anna.place_order(&[(&tea, 1)]).await.expect_ok();
    let paid = ben.place_order(&[(&tea, 1)]).with_points(10).by_household().await.expect_ok();
    ben.redeem(&world.coupon_reward(20).value("1.00").await).by_household().await.expect_ok();
    staff.refund_order(&paid).await.expect_ok();
    let home = audit(&staff, household["id"].clone()).await;
    let broken: Vec<_> =
        home["invariants"].as_array().expect("a list").iter().filter(|one| one["ok"] == false).collect();
    assert_eq!(broken, Vec::<&Json>::new());
    assert_eq!(
        (&home["ok"], &home["members"], &home["orders"], &home["transactions"]),
        (&json!(true), &json!(0), &json!(0), &json!(6))
    );
    let sql = "UPDATE txn SET recorded_at = recorded_at + 1 WHERE points = 99";
    world.app.db.write.execute_unprepared(sql).await.expect("the row can be altered");
    let home = audit(&staff, household["id"].clone()).await;
    let broken: Vec<_> =
        home["invariants"].as_array().expect("a list").iter().filter(|one| one["ok"] == false).collect();
    let [broken] = broken[..] else { panic!("{broken:?}") };
    assert_eq!((&broken["name"], &broken["first"]["memberNumber"]), (&json!("hash-is-of-content"), &Json::Null));
    assert!(broken["first"]["seq"].is_number(), "{broken}");
}

async fn a_defect_is_named(world: World) {
    world.skip_the_books();
    let staff = world.staff().await;
    let (alice, bob) = (world.member().with_points(100).await, world.member().with_points(50).await);
    let sql = "UPDATE txn SET recorded_at = recorded_at + 1 WHERE points = 100";
    world.app.db.write.execute_unprepared(sql).await.expect("the row can be altered");
    let number = alice.query("{ me { number } }").await["me"]["number"].clone();
    for member in [Json::Null, json!(alice.id)] {
        let told = audit(&staff, member).await;
        assert_eq!(told["ok"], false);
        let broken: Vec<_> =
            told["invariants"].as_array().expect("a list").iter().filter(|one| one["ok"] == false).collect();
        let [broken] = broken[..] else { panic!("{broken:?}") };
        assert_eq!((&broken["name"], &broken["first"]["memberNumber"]), (&json!("hash-is-of-content"), &number));
        assert_eq!(broken["first"]["seq"], 1);
    }
    assert_eq!(audit(&staff, json!(bob.id)).await["ok"], true, "another's books are whole");
}

async fn an_audit_that_takes_too_long_ends(world: World) {
    let staff = world.staff().await;
    let hasty =
        world.another_process(Settings { timeout: std::time::Duration::from_millis(1), ..Settings::default() }).await;
    let answer = hasty.serves(&staff).graphql(AUDIT, Json::Null).await;
    assert_eq!(answer.code(), "TIMEOUT", "{}", answer.json);
    until_proved(&staff).await;
}

/// Asks for an audit of all until it is its turn.
async fn until_proved(staff: &Client) {
    let began = std::time::Instant::now();
    loop {
        let answer = staff.graphql(AUDIT, json!({ "member": null })).await;
        if answer.json["data"]["ledgerAudit"]["ok"] == true {
            return;
        }
        assert_eq!(answer.code(), "UNAVAILABLE", "{}", answer.json);
        assert!(began.elapsed() < std::time::Duration::from_secs(30), "the turn is not given back");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Products become a view that takes seconds to read, whichever of its rows are asked for.
fn slow(world: &World) -> [&'static str; 2] {
    let view = if world.app.db.dialect.is_embedded() {
        "CREATE VIEW product AS SELECT p.* FROM (
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000000)
             SELECT COUNT(*) AS counted FROM n) AS c CROSS JOIN fast_product p WHERE c.counted > 0"
    } else {
        "CREATE VIEW product AS SELECT * FROM fast_product WHERE (SELECT CAST(pg_sleep(1.2) AS text)) = ''"
    };
    ["ALTER TABLE product RENAME TO fast_product", view]
}

const FAST_AGAIN: [&str; 2] = ["DROP VIEW product", "ALTER TABLE fast_product RENAME TO product"];

async fn an_audit_given_up_keeps_its_turn_until_its_statement_ends(world: World) {
    world.product("tea").await;
    let staff = world.staff().await;
    let hasty =
        world.another_process(Settings { timeout: std::time::Duration::from_millis(300), ..Settings::default() }).await;
    for statement in slow(&world) {
        world.app.db.write.execute_unprepared(statement).await.expect("the table can be renamed");
    }
    let began = std::time::Instant::now();
    let given_up = hasty.serves(&staff).graphql(AUDIT, Json::Null).await;
    assert_eq!(given_up.code(), "TIMEOUT", "{}", given_up.json);
    let next = staff.graphql(AUDIT, json!({ "member": null })).await;
    assert_eq!(next.code(), "UNAVAILABLE", "after {:?} a statement still runs: {}", began.elapsed(), next.json);
    for statement in FAST_AGAIN {
        world.app.db.write.execute_unprepared(statement).await.expect("the table gets its name back");
    }
    until_proved(&staff).await;
}

async fn one_audit_of_all_at_a_time(world: World) {
    let staff = world.staff().await;
    let all = || staff.graphql(AUDIT, json!({ "member": null }));
    let answers: [_; 4] = tokio::join!(all(), all(), all(), all()).into();
    let refused =
        answers.iter().filter(|answer| answer.json["errors"][0]["extensions"]["code"] == "UNAVAILABLE").count();
    let proved = answers.iter().filter(|answer| answer.json["data"]["ledgerAudit"]["ok"] == true).count();
    assert!(refused > 0 && proved > 0 && refused + proved == 4, "{refused} refused, {proved} proved");
}
