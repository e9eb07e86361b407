//! What comes back: data, codes, statuses, the cost, and nothing that a client must not see.

use std::time::Duration;

use axum::http::StatusCode;
use jifen::gql::limit::Limits;
use serde_json::json;

use super::toy::{Answer, NEW, OLD, app, app_with, ask, limits, post, send};

async fn with_token(token: &str, accept: &str, query: &str) -> Answer {
    let token = format!("Bearer {token}");
    let headers = [("accept", accept), ("authorization", token.as_str())];
    send(&app(), post(json!({ "query": query }).to_string(), &headers)).await
}

#[tokio::test]
async fn a_document_that_is_wrong_says_how() {
    let syntax = ask("{ hello").await;
    assert_eq!((syntax.status, syntax.code()), (StatusCode::BAD_REQUEST, "GRAPHQL_PARSE_FAILED"));
    assert_eq!(syntax.json["errors"][0]["locations"], json!([{ "line": 1, "column": 8 }]));
    assert!(!syntax.message().contains('\n'), "{}", syntax.message());
    let unknown = ask("{ hallo }").await;
    assert_eq!((unknown.status, unknown.code()), (StatusCode::BAD_REQUEST, "GRAPHQL_VALIDATION_FAILED"));
    assert!(unknown.message().contains("Did you mean"));
    assert_eq!(ask("subscription { x }").await.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_value_that_cannot_be_used_is_the_clients_fault() {
    let cases = [
        (json!({ "query": "{twice(even:\"a\")}" }), StatusCode::BAD_REQUEST),
        (json!({ "query": "{twice(even:3)}" }), StatusCode::BAD_REQUEST),
        (json!({ "query": "{twice(even:2,add:\"x\")}" }), StatusCode::BAD_REQUEST),
        (json!({ "query": "query($e:Even!){twice(even:$e)}" }), StatusCode::BAD_REQUEST),
        (json!({ "query": "query($e:Even!){twice(even:$e)}", "variables": { "e": null } }), StatusCode::BAD_REQUEST),
        (json!({ "query": "query($e:Even!){hello twice(even:$e)}", "variables": { "e": 5 } }), StatusCode::BAD_REQUEST),
        (json!({ "query": "query($a:Int){twice(even:2,add:$a)}", "variables": { "a": "x" } }), StatusCode::BAD_REQUEST),
    ];
    for (body, status) in cases {
        let answer = send(&app(), post(body.to_string(), &[("accept", NEW)])).await;
        assert_eq!((answer.status, answer.code()), (status, "BAD_USER_INPUT"), "{body}: {}", answer.json);
    }
    let long = json!({ "query": "query($a:String){twice(even:2,add:1) x:twice(even:2) hello a:hello(b:$a)}", "variables": { "a": "x".repeat(9_000) } });
    assert!(send(&app(), post(long.to_string(), &[])).await.message().len() < 600);
}

#[tokio::test]
async fn a_defect_shows_nothing_but_the_id_of_its_story() {
    for query in ["{boom}", "{leak}", "{leakMaybe}", "{broken}", "{hello broken}"] {
        let request = post(json!({ "query": query }).to_string(), &[("accept", NEW), ("x-request-id", "story-7")]);
        let answer = send(&app(), request).await;
        let error = &answer.json["errors"][0];
        assert_eq!(answer.code(), "INTERNAL", "{query}: {}", answer.json);
        assert_eq!(answer.message(), "Something went wrong on our side.");
        assert_eq!(error["extensions"]["requestId"], "story-7");
        for secret in ["SELECT", "hunter2", "secret", "disk"] {
            assert!(!answer.json.to_string().contains(secret), "{query}: {}", answer.json);
        }
        let status = if query == "{boom}" { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
        assert_eq!(answer.status, status, "{query}");
    }
    let partial = ask("{hello forbidden}").await;
    assert_eq!((partial.status, partial.code()), (StatusCode::OK, "FORBIDDEN"));
    assert_eq!(partial.json["data"], json!({ "hello": "hello nobody", "forbidden": null }));
}

#[tokio::test]
async fn a_token_that_is_not_good_stops_the_request() {
    assert_eq!(with_token("good", NEW, "{hello}").await.json["data"]["hello"], "hello Ann");
    for (token, code, status) in [
        ("old", "TOKEN_EXPIRED", 401),
        ("bad", "UNAUTHENTICATED", 401),
        ("down", "UNAVAILABLE", 503),
        ("panic", "INTERNAL", 500),
    ] {
        let new = with_token(token, NEW, "{hello}").await;
        assert_eq!((new.status.as_u16(), new.code(), new.json.get("data")), (status, code, None));
        assert_eq!(new.header("www-authenticate"), if status == 401 { "Bearer" } else { "" });
        // Clients of the older media type read a body only with 200; what is our fault they must not take for one.
        let old = with_token(token, OLD, "{hello}").await;
        assert_eq!((old.status.as_u16(), old.code()), (if status == 401 { 200 } else { status }, code));
    }
}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let app = app_with(limits(), false, |endpoint| endpoint.with_timeout(Duration::from_millis(50)));
    let slow = send(&app, post("{\"query\":\"{slow}\"}", &[])).await;
    assert_eq!((slow.status, slow.code(), slow.json.get("data")), (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT", None));
    let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let unsent = send(&app, post(axum::body::Body::from_stream(never), &[])).await;
    assert_eq!(unsent.status, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn the_cost_is_shown_and_members_may_ask_for_more() {
    let answer = ask("{me{friend{items(first:5){totalCount}}} items(first:10){nodes{name}}}").await;
    assert_eq!(answer.json["extensions"]["cost"], json!({ "requested": 3 + 11, "used": 3 + 4, "limit": 2_000 }));
    let pages: String = (0..21).map(|n| format!("i{n}:items(first:100){{nodes{{name}}}} ")).collect();
    let query = format!("{{{pages}}}");
    let visitor = ask(&query).await;
    assert_eq!((visitor.status, visitor.code()), (StatusCode::BAD_REQUEST, "QUERY_TOO_COMPLEX"));
    assert_eq!(visitor.json["extensions"]["cost"], json!({ "requested": 21 * 101, "limit": 2_000 }));
    let member = with_token("good", NEW, &query).await;
    assert_eq!((member.status, &member.json["extensions"]["cost"]["limit"]), (StatusCode::OK, &json!(10_000)));
    assert_eq!(ask("{items(first:101){totalCount}}").await.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn documents_made_to_hurt_are_refused() {
    let aliases: String = (0..31).map(|n| format!("a{n}:hello ")).collect();
    let logins: String = (0..2).map(|n| format!("a{n}:login(input:{{name:\"a\",password:\"b\"}}) ")).collect();
    let deep = format!("{{me{}{{__typename}}{}}}", "{friend".repeat(12), "}".repeat(12));
    let mut bomb = "{...f0}".to_owned();
    for level in 0..24 {
        bomb.push_str(&format!("fragment f{level} on Query{{...f{0} ...f{0}}}", level + 1));
    }
    bomb.push_str("fragment f24 on Query{hello}");
    let lists = format!("query($a:{}Int{}){{hello}}", "[".repeat(30_000), "]".repeat(30_000));
    for text in [format!("{{{aliases}}}"), format!("mutation{{{logins}}}"), deep, bomb, lists] {
        let answer = ask(&text).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "QUERY_TOO_COMPLEX"), "{}", answer.json);
        assert!(answer.json.get("data").is_none());
    }
    let many: String = (0..4_000).map(|n| format!("n{n} ")).collect();
    let wide = Limits { repeats: 10_000, ..limits() };
    let app = app_with(wide, false, |endpoint| endpoint);
    let answer = send(&app, post(json!({ "query": format!("{{{many}}}") }).to_string(), &[])).await;
    assert_eq!(answer.json["errors"].as_array().map(Vec::len), Some(100));
}

#[tokio::test]
async fn production_neither_describes_itself_nor_suggests() {
    let app = app_with(limits(), true, |endpoint| endpoint);
    let ask = async |query: &str| send(&app, post(json!({ "query": query }).to_string(), &[("accept", NEW)])).await;
    for query in [
        "{__schema{types{name}}}",
        "{__type(name:\"Query\"){name}}",
        "{...f} fragment f on Query{__schema{types{name}}}",
    ] {
        let answer = ask(query).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "GRAPHQL_VALIDATION_FAILED"));
    }
    for query in ["{hallo}", "{items(frist:1){totalCount}}", "mutation{logn}"] {
        let answer = ask(query).await;
        assert!(!answer.json.to_string().contains("Did you mean"), "{}", answer.json);
    }
    assert_eq!(ask("{__typename hello}").await.json["data"]["__typename"], "Query");
}
