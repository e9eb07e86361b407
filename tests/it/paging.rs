//! Paging, the same for every list: forwards, backwards, to the ends, and what is refused.

use serde_json::{Value as Json, json};

use crate::world::{Client, World, both_databases};

both_databases!(
    every_list_is_walked_in_both_directions,
    a_first_page_without_first_has_twenty,
    what_is_no_page_is_refused,
    a_page_stays_where_it_was_when_rows_come_in,
);

/// The lists: a document around `{}`, which stands for the connection's arguments, and the way to it in the answer.
const LISTS: [(&str, &[&str]); 6] = [
    ("{ me { orders{} { ... } } }", &["me", "orders"]),
    ("{ me { coupons{} { ... } } }", &["me", "coupons"]),
    ("{ me { pointsAccount { pointsLedger{} { ... } } } }", &["me", "pointsAccount", "pointsLedger"]),
    ("{ rewards{} { ... } }", &["rewards"]),
    ("{ products{} { ... } }", &["products"]),
    ("{ products{, sortBy: { field: PRICE, direction: DESC }} { ... } }", &["products"]),
];
const SELECTION: &str = "totalCount edges { cursor node { id } } nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

fn document(list: &str, arguments: &str) -> String {
    let list = list.replace("...", SELECTION);
    let (before, rest) = list.split_once("{}").or_else(|| list.split_once("{,")).expect("a place for arguments");
    match rest.strip_prefix(" sortBy") {
        Some(rest) => {
            let (sort, rest) = rest.split_once("}}").expect("its end");
            format!("{before}({arguments}, sortBy{sort}}}){rest}")
        }
        None => format!("{before}({arguments}){rest}"),
    }
}

async fn page(client: &Client, (list, way): (&str, &[&str]), arguments: &str) -> Json {
    let data = client.query(&document(list, arguments)).await;
    way.iter().fold(data, |json, step| json[step].clone())
}

