//! How many SQL statements a document takes. They are counted at the database's pools, so nothing can go uncounted, and
//! the number must not grow with the length of the lists.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::world::{Client, World, both_databases};

both_databases!(
    a_nested_read_takes_as_many_statements_for_one_order_as_for_many,
    other_lists_do_not_grow_either,
    what_is_due_is_reckoned_once_a_request,
    a_preview_takes_as_many_for_many_lines_and_rules_as_for_one,
);

const NESTED: &str = "{ me { username orders(first: 100) { totalCount nodes { number
    lines { quantity product { name available } } payments { method } } } } }";

/// The statements of a document, in the order in which they ended.
async fn statements(client: &Client, document: &str) -> (Vec<String>, Json) {
    client.world.take_statements();
    let data = client.query(document).await;
    (client.world.take_statements(), data)
}

fn assert_at_most(most: usize, statements: &[String], what: &str) {
    assert!(statements.len() <= most, "{what} took {}:\n{}", statements.len(), statements.join("\n"));
}

async fn a_nested_read_takes_as_many_statements_for_one_order_as_for_many(world: World) {
    let mut products = Vec::new();
    for number in 0..100 {
        products.push(world.product(&format!("product {number}")).await);
    }
    let (few, many) = (world.member().await, world.member().await);
    few.place_order(&[(&products[0], 1)]).await.expect_ok();
    for turn in 0..100 {
        let lines: Vec<_> = (0..5).map(|line| (&products[(turn + line) % 100], 1)).collect();
        many.place_order(&lines).await.expect_ok();
    }
    let (of_few, _) = statements(&few, NESTED).await;
    let (of_many, data) = statements(&many, NESTED).await;
    assert_eq!(data["me"]["orders"]["nodes"].as_array().map(Vec::len), Some(100));
    assert_eq!(data["me"]["orders"]["nodes"][0]["lines"].as_array().map(Vec::len), Some(5));
    // Session, member, profile, page, count, lines, payments, products, stock.
    assert_at_most(9, &of_few, "one order");
    assert_at_most(of_few.len(), &of_many, "a hundred orders");
}

async fn other_lists_do_not_grow_either(world: World) {
    let tea = world.product("tea").await;
    let reward = world.coupon_reward(10).await;
    let limited = world.goods_reward(&tea, 10).pieces(100).await;
    let member = world.member().with_points(10_000).await;
    for _ in 0..40 {
        member.redeem(&reward).await.expect_ok();
        member.redeem(&limited).times(1).await.expect_ok();
        member.place_order(&[(&tea, 1)]).await.expect_ok();
        world.goods_reward(&world.product("more").await, 10).await;
    }
    let ledger = "{ me { pointsAccount { active pointsLedger(first: 100) { totalCount nodes { points order { number }
        redemption { points reward { name } coupon { code } coupons { code } codes } } } } } }";
    // Session, member, wallet, page, count, orders, redemptions, rewards, coupons, codes.
    assert_at_most(10, &statements(&member, ledger).await.0, "the ledger");
    let edges = ledger.replace("nodes {", "edges { node {").replace("} } } } }", "} } } } } }");
    assert_at_most(10, &statements(&member, &edges).await.0, "the ledger by edges");
    let coupons = "{ me { coupons(first: 100) { totalCount nodes { code status } } } }";
    assert_at_most(4, &statements(&member, coupons).await.0, "coupons");
    let rewards = "{ rewards(first: 100) { totalCount nodes { name available product { name available } } } }";
    // Those that are not for everybody, page, count, piles of rewards and of products (which meet on one loader but not on
    // one level), products.
    assert_at_most(6, &statements(&world.visitor(), rewards).await.0, "rewards");
    let products = "{ products(first: 100) { totalCount nodes { name price { amount } available } } }";
    assert_at_most(3, &statements(&world.visitor(), products).await.0, "products");
    world.program(|program| program.approval_threshold = 0).await;
    let staff = world.staff().await;
    for _ in 0..10 {
        staff.adjust_points(&world.member().await, 5).await.expect_ok();
    }
    let waiting = "{ requestedAdjustments(first: 100) { totalCount nodes { points member { number name }
        requestedBy { number name } decidedBy { number } } } }";
    // Session, page, count, members, profiles.
    assert_at_most(5, &statements(&staff, waiting).await.0, "adjustments that wait");
    let aliases = "{ a: me { orders(first: 5) { nodes { number } } } b: me { orders(first: 5) { nodes { number } } }
        c: me { pointsAccount { active } } d: me { pointsAccount { active } } }";
    assert_at_most(4, &statements(&member, aliases).await.0, "the same twice");
}

