//! Two questions of whoever runs the program: does it live, and can it work.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use futures_util::future::BoxFuture;

/// Asks whether the program can work now: whether the database answers.
pub type Ready = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// A check that takes longer is an answer: no.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/healthz` answers while the process lives, so that a slow database does not get it killed; `/readyz` answers 503
/// until it can work, so that no requests are sent here meanwhile.
pub fn routes<S: Clone + Send + Sync + 'static>(ready: Ready) -> Router<S> {
    Router::new()
        .route("/healthz", get(|| async { (StatusCode::OK, "ok\n") }))
        .route("/readyz", get(move || readiness(ready.clone())))
}

async fn readiness(ready: Ready) -> (StatusCode, &'static str) {
    match tokio::time::timeout(PATIENCE, ready()).await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}
