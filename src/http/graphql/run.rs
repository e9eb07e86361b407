//! A request from its arrival to its answer.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::Value;
use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use futures_util::FutureExt;
use tokio::time::timeout;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::Endpoint;
use super::accept::{Media, negotiate};
use super::incoming::{self, Incoming};
use super::null::put_nulls;
use super::reply::Reply;
use super::sequence::put_in_order;
use crate::base::error::Code;
use crate::gql::error::INTERNAL_MESSAGE;
use crate::gql::limit::{Document, Operation, Price, used};
use crate::http::request_id::RequestId;

/// Answers one request, in one span. The span and its last line hold no variables, no headers and no text of the
/// document but the operation's name, which is a GraphQL name of bounded length.
pub async fn serve(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let id = RequestId::of(&parts.extensions).map(RequestId::as_str);
    let span = tracing::info_span!("graphql", request_id = id, kind = Empty, operation = Empty);
    async {
        let mut reply = match endpoint.answer(&parts, body).await {
            Ok(reply) | Err(reply) => reply,
        };
        reply.label(id);
        let duration_ms = began.elapsed().as_secs_f64() * 1_000.0;
        // A line for each success would cost a busy server more than many a query does; it is there at debug.
        match reply.codes() {
            codes if codes.is_empty() => tracing::debug!(duration_ms, "answered"),
            codes => tracing::info!(duration_ms, codes, "answered with errors"),
        }
        match negotiate(&parts.headers) {
            Some(media) => reply.into_response(media),
            None => not_acceptable().into_response(Media::Json),
        }
    }
    .instrument(span)
    .await
}

impl Endpoint {
    async fn answer(&self, parts: &Parts, body: Body) -> Result<Reply, Reply> {
        if negotiate(&parts.headers).is_none() {
            return Err(not_acceptable());
        }
        let incoming = match timeout(self.timeout, incoming::read(parts, body, self.body_bytes)).await {
            Ok(incoming) => incoming?,
            Err(_) => return Err(Reply::malformed(StatusCode::REQUEST_TIMEOUT, "The request did not arrive in time.")),
        };
        let document = self.documents.read(&incoming.query, &self.limits)?;
        let operation = document.operation(incoming.operation_name.as_deref())?;
        record(operation);
        allowed(&parts.method, operation)?;
        let price = document.price(operation, &incoming.variables, &self.map, &self.limits)?;

        let run = AssertUnwindSafe(self.run(parts, incoming, &document, operation, price)).catch_unwind();
        match timeout(self.timeout, run).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(panic)) => Err(panicked(&*panic)),
            Err(_) => Err(Reply::error(
                Code::Timeout,
                "The request took too long and was given up. Send the same request again, with the same key.",
            )),
        }
    }

    /// The part that waits for others: who is asking, may they spend as much, and the resolvers.
    async fn run(
        &self,
        parts: &Parts,
        incoming: Incoming,
        document: &Document,
        operation: Operation<'_>,
        price: Price,
    ) -> Result<Reply, Reply> {
        let prepared = (self.prepare)(parts, incoming.into_request(document.parsed.clone())).await?;
        let limit = self.limits.cost(prepared.is_member);
        if let Err(refusal) = self.limits.afford(price, prepared.is_member) {
            return Err(Reply::from(refusal).with_extension("cost", cost(price.cost, None, limit)));
        }
        let response = (self.execute)(prepared.request).await;
        let asked = &operation.definition.node;
        let reply = Reply::executed(response, operation.kind()).with_data(|data, errors| {
            put_nulls(data, errors, &document.parsed, asked, &self.map);
            put_in_order(data, &document.parsed, asked);
        });
        let used = reply.data().map(used);
        Ok(reply.with_extension("cost", cost(price.cost, used, limit)))
    }
}

/// GET must be safe to repeat and to prefetch, and a link on any web site is one; so it runs queries only.
fn allowed(method: &Method, operation: Operation<'_>) -> Result<(), Reply> {
    match operation.kind() {
        OperationType::Query => Ok(()),
        OperationType::Subscription => {
            Err(Reply::error(Code::BadUserInput, "Subscriptions are not served over plain HTTP."))
        }
        OperationType::Mutation if *method == Method::POST => Ok(()),
        OperationType::Mutation => {
            let reply = Reply::malformed(StatusCode::METHOD_NOT_ALLOWED, "A mutation is sent by POST.");
            Err(reply.with_header(header::ALLOW, "POST"))
        }
    }
}

fn record(operation: Operation<'_>) {
    let span = Span::current();
    span.record("kind", tracing::field::display(operation.kind()));
    if let Some(name) = operation.name {
        span.record("operation", name.as_str());
    }
}

/// `requested` is the most objects that the document can bring with these variables, and `used` those it brought.
fn cost(requested: u64, used: Option<u64>, limit: u64) -> Value {
    let mut cost = async_graphql::indexmap::IndexMap::new();
    cost.insert(async_graphql::Name::new("requested"), Value::from(requested));
    if let Some(used) = used {
        cost.insert(async_graphql::Name::new("used"), Value::from(used));
    }
    cost.insert(async_graphql::Name::new("limit"), Value::from(limit));
    Value::Object(cost)
}

fn not_acceptable() -> Reply {
    let message = "The answer can be application/graphql-response+json or application/json.";
    Reply::malformed(StatusCode::NOT_ACCEPTABLE, message)
}

/// The panic's words go to the log only.
fn panicked(panic: &(dyn Any + Send)) -> Reply {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = words.unwrap_or("?"), "a resolver panicked");
    Reply::error(Code::Internal, INTERNAL_MESSAGE)
}