fn ids(page: &Json) -> Vec<String> {
    let ids: Vec<_> = page["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].to_string()).collect();
    let of_edges: Vec<_> =
        page["edges"].as_array().expect("edges").iter().map(|edge| edge["node"]["id"].to_string()).collect();
    assert_eq!(ids, of_edges);
    ids
}

/// A member with seven of everything, in a shop with seven products and rewards.
async fn seven_of_everything(world: &World) -> crate::world::Member {
    let member = world.member().await;
    for turn in 0..7 {
        // Prices repeat, so places are told apart by the id as well.
        let product = world.product(&format!("product {}", turn / 2)).price(&format!("{}.00", 1 + turn % 3)).await;
        member.place_order(&[(&product, 10)]).await.expect_ok();
    }
    let mut rewards = Vec::new();
    for turn in 0..7 {
        rewards.push(world.coupon_reward(1 + turn % 2).await);
    }
    for reward in &rewards {
        member.redeem(reward).await.expect_ok();
    }
    member
}

async fn every_list_is_walked_in_both_directions(world: World) {
    let member = seven_of_everything(&world).await;
    for list in LISTS {
        let all = ids(&page(&member, list, "first: 100").await);
        assert!(all.len() >= 7, "{}", list.0);
        for size in [1, 2, 3, 7, 50] {
            let (mut forwards, mut after) = (Vec::new(), String::new());
            loop {
                let page = page(&member, list, &format!("first: {size}{after}")).await;
                assert_eq!(page["totalCount"], all.len(), "{}", list.0);
                assert_eq!(page["pageInfo"]["hasPreviousPage"], !forwards.is_empty(), "{}", list.0);
                assert_eq!(page["pageInfo"]["startCursor"], page["edges"][0]["cursor"]);
                forwards.extend(ids(&page));
                after = format!(", after: {}", page["pageInfo"]["endCursor"]);
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            assert_eq!(forwards, all, "{} by {size}", list.0);
            let (mut backwards, mut before) = (Vec::new(), String::new());
            loop {
                let page = page(&member, list, &format!("last: {size}{before}")).await;
                assert_eq!(page["pageInfo"]["hasNextPage"], !backwards.is_empty(), "{}", list.0);
                let earlier = ids(&page);
                backwards.splice(0..0, earlier);
                before = format!(", before: {}", page["pageInfo"]["startCursor"]);
                if page["pageInfo"]["hasPreviousPage"] == false {
                    break;
                }
            }
            assert_eq!(backwards, all, "{} backwards by {size}", list.0);
        }
        let whole = page(&member, list, "first: 100").await;
        let (from, to) = (&whole["edges"][1]["cursor"], &whole["edges"][5]["cursor"]);
        let between = page(&member, list, &format!("first: 100, after: {from}, before: {to}")).await;
        assert_eq!(ids(&between), all[2..5], "{} between", list.0);
        let nothing = page(&member, list, "first: 0").await;
        assert_eq!((ids(&nothing).len(), &nothing["totalCount"]), (0, &json!(all.len())));
    }
}

async fn a_first_page_without_first_has_twenty(world: World) {
    for number in 0..21 {
        world.product(&format!("product {number:02}")).await;
    }
    let data = world.visitor().query("{ products { nodes { id } pageInfo { hasNextPage } } }").await;
    assert_eq!(data["products"]["nodes"].as_array().map(Vec::len), Some(20));
    assert_eq!(data["products"]["pageInfo"]["hasNextPage"], true);
    let last = world.visitor().query("{ products(last: 100) { nodes { id } } }").await;
    assert_eq!(last["products"]["nodes"].as_array().map(Vec::len), Some(21));
}

async fn what_is_no_page_is_refused(world: World) {
    let member = seven_of_everything(&world).await;
    for (list, way) in LISTS {
        for arguments in [
            "first: 101",
            "last: 101",
            "first: -1",
            "last: -1",
            "first: 2147483648",
            "first: \"5\"",
            "first: 1, last: 1",
            "first: 1, after: \"\"",
            "first: 1, after: \"x\"",
            "first: 1, after: \"AAAA\"",
            "first: 1, before: \"%%%%\"",
            "first: 1, after: \"\\u0000\"",
            "first: 1, after: \"🦀\"",
        ] {
            let answer = member.graphql(&document(list, arguments), Json::Null).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{way:?} {arguments}: {}", answer.json);
        }
        let variables = json!({ "n": 101 });
        let query = document(list, "first: $n").replacen('{', "query($n: Int) {", 1);
        assert_eq!(member.graphql(&query, variables).await.code(), "BAD_USER_INPUT", "{way:?} by variable");
    }
    // A cursor of another list, or of another order of the same.
    let cursor = page(&member, LISTS[2], "first: 1").await["edges"][0]["cursor"].clone();
    for list in [LISTS[0], LISTS[3], LISTS[4]] {
        let answer = member.graphql(&document(list.0, &format!("first: 1, after: {cursor}")), Json::Null).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{}", list.0);
    }
    let by_price = page(&member, LISTS[5], "first: 1").await["edges"][0]["cursor"].clone();
    for list in [LISTS[4].0.to_owned(), LISTS[5].0.replace("PRICE", "CREATED_AT")] {
        let answer = member.graphql(&document(&list, &format!("first: 1, after: {by_price}")), Json::Null).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "a cursor by price in {list}: {}", answer.json);
    }
}

async fn a_page_stays_where_it_was_when_rows_come_in(world: World) {
    let member = seven_of_everything(&world).await;
    let first = page(&member, LISTS[0], "first: 3").await;
    let tea = world.product("tea").await;
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    let next = page(&member, LISTS[0], &format!("first: 100, after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!(ids(&next).len(), 4, "a new order moved the pages");
    assert!(ids(&next).iter().all(|id| !ids(&first).contains(id)));
}
