//! `login` over HTTP, against argon2 alone with the same parameters on as many threads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use jifen::access::password::PasswordSettings;

use crate::Result;
use crate::load::{Script, find, post};
use crate::report::{Line, Side};
use crate::run::{Bench, Database, Server};
use crate::seed::{PASSWORD, World};

const TARGET: f64 = 0.9;
/// More than there are threads that hash, so that none waits for the next request.
const CONNECTIONS: usize = 8;

const QUERY: &str = "mutation Login($input: LoginInput!) { login(input: $input) \
    { session { accessToken expiresAt } userErrors { code } } }";

struct Logins {
    world: Arc<World>,
}

impl Script for Logins {
    fn request(&self, connection: usize, turn: u64, out: &mut Vec<u8>) {
        let account = &self.world.visitors[(connection + CONNECTIONS * turn as usize) % self.world.visitors.len()];
        let body = format!(
            "{{\"query\":\"{QUERY}\",\"variables\":{{\"input\":{{\"account\":\"{account}\",\
             \"password\":\"{PASSWORD}\"}}}}}}"
        );
        out.extend_from_slice(&post("/graphql", None, body.len()));
        out.extend_from_slice(body.as_bytes());
    }

    fn check(&self, _: usize, _: u64, body: &[u8]) -> std::result::Result<(), &'static str> {
        let opened = body.starts_with(br#"{"data":{"login":{"session":{"accessToken":"ey"#)
            && find(body, br#""userErrors":[]"#).is_some();
        if opened { Ok(()) } else { Err("a login failed") }
    }
}

pub async fn measure(bench: &mut Bench, database: &Database, server: &mut Server) -> Result<()> {
    let mut rounds = Vec::new();
    for round in 0..bench.rounds {
        bench.say(&format!("{}: login, round {}", database.name, round + 1));
        let script = Logins { world: server.world.clone() };
        let ours = bench.load(database, server, CONNECTIONS, bench.timing(), script).await?.0;
        let measured = bench.timing().measured;
        let rate = tokio::task::spawn_blocking(move || argon2_alone(measured)).await??;
        rounds.push((ours, Side::bare(rate)));
    }
    bench.add(Line {
        database: database.name,
        what: format!("login, {CONNECTIONS} conn."),
        unit: "/s",
        beside: "argon2 alone",
        rounds,
        target: Some(TARGET),
    });
    Ok(())
}

/// Hashes a second: threads that do nothing else, each over memory that it keeps, as the product's do.
fn argon2_alone(measured: Duration) -> Result<f64> {
    let settings = PasswordSettings::default();
    let params = Params::new(settings.memory_kib, settings.passes, settings.lanes, Some(32))
        .map_err(|cause| cause.to_string())?;
    let began = Instant::now();
    let end = began + measured;
    let threads: Vec<_> = (0..settings.workers)
        .map(|_| {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
            let mut memory = vec![Block::new(); params.block_count()];
            std::thread::spawn(move || {
                let (mut hashes, mut hash) = (0_u64, [0; 32]);
                while Instant::now() < end {
                    let done =
                        argon2.hash_password_into_with_memory(PASSWORD.as_bytes(), &[7; 16], &mut hash, &mut memory);
                    done.map_err(|cause| cause.to_string())?;
                    hashes += 1;
                }
                Ok::<_, String>(hashes)
            })
        })
        .collect();
    let mut hashes = 0;
    for thread in threads {
        hashes += thread.join().map_err(|_| "hashing panicked")??;
    }
    // The last hash of each thread ends a little after the time is over.
    Ok(hashes as f64 / began.elapsed().as_secs_f64())
}
