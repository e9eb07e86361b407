//! `placeOrder` over HTTP, against the same statements one by one without an application.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::Result;
use crate::load::{Script, Timing, find, post, scatter};
use crate::one_by_one::Printed;
use crate::pgbench;
use crate::process::Process;
use crate::report::{Line, Side};
use crate::run::{Bench, Database, Server};
use crate::seed::World;

const CONNECTIONS: [usize; 3] = [1, 32, 128];

/// At 128 connections on PostgreSQL, as often as the statements one by one.
const TARGET: f64 = 3.0;

const QUERY: &str = "mutation PlaceOrder($input: PlaceOrderInput!) { placeOrder(input: $input) \
    { order { number total { amount } pointsEarned } userErrors { code } } }";

/// An order of one line by one of the connection's own members, who take turns.
pub struct Orders {
    world: Arc<World>,
    connections: usize,
    /// Different in every run, so that no idempotency key comes twice.
    run: u64,
    /// How the answer ends.
    foot: String,
}

impl Orders {
    pub fn new(world: &Arc<World>, connections: usize, run: u64) -> Orders {
        Orders { world: world.clone(), connections, run, foot: foot(0) }
    }

    /// The same where rules give so many points more.
    pub fn with_rules(self, points: i64) -> Orders {
        Orders { foot: foot(points), ..self }
    }
}

/// An order of ¥10 earns 100 points by the program's rate.
fn foot(by_rules: i64) -> String {
    format!("\"total\":{{\"amount\":\"10.00\"}},\"pointsEarned\":{}}},\"userErrors\":[]}}}}", 100 + by_rules)
}

impl Script for Orders {
    fn request(&self, connection: usize, turn: u64, out: &mut Vec<u8>) {
        let drawn = scatter(connection, (self.run << 40) + turn);
        let buyer = &self.world.buyers[(connection + self.connections * turn as usize) % self.world.buyers.len()];
        let product = &self.world.products[(drawn % self.world.products.len() as u64) as usize];
        let body = format!(
            "{{\"query\":\"{QUERY}\",\"operationName\":\"PlaceOrder\",\"variables\":{{\"input\":{{\
             \"idempotencyKey\":\"{:04}-{connection:04}-{turn:08}-{drawn:016x}\",\
             \"lines\":[{{\"productId\":\"{product}\",\"quantity\":1}}]}}}}}}",
            self.run
        );
        out.extend_from_slice(&post("/graphql", Some(&buyer.token), body.len()));
        out.extend_from_slice(body.as_bytes());
    }

    fn check(&self, _: usize, _: u64, body: &[u8]) -> std::result::Result<(), &'static str> {
        let placed = body.starts_with(br#"{"data":{"placeOrder":{"order":{"number":""#)
            && find(body, self.foot.as_bytes()).is_some()
            && find(body, br#""errors":["#).is_none();
        if placed { Ok(()) } else { Err("an order was not placed") }
    }
}

pub async fn measure(bench: &mut Bench, database: &Database, server: &mut Server) -> Result<()> {
    for connections in CONNECTIONS {
        let mut rounds = Vec::new();
        for round in 0..bench.rounds {
            bench.say(&format!("{}: placeOrder, {connections} connections, round {}", database.name, round + 1));
            let ours = over_http(bench, database, server, connections).await?;
            let theirs = match database.is_sqlite() {
                true => one_by_one(bench, database, connections).await?,
                false => by_pgbench(bench, database, connections).await?,
            };
            rounds.push((ours, theirs));
        }
        let beside = if database.is_sqlite() { "one by one" } else { "pgbench" };
        let target = (connections == 128 && !database.is_sqlite()).then_some(TARGET);
        let line = Line {
            database: database.name,
            what: format!("placeOrder, {connections:>3} conn."),
            unit: "/s",
            beside,
            rounds,
            target,
        };
        if !database.is_sqlite() && connections == 128 && (bench.explain || line.misses_target()) {
            let note = crate::explain::place_order(bench, database, server, connections).await?;
            bench.notes.push(note);
        }
        bench.add(line);
    }
    Ok(())
}

async fn over_http(bench: &mut Bench, database: &Database, server: &mut Server, connections: usize) -> Result<Side> {
    database.settle().await?;
    let before = database.orders().await?;
    let script = Orders::new(&server.world, connections, bench.next_run());
    let (side, answered) = bench.load(database, server, connections, bench.timing(), script).await?;
    let added = database.orders().await? - before;
    if added != answered {
        return Err(format!("{answered} orders were acknowledged and {added} are in the database").into());
    }
    Ok(side)
}

async fn by_pgbench(bench: &mut Bench, database: &Database, clients: usize) -> Result<Side> {
    database.settle().await?;
    let before = database.orders().await?;
    let Timing { warm_up, measured } = bench.timing();
    // A client has a backend of its own, which learns the tables and parses 17 statements before it is quick.
    let timing = Timing { warm_up: warm_up + Duration::from_secs(clients as u64 / 32), measured };
    let run = bench.next_run();
    let (process, log) = bench.pgbench.start(clients, (timing.warm_up + measured).as_secs(), run)?;
    let parts = [("PostgreSQL", database.postmaster, true), ("pgbench", Some(process.id()), false)];
    let (cores, status) = tokio::join!(bench.cores_of_program(&parts, timing), process.finish());
    let log = std::fs::read_to_string(log)?;
    if !status?.success() {
        return Err(format!("pgbench failed: {log}").into());
    }
    let said = pgbench::read(&log, timing.warm_up.as_secs())?;
    let added = database.orders().await? - before;
    if added != said.placed {
        return Err(format!("pgbench placed {} orders and {added} are in the database", said.placed).into());
    }
    Ok(Side { cores, ..Side::bare(said.rate) })
}

async fn one_by_one(bench: &mut Bench, database: &Database, connections: usize) -> Result<Side> {
    database.settle().await?;
    let before = database.orders().await?;
    let Timing { warm_up, measured } = bench.timing();
    let run = bench.next_run();
    let (out, err) = (bench.folder.join(format!("one-by-one-{run}")), bench.folder.join("one-by-one.log"));
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["one-by-one", "--database-url", &database.url, "--connections", &connections.to_string()])
        .args(["--warm-up-seconds", &warm_up.as_secs().to_string(), "--seconds", &measured.as_secs().to_string()])
        .args(["--run", &run.to_string()]);
    let process = Process::start("one-by-one", &mut command, &out, &err)?;
    let parts = [("one by one", Some(process.id()), false)];
    let (cores, status) = tokio::join!(bench.cores_of_program(&parts, bench.timing()), process.finish());
    if !status?.success() {
        return Err(format!("one-by-one failed: {}", std::fs::read_to_string(err)?).into());
    }
    let printed: Printed = serde_json::from_str(&std::fs::read_to_string(out)?)?;
    let added = database.orders().await? - before;
    if added != printed.placed {
        return Err(format!("one by one placed {} orders and {added} are in the database", printed.placed).into());
    }
    Ok(Side { cores, ..Side::bare(printed.rate) })
}
