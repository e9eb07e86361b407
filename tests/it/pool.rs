//! The connections that are kept between statements: whatever is dropped or closed, the next statement gets its own
//! answer, and nobody waits for a connection that lies unused.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::join_all;
use jifen::db::Db;
use jifen::db::connect::connect;
use sea_orm::{ConnectionTrait, DbErr};
use tokio::time::timeout;

use crate::world::{Kind, World, both_databases, tell};

/// At most half of these are kept.
const CONNECTIONS: u32 = 4;
const ROWS: i64 = 5_000;
/// Far more than anything here takes, and less than the pool would wait for a connection.
const PATIENCE: Duration = Duration::from_secs(6);

async fn opened(world: &World) -> Db {
    connect(&world.database.location, CONNECTIONS).await.expect("the database opens")
}

/// So many numbers from `first` on: enough of them to be dropped half-way.
async fn numbers(db: &Db, pool: &impl ConnectionTrait, first: i64) -> Result<Vec<i64>, DbErr> {
    let sql = format!(
        "WITH RECURSIVE list(n) AS (SELECT CAST($1 AS bigint) UNION ALL SELECT n + 1 FROM list WHERE n < $1 + {}) \
         SELECT n FROM list",
        ROWS - 1
    );
    let rows = pool.query_all_raw(db.dialect.statement(sql, [first.into()])).await?;
    rows.iter().map(|row| row.try_get("", "n")).collect()
}

both_databases!(whoever_comes_after_a_dropped_statement_gets_an_answer_of_their_own);

async fn whoever_comes_after_a_dropped_statement_gets_an_answer_of_their_own(world: World) {
    let db = opened(&world).await;
    let mut dropped = 0;
    for round in 0..90_i64 {
        let first = round * 1_000_000;
        // Turn by turn on the connection that was used last.
        match given_up(numbers(&db, &db.read, first), round as usize % 3).await {
            Some(found) => assert_eq!(found.expect("an answer"), (first..first + ROWS).collect::<Vec<_>>()),
            None => dropped += 1,
        }
        let found = numbers(&db, &db.read, -first - ROWS).await.expect("an answer");
        assert_eq!((found.len() as i64, found[0]), (ROWS, -first - ROWS), "round {round}");
    }
    assert!(dropped >= 5, "only {dropped} of 90 statements were dropped");
    db.close().await;
}

/// Drops a future that is still not ready when it has been woken so many times.
async fn given_up<T>(future: impl Future<Output = T>, wakings: usize) -> Option<T> {
    let (mut future, mut left) = (pin!(future), wakings);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

both_databases!(nobody_waits_for_a_connection_that_lies_unused);

async fn nobody_waits_for_a_connection_that_lies_unused(world: World) {
    let db = opened(&world).await;
    for pool in [&db.read, &db.write] {
        let all = join_all((0..16).map(|n| numbers(&db, pool, n))).await;
        for (n, found) in all.into_iter().enumerate() {
            assert_eq!(found.expect("an answer")[0], n as i64);
        }
    }
    let held = async {
        let mut held = Vec::new();
        for n in 1..CONNECTIONS {
            held.push(db.begin_snapshot().await.expect("a snapshot"));
            // One more lies unused again, and has to be sent to whoever begins next.
            assert_eq!(numbers(&db, &db.read, i64::from(n)).await.expect("an answer")[0], i64::from(n));
        }
        // One connection is left for all of these: whoever is done with it hands it on.
        let all = join_all((0..16).map(|n| numbers(&db, &db.read, n))).await;
        assert!(all.into_iter().zip(0..).all(|(found, n)| found.is_ok_and(|found| found[0] == n)));
        held.push(db.begin_snapshot().await.expect("the last connection"));
        numbers(&db, &held[0], 7).await.expect("an answer")
    };
    let found = timeout(PATIENCE, held).await.expect("somebody waited for a connection that was kept");
    assert_eq!(found[0], 7);
    db.close().await;
}

both_databases!(a_statement_that_failed_is_nobody_elses_concern);

async fn a_statement_that_failed_is_nobody_elses_concern(world: World) {
    let db = opened(&world).await;
    for round in 0..20_i64 {
        let failed = db.read.query_all_raw(db.dialect.statement("SELECT nothing FROM nowhere".to_owned(), [])).await;
        assert!(matches!(failed, Err(DbErr::Query(_))));
        assert!(matches!(
            db.write.execute_raw(db.dialect.statement("DELETE FROM nowhere".to_owned(), [])).await,
            Err(DbErr::Exec(_))
        ));
        assert_eq!(numbers(&db, &db.read, round).await.expect("an answer")[0], round);
        assert_eq!(numbers(&db, &db.write, round).await.expect("an answer")[0], round);
    }
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_closed_fails_once_each() {
    tell(Kind::Postgres, closed_by_the_server).await;
}

async fn closed_by_the_server(world: World) {
    let db = opened(&world).await;
    join_all((0..16).map(|n| numbers(&db, &db.read, n))).await;
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    world.app.db.read.query_all_raw(db.dialect.statement(sql.to_owned(), [])).await.expect("the others are ended");
    let mut failed = 0;
    while numbers(&db, &db.read, 1).await.is_err() {
        failed += 1;
        assert!(failed <= CONNECTIONS, "a connection failed twice");
    }
    for n in 0..16 {
        assert_eq!(numbers(&db, &db.read, n).await.expect("an answer")[0], n);
    }
    world.skip_the_books();
    db.close().await;
}

both_databases!(closing_does_not_wait_for_what_is_kept);

async fn closing_does_not_wait_for_what_is_kept(world: World) {
    let db = opened(&world).await;
    join_all((0..8).map(|n| numbers(&db, &db.read, n))).await;
    // One is on its way while the pool closes: it is answered, and its connection is not kept.
    let other = db.clone();
    let last = tokio::spawn(async move { numbers(&other, &other.read, 5).await.map(|found| found[0]) });
    tokio::time::sleep(Duration::from_micros(200)).await;
    timeout(PATIENCE, db.close()).await.expect("closing waited");
    let answered = last.await.expect("no panic");
    assert!(matches!(answered, Ok(5) | Err(DbErr::ConnectionAcquire(_))), "{answered:?}");
    assert!(matches!(numbers(&db, &db.read, 1).await, Err(DbErr::ConnectionAcquire(_))));
}
