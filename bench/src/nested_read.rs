//! The nested read (me → 10 orders → lines → product), against the same SQL by hand without GraphQL.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Result;
use crate::load::{Script, ask, find, post};
use crate::report::Line;
use crate::run::{Bench, Database, Server};
use crate::seed::{LINES, World};

/// Connections, and the ratio that is aimed at there.
const CONNECTIONS: [(usize, f64); 2] = [(8, 0.8), (32, 1.0)];

const QUERY: &str = "query History { me { number orders(first: 10) { nodes { number placedAt total { amount } \
    pointsEarned lines { quantity unitPrice { amount } total { amount } product { sku name price { amount } } } } } } }";

/// The connection's members read their orders in turn.
pub struct Reads {
    requests: Vec<Vec<u8>>,
    /// How long each member's answer is. Nothing they read changes, so every answer is as long as the first, which is
    /// read in full.
    lengths: Vec<AtomicUsize>,
    connections: usize,
}

impl Reads {
    pub fn of_graphql(world: &World, connections: usize) -> Reads {
        let body = format!("{{\"query\":\"{QUERY}\"}}");
        Reads::new(world, connections, "/graphql", &body)
    }

    pub fn by_hand(world: &World, connections: usize) -> Reads {
        Reads::new(world, connections, "/orders", "")
    }

    fn new(world: &World, connections: usize, path: &str, body: &str) -> Reads {
        let request = |token: &str| [&post(path, Some(token), body.len()), body.as_bytes()].concat();
        let requests: Vec<_> = world.readers.iter().map(|reader| request(&reader.token)).collect();
        let lengths = requests.iter().map(|_| AtomicUsize::new(0)).collect();
        Reads { requests, lengths, connections }
    }

    fn reader(&self, connection: usize, turn: u64) -> usize {
        (connection + self.connections * turn as usize) % self.requests.len()
    }
}

impl Script for Reads {
    fn request(&self, connection: usize, turn: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.requests[self.reader(connection, turn)]);
    }

    fn check(&self, connection: usize, turn: u64, body: &[u8]) -> std::result::Result<(), &'static str> {
        let length = &self.lengths[self.reader(connection, turn)];
        if length.load(Ordering::Relaxed) == 0 {
            whole(body).ok_or("an answer lacks something")?;
            length.store(body.len(), Ordering::Relaxed);
        }
        let is_good = body.starts_with(br#"{"data":{"me":{"number":""#)
            && body.len() == length.load(Ordering::Relaxed)
            && find(&body[body.len().saturating_sub(400)..], br#""errors":["#).is_none();
        if is_good { Ok(()) } else { Err("an answer is not like the first one") }
    }
}

/// Ten orders with all their lines, and each line with its product.
fn whole(body: &[u8]) -> Option<()> {
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    let orders = json["data"]["me"]["orders"]["nodes"].as_array().filter(|orders| orders.len() == 10)?;
    for order in orders {
        let lines = order["lines"].as_array().filter(|lines| lines.len() == LINES)?;
        lines.iter().find(|line| line["product"]["name"].is_null()).is_none().then_some(())?;
    }
    json["errors"].is_null().then_some(())
}

pub async fn measure(bench: &mut Bench, database: &Database, server: &mut Server, plain: &mut Server) -> Result<()> {
    same_answer(server, plain).await?;
    for (connections, target) in CONNECTIONS {
        let mut rounds = Vec::new();
        for round in 0..bench.rounds {
            bench.say(&format!("{}: nested read, {connections} connections, round {}", database.name, round + 1));
            let script = Reads::of_graphql(&server.world, connections);
            let ours = bench.load(database, server, connections, bench.timing(), script).await?.0;
            let script = Reads::by_hand(&server.world, connections);
            let theirs = bench.load(database, plain, connections, bench.timing(), script).await?.0;
            rounds.push((ours, theirs));
        }
        bench.add(Line {
            database: database.name,
            what: format!("nested read, {connections:>2} conn."),
            unit: "/s",
            beside: "by hand",
            rounds,
            target: Some(target),
        });
    }
    Ok(())
}

/// Both must say the same, or they are not to be compared.
async fn same_answer(server: &Server, plain: &Server) -> Result<()> {
    let data = async |server: &Server, script: Reads| -> Result<serde_json::Value> {
        let json: serde_json::Value = serde_json::from_slice(&ask(server.address, &script.requests[0]).await?)?;
        Ok(json["data"].clone())
    };
    let ours = data(server, Reads::of_graphql(&server.world, 1)).await?;
    let theirs = data(plain, Reads::by_hand(&plain.world, 1)).await?;
    if ours != theirs || ours.is_null() {
        return Err(format!("the two servers answer differently:\n{ours}\n{theirs}").into());
    }
    Ok(())
}
