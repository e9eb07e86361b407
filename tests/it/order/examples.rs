//! The worked examples of the ledger's design, through the schema: e1 is example E1, and so on. Ten points a yuan, and 100
//! points worth ¥1.00, unless an example says otherwise.

use jifen::domain::points::entity::{ShortfallPolicy, ValidityKind};
use serde_json::{Value as Json, json};

use crate::world::{Member, World, both_databases};

both_databases!(
    e1_three_equal_returns,
    e2_largest_remainder,
    e3_spent_then_returned_with_debt,
    e3_spent_then_returned_written_off,
    e3_spent_then_returned_deducted,
    e4_give_back_then_claw_back,
    e5_debt_repaid,
    e6_its_own_points_have_expired,
    e8_points_and_money_on_one_order,
    e11_a_month_in_local_days,
    settled_parts_withhold_what_the_whole_would,
    a_return_is_booked_with_the_version_of_its_order,
);

const POLICIES: [ShortfallPolicy; 3] =
    [ShortfallPolicy::AllowDebt, ShortfallPolicy::WriteOff, ShortfallPolicy::DeductFromRefund];

/// Numbers of a return, by the names of its fields.
fn numbers<const N: usize>(taken: &Json, fields: [&str; N]) -> [i64; N] {
    fields.map(|field| taken[field].as_i64().unwrap_or_else(|| panic!("{field} of {taken}")))
}

fn amount(taken: &Json) -> &Json {
    &taken["money"]["amount"]
}

async fn e1_three_equal_returns(world: World) {
    let tea = world.product("tea").price("33.34").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 1), (&tea, 1), (&tea, 1)]).await.expect_ok();
    assert_eq!(order["pointsEarned"], 1000);
    for (position, clawed) in [(0, 334), (1, 333), (2, 333)] {
        let taken = staff.refund_order(&order).pieces(&[(position, 1)]).await.expect_ok();
        assert_eq!((&taken["pointsClawedBack"], amount(&taken)), (&json!(clawed), &json!("33.34")));
    }
    assert_eq!(world.balances(&member).await, [0, 0, 0]);
    // Three pieces of one line come back like three lines.
    let order = member.place_order(&[(&tea, 3)]).await.expect_ok();
    for clawed in [334, 333, 333] {
        let taken = staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
        assert_eq!(taken["pointsClawedBack"], clawed);
    }
}

async fn e2_largest_remainder(world: World) {
    // A multiplier of 1.5 and a rate of 15 points are the same here.
    world.program(|program| program.earn_points = 15).await;
    let (a, b) = (world.product("a").price("19.99").await, world.product("b").price("5.01").await);
    let c = world.product("c").price("0.05").await;
    let order = world.member().await.place_order(&[(&a, 1), (&b, 1), (&c, 1)]).await.expect_ok();
    let shares: Vec<_> = order["lines"].as_array().expect("lines").iter().map(|line| &line["pointsEarned"]).collect();
    assert_eq!((&order["pointsEarned"], shares), (&json!(375), vec![&json!(299), &json!(75), &json!(1)]));
}

/// An order of ¥60 and ¥40 whose 1,000 points were spent but for 100.
async fn spent(world: &World, policy: ShortfallPolicy) -> (Member, Json) {
    world.program(|program| program.shortfall = policy).await;
    let (dear, cheap) = (world.product("dear").price("60.00").await, world.product("cheap").price("40.00").await);
    let reward = world.coupon_reward(900).await;
    let member = world.member().await;
    let order = member.place_order(&[(&dear, 1), (&cheap, 1)]).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    assert_eq!(world.balances(&member).await, [100, 0, 0]);
    (member, order)
}

/// Returns ¥60 and then ¥40: each time the debt after it, the money, and what was owed, written off and settled of the
/// points that were missing.
async fn e3(world: &World, policy: ShortfallPolicy, expected: [(i64, &str, &str, [i64; 3]); 2]) {
    let (member, order) = spent(world, policy).await;
    let staff = world.staff().await;
    for (position, (debt, money, withheld, ends)) in expected.into_iter().enumerate() {
        let pieces = [(position as i64, 1)];
        let taken = staff.refund_order(&order).pieces(&pieces).await.expect_ok();
        assert_eq!((amount(&taken), &taken["moneyWithheld"]["amount"]), (&json!(money), &json!(withheld)));
        let fields = ["pointsMissing", "pointsWrittenOff", "pointsSettled"];
        assert_eq!(numbers(&taken, fields), ends, "{taken}");
        assert_eq!(world.balances(&member).await, [0, 0, debt]);
    }
}

