//! Clients that hang up in the middle of a request, over a real socket: nothing acknowledged is lost, nothing happens
//! twice, and no transaction stays open.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use jifen::base::id::Random;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::member::REFRESH;
use crate::world::{Kind, World, both_databases};

both_databases!(acknowledged_orders_survive_hang_ups, sessions_survive_hang_ups_while_refreshing);

/// Sends a request and hangs up after `patience`; `None` waits for the answer. What came whole is answered.
async fn send(server: SocketAddr, token: Option<&str>, body: Json, patience: Option<Duration>) -> Option<Json> {
    let body = body.to_string();
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         {authorization}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let exchange = async {
        let mut socket = TcpStream::connect(server).await.expect("the server listens");
        // Without this the kernel may keep a closed connection's data and the server would never notice in time.
        socket.set_zero_linger().expect("a socket option");
        socket.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.ok()?;
        let text = String::from_utf8(answer).ok()?;
        serde_json::from_str(text.split_once("\r\n\r\n")?.1).ok()
    };
    match patience {
        Some(patience) => tokio::time::timeout(patience, exchange).await.ok().flatten(),
        None => exchange.await,
    }
}

/// A moment before or shortly after the answer can be expected.
fn patience(random: &Random, usual: Duration) -> Duration {
    usual.mul_f64(f64::from(u16::from_le_bytes(random.bytes())) / 45_000.0)
}

async fn acknowledged_orders_survive_hang_ups(world: World) {
    let tea = world.product("tea").stock(10_000).await;
    let mut shoppers = Vec::new();
    for _ in 0..8 {
        shoppers.push(world.member().await);
    }
    let server = world.listen().await;
    let tasks = shoppers.iter().cloned().enumerate().map(|(seat, shopper)| {
        let tea = tea.clone();
        tokio::spawn(async move {
            let random = Random::seeded(seat as u64);
            let token = shopper.token.as_deref();
            let mut sent = Vec::new();
            let mut usual = Duration::ZERO;
            for turn in 0..30 {
                let body = shopper.place_order(&[(&tea, 1)]).body();
                // The first ones are waited for, to learn how long an answer takes on this machine under this load.
                let hurry = (turn >= 5).then(|| patience(&random, usual));
                let began = std::time::Instant::now();
                let answer = send(server, token, body.clone(), hurry).await;
                if hurry.is_none() {
                    usual = began.elapsed();
                }
                sent.push((body, answer));
            }
            (shopper, sent)
        })
    });
    let mut acknowledged = HashMap::new();
    let mut all = Vec::new();
    for task in futures_util::future::join_all(tasks).await {
        let (shopper, sent) = task.expect("a shopper");
        for (body, answer) in sent {
            if let Some(answer) = answer {
                let id = answer["data"]["placeOrder"]["order"]["id"].as_str().expect("an order").to_owned();
                acknowledged.insert(body["variables"]["input"]["idempotencyKey"].to_string(), id);
            }
            all.push((shopper.clone(), body));
        }
    }
    assert_no_transaction_stays_open(&world).await;
    let before = world.books().await;
    assert!(before.count("order") >= acknowledged.len(), "an acknowledged order is missing");
    println!("{} sent, {} made, {} acknowledged", all.len(), before.count("order"), acknowledged.len());
    // Every client that did not hear an answer asks again, with the same key.
    for (shopper, body) in &all {
        let answer = send(server, shopper.token.as_deref(), body.clone(), None).await.expect("an answer");
        let order = &answer["data"]["placeOrder"]["order"];
        if let Some(id) = acknowledged.get(&body["variables"]["input"]["idempotencyKey"].to_string()) {
            assert_eq!(order["id"], id.as_str(), "an acknowledged order changed");
        }
        assert!(order["id"].is_string(), "{answer}");
    }
    let after = world.books().await;
    assert_eq!((after.count("order"), after.count("idempotency")), (all.len(), all.len()));
    assert_eq!(world.pieces_left(tea.row).await, 10_000 - all.len() as i64);
}

async fn sessions_survive_hang_ups_while_refreshing(world: World) {
    let member = world.member().await;
    let server = world.listen().await;
    let random = Random::seeded(3);
    let mut usual = Duration::ZERO;
    let mut second = Vec::new();
    for _ in 0..25 {
        let first = member.another_session().await.refresh_token;
        let body = json!({ "query": REFRESH, "variables": { "input": { "refreshToken": first } } });
        let unheard = send(server, None, body.clone(), Some(patience(&random, usual))).await;
        let began = std::time::Instant::now();
        let heard = send(server, None, body, None).await.expect("an answer");
        usual = began.elapsed();
        let token = |answer: &Json| {
            let token = answer["data"]["refreshToken"]["session"]["refreshToken"].as_str();
            token.unwrap_or_else(|| panic!("{answer}")).to_owned()
        };
        if let Some(unheard) = unheard {
            assert_eq!(token(&unheard), token(&heard), "the chain forked");
        }
        second.push(token(&heard));
    }
    assert_no_transaction_stays_open(&world).await;
    for token in second {
        assert!(world.visitor().refresh(&token).await["session"].is_object());
    }
}

/// PostgreSQL tells which of this world's connections are inside a transaction. What is being committed may be for a
/// moment; what was left behind would stay for half a minute.
async fn assert_no_transaction_stays_open(world: &World) {
    if world.database.kind == Kind::Sqlite {
        // The one writer would be taken for good, so a write tells.
        world.product("proof that the writer is free").await;
        return;
    }
    let sql = "SELECT count(*) AS open FROM pg_stat_activity \
               WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    for _ in 0..40 {
        let asked = Statement::from_string(world.app.db.dialect.backend(), sql);
        let row = world.app.db.read.query_one_raw(asked).await.expect("an answer").expect("a count");
        if row.try_get::<i64>("", "open").expect("a number") == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a transaction stayed open");
}
