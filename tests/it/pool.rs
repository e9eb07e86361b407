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

use crate::world::{World, both_databases};

/// Half of these are kept.
const CONNECTIONS: u32 = 4;
const ROWS: i64 = 2_000;
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
    for round in 0..120_i64 {
        let first = round * 1_000_000;
        // Turn by turn on the connection that was used last.
        match given_up(numbers(&db, &db.read, first), round as usize % 3).await {
            Some(found) => assert_eq!(found.expect("an answer"), (first..first + ROWS).collect::<Vec<_>>()),
            None => dropped += 1,
        }
        let found = numbers(&db, &db.read, -first - ROWS).await.expect("an answer");
        assert_eq!((found.len() as i64, found[0]), (ROWS, -first - ROWS), "round {round}");
    }
    assert!(dropped >= 20, "only {dropped} of 120 statements were dropped");
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
    // As many as are left when half of them are kept, at the same time.
    let begin = async {
        let one = db.begin_snapshot().await.expect("a snapshot");
        let two = db.begin_snapshot().await.expect("another");
        (numbers(&db, &one, 7).await.expect("an answer"), numbers(&db, &two, 9).await.expect("an answer"))
    };
    let (one, two) = timeout(PATIENCE, begin).await.expect("a transaction waited for a connection that was kept");
    assert_eq!((one[0], two[0]), (7, 9));
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
