//! Memory at rest and under load, and the time from a start to the first answer.

use std::time::{Duration, Instant};

use crate::Result;
use crate::load::{ask, post};
use crate::process::memory_mib;
use crate::report::{Line, Side};
use crate::run::{Bench, Database, Kind, Server};

/// Starts of each server.
const STARTS: usize = 5;

/// Memory of the two servers at one moment.
pub struct Memory {
    ours: (f64, f64),
    theirs: (f64, f64),
}

impl Memory {
    pub fn now(server: &Server, plain: &Server) -> Result<Memory> {
        let of = |server: &Server| memory_mib(server.process.id()).ok_or("a server is gone");
        Ok(Memory { ours: of(server)?, theirs: of(plain)? })
    }
}

/// `rest`: after the first answer; `loaded`: after the loads, when the most that was ever held is known.
pub fn add_memory(bench: &mut Bench, database: &Database, rest: &Memory, loaded: &Memory) {
    let mut add = |what: &str, ours, theirs| {
        bench.add(Line {
            database: database.name,
            what: what.to_owned(),
            unit: "MiB",
            beside: "by hand",
            rounds: vec![(Side::bare(ours), Side::bare(theirs))],
            target: None,
        });
    };
    add("memory at rest", rest.ours.0, rest.theirs.0);
    add("memory, most under load", loaded.ours.1, loaded.theirs.1);
}

/// From starting the program to the first page of products in hand.
pub async fn measure_start(bench: &mut Bench, database: &Database) -> Result<()> {
    let mut rounds = Vec::new();
    for round in 0..STARTS {
        bench.say(&format!("{}: start, round {}", database.name, round + 1));
        let ours = start(bench, database, Kind::Jifen).await?;
        let theirs = start(bench, database, Kind::Plain).await?;
        rounds.push((Side::bare(ours), Side::bare(theirs)));
    }
    bench.add(Line {
        database: database.name,
        what: "start to first answer".to_owned(),
        unit: "ms",
        beside: "by hand",
        rounds,
        target: None,
    });
    Ok(())
}

/// Milliseconds. The process is ended again.
async fn start(bench: &Bench, database: &Database, kind: Kind) -> Result<f64> {
    let began = Instant::now();
    let mut server = bench.spawn(database, kind)?;
    first_answer(&mut server, kind).await?;
    Ok(began.elapsed().as_secs_f64() * 1_000.0)
}

/// Asks for a product, again and again, until there is an answer.
pub async fn first_answer(server: &mut Server, kind: Kind) -> Result<()> {
    const QUERY: &str = r#"{"query":"{ products(first: 1) { nodes { name } } }"}"#;
    let request = match kind {
        Kind::Jifen => [&post("/graphql", None, QUERY.len()), QUERY.as_bytes()].concat(),
        Kind::Plain => post("/products", None, 0),
    };
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        match ask(server.address, &request).await {
            Ok(_) => return Ok(()),
            Err(cause) if Instant::now() > patience => return Err(cause),
            Err(_) => {}
        }
        server.process.still_runs()?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
