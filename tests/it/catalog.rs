//! Products: searching, ordering and narrowing the list, one product, money as it travels.

use serde_json::{Value as Json, json};

use crate::world::{Client, World, both_databases};

both_databases!(
    a_search_looks_into_name_description_and_sku,
    a_search_is_no_pattern_and_no_sql,
    a_list_is_ordered_as_asked,
    conditions_narrow_the_list,
    money_is_a_decimal_string_and_never_a_float,
    one_product_by_id_sku_or_slug,
);

const LIST: &str = "query($search: String, $sortBy: ProductSort, $where: ProductWhere) {
    products(first: 100, search: $search, sortBy: $sortBy, where: $where) { totalCount nodes { name } } }";

async fn names(client: &Client, variables: Json) -> Vec<String> {
    let list = client.graphql(LIST, variables).await.data()["products"].clone();
    let names: Vec<_> = list["nodes"].as_array().expect("nodes").iter().map(|node| node["name"].to_string()).collect();
    assert_eq!(list["totalCount"], names.len());
    names.into_iter().map(|name| name.trim_matches('"').to_owned()).collect()
}

async fn a_search_looks_into_name_description_and_sku(world: World) {
    world.product("Longjing").described("A green tea from Hangzhou.").sku("TEA-001").await;
    world.product("Cup").described("For tea.").sku("CUP-001").await;
    world.product("Éclair").described("Sweet.").sku("ECL-001").await;
    world.product("龙井茶").described("明前。").sku("TEA-002").await;
    let client = world.visitor();
    for (search, expected) in [
        ("longJING", vec!["Longjing"]),
        ("tea", vec!["Cup", "Longjing", "龙井茶"]),
        ("cup-0", vec!["Cup"]),
        ("  Hangzhou  ", vec!["Longjing"]),
        ("龙井", vec!["龙井茶"]),
        ("éclair", vec!["Éclair"]),
        ("ÉCLAIR", vec!["Éclair"]),
        ("", vec!["Cup", "Longjing", "Éclair", "龙井茶"]),
        ("coffee", vec![]),
    ] {
        let mut found = names(&client, json!({ "search": search })).await;
        found.sort();
        assert_eq!(found, expected, "{search:?}");
    }
}

async fn a_search_is_no_pattern_and_no_sql(world: World) {
    world.product("100% cotton").described("-").await;
    world.product("under_score").described("-").await;
    world.product("back\\slash").described("-").await;
    world.product("O'Brien's").described("-").await;
    let client = world.visitor();
    for (search, expected) in [
        ("%", vec!["100% cotton"]),
        ("_", vec!["under_score"]),
        ("\\", vec!["back\\\\slash"]),
        ("'", vec!["O'Brien's"]),
        ("%%", vec![]),
        ("' OR 1=1 --", vec![]),
    ] {
        assert_eq!(names(&client, json!({ "search": search })).await, expected, "{search:?}");
    }
}

async fn a_list_is_ordered_as_asked(world: World) {
    for (name, price) in [("b", "2.00"), ("d", "1.00"), ("a", "3.00"), ("c", "2.00")] {
        world.product(name).price(price).await;
    }
    let client = world.visitor();
    let sorted = async |field: &str, direction: &str| {
        names(&client, json!({ "sortBy": { "field": field, "direction": direction } })).await.concat()
    };
    assert_eq!(names(&client, json!({})).await.concat(), "abcd");
    assert_eq!((sorted("NAME", "ASC").await, sorted("NAME", "DESC").await), ("abcd".into(), "dcba".into()));
    assert_eq!((sorted("PRICE", "ASC").await, sorted("PRICE", "DESC").await), ("dbca".into(), "acbd".into()));
    assert_eq!((sorted("CREATED_AT", "ASC").await, sorted("CREATED_AT", "DESC").await), ("bdac".into(), "cadb".into()));
}

