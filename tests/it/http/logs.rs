//! What the log says of an operation, and what it never says.

use serde_json::json;

use super::toy::{app, get, post, send};
use crate::log::Lines;

#[tokio::test]
async fn one_span_an_operation_without_secrets() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let login = json!({
        "query": "mutation SignIn($p:String!){login(input:{name:\"literal-secret\",password:$p})}",
        "operationName": "SignIn",
        "variables": { "p": "variable-secret" },
    });
    send(&app(), post(login.to_string(), &[("authorization", "Bearer token-secret"), ("x-request-id", "r-1")])).await;
    send(&app(), get("query=query($p:String){hello(a:$p)}&variables={\"p\":\"query-secret\"}", "*/*")).await;
    send(&app(), post("{\"query\":\"{leak}\"}", &[])).await;
    drop(guard);

    let text = lines.text();
    let answered: Vec<&str> = text.lines().filter(|line| line.contains("answered")).collect();
    assert_eq!(answered.len(), 3, "{text}");
    for words in [
        "\"operation\":\"SignIn\"",
        "\"kind\":\"mutation\"",
        "\"request_id\":\"r-1\"",
        "duration_ms",
        "UNAUTHENTICATED",
    ] {
        assert!(answered[0].contains(words), "{words} in {}", answered[0]);
    }
    assert!(answered[2].contains("INTERNAL") && text.contains("SELECT * FROM account"), "the log has the story");
    for secret in ["literal-secret", "variable-secret", "token-secret", "query-secret"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