async fn e3_spent_then_returned_with_debt(world: World) {
    let expected = [(500, "60.00", "0.00", [500, 0, 0]), (900, "40.00", "0.00", [400, 0, 0])];
    e3(&world, ShortfallPolicy::AllowDebt, expected).await;
}

async fn e3_spent_then_returned_written_off(world: World) {
    let expected = [(0, "60.00", "0.00", [500, 500, 0]), (0, "40.00", "0.00", [400, 400, 0])];
    e3(&world, ShortfallPolicy::WriteOff, expected).await;
}

async fn e3_spent_then_returned_deducted(world: World) {
    let expected = [(0, "55.00", "5.00", [500, 0, 500]), (0, "36.00", "4.00", [400, 0, 400])];
    e3(&world, ShortfallPolicy::DeductFromRefund, expected).await;
}

async fn e4_give_back_then_claw_back(world: World) {
    let tea = world.product("tea").price("20.00").await;
    let reward = world.coupon_reward(150).await;
    let staff = world.staff().await;
    for policy in POLICIES {
        world.program(|program| program.shortfall = policy).await;
        let member = world.member().with_points(500).await;
        let order = member.place_order(&[(&tea, 1)]).with_points(500).await.expect_ok();
        let paid = (&order["pointsPaid"], &order["pointsValue"]["amount"], &order["pointsEarned"]);
        assert_eq!(paid, (&json!(500), &json!("5.00"), &json!(150)));
        assert_eq!(order["payments"][0]["amount"]["amount"], "15.00");
        member.redeem(&reward).await.expect_ok();
        let taken = staff.refund_order(&order).await.expect_ok();
        assert_eq!(amount(&taken), "15.00");
        assert_eq!(numbers(&taken, ["pointsGivenBack", "pointsClawedBack", "pointsMissing"]), [500, 150, 0]);
        assert_eq!(world.balances(&member).await, [350, 0, 0], "{policy:?}");
    }
}

async fn e5_debt_repaid(world: World) {
    let (member, first) = spent(&world, ShortfallPolicy::AllowDebt).await;
    let staff = world.staff().await;
    staff.refund_order(&first).pieces(&[(0, 1)]).await.expect_ok();
    world.program(|program| program.return_window_days = Some(7)).await;
    let pot = world.product("pot").price("80.00").await;
    let order = member.place_order(&[(&pot, 1)]).await.expect_ok();
    assert_eq!(world.balances(&member).await, [0, 800, 500]);
    staff.deliver_order(&order).await.expect_ok();
    world.wait_days(8);
    assert_eq!(world.balances(&member).await, [300, 0, 0]);
    let staff = staff.another_session().await;
    let taken = staff.refund_order(&order).await.expect_ok();
    assert_eq!(numbers(&taken, ["pointsClawedBack", "pointsMissing"]), [800, 500]);
    assert_eq!(world.balances(&member).await, [0, 0, 500]);
}

async fn e6_its_own_points_have_expired(world: World) {
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, 30)).await;
    let pot = world.product("pot").price("50.00").await;
    let reward = world.coupon_reward(400).await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&pot, 2)]).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    world.wait_days(31);
    let staff = staff.another_session().await;
    for (missing, debt) in [(0, 0), (400, 400)] {
        let taken = staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
        assert_eq!(numbers(&taken, ["pointsClawedBack", "pointsMissing"]), [500, missing]);
        assert_eq!(world.balances(&member).await, [0, 0, debt]);
    }
}

async fn e8_points_and_money_on_one_order(world: World) {
    let (pot, tea) = (world.product("pot").price("30.00").await, world.product("tea").price("6.67").await);
    let cup = world.product("cup").price("9.99").await;
    let (member, staff) = (world.member().with_points(1000).await, world.staff().await);
    let order = member.place_order(&[(&pot, 1), (&tea, 3), (&cup, 1)]).with_points(1000).await.expect_ok();
    let of = |field: &str| order["lines"].as_array().expect("lines").iter().map(|line| line[field].clone()).collect();
    let (points, values): (Vec<Json>, Vec<Json>) = (of("pointsPaid"), of("pointsValue"));
    assert_eq!(points, [500, 334, 166].map(Json::from));
    assert_eq!(values, ["5.00", "3.34", "1.66"].map(|value| json!({ "amount": value })));
    assert_eq!((&order["pointsEarned"], &order["payments"][0]["amount"]["amount"]), (&json!(500), &json!("50.00")));
    for (points, money, clawed) in [(111, "5.55", 56), (111, "5.56", 56), (112, "5.56", 55)] {
        let taken = staff.refund_order(&order).pieces(&[(1, 1)]).await.expect_ok();
        assert_eq!(
            (numbers(&taken, ["pointsGivenBack", "pointsClawedBack"]), amount(&taken)),
            ([points, clawed], &json!(money))
        );
        assert_eq!(taken["lines"][0]["points"], points);
    }
    let rest = staff.refund_order(&order).await.expect_ok();
    assert_eq!(numbers(&rest, ["pointsGivenBack", "pointsClawedBack"]), [666, 333]);
    assert_eq!(amount(&rest), "33.33");
    assert_eq!(rest["order"]["moneyReturned"]["amount"], "50.00");
    assert_eq!(numbers(&rest["order"], ["pointsReturned", "pointsClawedBack"]), [1000, 500]);
    assert_eq!(world.balances(&member).await, [1000, 0, 0]);
}

