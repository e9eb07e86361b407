//! The running program's own doors: the public audits, the limits on its own schema, what production hides, and what
//! the log never holds.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value as Json, json};
use tracing_subscriber::layer::SubscriberExt;

use crate::http::audit::assert_conforms;
use crate::log::Lines;
use crate::world::member::{LOGIN, PASSWORD, REFRESH, REGISTER};
use crate::world::socket::send;
use crate::world::{Answer, Settings, World, both_databases};

both_databases!(
    the_program_passes_all_audits,
    documents_made_to_hurt_are_refused_in_milliseconds,
    production_hides_its_schema,
    the_other_doors_answer,
    no_log_line_holds_a_secret,
);

async fn the_program_passes_all_audits(world: World) {
    let url = format!("http://{}/graphql", world.listen().await);
    tokio::task::spawn_blocking(move || assert_conforms(&url)).await.expect("the audits pass");
}

async fn documents_made_to_hurt_are_refused_in_milliseconds(world: World) {
    let member = world.member().await;
    let mut bomb = "{ ...f0 }".to_owned();
    for level in 0..40 {
        bomb.push_str(&format!(" fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1));
    }
    bomb.push_str(" fragment f40 on Query { me { id } }");
    let aliases: String = (0..2_000).map(|n| format!("a{n}: me {{ id }} ")).collect();
    let pages = "{ me { orders(first: 100) { nodes { lines { product { id } } } } coupons(first: 100) { nodes { id } } \
        a: orders(first: 100) { nodes { lines { product { price { amount } } } } } } }";
    let deep = format!("{{ node(id: \"x\") {} {{ id }} {} }}", "{ ... on Node ".repeat(40), "}".repeat(40));
    let money = "mutation($a: PlaceOrderInput!, $b: RedeemInput!) {
        placeOrder(input: $a) { userErrors { code } } redeem(input: $b) { userErrors { code } } }";
    for document in [&bomb, &format!("{{ {aliases} }}"), &deep, money] {
        let began = Instant::now();
        let answer = member.graphql(document, Json::Null).await;
        assert_eq!(answer.code(), "QUERY_TOO_COMPLEX", "{}", answer.json);
        // It takes about a millisecond; a test must not fail because the machine is busy.
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    }
    let huge = member.graphql(&pages.replace("100", "101"), Json::Null).await;
    assert_eq!(huge.code(), "BAD_USER_INPUT", "{}", huge.json);
    let cost = member.graphql("{ me { orders(first: 10) { nodes { id } } } }", Json::Null).await;
    assert!(cost.json["extensions"]["cost"]["requested"].as_u64().is_some_and(|cost| cost >= 10), "{}", cost.json);
}

async fn production_hides_its_schema(world: World) {
    let door = world.another_process(Settings { production: true, ..Settings::default() }).await;
    for query in ["{ __schema { types { name } } }", "{ __type(name: \"Query\") { name } }"] {
        assert_eq!(door.visitor().graphql(query, Json::Null).await.code(), "GRAPHQL_VALIDATION_FAILED");
        assert!(world.visitor().query(query).await.is_object());
    }
    let slip = door.visitor().graphql("{ product { totalCont } }", Json::Null).await;
    assert!(!slip.json.to_string().contains("Did you mean"), "{}", slip.json);
    assert!(door.visitor().query("{ loyaltyProgram { name } }").await.is_object());
    door.stop().await;
}

async fn get(world: &World, path: &str) -> Answer {
    world.visitor().send_request(Request::get(path).body(Body::empty()).expect("a request")).await
}

async fn the_other_doors_answer(world: World) {
    assert_eq!(get(&world, "/healthz").await.status, 200);
    assert_eq!(get(&world, "/readyz").await.status, 200);
    let keys = get(&world, "/.well-known/jwks.json").await.json;
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["crv"]), (&json!("OKP"), &json!("Ed25519")));
    assert!(keys["keys"][0].get("d").is_none(), "the private half is shown");
    let page = get(&world, "/graphiql").await;
    assert_eq!(page.status, 200);
    assert!(
        page.json.as_str().is_some_and(|html| html.contains("<script") && !html.contains("https://")),
        "{}",
        page.json
    );
    // Without its database the program is alive, and not ready.
    world.app.db.read.close().await;
    assert_eq!(
        (get(&world, "/healthz").await.status.as_u16(), get(&world, "/readyz").await.status.as_u16()),
        (200, 503)
    );
    let answer = world.visitor().graphql("{ products { totalCount } }", Json::Null).await;
    let words = answer.json.to_string();
    assert!(["UNAVAILABLE", "INTERNAL"].contains(&answer.code()), "{words}");
    assert!(!words.contains("pool") && !words.contains("SELECT"), "{words}");
    world.skip_the_books();
}

