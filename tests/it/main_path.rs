//! The whole way of a customer: register, log in, look around, order, redeem, use the coupon, and read it all again.

use serde_json::{Value as Json, json};

use crate::world::member::{LOGIN, PASSWORD, REGISTER};
use crate::world::{Member, World, both_databases};

both_databases!(a_customer_registers_buys_redeems_and_uses_the_coupon);

const ME: &str = "{ me {
    number username email name phone createdAt
    orders(first: 10) { totalCount nodes { id number total { amount currencyCode } lines { product { sku } quantity } } }
    coupons(first: 10) { totalCount nodes { id code status value { amount } } }
    pointsAccount { active pointsLedger(first: 10) { totalCount nodes {
        id type points balanceAfter reason createdAt order { id } redemption { id } } } } } }";

async fn a_customer_registers_buys_redeems_and_uses_the_coupon(world: World) {
    let tea = world.product("Longjing tea").price("88.00").stock(5).await;
    let cup = world.product("Cup").price("12.50").stock(10).await;
    let reward = world.coupon_reward(900).value("10.00").minimum("50.00").await;

    let input = json!({ "username": "Alice", "email": "Alice@Example.com", "password": PASSWORD, "name": "爱丽丝",
        "phone": "138 0013 8000" });
    let registered = world.visitor().graphql(REGISTER, json!({ "input": input })).await.data()["register"].clone();
    assert_eq!(registered["userErrors"], json!([]));
    assert_eq!(registered["member"]["username"], "alice");
    assert_eq!(registered["member"]["phone"], "+8613800138000");
    for account in ["alice", "ALICE@example.com", "13800138000"] {
        let input = json!({ "account": account, "password": PASSWORD });
        let login = world.visitor().graphql(LOGIN, json!({ "input": input })).await.data()["login"].clone();
        assert_eq!(login["member"]["id"], registered["member"]["id"], "{account}: {login}");
    }
    let alice = Member::of(&world, &world.login("alice", PASSWORD).await);

    let shelf = world.visitor().query("{ products(first: 5) { nodes { id name price { amount } available } } }").await;
    let shelf = shelf["products"]["nodes"].as_array().cloned().unwrap_or_default();
    assert_eq!(shelf.iter().map(|product| &product["name"]).collect::<Vec<_>>(), ["Cup", "Longjing tea"]);
    assert_eq!((&shelf[1]["price"]["amount"], &shelf[1]["available"]), (&json!("88.00"), &json!(5)));

    let first = alice.place_order(&[(&tea, 1), (&cup, 2)]).await.expect_ok();
    assert_eq!(first["total"]["amount"], "113.00");
    assert_eq!(first["pointsEarned"], 1130);
    assert_eq!(first["status"], "PAID");
    assert_eq!(
        first["payments"],
        json!([{ "method": "MANUAL", "status": "CAPTURED", "amount": { "amount": "113.00" } }])
    );
    assert_eq!((world.pieces_left(tea.row).await, world.pieces_left(cup.row).await), (4, 8));

    let redemption = alice.redeem(&reward).await.expect_ok();
    assert_eq!((&redemption["points"], &redemption["quantity"]), (&json!(900), &json!(1)));
    let coupon = redemption["coupon"].clone();
    assert_eq!((&coupon["status"], &coupon["value"]["amount"]), (&json!("ACTIVE"), &json!("10.00")));
    let code = coupon["code"].as_str().expect("a code");

    let second = alice.place_order(&[(&tea, 1)]).with_coupon(code).await.expect_ok();
    let amounts = ["subtotal", "discount", "total"].map(|sum| second[sum]["amount"].clone());
    assert_eq!(amounts, ["88.00", "10.00", "78.00"].map(Json::from));
    assert_eq!(second["pointsEarned"], 780);

    let me = alice.query(ME).await["me"].clone();
    assert_eq!((&me["username"], &me["name"]), (&json!("alice"), &json!("爱丽丝")));
    assert_eq!(me["orders"]["totalCount"], 2);
    assert_eq!(me["orders"]["nodes"][0]["id"], second["id"], "newest first");
    assert_eq!(me["orders"]["nodes"][1]["lines"][1], json!({ "product": { "sku": cup.sku }, "quantity": 2 }));
    assert_eq!(
        me["coupons"]["nodes"],
        json!([{ "id": coupon["id"], "code": code, "status": "USED", "value": { "amount": "10.00" } }])
    );
    let account = &me["pointsAccount"];
    assert_eq!(account["active"], 1130 - 900 + 780);
    let entries = account["pointsLedger"]["nodes"].as_array().cloned().unwrap_or_default();
    let seen: Vec<_> = entries.iter().map(|entry| (entry["type"].as_str(), entry["points"].as_i64())).collect();
    let expected = [("ACCRUAL", 780), ("REDEMPTION", -900), ("ACCRUAL", 1130)];
    assert_eq!(seen, expected.map(|(kind, points)| (Some(kind), Some(points))));
    assert_eq!(entries[0]["order"]["id"], second["id"]);
    assert_eq!(entries[1]["redemption"]["id"], redemption["id"]);
    assert_eq!(
        entries.iter().map(|entry| entry["balanceAfter"].as_i64()).collect::<Vec<_>>(),
        [Some(1010), Some(230), Some(1130)]
    );
}