async fn e11_a_month_in_local_days(world: World) {
    let tea = world.product("tea").price("1.00").await;
    for (bought_at, zone, expires_at) in [
        ("2027-01-31T15:30:00Z", "Asia/Shanghai", "2027-02-28T16:00:00Z"),
        ("2027-01-31T16:30:00Z", "Asia/Shanghai", "2027-03-01T16:00:00Z"),
        ("2027-02-14T17:00:00Z", "America/New_York", "2027-03-15T04:00:00Z"),
        ("2027-03-29T10:00:00Z", "Africa/Cairo", "2027-04-29T22:00:00Z"),
        ("2028-01-31T04:00:00Z", "Asia/Shanghai", "2028-02-29T16:00:00Z"),
    ] {
        world.travel_to(bought_at);
        world
            .program(|program| {
                program.time_zone = zone.to_owned();
                (program.validity, program.validity_count) = (ValidityKind::Months, 1);
            })
            .await;
        let member = world.member().await;
        member.place_order(&[(&tea, 1)]).await.expect_ok();
        let data = member.query("{ me { pointsAccount { lots(first: 1) { nodes { expiresAt } } } } }").await;
        assert_eq!(data["me"]["pointsAccount"]["lots"]["nodes"][0]["expiresAt"], expires_at, "{bought_at} {zone}");
    }
}

/// 1,350 points that are gone are worth 1.35 fen. Returned in parts, their money is rounded once and not at each.
async fn settled_parts_withhold_what_the_whole_would(world: World) {
    world
        .program(|program| {
            (program.exchange_points, program.exchange_minor) = (1_000, 1);
            (program.redemption_minimum, program.redemption_step) = (1_000, 1_000);
            program.shortfall = ShortfallPolicy::DeductFromRefund;
        })
        .await;
    let tea = world.product("tea").price("15.00").await;
    let reward = world.coupon_reward(1_350).await;
    let staff = world.staff().await;
    for (parts, withheld) in [
        (vec![9], vec!["0.01"]),
        (vec![1, 1, 1, 6], vec!["0.00", "0.00", "0.00", "0.01"]),
        (vec![6, 3], vec!["0.00", "0.01"]),
    ] {
        let member = world.member().await;
        let order = member.place_order(&[(&tea, 9)]).await.expect_ok();
        member.redeem(&reward).await.expect_ok();
        for (pieces, withheld) in parts.iter().zip(withheld) {
            let taken = staff.refund_order(&order).pieces(&[(0, *pieces)]).await.expect_ok();
            assert_eq!(numbers(&taken, ["pointsMissing", "pointsSettled"]), [150 * pieces; 2], "{parts:?}");
            assert_eq!(taken["moneyWithheld"]["amount"], withheld, "{parts:?}");
        }
        assert_eq!(world.balances(&member).await, [0, 0, 0]);
    }
}

async fn a_return_is_booked_with_the_version_of_its_order(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    member.redeem(&world.coupon_reward(100).await).await.expect_ok();
    world.program(|program| program.shortfall = ShortfallPolicy::WriteOff).await;
    staff.refund_order(&order).await.expect_ok();
    // Owed by the rules of then, and not written off by those of now.
    assert_eq!(world.balances(&member).await, [0, 0, 100]);
    let data = member.query("{ me { pointsAccount { pointsLedger { nodes { type programVersion } } } } }").await;
    let nodes = data["me"]["pointsAccount"]["pointsLedger"]["nodes"].clone();
    assert_eq!((&nodes[0]["type"], &nodes[0]["programVersion"]), (&json!("CLAWBACK"), &json!(1)));
}
