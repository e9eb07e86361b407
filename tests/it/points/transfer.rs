//! Giving points to another member, through GraphQL.

use futures_util::future::join_all;
use serde_json::json;

use crate::world::order::Payload;
use crate::world::{Member, World, both_databases};
use jifen::domain::points::entity::{TransferPolicy, ValidityKind};

both_databases!(
    points_change_hands_and_keep_their_expiry,
    what_is_wrong_with_a_transfer,
    a_day_has_its_limit,
    a_ring_keeps_the_sum,
);

async fn allow(world: &World) {
    world.program(|program| program.transfers = TransferPolicy::Anybody).await;
}

async fn points_change_hands_and_keep_their_expiry(world: World) {
    allow(&world).await;
    let tea = world.product("tea").price("10.00").await;
    let (alice, bob) = (world.member().await, world.member().await);
    for days in [9, 2] {
        world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, days)).await;
        alice.place_order(&[(&tea, 1)]).await.expect_ok();
    }
    let number = bob.number().await;
    let sent = alice.transfer_points_to(&number, 150).with_key("k").await.expect_ok();
    assert_eq!(alice.transfer_points_to(&number, 150).with_key("k").await.expect_ok(), sent);
    alice.transfer_points_to(&number, 151).with_key("k").await.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
    assert_eq!((alice.points().await, bob.points().await), (50, 150));
    let deadlines = "{ me { pointsAccount { expiring { points expiresAt } lifetime } } }";
    let data = bob.query(deadlines).await;
    let expected = json!([
        { "points": 100, "expiresAt": "2026-11-25T16:00:00Z" },
        { "points": 50, "expiresAt": "2026-12-02T16:00:00Z" },
    ]);
    assert_eq!(data["me"]["pointsAccount"], json!({ "expiring": expected, "lifetime": "0" }));
}

async fn what_is_wrong_with_a_transfer(world: World) {
    let (alice, bob) = (world.member().with_points(100).await, world.member().await);
    let (own, others) = (alice.number().await, bob.number().await);
    alice.transfer_points_to(&others, 10).await.expect_refused("TRANSFERS_OFF");
    world
        .program(|program| {
            program.transfers = TransferPolicy::Anybody;
            program.transfer_minimum = 5;
        })
        .await;
    alice.transfer_points_to(&own, 10).await.expect_refused("RECEIVER_IS_SENDER");
    alice.transfer_points_to(&json!("nobody"), 10).await.expect_refused("RECEIVER_UNKNOWN");
    alice.transfer_points_to(&others, 0).await.expect_refused("BAD_POINTS");
    assert_eq!(alice.transfer_points_to(&others, 4).await.expect_refused("TRANSFER_BELOW_MINIMUM")["limit"], 5);
    let refused = alice.transfer_points_to(&others, 101).await.expect_refused("NOT_ENOUGH_POINTS");
    assert_eq!((&refused["requiredPoints"], &refused["activePoints"]), (&json!(101), &json!(100)));
    assert_eq!((alice.points().await, bob.points().await), (100, 0), "nothing was changed");
    let lower = others.as_str().unwrap().to_lowercase();
    alice.transfer_points_to(&json!(format!(" {lower} ")), 5).await.expect_ok();
}

async fn a_day_has_its_limit(world: World) {
    allow(&world).await;
    world.program(|program| program.transfer_daily_limit = Some(100)).await;
    let (alice, bob) = (world.member().with_points(1_000).await, world.member().await);
    let number = bob.number().await;
    alice.transfer_points_to(&number, 60).await.expect_ok();
    assert_eq!(alice.transfer_points_to(&number, 41).await.expect_refused("DAILY_LIMIT_REACHED")["limit"], 40);
    // Two at once do not get past it either.
    let both = join_all(
        [alice.transfer_points_to(&number, 30), alice.transfer_points_to(&number, 30)].map(IntoFuture::into_future),
    )
    .await;
    let mut outcomes: Vec<String> = both.iter().map(Payload::outcome).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["DAILY_LIMIT_REACHED", "OK"]);
    world.travel_to("2026-11-23T16:00:00Z");
    let alice = alice.another_session().await;
    alice.transfer_points_to(&number, 100).await.expect_ok();
}

/// Everybody gives to the next, many times at once: nobody waits for ever, and the sum stays.
async fn a_ring_keeps_the_sum(world: World) {
    allow(&world).await;
    let mut members = Vec::new();
    for _ in 0..5 {
        members.push(world.member().with_points(100).await);
    }
    let numbers = join_all(members.iter().map(Member::number)).await;
    let gifts = (0..40)
        .map(|n| members[n % 5].transfer_points_to(&numbers[(n + 1 + n / 20) % 5], 7 + n as i64 % 11).into_future());
    let outcomes = join_all(gifts).await;
    assert!(outcomes.iter().filter(|payload| payload.outcome() == "OK").count() > 10);
    let points = join_all(members.iter().map(Member::points)).await;
    assert_eq!(points.iter().sum::<i64>(), 500, "{points:?}");
}
