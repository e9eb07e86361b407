//! Looking orders up: by id and by number, one's own only.

use serde_json::{Value as Json, json};

use crate::world::{Client, World, both_databases};

both_databases!(an_order_is_its_members_only, a_price_stays_what_it_was, reading_after_writing);

async fn find(client: &Client, by: Json) -> Json {
    let answer = client.graphql("query($by: OrderBy!) { order(by: $by) { id number } }", json!({ "by": by })).await;
    answer.data()["order"].clone()
}

async fn an_order_is_its_members_only(world: World) {
    let tea = world.product("tea").await;
    let (alice, bob) = (world.member().await, world.member().await);
    let order = alice.place_order(&[(&tea, 1)]).await.expect_ok();
    let expected = json!({ "id": order["id"], "number": order["number"] });
    let (by_id, by_number) = (json!({ "id": order["id"] }), json!({ "number": order["number"] }));
    assert_eq!(find(&alice, by_id.clone()).await, expected);
    assert_eq!(find(&alice, by_number.clone()).await, expected);
    assert_eq!((find(&bob, by_id.clone()).await, find(&bob, by_number.clone()).await), (Json::Null, Json::Null));
    let long = "9".repeat(400);
    for nobody in [
        json!({ "number": "20261123-XXXXXXXXXX" }),
        json!({ "number": long }),
        json!({ "id": alice.id }),
        json!({ "id": "" }),
    ] {
        assert_eq!(find(&alice, nobody).await, Json::Null);
    }
    for wrong in [json!({}), json!({ "id": order["id"], "number": order["number"] }), json!({ "id": null })] {
        let answer = alice.graphql("query($by: OrderBy!) { order(by: $by) { id } }", json!({ "by": wrong })).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{wrong}: {}", answer.json);
    }
    let visitor =
        world.visitor().graphql("query($by: OrderBy!) { order(by: $by) { id } }", json!({ "by": by_id })).await;
    assert_eq!((visitor.status.as_u16(), visitor.code()), (200, "UNAUTHENTICATED"));
}

async fn a_price_stays_what_it_was(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let member = world.member().await;
    let order = member.place_order(&[(&tea, 2)]).await.expect_ok();
    world.reprice(&tea, "99.00").await;
    let document = format!(
        "{{ order(by: {{ id: {} }}) {{ total {{ amount }} lines {{ unitPrice {{ amount }} product {{ price {{ amount }} }} }} }} }}",
        order["id"]
    );
    let seen = member.query(&document).await["order"].clone();
    assert_eq!(seen["total"]["amount"], "20.00");
    assert_eq!(seen["lines"][0]["unitPrice"]["amount"], "10.00");
    assert_eq!(seen["lines"][0]["product"]["price"]["amount"], "99.00");
    assert_eq!(member.place_order(&[(&tea, 1)]).await.expect_ok()["total"]["amount"], "99.00");
}

/// Within one document too: what a mutation answers was read after it.
async fn reading_after_writing(world: World) {
    let tea = world.product("tea").stock(10).await;
    let member = world.member().await;
    for left in (0..10).rev() {
        let document = "mutation($i: PlaceOrderInput!) { placeOrder(input: $i) {
            order { lines { product { available } } } } }";
        let input = json!({ "idempotencyKey": world.fresh("k"), "lines": [{ "productId": tea.id, "quantity": 1 }] });
        let data = member.graphql(document, json!({ "i": input })).await.data();
        assert_eq!(data["placeOrder"]["order"]["lines"][0]["product"]["available"], left);
        assert_eq!(member.points().await, (10 - left) * 100);
    }
}
