//! What is around the GraphQL handler: health, keys, ids, headers, compression, CORS.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;

use super::toy::{app, ask, post, send};

fn request(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let builder = headers.iter().fold(Request::get(path), |builder, (name, value)| builder.header(*name, *value));
    builder.body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn health_and_keys_answer() {
    assert_eq!(send(&app(), request("/healthz", &[])).await.status, StatusCode::OK);
    assert_eq!(send(&app(), request("/readyz", &[])).await.json, json!("ready\n"));
    assert_eq!(send(&app(), request("/.well-known/jwks.json", &[])).await.json, json!({ "keys": [] }));
    assert_eq!(send(&app(), request("/nothing", &[])).await.status, StatusCode::NOT_FOUND);
    let ready: jifen::http::health::Ready = std::sync::Arc::new(|| Box::pin(async { false }));
    let unready = jifen::http::health::routes(ready);
    assert_eq!(send(&unready, request("/readyz", &[])).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn every_answer_has_an_id_and_careful_headers() {
    let answer = ask("{hello}").await;
    assert_eq!(answer.header("x-request-id").len(), 36);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("vary").contains("accept"));
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    let given = send(&app(), request("/healthz", &[("x-request-id", "trace-1:a.b_c")])).await;
    assert_eq!(given.header("x-request-id"), "trace-1:a.b_c");
    for id in ["", "a b", "a\tb", "{}", &"a".repeat(65)] {
        let answer = send(&app(), request("/healthz", &[("x-request-id", id)])).await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{id}");
    }
}

#[tokio::test]
async fn only_answers_worth_it_are_compressed() {
    let compressed = async |query: &str| {
        let body = json!({ "query": query }).to_string();
        send(&app(), post(body, &[("accept-encoding", "gzip")])).await.header("content-encoding").to_owned()
    };
    assert_eq!(compressed("{long}").await, "gzip");
    assert_eq!(compressed("{hello}").await, "");
}

#[tokio::test]
async fn only_named_origins_may_call() {
    let origin = async |origin: &str| {
        let headers = [("origin", origin)];
        send(&app(), post("{\"query\":\"{hello}\"}", &headers)).await.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(origin("https://shop.example").await, "https://shop.example");
    assert_eq!(origin("https://evil.example").await, "");
    let mut preflight = request(
        "/graphql",
        &[
            ("origin", "https://shop.example"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type,authorization"),
        ],
    );
    *preflight.method_mut() = axum::http::Method::OPTIONS;
    let answer = send(&app(), preflight).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("access-control-allow-headers").contains("authorization"));
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}
