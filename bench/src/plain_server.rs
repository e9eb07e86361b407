//! The nested read by hand: the SQL that the product's look-ups run, and no GraphQL.
//!
//! A request verifies the token (with the product's own memory of verified signatures), looks up the session and the
//! member, and then runs a statement for the orders, one for their lines and one for the products: five statements a
//! request, one after the other, as each needs what the one before has found. The answer is the product's JSON.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jifen::access::token::{SigningKey, TokenSettings, Tokens};
use jifen::base::clock::{Clock, Instant};
use jifen::base::id::Id;
use jifen::db::Db;
use jifen::db::connect::{Location, connect};
use jifen::db::dialect::{Cell, Dialect, SetColumn};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde::Serialize;

use crate::Result;
use crate::seed::told;

/// Where to find what is served.
#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    database_url: String,
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    signing_key_file: PathBuf,
}

struct Plain {
    db: Db,
    tokens: Tokens,
    clock: Clock,
    sql: Sql,
    pair_columns: [SetColumn; 2],
}

/// The product's statements. They differ by database only in how a set of ids is bound.
struct Sql {
    sessions: String,
    members: String,
    orders: String,
    lines: String,
    products: String,
    first_product: String,
}

impl Sql {
    fn new(dialect: Dialect) -> Sql {
        let pairs = dialect.row_set(&pair_columns());
        let edge = dialect.lowest_id();
        Sql {
            sessions: "SELECT x.* FROM \"session\" x WHERE x.\"member_id\" = $1 AND x.\"id\" = $2".to_owned(),
            members: "SELECT * FROM \"member\" WHERE \"id\" = $1".to_owned(),
            orders: format!(
                "SELECT x.* FROM (SELECT given.id, COALESCE((SELECT x.\"id\" FROM \"order\" x \
                 WHERE x.\"member_id\" = given.id ORDER BY x.\"id\" DESC LIMIT 1 OFFSET 10), {edge}) AS edge \
                 FROM {} AS given) AS list JOIN \"order\" x \
                 ON x.\"member_id\" = list.id AND x.\"id\" >= list.edge ORDER BY x.\"id\" DESC",
                dialect.from_ids(1)
            ),
            lines: format!(
                "SELECT x.* FROM ({pairs}) AS given JOIN \"order_line\" x \
                 ON x.\"member_id\" = given.owner AND x.\"order_id\" = given.wanted ORDER BY x.position"
            ),
            products: format!("SELECT * FROM \"product\" WHERE {}", dialect.in_ids("\"id\"", 1)),
            first_product: "SELECT \"name\" FROM \"product\" ORDER BY \"name\" LIMIT 1".to_owned(),
        }
    }
}

fn pair_columns() -> [SetColumn; 2] {
    ["owner", "wanted"].map(|name| SetColumn::new(name, Cell::Id))
}

pub async fn run(args: Args) -> Result<()> {
    let db = connect(&Location::parse(&args.database_url)?, 16).await.map_err(told)?;
    let key = SigningKey::load(&args.signing_key_file)?;
    let tokens = Tokens::new(&key, &[], Clock::System, TokenSettings::new("jifen", "jifen"));
    let plain = Plain { sql: Sql::new(db.dialect), pair_columns: pair_columns(), db, tokens, clock: Clock::System };
    let routes =
        Router::new().route("/orders", post(orders)).route("/products", post(products)).with_state(Arc::new(plain));
    let listener = tokio::net::TcpListener::bind(args.listen).await?;
    Ok(axum::serve(listener, routes).await?)
}

