//! What a basket would earn, and that it is what an order of it earns.

use futures_util::future::join_all;
use jifen::base::id::Random;
use serde_json::{Value as Json, json};

use crate::world::shop::Product;
use crate::world::tier::three_tiers;
use crate::world::{Settings, World, both_databases};

both_databases!(
    a_preview_says_each_share_and_what_would_earn_more,
    a_rule_is_told_in_words_in_both_languages,
    an_order_earns_what_its_preview_said,
    a_preview_refuses_what_an_order_refuses,
    visitors_members_and_staff_may_ask,
    what_another_process_changed_counts_at_once,
    those_who_ask_at_once_are_each_told_of_their_own,
    what_a_tier_gives_is_told_in_words,
    more_points_than_a_wallet_holds_are_named_as_what_is_wrong,
);

fn number(value: &Json) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("a number instead of {value}"))
}

async fn a_preview_says_each_share_and_what_would_earn_more(world: World) {
    let (tea, cup) = (world.product("Tea").price("8.00").await, world.product("Cup").price("5.00").await);
    let (staff, member) = (world.staff().await, world.member().await);
    let teas = staff.create_category("tea", "Teas").await.expect_ok();
    staff.file_product(&tea.id, &teas["id"]).await.expect_ok();
    let of_tea = json!({ "categoryIds": [teas["id"]] });
    let rule = async |name: &str, effect: Json, condition: Json| {
        staff.rule(json!({ "name": name, "effect": effect, "condition": condition })).await
    };
    rule("Teas twice", json!({ "multiplier": "2" }), json!({ "products": of_tea })).await;
    rule("Twenty", json!({ "bonus": 50 }), json!({ "spend": { "least": "20.00", "of": of_tea } })).await;
    let of_cups = json!({ "productIds": [cup.id] });
    let three = json!({ "all": [{ "products": of_cups }, { "quantity": { "least": 3, "of": of_cups } }] });
    rule("Three cups", json!({ "perPiece": 7 }), three).await;
    let capped = json!({ "name": "Once", "effect": { "bonus": 9 }, "caps": [{ "period": "EVER", "times": 1 }] });
    staff.rule(capped).await;
    member.place_order(&[(&cup, 1)]).await.expect_ok();

    let preview = member.preview_earn(&[(&tea, 1), (&cup, 1)]).await.expect_ok();
    assert_eq!((&preview["points"], &preview["base"]), (&json!(210), &json!(130)));
    let shares = &preview["shares"];
    assert_eq!(
        (&shares[0]["rule"]["name"], &shares[0]["points"], &shares[1]),
        (&json!("Teas twice"), &json!(80), &Json::Null)
    );
    assert_eq!(shares[0]["explanation"], "2 times the points for Teas.");
    assert_eq!(preview["spent"], json!([{ "points": 0, "due": 9, "rule": { "name": "Once" } }]));
    let lines: Vec<_> = preview["lines"].as_array().expect("lines").iter().map(|line| &line["pointsEarned"]).collect();
    assert_eq!(lines, [&json!(160), &json!(50)]);
    let more = preview["more"].as_array().expect("more");
    let told: Vec<_> = more.iter().map(|more| more["message"].as_str().expect("words")).collect();
    assert!(told.contains(&"Spend CNY 12.00 more on Teas and earn 50 points."), "{told:?}");
    // Three pieces in all, of which one is there already.
    assert!(told.contains(&"Add 2 pieces of Cup and earn 21 points."), "{told:?}");
    assert_eq!(more.len(), 2);
    let enough = member.preview_earn(&[(&tea, 3), (&cup, 3)]).await.expect_ok();
    assert_eq!(enough["more"], json!([]));
    assert_eq!(world.balances(&member).await, [59, 0, 0], "nothing was written");
}

