//! Points that come back after their lot has expired, and debts with a limit.

use jifen::domain::points::entity::ValidityKind;
use serde_json::json;

use crate::world::{World, both_databases};

both_databases!(
    points_past_their_expiry_are_forfeited_without_grace,
    points_past_their_expiry_are_good_for_the_days_of_grace,
    a_debt_ends_at_its_limit,
);

/// An order of ¥20 paid with 500 points that have expired by the time it is refunded; what the refund answers, and the
/// points after it.
async fn refunded_late(world: &World, grace_days: i64) -> ((i64, i64), i64) {
    world
        .program(|program| {
            (program.validity, program.validity_count) = (ValidityKind::Days, 10);
            program.grace_days = grace_days;
        })
        .await;
    let tea = world.product("tea").price("20.00").await;
    let (member, staff) = (world.member().with_points(500).await, world.staff().await);
    let order = member.place_order(&[(&tea, 1)]).with_points(500).await.expect_ok();
    world.wait_days(12);
    let staff = staff.another_session().await;
    let taken = staff.refund_order(&order).await.expect_ok();
    assert_eq!(
        (&taken["pointsClawedBack"], &taken["pointsMissing"]),
        (&json!(150), &json!(0)),
        "from what had expired"
    );
    let number = |field: &str| taken[field].as_i64().expect("points");
    let [active, ..] = world.balances(&member).await;
    if grace_days > 0 {
        world.wait_days(grace_days + 1);
        assert_eq!(world.balances(&member).await, [0, 0, 0], "grace is over");
    }
    ((number("pointsGivenBack"), number("pointsForfeited")), active)
}

async fn points_past_their_expiry_are_forfeited_without_grace(world: World) {
    assert_eq!(refunded_late(&world, 0).await, ((500, 500), 0));
}

async fn points_past_their_expiry_are_good_for_the_days_of_grace(world: World) {
    assert_eq!(refunded_late(&world, 5).await, ((500, 0), 500));
}

async fn a_debt_ends_at_its_limit(world: World) {
    world.program(|program| program.debt_limit = Some(300)).await;
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(500).await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 5)]).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    for (pieces, written_off, debt) in [(2, 0, 200), (2, 100, 300), (1, 100, 300)] {
        let taken = staff.refund_order(&order).pieces(&[(0, pieces)]).await.expect_ok();
        assert_eq!((&taken["pointsMissing"], &taken["pointsWrittenOff"]), (&json!(100 * pieces), &json!(written_off)));
        assert_eq!(world.balances(&member).await, [0, 0, debt]);
    }
}
