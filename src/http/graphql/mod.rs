//! GraphQL over HTTP, by its specification.
//!
//! async-graphql-axum's own handlers run a mutation over GET and as `text/plain` or multipart, which a form on any
//! web site can send; they take bodies and batches of any size, and answer bad JSON with a Debug string. So a request
//! is read here:
//!
//! * `accept` chooses the media type of the answer, `incoming` reads GET and POST,
//! * `cache` keeps documents that were parsed and measured,
//! * `run` takes a request through all of it, `null` puts nulls where fields failed, `sequence` puts fields in order,
//!   `code` gives every error a code, and `reply` makes the HTTP response.

mod accept;
mod cache;
mod code;
mod incoming;
mod null;
mod reply;
mod run;
mod sequence;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Executor, Request, Response};
use axum::Router;
use axum::http::request::Parts;
use axum::routing::any;
use futures_util::future::BoxFuture;

pub use reply::internal;

use crate::base::error::Result;
use crate::gql::limit::{Limits, SchemaMap};
use cache::Documents;

/// A request with its data attached, and whether it comes from one who is logged in: members may ask for more.
pub struct Prepared {
    pub request: Request,
    pub is_member: bool,
}

type Prepare = Arc<dyn Fn(&Parts, Request) -> BoxFuture<'static, Result<Prepared>> + Send + Sync>;
type Execute = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// Where requests arrive. The schema and what a request needs to know (its actor, its loaders) come from outside.
pub struct Endpoint {
    execute: Execute,
    prepare: Prepare,
    map: SchemaMap,
    limits: Limits,
    documents: Documents,
    timeout: Duration,
    body_bytes: usize,
}

impl Endpoint {
    /// `prepare` runs once for each request whose document is within the limits: it verifies the token, and attaches
    /// what resolvers need to the request's data. Its error stops the request before anything has run.
    pub fn new(
        schema: impl Executor,
        map: SchemaMap,
        limits: Limits,
        prepare: impl Fn(&Parts, Request) -> BoxFuture<'static, Result<Prepared>> + Send + Sync + 'static,
    ) -> Endpoint {
        Endpoint {
            execute: Arc::new(move |request| {
                let schema = schema.clone();
                Box::pin(async move { schema.execute(request).await })
            }),
            prepare: Arc::new(prepare),
            map,
            limits,
            documents: Documents::new(16 << 20),
            timeout: Duration::from_secs(10),
            body_bytes: 128 << 10,
        }
    }

    /// How long a request may take; it is given up with `TIMEOUT`. A command that is being committed is not undone.
    pub fn with_timeout(self, timeout: Duration) -> Endpoint {
        Endpoint { timeout, ..self }
    }

    /// How long a POST's body may be.
    pub fn with_body_bytes(self, body_bytes: usize) -> Endpoint {
        Endpoint { body_bytes, ..self }
    }

    /// How much memory the parsed documents may take.
    pub fn with_document_cache_bytes(self, bytes: u64) -> Endpoint {
        Endpoint { documents: Documents::new(bytes), ..self }
    }
}

/// `/graphql`. The WebSocket side will be a GET with an `Upgrade` header, told apart before `serve`.
pub fn routes<S: Clone + Send + Sync + 'static>(endpoint: Endpoint) -> Router<S> {
    Router::new().route("/graphql", any(run::serve)).with_state(Arc::new(endpoint))
}
