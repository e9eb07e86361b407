//! What returns take back of what rules gave, and what goes back to budgets and caps.

use serde_json::{Value as Json, json};

use crate::world::shop::Product;
use crate::world::{Member, World, both_databases};

both_databases!(
    e9_a_budget_ends_in_the_middle_of_an_order,
    a_condition_that_no_longer_holds_gives_nothing,
    what_was_known_of_the_member_then_counts,
    the_rules_of_the_day_count,
    what_the_shop_gives_up_stays_used,
    a_cap_gets_back_what_is_returned_in_its_period,
);

/// What a rule's budget has used.
async fn used(staff: &crate::world::Client, rule: &Json) -> Json {
    let document = "query($id: ID!) { node(id: $id) { ... on EarningRule { budget { used remaining } } } }";
    let node = staff.graphql(document, json!({ "id": rule["id"] })).await.data();
    node["node"]["budget"]["used"].clone()
}

/// Two lines, of ¥6 and ¥4, of which the first is a line of its own product.
async fn two_lines(world: &World) -> (Product, Product) {
    (world.product("six").price("6.00").await, world.product("four").price("4.00").await)
}

/// 60 left of a "+100 %" campaign: base 100, bonus min(100, 60), shares 96 and 64. Whichever line comes back first, in the
/// end the budget has all 60 again.
async fn e9_a_budget_ends_in_the_middle_of_an_order(world: World) {
    let (six, four) = two_lines(&world).await;
    let staff = world.staff().await;
    for (first, second, expected) in [(1, 0, [(40, "60"), (120, "0")]), (0, 1, [(80, "40"), (80, "0")])] {
        let rule = staff.rule(json!({ "name": "Double", "effect": { "multiplier": "2" }, "budget": "60" })).await;
        let member = world.member().await;
        let order = member.place_order(&[(&six, 1), (&four, 1)]).await.expect_ok();
        assert_eq!(order["pointsEarned"], 160);
        assert_eq!((&order["lines"][0]["pointsEarned"], &order["lines"][1]["pointsEarned"]), (&json!(96), &json!(64)));
        assert_eq!(used(&staff, &rule).await, "60");
        for (line, (clawed, used_after)) in [first, second].into_iter().zip(expected) {
            let preview = staff.preview_refund(&order, Some(&[(line, 1)])).await;
            assert_eq!(preview.json["data"]["previewRefund"]["figures"]["pointsClawedBack"], clawed);
            let taken = staff.refund_order(&order).pieces(&[(line, 1)]).await.expect_ok();
            assert_eq!((&taken["pointsClawedBack"], used(&staff, &rule).await), (&json!(clawed), json!(used_after)));
        }
        assert_eq!(world.balances(&member).await, [0, 0, 0]);
        staff.end_rule(&rule).await.expect_ok();
    }
}

async fn a_condition_that_no_longer_holds_gives_nothing(world: World) {
    let (six, four) = two_lines(&world).await;
    let (staff, member) = (world.staff().await, world.member().await);
    let condition = json!({ "spend": { "least": "10.00" } });
    staff.rule(json!({ "name": "From ¥10", "effect": { "bonus": 50 }, "condition": condition })).await;
    let order = member.place_order(&[(&six, 1), (&four, 1)]).await.expect_ok();
    assert_eq!(order["pointsEarned"], 150);
    let taken = staff.refund_order(&order).pieces(&[(1, 1)]).await.expect_ok();
    assert_eq!(taken["pointsClawedBack"], 90, "40 of the rate, and all 50: ¥6 are left");
    assert_eq!(world.balances(&member).await, [60, 0, 0]);
}

async fn what_was_known_of_the_member_then_counts(world: World) {
    let (six, four) = two_lines(&world).await;
    let (staff, member) = (world.staff().await, world.member().await);
    staff.tag(&member, json!(["VIP "])).await;
    let condition = json!({ "all": [{ "firstOrder": true }, { "tags": ["vip"] }, { "channel": ["APP"] }] });
    staff.rule(json!({ "name": "First", "effect": { "bonus": 50 }, "condition": condition })).await;
    let order = member.place_order(&[(&six, 1), (&four, 1)]).with("channel", json!("APP")).await.expect_ok();
    assert_eq!(order["pointsEarned"], 150);
    member.place_order(&[(&six, 1)]).await.expect_ok();
    staff.tag(&member, json!([])).await;
    let taken = staff.refund_order(&order).pieces(&[(1, 1)]).await.expect_ok();
    assert_eq!(taken["pointsClawedBack"], 40, "it was the first order of a member with the tag");
}

async fn the_rules_of_the_day_count(world: World) {
    let (six, four) = two_lines(&world).await;
    let (staff, member) = (world.staff().await, world.member().await);
    let rule = staff.rule(json!({ "name": "Double", "effect": { "multiplier": "2" } })).await;
    let order = member.place_order(&[(&six, 1), (&four, 1)]).await.expect_ok();
    let rule = staff.update_rule(&rule, json!({ "effect": { "multiplier": "5" } })).await.expect_ok();
    staff.end_rule(&rule).await.expect_ok();
    staff.rule(json!({ "name": "Another", "effect": { "bonus": 1_000 } })).await;
    let taken = staff.refund_order(&order).pieces(&[(1, 1)]).await.expect_ok();
    assert_eq!(taken["pointsClawedBack"], 80);
}

/// Of 200 points demanded back, 100 of them a rule's, the shop gives up what is missing. Its share of that stays used.
async fn what_the_shop_gives_up_stays_used(world: World) {
    use jifen::domain::points::entity::ShortfallPolicy;
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(120).await;
    world.program(|program| program.shortfall = ShortfallPolicy::WriteOff).await;
    let (staff, member) = (world.staff().await, world.member().await);
    let rule = staff.rule(json!({ "name": "Double", "effect": { "multiplier": "2" }, "budget": "500" })).await;
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    let taken = staff.refund_order(&order).await.expect_ok();
    assert_eq!((&taken["pointsClawedBack"], &taken["pointsWrittenOff"]), (&json!(200), &json!(120)));
    assert_eq!(used(&staff, &rule).await, "60", "half of what is given up");
}

async fn a_cap_gets_back_what_is_returned_in_its_period(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let caps = json!([{ "period": "DAY", "times": 1 }]);
    staff.rule(json!({ "name": "Once a day", "effect": { "bonus": 5 }, "caps": caps })).await;
    let order = async |member: &Member| member.place_order(&[(&tea, 1)]).await.expect_ok();
    let first = order(&member).await;
    assert_eq!((&first["pointsEarned"], &order(&member).await["pointsEarned"]), (&json!(105), &json!(100)));
    staff.cancel_order(&first).await.expect_ok();
    let third = order(&member).await;
    assert_eq!(third["pointsEarned"], 105, "the day has its time back");
    // What comes back on another day goes to the day of the purchase.
    world.wait_days(1);
    let (member, staff) = (member.another_session().await, world.staff().await);
    assert_eq!(order(&member).await["pointsEarned"], 105);
    staff.cancel_order(&third).await.expect_ok();
    assert_eq!(order(&member).await["pointsEarned"], 100);
}
