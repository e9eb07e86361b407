//! Drafts of the program, played over the past.

use std::collections::BTreeSet;

use jifen::base::id::Random;
use jifen::domain::points::entity::ShortfallPolicy;
use jifen::domain::simulation::service::run_next;
use serde_json::{Value as Json, json};

use crate::world::shop::Product;
use crate::world::tier::three_tiers;
use crate::world::{Client, Settings, World, both_databases};

both_databases!(
    the_program_as_it_is_gives_what_it_gave,
    what_came_back_is_taken_back,
    a_draft_is_played_beside_what_happened,
    imported_purchases_are_played_too,
    a_draft_that_cannot_be_is_refused,
    a_worker_that_dies_is_followed_by_another,
    one_that_is_called_off_stays_so,
);

fn number(value: &Json) -> i64 {
    value.as_str().expect("a number").parse().expect("a number")
}

/// That both sides are the same everywhere, and of how many points.
fn assert_same(result: &Json, seed: u64) -> i64 {
    let rows = |name: &str| result[name].as_array().expect("rows").clone();
    let all = rows("bySource").into_iter().chain(rows("byTier").into_iter().map(|row| row["figures"].clone()));
    for row in all.chain([result["total"].clone()]) {
        assert_eq!(row["actual"], row["simulated"], "seed {seed}: {row}");
    }
    assert_eq!((&result["membersGaining"], &result["membersLosing"]), (&json!(0), &json!(0)), "seed {seed}");
    number(&result["total"]["simulated"]["issued"])
}

async fn set_rules(staff: &Client, rules: &[Json]) -> Vec<Json> {
    let mut made = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let mut rule = rule.clone();
        rule["name"] = json!(format!("Rule {number}"));
        made.push(staff.rule(rule).await);
    }
    made
}

/// Whatever rules, caps, budgets and tiers gave, the same program played over the same orders gives again; also to members
/// who were merged on the way, each of whom had first orders, caps and a tier of their own until then.
async fn the_program_as_it_is_gives_what_it_gave(world: World) {
    let seed = u64::from_le_bytes(Random::System.bytes());
    println!("seed {seed}");
    let random = Random::seeded(seed);
    let roll = |sides: u64| u64::from_le_bytes(random.bytes()) % sides;
    let staff = world.staff().await;
    let mut tiers = three_tiers();
    (tiers["tiers"][1]["threshold"], tiers["tiers"][1]["multiplier"]) = (json!("500"), json!("1.25"));
    tiers["tiers"][2]["threshold"] = json!("1500");
    staff.create_tiers(tiers).await.expect_ok();
    let products = [
        world.product("a").price("0.99").await,
        world.product("b").price("3.33").await,
        world.product("c").price("27.50").await,
    ];
    set_rules(
        &staff,
        &[
            json!({ "effect": { "multiplier": "1.3333" }, "condition": { "products": { "productIds": [products[0].id] } } }),
            json!({ "effect": { "perAmount": { "points": 3, "amount": "7.00" } }, "stacking": "BEST", "budget": "200" }),
            json!({ "effect": { "bonus": 9 }, "stacking": "BEST" }),
            json!({ "effect": { "bonus": 40 }, "condition": { "firstOrder": true } }),
            json!({ "effect": { "bonus": 25 }, "condition": { "spend": { "least": "30.00" } }, "caps": [{ "period": "DAY", "times": 2 }] }),
            json!({ "effect": { "perPiece": 2 }, "caps": [{ "period": "EVER", "points": 31 }], "budget": "70" }),
            json!({ "effect": { "bonus": 11 }, "condition": { "channel": ["APP"] } }),
            json!({ "effect": { "bonus": 70 }, "condition": { "tags": ["vip"] }, "stacking": "EXCLUSIVE", "budget": "300" }),
        ],
    )
    .await;
    let mut members = Vec::new();
    for _ in 0..6 {
        members.push(world.member().await);
    }
    staff.tag(&members[0], json!(["vip"])).await;
    let (mut placed, mut bought) = (0, BTreeSet::new());
    for turn in 0..60 {
        // Tags are those of now, so whoever has one stays as they are.
        if [15, 30, 45].contains(&turn) {
            let from = members.remove(1 + roll(members.len() as u64 - 1) as usize);
            let into = &members[1 + roll(members.len() as u64 - 1) as usize];
            staff.merge(&from, into).await.expect_ok();
            if bought.remove(&from.member_id()) {
                bought.insert(into.member_id());
            }
        }
        let lines: Vec<(&Product, i64)> =
            (0..1 + roll(3)).map(|_| (&products[roll(3) as usize], 1 + roll(3) as i64)).collect();
        let channel = [Json::Null, json!("APP")][roll(2) as usize].clone();
        let points = if roll(3) == 0 { json!(100) } else { Json::Null };
        let member = &members[roll(members.len() as u64) as usize];
        let order = member.place_order(&lines).with("channel", channel).with("points", points).await;
        if order.outcome() == "OK" {
            placed += 1;
            bought.insert(member.member_id());
        }
    }
    let result = staff.played(&world, json!({})).await;
    assert_eq!((&result["total"]["orders"], &result["members"]), (&json!(placed), &json!(bought.len())), "seed {seed}");
    assert!(assert_same(&result, seed) > 1_000, "seed {seed}: {result}");
    let codes: Vec<_> =
        result["byTier"].as_array().expect("rows").iter().map(|row| row["tier"]["code"].clone()).collect();
    assert_eq!(codes, ["BASE", "SILVER", "GOLD"], "seed {seed}");
    assert_eq!(
        result["bySource"].as_array().expect("rows").len(),
        10,
        "seed {seed}: the rate, the tiers, and every rule"
    );
}

