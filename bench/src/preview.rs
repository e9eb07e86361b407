//! `previewEarn` of ten lines while fifty rules run, against a page of ten products: a simple read of as many rows.

use std::sync::Arc;

use jifen::domain::earning::rule::change::Step;

use crate::Result;
use crate::load::{Script, find, post, scatter};
use crate::report::Line;
use crate::rules::{Shop, few_and_idle};
use crate::run::{Bench, Database, Server};
use crate::seed::World;

const CONNECTIONS: usize = 8;
/// It is to answer in the time of a simple read.
const TARGET: f64 = 1.0;
const LINES: u64 = 10;
/// With the three that apply, fifty.
const IDLE: usize = 47;

const PREVIEW: &str = "query Preview($input: PreviewEarnInput!) { previewEarn(input: $input) { preview \
    { points base total { amount } shares { points explanation } lines { pointsEarned } } userErrors { code } } }";
const PAGE: &str = "{ products(first: 10) { nodes { id sku name price { amount } available } } }";

/// Baskets of a connection's own members, who take turns, each of ten products.
struct Baskets {
    world: Arc<World>,
}

impl Script for Baskets {
    fn request(&self, connection: usize, turn: u64, out: &mut Vec<u8>) {
        let (products, buyers) = (&self.world.products, &self.world.buyers);
        let first = scatter(connection, turn) % (products.len() as u64 - LINES);
        let lines = (first..first + LINES).map(|at| {
            let product = &products[at as usize];
            format!("{{\"productId\":\"{product}\",\"quantity\":1}}")
        });
        let lines = lines.collect::<Vec<_>>().join(",");
        let body = format!(
            "{{\"query\":\"{PREVIEW}\",\"operationName\":\"Preview\",\"variables\":{{\"input\":{{\"lines\":[{lines}]}}}}}}"
        );
        let buyer = &buyers[(connection + CONNECTIONS * turn as usize) % buyers.len()];
        out.extend_from_slice(&post("/graphql", Some(&buyer.token), body.len()));
        out.extend_from_slice(body.as_bytes());
    }

    /// ¥100 earn 1,000 points by the program's rate, as many by a rule that doubles them, and 10 by two more.
    fn check(&self, _: usize, _: u64, body: &[u8]) -> std::result::Result<(), &'static str> {
        let is_good = body.starts_with(br#"{"data":{"previewEarn":{"preview":{"points":2010,"base":1000,"#)
            && find(body, br#""errors":["#).is_none();
        if is_good { Ok(()) } else { Err("a basket was not previewed") }
    }
}

/// The first page of products, read by the same members.
struct Pages {
    world: Arc<World>,
}

impl Script for Pages {
    fn request(&self, connection: usize, turn: u64, out: &mut Vec<u8>) {
        let body = format!("{{\"query\":\"{PAGE}\"}}");
        let buyers = &self.world.buyers;
        let buyer = &buyers[(connection + CONNECTIONS * turn as usize) % buyers.len()];
        out.extend_from_slice(&post("/graphql", Some(&buyer.token), body.len()));
        out.extend_from_slice(body.as_bytes());
    }

    fn check(&self, _: usize, _: u64, body: &[u8]) -> std::result::Result<(), &'static str> {
        let is_good = body.starts_with(br#"{"data":{"products":{"nodes":[{"id":""#)
            && body.windows(6).filter(|window| window == b"\"sku\":").count() == 10
            && find(body, br#""errors":["#).is_none();
        if is_good { Ok(()) } else { Err("a page of products is not whole") }
    }
}

pub async fn measure(bench: &mut Bench, database: &Database, server: &mut Server) -> Result<()> {
    let shop = Shop::open(database, few_and_idle(IDLE)).await?;
    shop.take_all(Step::Publish).await?;
    let mut rounds = Vec::new();
    for round in 0..bench.rounds {
        bench.say(&format!("{}: previewEarn, round {}", database.name, round + 1));
        let baskets = Baskets { world: server.world.clone() };
        let ours = bench.load(database, server, CONNECTIONS, bench.timing(), baskets).await?.0;
        let pages = Pages { world: server.world.clone() };
        rounds.push((ours, bench.load(database, server, CONNECTIONS, bench.timing(), pages).await?.0));
    }
    shop.take_all(Step::Pause).await?;
    shop.close().await;
    bench.add(Line {
        database: database.name,
        what: "previewEarn, 50 rules".to_owned(),
        unit: "/s",
        beside: "10 products",
        rounds,
        target: Some(TARGET),
    });
    Ok(())
}