async fn a_preview_takes_as_many_for_many_lines_and_rules_as_for_one(world: World) {
    let mut products = Vec::new();
    for number in 0..30 {
        products.push(world.product(&format!("product {number}")).await);
    }
    let (staff, member) = (world.staff().await, world.member().await);
    let bought = |lines: usize| -> Vec<_> { products[..lines].iter().map(|product| (product, 1)).collect() };
    let caps = json!([{ "period": "DAY", "times": 9 }]);
    let rule = async |number: usize| {
        let product = json!({ "productIds": [products[number].id] });
        let spend = json!({ "spend": { "least": "15.00", "of": product } });
        let condition = if number.is_multiple_of(2) { json!({ "products": product }) } else { spend };
        let effect = json!({ "bonus": 1 });
        let rule = json!({ "name": "A rule", "effect": effect, "condition": condition, "caps": caps, "budget": "999" });
        staff.rule(rule).await;
    };
    let taken = async |lines: usize| {
        member.preview_earn(&bought(lines)).await.expect_ok();
        world.take_statements();
        let preview = member.preview_earn(&bought(lines)).await.expect_ok();
        (world.take_statements(), preview)
    };
    rule(0).await;
    rule(1).await;
    let (of_few, preview) = taken(2).await;
    assert_eq!(preview["more"].as_array().map(Vec::len), Some(1));
    for number in 2..30 {
        rule(number).await;
    }
    let (of_many, preview) = taken(30).await;
    assert_eq!(
        (preview["shares"].as_array().map(Vec::len), preview["more"].as_array().map(Vec::len)),
        (Some(15), Some(15))
    );
    // Session, products with their stock, and what the rules ask for; and for the words the names of products, those of
    // rules that would give more before those of rules that give.
    assert_at_most(5, &of_few, "two lines");
    assert_at_most(of_few.len(), &of_many, "thirty lines and rules");
}

/// Time goes on while a request is answered, and its fields are all as of one moment: so they need one look-up.
async fn what_is_due_is_reckoned_once_a_request(world: World) {
    let member = world.member().with_points(100).await;
    member.hold_points_of(json!({ "points": 60, "minutes": 1 })).await.expect_ok();
    world.wait_minutes(1);
    let (of_one, data) = while_time_flies(&world, statements(&member, "{ me { pointsAccount { active } } }")).await;
    assert_eq!(data["me"]["pointsAccount"]["active"], 100, "the hold is over");
    for (what, document) in [
        ("all fields", "{ me { pointsAccount { active pending held debt lifetime } } }"),
        ("two accounts", "{ me { pointsAccount { active held } } b: me { pointsAccount { active debt } } }"),
    ] {
        let (of_all, data) = while_time_flies(&world, statements(&member, document)).await;
        assert_eq!(data["me"]["pointsAccount"]["active"], 100);
        assert_at_most(of_one.len(), &of_all, what);
    }
}

/// What comes of a deed during which the clock never stands still.
async fn while_time_flies<T>(world: &World, deed: impl Future<Output = T>) -> T {
    let (clock, here) = (world.clock.clone(), Arc::new(()));
    let there = here.clone();
    let flight = std::thread::spawn(move || {
        // Also over when the deed has failed.
        while Arc::strong_count(&there) > 1 {
            clock.advance(1);
        }
    });
    let outcome = deed.await;
    drop(here);
    flight.join().expect("a clock that moves");
    outcome
}
