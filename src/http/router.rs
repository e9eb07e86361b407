//! All routes and what is around them.

use std::any::Any;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::cors::CorsLayer;
use tower_http::trace::TraceLayer;

use super::graphql::{self, Endpoint};
use super::health::{self, Ready};
use super::request_id::{self, RequestId};
use super::security;

/// Below this a compressed answer is hardly smaller, and costs time at both ends.
const COMPRESS_ABOVE_BYTES: u64 = 1_024;
/// How long a browser may remember what CORS allows.
const CORS_MAX_AGE: Duration = Duration::from_secs(600);

/// What the routes are made of.
pub struct Site {
    pub endpoint: Endpoint,
    pub ready: Ready,
    /// The public keys of the access tokens, as `/.well-known/jwks.json` shows them.
    pub jwks: serde_json::Value,
    /// The web sites whose scripts may call us, such as `https://shop.example`. None: only pages of our own.
    pub origins: Vec<HeaderValue>,
}

/// Puts everything together. Bodies are limited where they are read: only `/graphql` reads any.
pub fn router(site: Site) -> Router {
    let Site { endpoint, ready, jwks, origins } = site;
    let mut routes = Router::new()
        .merge(graphql::routes(endpoint))
        .merge(health::routes(ready))
        .merge(super::graphiql::routes())
        .route("/.well-known/jwks.json", get(move || async move { Json(jwks) }))
        .layer(compression());
    if !origins.is_empty() {
        routes = routes.layer(cors(origins));
    }
    routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(security::headers))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(middleware::from_fn(request_id::assign))
}

fn compression() -> CompressionLayer<impl Predicate> {
    let worth_it = SizeAbove::new(COMPRESS_ABOVE_BYTES).and(NotForContentType::IMAGES).and(NotForContentType::SSE);
    CompressionLayer::new().compress_when(worth_it)
}

/// Tokens travel in a header that scripts set, never in cookies, so credentials are not allowed to cross.
fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            request_id::HEADER,
        ])
        .expose_headers([request_id::HEADER])
        .max_age(CORS_MAX_AGE)
}

/// The path without the query: a GET carries its variables there, and those are not for the log.
fn span(request: &Request) -> tracing::Span {
    tracing::debug_span!(
        "http",
        method = %request.method(),
        path = request.uri().path(),
        request_id = RequestId::of(request.extensions()).map(RequestId::as_str),
    )
}

/// The last net, for a panic outside of the GraphQL handler, which has one of its own. The panic's text is in the
/// log, by the panic hook, and nowhere else.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    graphql::internal().into_response()
}
