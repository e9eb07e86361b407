//! An id for every request: in the log, in the response's `x-request-id`, and in what a client sees of a defect.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::base::id::Random;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request in hand; handlers find it among the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn of(extensions: &Extensions) -> Option<&RequestId> {
        extensions.get::<RequestId>()
    }
}

/// Takes the id that a proxy or a client has given, when it is one that can stand in a log line; else makes one.
/// It is random rather than ordered by time: it is no key of anything.
pub async fn assign(mut request: Request, next: Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(made);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn given(headers: &HeaderMap) -> Option<Arc<str>> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (!id.is_empty() && id.len() <= 64 && id.bytes().all(is_plain)).then(|| id.into())
}

fn made() -> Arc<str> {
    uuid::Builder::from_random_bytes(Random::System.bytes()).into_uuid().to_string().into()
}
