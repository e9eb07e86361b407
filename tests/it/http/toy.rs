//! A small schema that fails in every way a schema can, and helpers to talk to it.

use std::time::Duration;

use async_graphql::{
    Context, EmptySubscription, InputObject, InputValueError, InputValueResult, Object, Scalar, ScalarType, Schema,
    SimpleObject, Value,
};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header, request::Parts};
use jifen::base::error::{Code, Error};
use jifen::gql::error::Result;
use jifen::gql::limit::{Limits, SchemaMap};
use jifen::http::{Endpoint, Prepared, Site, router};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

pub struct Caller(pub &'static str);

pub struct Even(i64);

#[Scalar]
impl ScalarType for Even {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::Number(number) => {
                number.as_i64().filter(|n| n % 2 == 0).map(Even).ok_or_else(|| InputValueError::custom("odd"))
            }
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        self.0.into()
    }
}

#[derive(InputObject)]
pub struct Login {
    pub name: String,
    pub password: String,
}

#[derive(SimpleObject)]
pub struct Item {
    name: String,
}

#[derive(SimpleObject)]
pub struct ItemConnection {
    nodes: Vec<Item>,
    total_count: i32,
}

pub struct Query;

#[Object]
impl Query {
    async fn hello(&self, context: &Context<'_>) -> String {
        format!("hello {}", context.data_opt::<Caller>().map_or("nobody", |caller| caller.0))
    }
    async fn items(&self, first: Option<i32>) -> ItemConnection {
        let nodes = (0..first.unwrap_or(20).min(3)).map(|n| Item { name: format!("item {n}") }).collect();
        ItemConnection { nodes, total_count: 3 }
    }
    async fn me(&self) -> Me {
        Me
    }
    async fn twice(&self, even: Even, add: Option<i32>) -> i64 {
        even.0 * 2 + i64::from(add.unwrap_or_default())
    }
    async fn boom(&self, #[graphql(default)] quietly: bool) -> i32 {
        assert!(quietly, "password=hunter2 in /srv/secret");
        1
    }
    async fn leak(&self) -> async_graphql::Result<i32> {
        Err(std::io::Error::other("SELECT * FROM account").into())
    }
    async fn leak_maybe(&self) -> async_graphql::Result<Option<i32>> {
        Err(async_graphql::Error::new("SELECT * FROM account"))
    }
    async fn broken(&self) -> Result<i32> {
        Err(Error::internal(std::io::Error::other("disk on fire")))?
    }
    async fn forbidden(&self) -> Result<Option<i32>> {
        Err(Error::new(Code::Forbidden, "Not yours."))?
    }
    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        1
    }
    async fn long(&self) -> String {
        "long ".repeat(1_000)
    }
}

pub struct Me;

#[Object]
impl Me {
    async fn friend(&self) -> Me {
        Me
    }
    async fn items(&self, #[graphql(default = 10)] first: i32) -> ItemConnection {
        ItemConnection { nodes: Vec::new(), total_count: first }
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn login(&self, input: Login) -> String {
        format!("{} {}", input.name, input.password.len())
    }
    async fn touch(&self) -> i32 {
        1
    }
}

fn prepare(
    parts: &Parts,
    request: async_graphql::Request,
) -> futures_util::future::BoxFuture<'static, jifen::base::error::Result<Prepared>> {
    let token = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Box::pin(async move {
        match token.as_deref() {
            None => Ok(Prepared { request, is_member: false }),
            Some("Bearer good") => Ok(Prepared { request: request.data(Caller("Ann")), is_member: true }),
            Some("Bearer old") => Err(Error::new(Code::TokenExpired, "The access token has expired.")),
            Some("Bearer down") => Err(Error::unavailable()),
            Some("Bearer panic") => panic!("no such token"),
            Some(_) => Err(Error::unauthenticated()),
        }
    })
}

pub fn limits() -> Limits {
    Limits::default().with_once(["login"])
}

pub fn app_with(limits: Limits, is_production: bool, change: impl FnOnce(Endpoint) -> Endpoint) -> Router {
    let mut builder = Schema::build(Query, Mutation, EmptySubscription);
    if is_production {
        builder = builder.disable_introspection().disable_suggestions();
    }
    let schema = builder.finish();
    let map = SchemaMap::from_sdl(&schema.sdl()).expect("the program's own schema");
    let limits = Limits { introspection: !is_production, ..limits };
    router(Site {
        endpoint: change(Endpoint::new(schema, map, limits, prepare)),
        ready: std::sync::Arc::new(|| Box::pin(async { true })),
        jwks: json!({ "keys": [] }),
        origins: vec![HeaderValue::from_static("https://shop.example")],
    })
}

pub fn app() -> Router {
    app_with(limits(), false, |endpoint| endpoint)
}

/// An answer as a test wants to look at it.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Json,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.json["errors"][0]["extensions"]["code"].as_str().unwrap_or("no code")
    }
    pub fn message(&self) -> &str {
        self.json["errors"][0]["message"].as_str().unwrap_or("no message")
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.expect("a router never fails");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 10 << 20).await.expect("a body");
    let json = serde_json::from_slice(&bytes).unwrap_or_else(|_| Json::String(String::from_utf8_lossy(&bytes).into()));
    Answer { status: parts.status, headers: parts.headers, json }
}

pub const NEW: &str = "application/graphql-response+json";
pub const OLD: &str = "application/json";

/// A POST of this JSON, with headers.
pub fn post(body: impl Into<Body>, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post("/graphql").header("content-type", "application/json");
    for (name, value) in headers {
        if *name == "content-type" {
            request = Request::post("/graphql");
        }
        request = request.header(*name, *value);
    }
    request.body(body.into()).expect("a request")
}

pub fn get(query: &str, accept: &str) -> Request<Body> {
    let query = query.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
    Request::get(format!("/graphql?{query}")).header("accept", accept).body(Body::empty()).expect("a request")
}

/// Runs a query with the newer media type.
pub async fn ask(query: &str) -> Answer {
    send(&app(), post(json!({ "query": query }).to_string(), &[("accept", NEW)])).await
}