/// One return an order: of several, each rounds for itself, which may be a point more in all. Points that are missing are
/// given up, so they stay used, of budgets and caps that have too little for all orders.
async fn what_came_back_is_taken_back(world: World) {
    let seed = u64::from_le_bytes(Random::System.bytes());
    println!("seed {seed}");
    let random = Random::seeded(seed);
    let roll = |sides: u64| u64::from_le_bytes(random.bytes()) % sides;
    let staff = world.staff().await;
    let (a, b) = (world.product("a").price("3.33").await, world.product("b").price("7.77").await);
    set_rules(
        &staff,
        &[
            json!({ "effect": { "multiplier": "1.7" }, "condition": { "products": { "productIds": [a.id] } } }),
            json!({ "effect": { "bonus": 25 }, "condition": { "spend": { "least": "20.00" } }, "budget": "120" }),
            json!({ "effect": { "perPiece": 3 }, "caps": [{ "period": "EVER", "points": 60 }] }),
            json!({ "effect": { "perPiece": 2 }, "caps": [{ "period": "DAY", "times": 7 }] }),
        ],
    )
    .await;
    world.program(|program| program.shortfall = ShortfallPolicy::WriteOff).await;
    let member = world.member().await;
    for _ in 0..20 {
        let (of_a, of_b) = (1 + roll(4) as i64, 1 + roll(4) as i64);
        let order = member.place_order(&[(&a, of_a), (&b, of_b)]).await.expect_ok();
        let back = [(0, roll(of_a as u64 + 1) as i64), (1, roll(of_b as u64 + 1) as i64)];
        let back: Vec<_> = back.into_iter().filter(|(_, pieces)| *pieces > 0).collect();
        if back.is_empty() {
            continue;
        }
        let spent = world.balances(&member).await[0] * roll(3) as i64 / 2;
        if spent > 0 {
            staff.adjust_points(&member, -spent).await.expect_ok();
        }
        staff.refund_order(&order).pieces(&back).await.expect_ok();
    }
    let result = staff.played(&world, json!({})).await;
    assert_same(&result, seed);
    assert!(number(&result["total"]["actual"]["takenBack"]) > 0, "seed {seed}: {result}");
    // Twice the rate: whatever came back is taken back twice as well.
    let twice = staff.played(&world, json!({ "earnRate": { "points": 20, "amount": "1.00" } })).await;
    let source = |result: &Json, side: &str| result["bySource"][0][side].clone();
    let (once, twice) = (source(&result, "simulated"), source(&twice, "simulated"));
    assert!((number(&twice["net"]) - 2 * number(&once["net"])).abs() <= 20, "seed {seed}: {once} {twice}");
}

