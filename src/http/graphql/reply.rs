//! The answer, and how it becomes an HTTP response.
//!
//! `async_graphql_axum::GraphQLResponse` would do this, but names `application/graphql-response+json` whatever the
//! client accepts, always answers 200, and writes `"data": null` where nothing was executed, which the specification
//! has left out. Its WebSocket side has none of these and will be used as it is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use async_graphql::parser::types::OperationType;
use async_graphql::{ErrorExtensionValues, ServerError, Value};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::accept::Media;
use super::code::{code_of, is_unusable_input, label};
use crate::base::error::{Code, Error};
use crate::gql::error::INTERNAL_MESSAGE;
use crate::gql::limit::Refusal;

/// What is answered, before it is known in which media type: the result of execution, or errors without `data`.
#[derive(Debug, Default)]
pub struct Reply(Box<Content>);

#[derive(Debug, Default)]
struct Content {
    data: Option<Value>,
    errors: Vec<ServerError>,
    extensions: BTreeMap<String, Value>,
    headers: HeaderMap,
    /// Set when the HTTP request itself is wrong; then it holds for both media types.
    status: Option<StatusCode>,
}

/// For an answer that cannot be written: what is left to say.
const UNWRITABLE: &[u8] =
    br#"{"errors":[{"message":"Something went wrong on our side.","extensions":{"code":"INTERNAL"}}]}"#;

#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

impl Reply {
    /// The HTTP request is wrong, and no GraphQL came of it.
    pub fn malformed(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Reply {
        let mut reply = Reply::error(Code::BadUserInput, message);
        reply.0.status = Some(status);
        reply
    }

    pub fn error(code: Code, message: impl Into<Cow<'static, str>>) -> Reply {
        let mut error = ServerError::new(message.into(), None);
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
        Reply::from(error)
    }

    pub fn with_header(mut self, name: HeaderName, value: &'static str) -> Reply {
        self.0.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    pub fn with_extension(mut self, name: &str, value: Value) -> Reply {
        self.0.extensions.insert(name.to_owned(), value);
        self
    }

    pub fn data(&self) -> Option<&Value> {
        self.0.data.as_ref()
    }

    /// Codes for the log, comma-separated; empty when all went well.
    pub fn codes(&self) -> String {
        self.0.errors.iter().filter_map(code_of).collect::<Vec<_>>().join(",")
    }

    pub fn label(&mut self, request_id: Option<&str>) {
        label(&mut self.0.errors, request_id);
    }

    pub fn into_response(self, media: Media) -> Response {
        let status = self.status(media);
        let written = Written { data: self.0.data.as_ref(), errors: &self.0.errors, extensions: &self.0.extensions };
        let (status, body) = match serde_json::to_vec(&written) {
            Ok(body) => (status, body),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                (StatusCode::INTERNAL_SERVER_ERROR, UNWRITABLE.to_vec())
            }
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        *headers = self.0.headers;
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
        // Answers are for the one who asked. The media type depends on what was accepted, the words on the language.
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        headers.append(header::VARY, HeaderValue::from_static("accept, accept-language, authorization"));
        if status == StatusCode::UNAUTHORIZED {
            headers.entry(header::WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
        }
        response
    }

    /// What was executed is a success, errors in it or not. What was not executed says why: in the older media type
    /// only when the fault is ours, because its clients read a body only with 200.
    fn status(&self, media: Media) -> StatusCode {
        if let Some(status) = self.0.status {
            return status;
        }
        if self.0.data.is_some() {
            return StatusCode::OK;
        }
        let status = self.0.errors.first().and_then(code_of).map_or(StatusCode::INTERNAL_SERVER_ERROR, status_of);
        if media == Media::Json && !status.is_server_error() { StatusCode::OK } else { status }
    }
}

fn status_of(code: &str) -> StatusCode {
    match code {
        "UNAUTHENTICATED" | "TOKEN_EXPIRED" => StatusCode::UNAUTHORIZED,
        "FORBIDDEN" => StatusCode::FORBIDDEN,
        "RATE_LIMITED" => StatusCode::TOO_MANY_REQUESTS,
        "UNAVAILABLE" => StatusCode::SERVICE_UNAVAILABLE,
        "TIMEOUT" => StatusCode::GATEWAY_TIMEOUT,
        "INTERNAL" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

impl Reply {
    /// async-graphql writes `null` both where nothing was executed and where all of it failed. Only in the second
    /// case do errors have a path. An argument that cannot be read is found in the middle of the execution; in a
    /// query nothing has happened by then, so it is refused as the specification has it, before execution.
    pub fn executed(response: async_graphql::Response, kind: OperationType) -> Reply {
        let async_graphql::Response { data, extensions, errors, http_headers, .. } = response;
        let has_begun = data != Value::Null || errors.is_empty() || errors.iter().any(|error| !error.path.is_empty());
        let was_refused = kind == OperationType::Query && errors.iter().any(is_unusable_input);
        let data = (has_begun && !was_refused).then_some(data);
        Reply(Box::new(Content { data, errors, extensions, headers: http_headers, status: None }))
    }

    /// Mends the data; the errors are those whose fields are absent in it.
    pub fn with_data(mut self, mend: impl FnOnce(&mut Value, &[ServerError])) -> Reply {
        if let Some(data) = &mut self.0.data {
            mend(data, &self.0.errors);
        }
        self
    }
}

impl From<ServerError> for Reply {
    fn from(error: ServerError) -> Reply {
        Reply(Box::new(Content { errors: vec![error], ..Content::default() }))
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Reply {
        Reply::from(ServerError::from(refusal))
    }
}

impl From<Error> for Reply {
    fn from(error: Error) -> Reply {
        let async_graphql::Error { message, extensions, .. } = error.into();
        let mut error = ServerError::new(message, None);
        error.extensions = extensions;
        Reply::from(error)
    }
}

/// The answer to a request that ended in a panic.
pub fn internal() -> impl IntoResponse {
    Reply::error(Code::Internal, INTERNAL_MESSAGE).into_response(Media::Json)
}