async fn orders(State(plain): State<Arc<Plain>>, headers: HeaderMap) -> Response {
    match plain.member(&headers).await {
        Ok(Some(json)) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Ok(None) => StatusCode::UNAUTHORIZED.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Only asked for by the measurement of the start.
async fn products(State(plain): State<Arc<Plain>>) -> impl IntoResponse {
    let name = async {
        let row = plain.query(&plain.sql.first_product, vec![]).await?;
        row.first().map(|row| row.try_get_by_index::<String>(0)).transpose()
    };
    match name.await {
        Ok(name) => Ok(Json(name)),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

impl Plain {
    /// On SeaORM's own pool, as who writes by hand would have it.
    async fn query(&self, sql: &str, values: Vec<Value>) -> std::result::Result<Vec<QueryResult>, DbErr> {
        self.db.read.connection().query_all_raw(self.db.dialect.statement(sql, values)).await
    }

    fn pairs(&self, pairs: impl IntoIterator<Item = (Id, Id)>) -> Vec<Value> {
        let (owners, wanted) = pairs.into_iter().map(|(owner, row)| (Value::from(owner), Value::from(row))).unzip();
        self.db.dialect.bind_rows(&self.pair_columns, vec![owners, wanted])
    }

    /// The whole answer, or `None` for a visitor.
    async fn member(&self, headers: &HeaderMap) -> std::result::Result<Option<Vec<u8>>, DbErr> {
        let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let Some(claims) = token.and_then(|token| self.tokens.verify(token).ok()) else { return Ok(None) };
        let session = vec![claims.member_id.into(), claims.session_id.into()];
        let found = self.query(&self.sql.sessions, session).await?;
        let Some(session) = found.first() else { return Ok(None) };
        let (expires_at, revoked_at): (i64, Option<i64>) =
            (session.try_get("", "expires_at")?, session.try_get("", "revoked_at")?);
        if revoked_at.is_some() || self.clock.now() >= Instant(expires_at) {
            return Ok(None);
        }
        let found = self.query(&self.sql.members, vec![claims.member_id.into()]).await?;
        let Some(member) = found.first() else { return Ok(None) };
        let number: String = member.try_get("", "number")?;
        self.written(&number, claims.member_id).await.map(Some)
    }

    async fn written(&self, number: &str, member_id: Id) -> std::result::Result<Vec<u8>, DbErr> {
        let dialect = self.db.dialect;
        let mut orders = self.query(&self.sql.orders, vec![dialect.ids([member_id])]).await?;
        orders.truncate(10);
        let ids = orders.iter().map(|order| order.try_get("", "id")).collect::<std::result::Result<Vec<Id>, _>>()?;
        let pairs = ids.iter().map(|id| (member_id, *id));
        let lines = self.query(&self.sql.lines, self.pairs(pairs)).await?;
        let mut wanted =
            lines.iter().map(|line| line.try_get("", "product_id")).collect::<std::result::Result<Vec<Id>, _>>()?;
        wanted.sort();
        wanted.dedup();
        let mut products = HashMap::with_capacity(wanted.len());
        for row in self.query(&self.sql.products, vec![dialect.ids(wanted)]).await? {
            products.insert(row.try_get::<Id>("", "id")?, product(&row)?);
        }
        let mut lines_of: HashMap<Id, Vec<Line>> = HashMap::with_capacity(ids.len());
        for row in &lines {
            lines_of.entry(row.try_get("", "order_id")?).or_default().push(line(row, &products)?);
        }
        let nodes = orders.iter().zip(&ids).map(|(row, id)| order(row, lines_of.remove(id).unwrap_or_default()));
        let nodes = nodes.collect::<std::result::Result<Vec<Order>, _>>()?;
        let data = Data { data: Body { me: Me { number, orders: Orders { nodes } } } };
        serde_json::to_vec(&data).map_err(|cause| DbErr::Custom(cause.to_string()))
    }
}

fn order<'a>(row: &QueryResult, lines: Vec<Line<'a>>) -> std::result::Result<Order<'a>, DbErr> {
    Ok(Order {
        number: row.try_get("", "number")?,
        placed_at: Instant(row.try_get("", "placed_at")?).rfc3339(),
        total: money(row.try_get("", "total")?),
        points_earned: row.try_get("", "points_earned")?,
        lines,
    })
}

fn line<'a>(row: &QueryResult, products: &'a HashMap<Id, Product>) -> std::result::Result<Line<'a>, DbErr> {
    Ok(Line {
        quantity: row.try_get("", "quantity")?,
        unit_price: money(row.try_get("", "unit_price")?),
        total: money(row.try_get("", "total")?),
        product: products.get(&row.try_get("", "product_id")?),
    })
}

fn product(row: &QueryResult) -> std::result::Result<Product, DbErr> {
    let price = money(row.try_get("", "price")?);
    Ok(Product { sku: row.try_get("", "sku")?, name: row.try_get("", "name")?, price })
}

fn money(minor: i64) -> Money {
    Money { amount: format!("{}.{:02}", minor / 100, minor % 100) }
}

#[derive(Serialize)]
struct Data<'a> {
    data: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    me: Me<'a>,
}

#[derive(Serialize)]
struct Me<'a> {
    number: &'a str,
    orders: Orders<'a>,
}

#[derive(Serialize)]
struct Orders<'a> {
    nodes: Vec<Order<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    number: String,
    placed_at: String,
    total: Money,
    points_earned: i64,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    quantity: i64,
    unit_price: Money,
    total: Money,
    product: Option<&'a Product>,
}

#[derive(Serialize)]
struct Product {
    sku: String,
    name: String,
    price: Money,
}

#[derive(Serialize)]
struct Money {
    amount: String,
}
