//! Points and time: what expires does so at a local midnight, for every reader at once, whether or not a sweep has
//! written it; and any number of processes may sweep.

use serde_json::{Value as Json, json};

use crate::world::{Member, Settings, World, both_databases};
use jifen::domain::points::entity::{ValidityKind, program};

both_databases!(
    points_expire_at_the_midnight_of_their_zone,
    a_month_ends_as_the_calendar_says,
    every_command_settles_first,
    many_processes_sweep_at_once,
    the_balance_of_any_moment,
    an_account_is_whole_while_a_sweep_settles_it,
);

const BALANCE: &str = "{ me { pointsAccount { active expiring { points } pointsLedger(first: 1) { nodes { type points createdAt } } } } }";

async fn balance(member: &Member) -> Json {
    member.query(BALANCE).await["me"]["pointsAccount"].clone()
}

fn lasting(kind: ValidityKind, count: i64, zone: &'static str) -> impl Fn(&mut program::Model) {
    move |program| {
        (program.validity, program.validity_count) = (kind, count);
        program.time_zone = zone.to_owned();
    }
}

/// A member who has earned 100 points by now.
async fn buyer(world: &World) -> Member {
    let tea = world.product("tea").price("10.00").await;
    let member = world.member().await;
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    member
}

async fn points_expire_at_the_midnight_of_their_zone(world: World) {
    world.program(lasting(ValidityKind::Days, 3, "Asia/Shanghai")).await;
    let member = buyer(&world).await;
    // Monday and three days: good for all of Thursday.
    world.travel_to("2026-11-26T15:59:59.999999Z");
    let member = member.another_session().await;
    assert_eq!(balance(&member).await["active"], 100);
    assert_eq!(world.sweep().await, 0, "nothing is due before its time");
    world.travel_to("2026-11-26T16:00:00Z");
    let account = balance(&member).await;
    assert_eq!((&account["active"], &account["expiring"]), (&json!(0), &json!([])), "expired when it is read");
    assert_eq!(account["pointsLedger"]["nodes"][0]["type"], "ACCRUAL", "and not written yet");
    let reward = world.coupon_reward(100).await;
    let refused = member.redeem(&reward).await.expect_refused("NOT_ENOUGH_POINTS");
    assert_eq!(refused["activePoints"], 0);
    world.wait_minutes(5);
    assert_eq!((world.sweep().await, world.sweep().await), (1, 0));
    let expected = json!({ "type": "EXPIRATION", "points": -100, "createdAt": "2026-11-26T16:00:00Z" });
    assert_eq!(balance(&member).await["pointsLedger"]["nodes"][0], expected, "written at its own instant");
}

async fn a_month_ends_as_the_calendar_says(world: World) {
    let cases = [
        // The clocks of New York go forward on 14 March 2027: the day of expiry begins an hour earlier in UTC.
        ("2027-02-14T17:00:00Z", ValidityKind::Months, 1, "America/New_York", "2027-03-15T04:00:00Z"),
        // The last of January and a month is the last of February …
        ("2027-03-31T02:00:00Z", ValidityKind::Months, 11, "Asia/Shanghai", "2028-02-29T16:00:00Z"),
        ("2028-02-29T02:00:00Z", ValidityKind::Months, 12, "Asia/Shanghai", "2029-02-28T16:00:00Z"),
        // … and to the end of the quarter and the year is to the midnight after it.
        ("2028-05-03T02:00:00Z", ValidityKind::EndOfQuarter, 0, "Asia/Shanghai", "2028-06-30T16:00:00Z"),
        ("2028-11-03T02:00:00Z", ValidityKind::EndOfYear, 1, "Europe/Berlin", "2028-12-31T23:00:00Z"),
        ("2028-12-03T02:00:00Z", ValidityKind::EndOfYear, 1, "Europe/Berlin", "2029-12-31T23:00:00Z"),
    ];
    for (bought, kind, count, zone, expires) in cases {
        world.travel_to(bought);
        world.program(lasting(kind, count, zone)).await;
        let member = buyer(&world).await;
        let deadlines = "{ me { pointsAccount { expiring { points expiresAt } } } }";
        let data = member.query(deadlines).await;
        let expected = json!([{ "points": 100, "expiresAt": expires }]);
        assert_eq!(data["me"]["pointsAccount"]["expiring"], expected, "{bought} {kind:?} {count} in {zone}");
    }
}