async fn conditions_narrow_the_list(world: World) {
    let a = world.product("a").price("1.00").stock(0).await;
    let b = world.product("b").price("2.00").await;
    world.product("c").price("3.00").await;
    let client = world.visitor();
    for (condition, expected) in [
        (json!({ "sku": { "eq": a.sku } }), "a"),
        (json!({ "sku": { "oneOf": [a.sku, b.sku, "none"] } }), "ab"),
        (json!({ "sku": { "oneOf": [] } }), ""),
        (json!({ "sku": {} }), "abc"),
        (json!({ "slug": { "eq": b.sku.replace("sku", "slug") } }), "b"),
        (json!({ "price": { "eq": "2.00" } }), "b"),
        (json!({ "price": { "eq": "2" } }), "b"),
        (json!({ "price": { "range": { "min": "2.00" } } }), "bc"),
        (json!({ "price": { "range": { "min": "1.50", "max": "2.50" } } }), "b"),
        (json!({ "price": { "range": { "min": "3.00", "max": "2.00" } } }), ""),
        (json!({ "inStock": true }), "bc"),
        (json!({ "inStock": false }), "a"),
        (json!({ "inStock": true, "price": { "range": { "max": "2" } }, "sku": { "oneOf": [a.sku, b.sku] } }), "b"),
    ] {
        assert_eq!(names(&client, json!({ "where": condition })).await.concat(), expected, "{condition}");
    }
    for wrong in [
        json!({ "sku": { "eq": "a", "oneOf": ["b"] } }),
        json!({ "sku": { "oneOf": vec!["x"; 101] } }),
        json!({ "sku": { "eq": "\u{0}" } }),
        json!({ "price": { "eq": "0.001" } }),
        json!({ "price": { "eq": "99999999999999999999" } }),
        json!({ "price": { "eq": "1", "range": { "min": "2" } } }),
    ] {
        let answer = client.graphql(LIST, json!({ "where": wrong })).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{wrong}: {}", answer.json);
    }
}

async fn money_is_a_decimal_string_and_never_a_float(world: World) {
    world.product("tea").price("12.50").await;
    let client = world.visitor();
    let data = client.query("{ products { nodes { price { amount currencyCode } } } }").await;
    assert_eq!(data["products"]["nodes"][0]["price"], json!({ "amount": "12.50", "currencyCode": "CNY" }));
    let ask = async |value: &str| {
        let document = format!("{{ products(where: {{ price: {{ eq: {value} }} }}) {{ totalCount }} }}");
        client.graphql(&document, Json::Null).await
    };
    assert_eq!(ask("\"12.50\"").await.data()["products"]["totalCount"], 1);
    assert_eq!(ask("12").await.data()["products"]["totalCount"], 0);
    for wrong in ["12.5", "12.50", "1e1", "\"1e1\"", "\"\"", "\"12,50\"", "\" 12\"", "\"NaN\"", "true"] {
        let answer = ask(wrong).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{wrong}: {}", answer.json);
    }
    let float = client.graphql(LIST, json!({ "where": { "price": { "eq": 12.5 } } })).await;
    assert_eq!(float.code(), "BAD_USER_INPUT", "{}", float.json);
}

async fn one_product_by_id_sku_or_slug(world: World) {
    let tea = world.product("tea").stock(3).await;
    let find = async |by: Json| {
        let document = "query($by: ProductBy!) { product(by: $by) { id sku slug available imageUrl } }";
        world.visitor().graphql(document, json!({ "by": by })).await
    };
    let slug = tea.sku.replace("sku", "slug");
    let expected = json!({ "id": tea.id, "sku": tea.sku, "slug": slug, "available": 3, "imageUrl": null });
    for by in [json!({ "id": tea.id }), json!({ "sku": tea.sku }), json!({ "slug": slug })] {
        assert_eq!(find(by).await.data()["product"], expected);
    }
    let reward = world.coupon_reward(10).await;
    for by in [
        json!({ "id": reward.id }),
        json!({ "id": "\u{0}" }),
        json!({ "sku": "" }),
        json!({ "slug": "🫖" }),
        json!({ "sku": tea.sku.to_uppercase() }),
    ] {
        assert_eq!(find(by).await.data()["product"], Json::Null);
    }
    for by in [json!({}), json!({ "sku": tea.sku, "slug": slug }), json!({ "sku": "\u{0}" }), json!({ "slug": "a\nb" })]
    {
        assert_eq!(find(by.clone()).await.code(), "BAD_USER_INPUT", "{by}");
    }
}