async fn what_a_tier_gives_is_told_in_words(world: World) {
    let (big, tea) = (world.product("big").price("1000.00").await, world.product("tea").price("15.00").await);
    let (staff, member) = (world.staff().await, world.member().await);
    staff.create_tiers(three_tiers()).await.expect_ok();
    member.place_order(&[(&big, 1)]).await.expect_ok();
    staff.rule(json!({ "name": "Cup", "effect": { "bonus": 5 } })).await;
    let preview = member.preview_earn(&[(&tea, 1)]).await.expect_ok();
    let shares = json!([
        { "points": 75, "due": 75, "rule": null, "tier": { "code": "GOLD" },
          "explanation": "1.5 times the points for 金卡 members." },
        { "points": 5, "due": 5, "rule": preview["shares"][1]["rule"], "tier": null, "explanation": "5 points more." },
    ]);
    assert_eq!((&preview["base"], &preview["shares"]), (&json!(150), &shares));
    assert_eq!(preview["shares"][1]["rule"]["name"], "Cup");
    let chinese = member.speaking("zh-CN").preview_earn(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(chinese["shares"][0]["explanation"], "金卡会员享 1.5 倍积分。");
}

/// Rules within their bounds can still give too much together, by many pieces.
async fn more_points_than_a_wallet_holds_are_named_as_what_is_wrong(world: World) {
    let tea = world.product("tea").price("1.00").stock(10_000).await;
    let (staff, member) = (world.staff().await, world.member().await);
    staff.rule(json!({ "name": "Much", "effect": { "perPiece": 1_000_000 } })).await;
    for told in [member.preview_earn(&[(&tea, 2_148)]), member.place_order(&[(&tea, 2_148)])] {
        let refused = world.unchanged_by(told).await.expect_refused("TOO_MANY_POINTS");
        assert_eq!(refused["message"], "This order would earn more points than the account can hold.");
    }
    assert_eq!(member.place_order(&[(&tea, 2)]).await.expect_ok()["pointsEarned"], 2_000_020);
}

async fn a_rule_is_told_in_words_in_both_languages(world: World) {
    let staff = world.staff().await;
    let shop = staff.create_outlet("SH-01", "Bund").await.expect_ok();
    let condition = json!({ "all": [{ "weekdays": [6, 7] }, { "outlets": [shop["id"]] }, { "tags": ["vip"] }] });
    let caps = json!([{ "period": "DAY", "times": 1 }]);
    let rule = staff
        .rule(json!({ "name": "Twice", "effect": { "multiplier": "2" }, "condition": condition, "caps": caps }))
        .await;
    let told = async |client: &crate::world::Client| {
        let document = "query($id: ID!) { node(id: $id) { ... on EarningRule { explanation } } }";
        let data = client.graphql(document, json!({ "id": rule["id"] })).await.data();
        data["node"]["explanation"].clone()
    };
    assert_eq!(
        told(&staff).await,
        "2 times the points on Saturdays and Sundays at Bund for members tagged vip, once a day."
    );
    let visitor = world.visitor();
    assert_eq!(
        told(&visitor).await,
        "2 times the points on Saturdays and Sundays at Bund for chosen members, once a day."
    );
}

/// Many baskets by chance against rules of every kind, with caps and budgets that run out on the way.
async fn an_order_earns_what_its_preview_said(world: World) {
    let seed = u64::from_le_bytes(Random::System.bytes());
    println!("seed {seed}");
    let random = Random::seeded(seed);
    let roll = |sides: u64| u64::from_le_bytes(random.bytes()) % sides;
    let mut products = Vec::new();
    for price in ["0.99", "3.33", "10.00", "27.50"] {
        products.push(world.product(price).price(price).await);
    }
    let staff = world.staff().await;
    let outlet = staff.create_outlet("A", "A").await.expect_ok();
    let kind = staff.create_category("kind", "Kind").await.expect_ok();
    staff.file_product(&products[1].id, &kind["id"]).await.expect_ok();
    let of_kind = json!({ "categoryIds": [kind["id"]] });
    let cap = |period: &str, points: Json, times: Json| json!([{ "period": period, "points": points, "times": times }]);
    for rule in [
        json!({ "effect": { "multiplier": "1.3333" }, "condition": { "products": { "skus": [products[0].sku] } } }),
        json!({ "effect": { "multiplier": "2" }, "condition": { "products": of_kind }, "stacking": "BEST" }),
        json!({ "effect": { "perAmount": { "points": 3, "amount": "7.00" } }, "stacking": "BEST", "budget": "400" }),
        json!({ "effect": { "bonus": 40 }, "condition": { "firstOrder": true } }),
        json!({ "effect": { "bonus": 25 }, "condition": { "spend": { "least": "30.00" } }, "caps": cap("DAY", Json::Null, json!(2)) }),
        json!({ "effect": { "perPiece": 2 }, "caps": cap("EVER", json!(61), Json::Null), "budget": "150" }),
        json!({ "effect": { "bonus": 11 }, "condition": { "channel": ["APP"] } }),
        json!({ "effect": { "bonus": 13 }, "condition": { "outlets": [outlet["id"]] }, "priority": 5 }),
        json!({ "effect": { "bonus": 70 }, "condition": { "tags": ["vip"] }, "stacking": "EXCLUSIVE", "budget": "300" }),
    ] {
        let mut rule = rule;
        rule["name"] = json!("A rule");
        staff.rule(rule).await;
    }
    let members = [world.member().await, world.member().await, world.member().await];
    staff.tag(&members[1], json!(["vip"])).await;
    let mut shared = 0;
    for _ in 0..60 {
        let member = &members[roll(3) as usize];
        let lines: Vec<(&Product, i64)> =
            (0..1 + roll(4)).map(|_| (&products[roll(4) as usize], 1 + roll(3) as i64)).collect();
        let channel = [Json::Null, json!("APP"), json!("WEB")][roll(3) as usize].clone();
        let place = [Json::Null, outlet["id"].clone()][roll(2) as usize].clone();
        let points = if roll(3) == 0 { json!(100) } else { Json::Null };
        let wish = |call: crate::world::order::Call| {
            call.with("channel", channel.clone()).with("outletId", place.clone()).with("points", points.clone())
        };
        let preview = wish(member.preview_earn(&lines)).await;
        let order = wish(member.place_order(&lines)).await;
        assert_eq!(preview.outcome(), order.outcome(), "seed {seed}: {}", order.answer.json);
        if order.outcome() != "OK" {
            continue;
        }
        let (preview, order) = (preview.expect_ok(), order.expect_ok());
        assert_eq!(preview["points"], order["pointsEarned"], "seed {seed}");
        assert_eq!(preview["total"], order["total"], "seed {seed}");
        let by_line = |lines: &Json| -> Vec<i64> {
            lines.as_array().expect("lines").iter().map(|line| number(&line["pointsEarned"])).collect()
        };
        assert_eq!(by_line(&preview["lines"]), by_line(&order["lines"]), "seed {seed}");
        let document = "query($n: String!) { order(by: { number: $n }) { pointsShares { points due rule { id } } } }";
        let given = member.graphql(document, json!({ "n": order["number"] })).await.data();
        let given = given["order"]["pointsShares"].as_array().expect("shares").clone();
        let said = preview["shares"].as_array().expect("shares");
        let of = |share: &Json| (number(&share["points"]), number(&share["due"]), share["rule"]["id"].clone());
        assert_eq!(said.iter().map(of).collect::<Vec<_>>(), given.iter().map(of).collect::<Vec<_>>(), "seed {seed}");
        let sum: i64 = said.iter().map(|share| number(&share["points"])).sum();
        assert_eq!(number(&preview["base"]) + sum, number(&preview["points"]), "seed {seed}");
        shared += said.len();
    }
    assert!(shared > 20, "seed {seed}: only {shared} shares were compared");
}

async fn a_preview_refuses_what_an_order_refuses(world: World) {
    let tea = world.product("tea").stock(2).await;
    let member = world.member().await;
    for (what, field, value) in [
        ("NOT_ENOUGH_STOCK", "lines", json!([{ "productId": tea.id, "quantity": 3 }])),
        ("NO_LINES", "lines", json!([])),
        ("PRODUCT_UNKNOWN", "lines", json!([{ "productId": "x", "quantity": 1 }])),
        ("BAD_QUANTITY", "lines", json!([{ "productId": tea.id, "quantity": 0 }])),
        ("COUPON_NOT_YOURS", "couponCode", json!("NOTHING")),
        ("NOT_ENOUGH_POINTS", "points", json!(100)),
        ("NO_HOUSEHOLD", "pointsFrom", json!("HOUSEHOLD")),
        ("OUTLET_UNKNOWN", "outletId", json!("x")),
        ("OUTLET_UNKNOWN", "outletId", json!(tea.id)),
    ] {
        let points = if what == "NO_HOUSEHOLD" { json!(100) } else { json!(null) };
        let mut preview = member.preview_earn(&[(&tea, 1)]).with("points", points.clone());
        let mut order = member.place_order(&[(&tea, 1)]).with("points", points);
        (preview, order) = (preview.with(field, value.clone()), order.with(field, value));
        let refused = preview.await.expect_refused(what);
        assert_eq!(refused, {
            let mut told = order.await.expect_refused(what);
            for extra in ["availableQuantity", "validPoints", "minimumSpend"] {
                told.as_object_mut().map(|told| told.remove(extra));
            }
            told
        });
    }
    let coupon = world.coupon_reward(10).await;
    let rich = world.member().with_points(100).await;
    let coupon = rich.redeem(&coupon).await.expect_ok();
    let code = coupon["coupon"]["code"].as_str().expect("a code").to_lowercase();
    let preview = rich.preview_earn(&[(&tea, 1)]).with_coupon(&code).await.expect_ok();
    assert_eq!((&preview["total"]["amount"], &preview["points"]), (&json!("9.00"), &json!(90)));
    member.preview_earn(&[(&tea, 1)]).with_coupon(&code).await.expect_refused("COUPON_NOT_YOURS");
}

async fn visitors_members_and_staff_may_ask(world: World) {
    let tea = world.product("tea").await;
    let (staff, member, other) = (world.staff().await, world.member().await, world.member().await);
    staff.rule(json!({ "name": "First", "effect": { "bonus": 50 }, "condition": { "firstOrder": true } })).await;
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    let points = async |client: &crate::world::Client, of: Json| {
        client.preview_earn(&[(&tea, 1)]).with("memberId", of).await.expect_ok()["points"].clone()
    };
    assert_eq!(points(&world.visitor(), Json::Null).await, 150, "as a new member");
    assert_eq!(points(&member, Json::Null).await, 100);
    assert_eq!(points(&member, json!(member.id)).await, 100);
    assert_eq!(
        (points(&staff, json!(member.id)).await, points(&staff, json!(other.id)).await),
        (json!(100), json!(150))
    );
    staff.preview_earn(&[(&tea, 1)]).with("memberId", json!(tea.id)).await.expect_refused("MEMBER_UNKNOWN");
    let of_other = |client: &crate::world::Client| client.preview_earn(&[(&tea, 1)]).with("memberId", json!(other.id));
    assert_eq!(of_other(&member).await.outcome(), "FORBIDDEN");
    assert_eq!(of_other(&world.visitor()).await.outcome(), "UNAUTHENTICATED");
}

/// A preview asks by the rules that its process knows, and must find out that there are newer ones.
async fn what_another_process_changed_counts_at_once(world: World) {
    let tea = world.product("tea").price("1.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let other = world.another_process(Settings::default()).await;
    let there = other.serves(&member);
    let points = async || there.preview_earn(&[(&tea, 1)]).await.expect_ok()["points"].clone();
    assert_eq!(points().await, 10);
    let caps = json!([{ "period": "EVER", "times": 2 }]);
    let rule = staff.rule(json!({ "name": "Seven", "effect": { "bonus": 7 }, "caps": caps, "budget": "20" })).await;
    assert_eq!(points().await, 17);
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    world.member().await.place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(points().await, 16, "six are left of the budget");
    staff.pause_rule(&rule).await.expect_ok();
    assert_eq!(points().await, 10);
    world.program(|program| program.earn_points = 3).await;
    assert_ne!(points().await, 10, "at the new rate");
    other.stop().await;
}

/// Their questions meet in a statement, and what one of them has had or bought is nobody else's.
async fn those_who_ask_at_once_are_each_told_of_their_own(world: World) {
    let tea = world.product("tea").price("1.00").await;
    let staff = world.staff().await;
    let rule = |name: &str, bonus: i64| json!({ "name": name, "effect": { "bonus": bonus } });
    let mut often = rule("Up to three a day, four ever", 5);
    often["caps"] = json!([{ "period": "DAY", "times": 3 }, { "period": "EVER", "times": 4 }]);
    let mut first = rule("First", 50);
    first["condition"] = json!({ "firstOrder": true });
    let mut budgeted = rule("Budgeted", 2);
    budgeted["budget"] = json!("1000");
    for rule in [often, first, budgeted] {
        staff.rule(rule).await;
    }
    let mut clients = vec![world.visitor()];
    for bought in 0..5 {
        let member = world.member().await;
        for _ in 0..bought {
            member.place_order(&[(&tea, 1)]).await.expect_ok();
        }
        clients.push((*member).clone());
    }
    let asked = clients.iter().flat_map(|client| (0..4).map(|_| client.preview_earn(&[(&tea, 1)])));
    let told = join_all(asked.map(|call| tokio::spawn(async move { call.await }))).await;
    let told = told.into_iter().map(|preview| number(&preview.expect("an answer").expect_ok()["points"]));
    // As a new member: 10, 50, 5 and 2. Later 50 are gone, and from the fourth on 5 more.
    let expected = [67, 67, 17, 17, 12, 12].into_iter().flat_map(|points| [points; 4]);
    assert_eq!(told.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}