async fn no_log_line_holds_a_secret(world: World) {
    let lines = Lines::default();
    let writer = lines.clone();
    let layer = tracing_subscriber::fmt::layer().json().with_ansi(false).with_writer(move || writer.clone());
    let level = tracing_subscriber::filter::LevelFilter::DEBUG;
    // For the whole process, since much happens on threads that are not this test's.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(level).with(layer));
    let server = world.listen().await;
    let tea = world.product("tea").await;
    let reward = world.coupon_reward(50).await;
    let mut secrets =
        vec!["Sesame-open-yourself".to_owned(), "secretive@example.com".to_owned(), "13812345678".to_owned()];
    let input = json!({ "username": "unmentioned", "email": secrets[1], "password": secrets[0], "phone": secrets[2], "name": "Nemo Nobody" });
    let ask = async |token: Option<&str>, query: &str, input: Json| {
        let body = json!({ "query": query, "operationName": null, "variables": { "input": input } });
        send(server, token, body, None).await.expect("an answer")["data"].clone()
    };
    ask(None, REGISTER, input.clone()).await;
    ask(None, REGISTER, input).await;
    ask(None, LOGIN, json!({ "account": secrets[1], "password": "a wrong Guess-17" })).await;
    let login = ask(None, LOGIN, json!({ "account": secrets[1], "password": secrets[0] })).await["login"].clone();
    let refreshed = ask(None, REFRESH, json!({ "refreshToken": login["session"]["refreshToken"] })).await;
    for session in [&login["session"], &refreshed["refreshToken"]["session"]] {
        for token in ["accessToken", "refreshToken"] {
            secrets.push(session[token].as_str().expect("a token").to_owned());
        }
    }
    let access = secrets[3].clone();
    let order = json!({ "idempotencyKey": "a-key-of-mine", "lines": [{ "productId": tea.id, "quantity": 1 }], "couponCode": null });
    ask(Some(&access), crate::world::order::PLACE_ORDER, order.clone()).await;
    ask(
        Some(&access),
        crate::world::order::PLACE_ORDER,
        json!({ "idempotencyKey": "b", "lines": [], "couponCode": "SECRETCOUPON" }),
    )
    .await;
    let redeem = json!({ "idempotencyKey": "c", "rewardId": reward.id });
    let redeemed = ask(Some(&access), crate::world::order::REDEEM, redeem).await;
    secrets.push(redeemed["redeem"]["redemption"]["coupon"]["code"].as_str().expect("a coupon").to_owned());
    // A token that is spoilt on its way, one used twice, and a document that holds its secrets itself.
    ask(Some(&format!("{access}x")), "{ me { id } }", Json::Null).await;
    world.wait_seconds(60);
    ask(None, REFRESH, json!({ "refreshToken": secrets[4] })).await;
    let literal = format!(
        "mutation {{ login(input: {{ account: \"{}\", password: \"{}\" }}) {{ nothing }} }}",
        secrets[1], secrets[0]
    );
    ask(None, &literal, Json::Null).await;
    secrets.extend(
        ["Guess-17", "SECRETCOUPON", "unmentioned", "Nemo Nobody", "+8613812345678", PASSWORD].map(str::to_owned),
    );
    let text = lines.text();
    let answered = text.lines().filter(|line| line.contains("answered")).count();
    assert!(answered >= 11, "the log was not captured: {answered} answers in\n{text}");
    for secret in &secrets {
        let line = text.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "{secret} in {}", line.unwrap_or_default());
    }
}
