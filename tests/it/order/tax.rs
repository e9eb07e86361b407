//! The tax that is in a price, and points without it.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(tax_earns_or_does_not, a_return_is_reckoned_with_the_tax_of_its_day);

async fn tax_earns_or_does_not(world: World) {
    let member = world.member().await;
    let pot = world.product("pot").price("113.00").tax_rate(1_300).await;
    let book = world.product("book").price("20.00").await;
    let with = member.place_order(&[(&pot, 1), (&book, 1)]).await.expect_ok();
    assert_eq!(with["pointsEarned"], 1_330);
    world.program(|program| program.earn_on_tax = false).await;
    let without = member.place_order(&[(&pot, 1), (&book, 1)]).await.expect_ok();
    assert_eq!((&without["pointsEarned"], &without["lines"][0]["pointsEarned"]), (&json!(1_200), &json!(1_000)));
    // What points pay earns nothing: ¥101.70 is left, of which ¥11.70 is tax.
    let paid = member.place_order(&[(&pot, 1)]).with_points(1_130).await.expect_ok();
    assert_eq!(paid["pointsEarned"], 900);
    let shown = "query($number: String!) { order(by: { number: $number }) {
        tax { amount } lines { tax { amount } product { taxRate } } } }";
    let order = member.graphql(shown, json!({ "number": without["number"] })).await.data()["order"].clone();
    let line = |tax: &str, rate: i64| json!({ "tax": { "amount": tax }, "product": { "taxRate": rate } });
    assert_eq!(order, json!({ "tax": { "amount": "13.00" }, "lines": [line("13.00", 1_300), line("0.00", 0)] }));
}

/// Each piece that comes back takes what the rest does not earn any more, to the point, whatever the rounding of tax; and a
/// rate that was changed meanwhile does not matter.
async fn a_return_is_reckoned_with_the_tax_of_its_day(world: World) {
    world.program(|program| program.earn_on_tax = false).await;
    let staff = world.staff().await;
    let member = world.member().await;
    let cup = world.product("cup").price("3.33").tax_rate(900).await;
    let order = member.place_order(&[(&cup, 3)]).await.expect_ok();
    // 9.99 with 9 %: 0.82 is tax, 9.17 earns.
    assert_eq!(order["pointsEarned"], 91);
    world.retax(&cup, 0).await;
    let mut clawed: Vec<Json> = Vec::new();
    for _ in 0..3 {
        let back = staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
        clawed.push(back["pointsClawedBack"].clone());
    }
    // 6.66 earns on 6.11, 3.33 on 3.06 (0.274954… of tax, rounded to 0.27).
    assert_eq!(clawed, [30, 31, 30].map(|points| json!(points)));
    assert_eq!(world.balances(&member).await, [0, 0, 0]);
}
