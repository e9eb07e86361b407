//! Many at once for what a reward has to give. Half of them come in by another process.

use futures_util::future::join_all;
use serde_json::json;

use crate::world::{Settings, World, both_databases};

both_databases!(a_member_at_many_doors_gets_what_one_may, a_redemption_is_cancelled_once);

async fn a_member_at_many_doors_gets_what_one_may(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(5_000).await);
    let (_, reward) = staff.reward(json!({ "limit": { "period": "MONTH", "pieces": 5 }, "stock": 100 })).await;
    let other = world.another_process(Settings::default()).await;
    let calls = (0..40).map(|turn| {
        let door = if turn % 2 == 0 { &world } else { &other };
        let call = door.serves(&member).redeem(&reward);
        tokio::spawn(async move { call.await })
    });
    let outcomes: Vec<String> =
        join_all(calls).await.into_iter().map(|call| call.expect("an answer").outcome()).collect();
    let count = |code: &str| outcomes.iter().filter(|outcome| *outcome == code).count();
    assert_eq!((count("OK"), count("LIMIT_REACHED")), (5, 35), "{outcomes:?}");
    assert_eq!((member.points().await, world.pieces_left(reward.row).await), (4_500, 95));
    other.stop().await;
}

async fn a_redemption_is_cancelled_once(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let (_, reward) = staff.reward(json!({ "stock": 10 })).await;
    let redemption = member.redeem(&reward).times(4).await.expect_ok();
    let calls = (0..20).map(|_| {
        let call = staff.cancel_redemption(&redemption);
        tokio::spawn(async move { call.await })
    });
    let outcomes: Vec<String> =
        join_all(calls).await.into_iter().map(|call| call.expect("an answer").outcome()).collect();
    let count = |code: &str| outcomes.iter().filter(|outcome| *outcome == code).count();
    assert_eq!((count("OK"), count("ALREADY_CANCELLED")), (1, 19), "{outcomes:?}");
    assert_eq!((member.points().await, world.pieces_left(reward.row).await), (1_000, 10));
}
