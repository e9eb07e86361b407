//! A client: sends GraphQL over HTTP and looks at what comes back.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use super::World;

/// Somebody who sends requests: a visitor, or a member with a token.
#[derive(Clone)]
pub struct Client {
    pub world: World,
    pub token: Option<String>,
    pub language: Option<&'static str>,
    pub address: IpAddr,
}

impl World {
    /// Somebody without a session.
    pub fn visitor(&self) -> Client {
        Client { world: self.clone(), token: None, language: None, address: IpAddr::V4(Ipv4Addr::LOCALHOST) }
    }

    /// Somebody with this access token.
    pub fn bearer(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.visitor() }
    }

    /// The same request through this process's door. Clients keep the world they were made in.
    pub fn serves(&self, client: &Client) -> Client {
        Client { world: self.clone(), ..client.clone() }
    }
}

impl Client {
    pub fn speaking(&self, language: &'static str) -> Client {
        Client { language: Some(language), ..self.clone() }
    }

    pub fn from(&self, address: &str) -> Client {
        Client { address: address.parse().expect("an address"), ..self.clone() }
    }

    /// Sends a document and answers everything that came back.
    pub async fn graphql(&self, query: &str, variables: Json) -> Answer {
        self.send(json!({ "query": query, "variables": variables })).await
    }

    /// Sends a document without variables and answers its data; any top-level error fails the test.
    pub async fn query(&self, query: &str) -> Json {
        self.graphql(query, Json::Null).await.data()
    }

    pub async fn send(&self, body: Json) -> Answer {
        let mut request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(language) = self.language {
            request = request.header("accept-language", language);
        }
        let mut request = request.body(Body::from(body.to_string())).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.address, 40_000)));
        self.send_request(request).await
    }

    pub async fn send_request(&self, request: Request<Body>) -> Answer {
        let response = self.world.router.clone().oneshot(request).await.expect("a router never fails");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 10 << 20).await.expect("a body");
        let json = serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into());
        Answer { status: parts.status, headers: parts.headers, json }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Json,
}

impl Answer {
    /// The data of an answer without top-level errors.
    #[track_caller]
    pub fn data(self) -> Json {
        assert!(self.json.get("errors").is_none(), "{}", self.json);
        self.json["data"].clone()
    }

    /// The code of the first top-level error, or a text that is none.
    pub fn code(&self) -> &str {
        self.json["errors"][0]["extensions"]["code"].as_str().unwrap_or("no error")
    }

    pub fn message(&self) -> &str {
        self.json["errors"][0]["message"].as_str().unwrap_or("no message")
    }

    /// Every code in the answer: of top-level errors, and of the user errors of its payloads.
    pub fn codes(&self) -> Vec<String> {
        fn user_errors(json: &Json, found: &mut Vec<String>) {
            match json {
                Json::Object(fields) => {
                    for error in fields.get("userErrors").and_then(Json::as_array).into_iter().flatten() {
                        found.push(error["code"].as_str().unwrap_or("no code").to_owned());
                    }
                    fields.values().for_each(|field| user_errors(field, found));
                }
                Json::Array(items) => items.iter().for_each(|item| user_errors(item, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        for error in self.json["errors"].as_array().into_iter().flatten() {
            found.push(error["extensions"]["code"].as_str().unwrap_or("no code").to_owned());
        }
        user_errors(&self.json["data"], &mut found);
        found
    }
}