async fn a_draft_is_played_beside_what_happened(world: World) {
    let staff = world.staff().await;
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let tea = world.product("tea").price("100.00").await;
    let (first, second) = (world.member().await, world.member().await);
    let running = staff.rule(json!({ "name": "Ten", "effect": { "bonus": 10 } })).await;
    // 1,010 each; and five at once, which lifts the second to silver, and earns 6,010 as nobody yet.
    first.place_order(&[(&tea, 1)]).await.expect_ok();
    second.place_order(&[(&tea, 6)]).await.expect_ok();
    second.place_order(&[(&tea, 1)]).await.expect_ok();
    let start = "2030-01-01T00:00:00Z";
    let draft = json!({ "name": "Fifty once", "effect": { "bonus": 50 }, "startsAt": start, "budget": "120",
        "caps": [{ "period": "DAY", "times": 1 }] });
    let draft = staff.create_rule(draft).await.expect_ok();
    let entries = "{ ledgerAudit { ok transactions } }";
    let before = staff.query(entries).await;

    let silver = set["tiers"][1]["id"].clone();
    let input = json!({
        "earnRate": { "points": 5, "amount": "1.00" }, "exchangeRate": { "points": 50, "amount": "1.00" },
        "withRules": [draft["id"]], "withoutRules": [running["id"]],
        "tierMultipliers": [{ "tierId": silver, "multiplier": "3" }],
    });
    let result = staff.played(&world, input).await;
    let row = |issued: i64, cost: &str| json!({ "issued": issued.to_string(), "takenBack": "0", "net": issued.to_string(), "cost": { "amount": cost } });
    let total = &result["total"];
    assert_eq!((&total["orders"], &total["spent"]["amount"]), (&json!(3), &json!("800.00")));
    assert_eq!(total["actual"], row(8_030, "80.30"));
    // 500 + 3,000 + 500 by the rate, 1,000 by silver's multiplier, and twice 50.
    assert_eq!(total["simulated"], row(5_100, "102.00"));
    let by_source: Vec<_> = result["bySource"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            (
                row["source"].clone(),
                row["rule"]["name"].clone(),
                number(&row["actual"]["net"]),
                number(&row["simulated"]["net"]),
            )
        })
        .collect();
    assert_eq!(
        by_source,
        [
            (json!("EARN_RATE"), Json::Null, 8_000, 4_000),
            (json!("TIERS"), Json::Null, 0, 1_000),
            (json!("RULE"), json!("Ten"), 30, 0),
            (json!("RULE"), json!("Fifty once"), 0, 100),
        ]
    );
    let tiers: Vec<_> = result["byTier"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let figures = &row["figures"];
            (
                row["tier"]["code"].clone(),
                figures["orders"].clone(),
                number(&figures["actual"]["net"]),
                number(&figures["simulated"]["net"]),
            )
        })
        .collect();
    assert_eq!(tiers, [(json!("BASE"), json!(2), 7_020, 3_600), (json!("SILVER"), json!(1), 1_010, 1_500)]);
    assert_eq!(
        (&result["members"], &result["membersGaining"], &result["membersLosing"]),
        (&json!(2), &json!(0), &json!(2))
    );
    assert_eq!(world.balances(&first).await, [1_010, 0, 0], "nothing was written");
    assert_eq!(staff.query(entries).await, before);
    let rules = staff.query("{ earningRules { nodes { name state budget { used } } } }").await;
    assert_eq!(rules["earningRules"]["nodes"][0]["state"], "DRAFT");
    assert_eq!(rules["earningRules"]["nodes"][0]["budget"]["used"], "0");
    // Of other days there is nothing.
    let empty = staff.played(&world, json!({ "from": "2026-11-01", "to": "2026-11-22" })).await;
    assert_eq!((&empty["total"]["orders"], &empty["byTier"]), (&json!(0), &json!([])));
}

/// A purchase that was imported has no lines; rules about the whole of it apply all the same.
async fn imported_purchases_are_played_too(world: World) {
    let staff = world.staff().await;
    let member = world.member().await;
    world.record_purchase(member.member_id(), 5_000).await;
    world.record_purchase(member.member_id(), 1_000).await;
    let rule = json!({ "name": "From 20", "effect": { "bonus": 7 }, "condition": { "spend": { "least": "20.00" } } });
    let rule = staff.create_rule(rule).await.expect_ok();
    let days = json!({ "from": "2020-01-01", "to": "2026-11-23", "withRules": [rule["id"]] });
    let result = staff.played(&world, days).await;
    let net = |side: &str| number(&result["total"][side]["net"]);
    assert_eq!((net("actual"), net("simulated")), (600, 607));
}