async fn every_command_settles_first(world: World) {
    world.program(lasting(ValidityKind::Days, 1, "Asia/Shanghai")).await;
    let member = buyer(&world).await;
    world.wait_days(5);
    let member = member.another_session().await;
    let tea = world.product("tea").price("1.00").await;
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    let ledger = "{ me { pointsAccount { pointsLedger { nodes { type points balanceAfter createdAt } } } } }";
    let data = member.query(ledger).await;
    let nodes = data["me"]["pointsAccount"]["pointsLedger"]["nodes"].as_array().unwrap();
    let told: Vec<Json> =
        nodes.iter().map(|node| json!([node["type"], node["points"], node["balanceAfter"]])).collect();
    assert_eq!(json!(told), json!([["ACCRUAL", 10, 10], ["EXPIRATION", -100, 0], ["ACCRUAL", 100, 100]]));
    assert_eq!(nodes[1]["createdAt"], "2026-11-24T16:00:00Z");
}

async fn many_processes_sweep_at_once(world: World) {
    world.program(lasting(ValidityKind::Days, 1, "Asia/Shanghai")).await;
    let mut members = Vec::new();
    for _ in 0..12 {
        members.push(buyer(&world).await);
    }
    let others = [world.another_process(Settings::default()).await, world.another_process(Settings::default()).await];
    world.wait_days(3);
    let sweeps = futures_util::future::join_all([&world, &others[0], &others[1], &world].map(World::sweep)).await;
    assert_eq!(sweeps.iter().sum::<usize>(), members.len(), "each is written once: {sweeps:?}");
    for other in others {
        other.stop().await;
    }
    for member in members {
        assert_eq!(balance(&member.another_session().await).await["active"], 0);
    }
}

async fn the_balance_of_any_moment(world: World) {
    world.program(lasting(ValidityKind::Days, 2, "Asia/Shanghai")).await;
    let before = world.now();
    let member = buyer(&world).await;
    let at = async |member: &Member, time: &str| {
        let asked = format!("{{ me {{ pointsAccount {{ balanceAt(time: \"{time}\") }} }} }}");
        member.query(&asked).await["me"]["pointsAccount"]["balanceAt"].as_i64().unwrap()
    };
    let (last, first) = ("2026-11-25T15:59:59.999999Z", "2026-11-25T16:00:00Z");
    for swept in [false, true] {
        let member = member.another_session().await;
        let told = [at(&member, &before).await, at(&member, last).await, at(&member, first).await];
        assert_eq!(told, [0, 100, 0], "swept: {swept}");
        assert_eq!(at(&member, "2030-01-01T00:00:00Z").await, 0, "swept: {swept}");
        world.wait_days(4);
        world.sweep().await;
    }
}

/// What is due is reckoned from several tables, of which a sweep may change one after the other has been read.
async fn an_account_is_whole_while_a_sweep_settles_it(world: World) {
    let member = buyer(&world).await;
    for _ in 0..8 {
        for _ in 0..6 {
            member.hold_points_of(json!({ "points": 10, "minutes": 1 })).await.expect_ok();
        }
        world.wait_seconds(61);
        let reads = (0..16).map(|_| {
            let member = member.clone();
            tokio::spawn(async move { member.query("{ me { pointsAccount { active held } } }").await })
        });
        let reads: Vec<_> = reads.collect();
        world.sweep().await;
        for read in futures_util::future::join_all(reads).await {
            let account = &read.expect("an answer")["me"]["pointsAccount"];
            assert_eq!(*account, json!({ "active": 100, "held": 0 }));
        }
    }
}
