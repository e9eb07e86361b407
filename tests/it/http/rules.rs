//! What counts as a request, and what is said to one that does not.

use axum::http::StatusCode;
use serde_json::json;

use super::toy::{NEW, OLD, app, app_with, get, limits, post, send};

#[tokio::test]
async fn only_json_is_read() {
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
    ] {
        let answer = send(&app(), post(r#"{"query":"mutation{touch}"}"#, &[("content-type", kind)])).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT"), "{kind}");
        assert!(answer.json.get("data").is_none());
    }
}

#[tokio::test]
async fn what_is_no_request_is_400_in_both_media_types() {
    let bodies = [
        ("", "not a JSON object"),
        ("{\"query\":", "not a GraphQL request"),
        ("[{\"query\":\"{hello}\"}]", "Batches"),
        ("[\"{hello}\",null,null,null]", "Batches"),
        ("\"{hello}\"", "not a JSON object"),
        ("{}", "query is missing"),
        ("{\"query\":null}", "query is missing"),
        ("{\"query\":7}", "expected a string"),
        ("{\"query\":\"{hello}\",\"variables\":[]}", "expected a map"),
        ("{\"query\":\"{hello}\",\"variables\":\"a\"}", "expected a map"),
        ("{\"query\":\"{hello}\",\"extensions\":0}", "expected a map"),
        ("{\"query\":\"{hello}\",\"operationName\":{}}", "expected a string"),
        ("{\"query\":\"{hello}\",\"query\":\"{me}\"}", "duplicate"),
        ("{\"query\":\"{hello}\"} {\"query\":\"{hello}\"}", "trailing"),
    ];
    for (body, words) in bodies {
        for accept in [NEW, OLD] {
            let answer = send(&app(), post(body, &[("accept", accept)])).await;
            assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{body}");
            assert!(answer.message().contains(words), "{body}: {}", answer.message());
            assert!(answer.header("content-type").starts_with(accept));
        }
    }
    let deep =
        format!("{{\"query\":\"{{hello}}\",\"variables\":{{\"a\":{}{}}}}}", "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(send(&app(), post(deep, &[])).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_is_bounded_whatever_its_stated_length() {
    let body = json!({ "query": "{hello}", "variables": { "a": "a".repeat(200_000) } }).to_string();
    let stated = send(&app(), post(body.clone(), &[("content-length", "200050")])).await;
    assert_eq!((stated.status, stated.code()), (StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT"));
    let chunks: Vec<Result<Vec<u8>, std::io::Error>> =
        body.as_bytes().chunks(1_000).map(|chunk| Ok(chunk.to_vec())).collect();
    let chunked = send(&app(), post(axum::body::Body::from_stream(futures_util::stream::iter(chunks)), &[])).await;
    assert_eq!(chunked.status, StatusCode::PAYLOAD_TOO_LARGE);
    let small = app_with(limits(), false, |endpoint| endpoint.with_body_bytes(10));
    assert_eq!(send(&small, post("{\"query\":\"{hello}\"}", &[])).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn get_runs_queries_only() {
    let query = send(&app(), get("query=query+a{hello}query+b{twice(even:2)}&operationName=b", OLD)).await;
    assert_eq!((query.status, &query.json["data"]), (StatusCode::OK, &json!({ "twice": 4 })));
    let variables =
        send(&app(), get("query=query($e:Even!){twice(even:$e)}&variables={\"e\":4}&extensions=", OLD)).await;
    assert_eq!(variables.json["data"], json!({ "twice": 8 }));
    for accept in [NEW, OLD] {
        let mutation = send(&app(), get("query=mutation{touch}", accept)).await;
        assert_eq!((mutation.status, mutation.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
        assert_eq!((mutation.code(), mutation.json.get("data")), ("BAD_USER_INPUT", None));
    }
    for wrong in [
        "",
        "query={hello}&query={me}",
        "query={hello}&variables=[]",
        "query={hello}&variables={",
        "query={hello}&extensions=1",
    ] {
        assert_eq!(send(&app(), get(wrong, OLD)).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn other_methods_are_told_what_is_allowed() {
    for method in ["PUT", "DELETE", "PATCH"] {
        let mut request = post("{\"query\":\"{hello}\"}", &[]);
        *request.method_mut() = method.parse().expect("a method");
        let answer = send(&app(), request).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD, POST"));
    }
}

#[tokio::test]
async fn an_operation_is_chosen_by_name() {
    let two = "query a{hello} query b{twice(even:2)}";
    let chosen = send(&app(), post(json!({ "query": two, "operationName": "b" }).to_string(), &[])).await;
    assert_eq!(chosen.json["data"], json!({ "twice": 4 }));
    for body in [
        json!({ "query": two }),
        json!({ "query": two, "operationName": "c" }),
        json!({ "query": "{hello}", "operationName": "" }),
    ] {
        let answer = send(&app(), post(body.to_string(), &[("accept", NEW)])).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{body}");
    }
    let nulls = json!({ "query": "{hello}", "operationName": null, "variables": null, "extensions": null, "more": 1 });
    assert_eq!(send(&app(), post(nulls.to_string(), &[])).await.json["data"], json!({ "hello": "hello nobody" }));
}

#[tokio::test]
async fn the_media_type_is_negotiated() {
    for (accept, kind, status) in [
        (NEW, NEW, 400),
        (OLD, OLD, 200),
        ("*/*", OLD, 200),
        ("application/json;q=0.5,application/graphql-response+json", NEW, 400),
    ] {
        let answer = send(&app(), post("{\"query\":\"{nothing}\"}", &[("accept", accept)])).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (status, format!("{kind}; charset=utf-8").as_str())
        );
        assert_eq!((answer.code(), answer.json.get("data")), ("GRAPHQL_VALIDATION_FAILED", None));
    }
    let neither = send(&app(), post("{\"query\":\"{hello}\"}", &[("accept", "text/html")])).await;
    assert_eq!((neither.status, neither.code()), (StatusCode::NOT_ACCEPTABLE, "BAD_USER_INPUT"));
}
