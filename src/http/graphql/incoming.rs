//! What a client sent: a query with its name and variables, read from a GET or a POST.

use std::borrow::Cow;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Extensions, Request, Variables};
use axum::body::Body;
use axum::extract::Query;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use futures_util::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::accept::is_json;
use super::reply::Reply;

#[derive(Debug)]
pub struct Incoming {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
    extensions: Extensions,
}

impl Incoming {
    /// The request for async-graphql, which takes the document as parsed and does not look at the text again.
    pub fn into_request(self, document: ExecutableDocument) -> Request {
        let mut request = Request::new(self.query).variables(self.variables);
        request.operation_name = self.operation_name;
        request.extensions = self.extensions;
        request.set_parsed_query(document);
        request
    }
}

/// The parameters as the specification names them; `null` is as good as absent. Unknown ones are passed over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<Extensions>,
}

impl TryFrom<Parameters> for Incoming {
    type Error = Reply;

    fn try_from(parameters: Parameters) -> Result<Incoming, Reply> {
        Ok(Incoming {
            query: parameters.query.ok_or_else(|| bad("The query is missing."))?,
            operation_name: parameters.operation_name,
            variables: parameters.variables.unwrap_or_default(),
            extensions: parameters.extensions.unwrap_or_default(),
        })
    }
}

pub async fn read(parts: &Parts, body: Body, most_bytes: usize) -> Result<Incoming, Reply> {
    match parts.method {
        Method::GET | Method::HEAD => from_query(parts),
        Method::POST if !is_json(&parts.headers) => {
            Err(Reply::malformed(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send the request as application/json, in UTF-8."))
        }
        Method::POST => from_json(&collect(&parts.headers, body, most_bytes).await?),
        _ => Err(Reply::malformed(StatusCode::METHOD_NOT_ALLOWED, "Send a query by GET or anything by POST.")
            .with_header(header::ALLOW, "GET, HEAD, POST")),
    }
}

fn from_json(body: &[u8]) -> Result<Incoming, Reply> {
    // serde would take a list as the struct's fields in order, so the first character is looked at here.
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => {}
        Some(b'[') => return Err(bad("Batches are not answered: send one request at a time.")),
        _ => return Err(bad("The body is not a JSON object.")),
    }
    let parameters: Parameters =
        serde_json::from_slice(body).map_err(|error| bad(format!("The body is not a GraphQL request: {error}.")))?;
    parameters.try_into()
}

fn from_query(parts: &Parts) -> Result<Incoming, Reply> {
    let Query(pairs): Query<Vec<(String, String)>> =
        Query::try_from_uri(&parts.uri).map_err(|_| bad("The address has no readable parameters."))?;
    let mut parameters = Parameters { query: None, operation_name: None, variables: None, extensions: None };
    for (name, value) in pairs {
        let is_repeated = match name.as_str() {
            "query" => parameters.query.replace(value).is_some(),
            "operationName" => parameters.operation_name.replace(value).is_some(),
            "variables" => parameters.variables.replace(json("variables", &value)?).is_some(),
            "extensions" => parameters.extensions.replace(json("extensions", &value)?).is_some(),
            _ => false,
        };
        if is_repeated {
            return Err(bad(format!("The parameter \"{name}\" must not be repeated.")));
        }
    }
    parameters.try_into()
}

/// A parameter of an address that holds a JSON object; left empty, it is as good as absent.
fn json<T: DeserializeOwned + Default>(name: &str, value: &str) -> Result<T, Reply> {
    if value.trim().is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str::<Option<T>>(value)
        .map(Option::unwrap_or_default)
        .map_err(|_| bad(format!("The parameter \"{name}\" must be a JSON object.")))
}

/// Reads the body, and no more of it than allowed whatever its length says.
async fn collect(headers: &HeaderMap, body: Body, most_bytes: usize) -> Result<Vec<u8>, Reply> {
    let too_large = || {
        let message = format!("A request may have {most_bytes} bytes.");
        Reply::malformed(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    let stated = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if stated.is_some_and(|stated| stated > most_bytes) {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(stated.unwrap_or_default());
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| bad("The body broke off."))?;
        if bytes.len() + chunk.len() > most_bytes {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn bad(message: impl Into<Cow<'static, str>>) -> Reply {
    Reply::malformed(StatusCode::BAD_REQUEST, message)
}