async fn a_draft_that_cannot_be_is_refused(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let kind = staff.create_event_type(json!({ "code": "VISIT", "name": "Visit" })).await.expect_ok();
    let event = json!({ "name": "Visits", "effect": { "bonus": 1 }, "eventTypeId": kind["id"] });
    let of_events = staff.create_rule(event).await.expect_ok();
    let draft = staff.create_rule(json!({ "name": "Draft", "effect": { "bonus": 1 } })).await.expect_ok();
    let many: Vec<Json> = vec![draft["id"].clone(); 1];
    for (code, input) in [
        ("DAYS_INVALID", json!({ "from": "2026-11-24" })),
        ("DAYS_INVALID", json!({ "from": "1990-01-01" })),
        ("EARN_RATE_INVALID", json!({ "earnRate": { "points": 0, "amount": "1.00" } })),
        ("EXCHANGE_RATE_INVALID", json!({ "exchangeRate": { "points": -1, "amount": "1.00" } })),
        ("RULE_UNKNOWN", json!({ "withRules": ["nonsense"] })),
        ("RULE_UNKNOWN", json!({ "withRules": [of_events["id"]] })),
        ("RULE_UNKNOWN", json!({ "withoutRules": many })),
        ("TIER_UNKNOWN", json!({ "tierMultipliers": [{ "tierId": "nonsense", "multiplier": "2" }] })),
    ] {
        staff.simulate(input).await.expect_refused(code);
    }
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    for multiplier in ["0.5", "100.5", "1.00001"] {
        let given = json!([{ "tierId": set["tiers"][0]["id"], "multiplier": multiplier }]);
        staff.simulate(json!({ "tierMultipliers": given })).await.expect_refused("MULTIPLIER_INVALID");
    }
    assert!(!run_next(&world.app).await.expect("a worker"), "nothing waits");
    for _ in 0..10 {
        staff.simulate(json!({})).await.expect_ok();
    }
    staff.simulate(json!({})).await.expect_refused("TOO_MANY_OPEN");
    let listed = staff.query("{ simulations(first: 3) { nodes { status } pageInfo { hasNextPage } } }").await;
    assert_eq!(
        listed["simulations"]["nodes"],
        json!([{ "status": "QUEUED" }, { "status": "QUEUED" }, { "status": "QUEUED" }])
    );
    let answer = member.graphql("{ simulations(first: 1) { nodes { id } } }", json!({})).await;
    assert_eq!(answer.code(), "FORBIDDEN");
}

async fn a_worker_that_dies_is_followed_by_another(world: World) {
    let staff = world.staff().await;
    let tea = world.product("tea").price("1.00").await;
    world.member().await.place_order(&[(&tea, 1)]).await.expect_ok();
    let other = world.another_process(Settings::default()).await;
    let simulation = staff.simulate(json!({})).await.expect_ok();
    for attempt in 1..=3 {
        let take = jifen::domain::simulation::query::take_on;
        let (now, later) = (world.clock.now(), jifen::base::clock::Instant(world.clock.now().micros() + 60_000_000));
        let (first, second) = tokio::join!(
            take(&world.app.db.write, world.app.ids.next(), now, later),
            take(&other.app.db.write, other.app.ids.next(), now, later)
        );
        let taken: Vec<_> = [first, second].into_iter().filter_map(|taken| taken.expect("a statement")).collect();
        assert_eq!(taken.iter().map(|row| row.attempts).collect::<Vec<_>>(), [attempt], "one of the two has it");
        assert!(!run_next(&world.app).await.expect("a worker"), "it is held");
        assert_eq!(staff.simulation(&simulation).await["status"], "RUNNING");
        world.wait_seconds(61);
        if attempt == 2 {
            assert!(run_next(&other.app).await.expect("a worker"), "nobody has been heard of");
            assert_eq!(staff.simulation(&simulation).await["status"], "DONE");
            break;
        }
    }
    // One that nobody survives is given up.
    let simulation = staff.simulate(json!({})).await.expect_ok();
    for _ in 0..3 {
        let (now, later) = (world.clock.now(), jifen::base::clock::Instant(world.clock.now().micros() + 1));
        let taken =
            jifen::domain::simulation::query::take_on(&world.app.db.write, world.app.ids.next(), now, later).await;
        assert!(taken.expect("a statement").is_some());
        world.wait_seconds(1);
    }
    assert!(run_next(&world.app).await.expect("a worker"));
    let failed = staff.simulation(&simulation).await;
    assert_eq!((&failed["status"], &failed["result"]), (&json!("FAILED"), &Json::Null));
    assert!(failed["finishedAt"].is_string());
    other.stop().await;
}

async fn one_that_is_called_off_stays_so(world: World) {
    let staff = world.staff().await;
    let simulation = staff.simulate(json!({})).await.expect_ok();
    for _ in 0..2 {
        assert_eq!(staff.cancel_simulation(&simulation).await.expect_ok()["status"], "CANCELLED");
    }
    assert!(!run_next(&world.app).await.expect("a worker"), "nothing waits");
    let done = staff.simulate(json!({})).await.expect_ok();
    assert!(run_next(&world.app).await.expect("a worker"));
    staff.cancel_simulation(&done).await.expect_refused("ALREADY_FINISHED");
    staff.cancel_simulation(&json!({ "id": "nonsense" })).await.expect_refused("SIMULATION_UNKNOWN");
    let node = "query($id: ID!) { node(id: $id) { ... on Simulation { status } } }";
    let read = async |client: &Client| client.graphql(node, json!({ "id": done["id"] })).await.data()["node"].clone();
    assert_eq!(read(&staff).await, json!({ "status": "DONE" }));
    let member = world.member().await;
    assert_eq!(read(&member).await, Json::Null);
}
