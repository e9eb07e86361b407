//! Categories and outlets: made, shown, filed under, ordered at, and asked for by rules.

use jifen::gql::id::NodeKind::{Category, Outlet, Product};
use jifen::gql::id::global;
use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    products_are_filed_and_keep_what_they_were_in_orders,
    orders_are_placed_at_outlets,
    what_cannot_be_is_told,
    rules_name_only_what_is_there,
);

async fn products_are_filed_and_keep_what_they_were_in_orders(world: World) {
    let tea = world.product("tea").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let teas = staff.create_category("teas", "Teas").await.expect_ok();
    let more = staff.create_category("more", "More").await.expect_ok();
    let filed = staff.file_product(&tea.id, &teas["id"]).await.expect_ok();
    assert_eq!(filed["category"], json!({ "id": teas["id"], "name": "Teas" }));
    let seen = world.visitor().query("{ categories { slug name } products { nodes { category { name } } } }").await;
    assert_eq!(seen["categories"], json!([{ "slug": "more", "name": "More" }, { "slug": "teas", "name": "Teas" }]));
    assert_eq!(seen["products"]["nodes"], json!([{ "category": { "name": "Teas" } }]));
    let of_teas = json!({ "products": { "categoryIds": [teas["id"]] } });
    staff.rule(json!({ "name": "Teas", "effect": { "multiplier": "2" }, "condition": of_teas })).await;
    let order = member.place_order(&[(&tea, 2)]).await.expect_ok();
    assert_eq!(order["pointsEarned"], 400);
    // Filed elsewhere since, the order is still one of teas: half of it takes back half.
    staff.file_product(&tea.id, &more["id"]).await.expect_ok();
    assert_eq!(member.place_order(&[(&tea, 1)]).await.expect_ok()["pointsEarned"], 100);
    staff.refund_order(&order).with("lines", json!([{ "position": 0, "quantity": 1 }])).await.expect_ok();
    assert_eq!(world.balances(&member).await[0], 300);
    let filed = staff.file_product(&tea.id, &Json::Null).await.expect_ok();
    assert_eq!(filed["category"], Json::Null);
}

async fn orders_are_placed_at_outlets(world: World) {
    let tea = world.product("tea").await;
    let (staff, member) = (world.staff().await, world.member().await);
    let bund = staff.create_outlet("SH-01", "Bund").await.expect_ok();
    let other = staff.create_outlet("SH-02", "Station").await.expect_ok();
    let seen = world.visitor().query("{ outlets { code name } }").await;
    assert_eq!(seen["outlets"], json!([{ "code": "SH-01", "name": "Bund" }, { "code": "SH-02", "name": "Station" }]));
    let at_bund = json!({ "outlets": [bund["id"]] });
    staff.rule(json!({ "name": "Bund", "effect": { "bonus": 5 }, "condition": at_bund })).await;
    let order =
        async |outlet: &Json| member.place_order(&[(&tea, 1)]).with("outletId", outlet.clone()).await.expect_ok();
    let there = order(&bund["id"]).await;
    assert_eq!((&there["pointsEarned"], &order(&other["id"]).await["pointsEarned"]), (&json!(105), &json!(100)));
    let document = "query($n: String!) { order(by: { number: $n }) { outlet { code } } }";
    let seen = member.graphql(document, json!({ "n": there["number"] })).await.data();
    assert_eq!(seen["order"]["outlet"]["code"], "SH-01");
    let nowhere = member.place_order(&[(&tea, 1)]).with("outletId", json!(tea.id));
    world.unchanged_by(nowhere).await.expect_refused("OUTLET_UNKNOWN");
}

async fn what_cannot_be_is_told(world: World) {
    let (staff, tea) = (world.staff().await, world.product("tea").await);
    staff.create_category("tea", "Tea").await.expect_ok();
    let refused = staff.create_category("tea", "Other").await.expect_refused("SLUG_TAKEN");
    assert_eq!(refused["path"], json!(["input", "slug"]));
    staff.create_category("Tea", "Tea").await.expect_refused("SLUG_INVALID");
    staff.create_category("cup", " ").await.expect_refused("NAME_INVALID");
    staff.create_outlet("A", "A").await.expect_ok();
    staff.create_outlet("A", "B").await.expect_refused("CODE_TAKEN");
    staff.create_outlet("A B", "B").await.expect_refused("CODE_INVALID");
    staff.create_outlet("B", "a\u{0}b").await.expect_refused("NAME_INVALID");
    staff.file_product("x", &Json::Null).await.expect_refused("PRODUCT_UNKNOWN");
    staff.file_product(&tea.id, &json!(tea.id)).await.expect_refused("CATEGORY_UNKNOWN");
}

async fn rules_name_only_what_is_there(world: World) {
    let (staff, tea) = (world.staff().await, world.product("tea").await);
    let teas = staff.create_category("teas", "Teas").await.expect_ok();
    let bund = staff.create_outlet("A", "A").await.expect_ok();
    // Sold out, but there.
    let gone = world.product("gone").stock(0).await;
    // Ids of the right kind, of nothing that is there.
    let absent = |kind| json!(global(kind, world.app.ids.next()).as_str());
    for (right, wrong) in [
        (json!({ "products": { "productIds": [tea.id] } }), json!({ "products": { "productIds": [absent(Product)] } })),
        (json!({ "products": { "skus": [gone.sku] } }), json!({ "products": { "skus": [gone.sku, "NOPE"] } })),
        (json!({ "outlets": [bund["id"]] }), json!({ "outlets": [absent(Outlet)] })),
        (
            json!({ "spend": { "least": "1.00", "of": { "categoryIds": [teas["id"]] } } }),
            json!({ "not": { "spend": { "least": "1.00", "of": { "categoryIds": [absent(Category)] } } } }),
        ),
    ] {
        let rule = |condition| json!({ "name": "A rule", "effect": { "bonus": 1 }, "condition": condition });
        staff.create_rule(rule(right)).await.expect_ok();
        world.unchanged_by(staff.create_rule(rule(wrong))).await.expect_refused("REFERENCE_UNKNOWN");
    }
}
