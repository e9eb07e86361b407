//! The canary: a future dropped while its BEGIN is on the way (sqlx 0.9.0 with SeaORM 2.0.4 on PostgreSQL).
//!
//! The driver's pool takes the connection back without knowing of the transaction. Whoever gets it next writes inside
//! that transaction, is told that all went well, and the write is gone when the connection is. The first story shows
//! that the trap is there; when it fails, the driver was mended, and ADR 0002 and `db::connect` can be told. The others
//! show that our pools do not fall into it.

use std::time::Duration;

use jifen::base::error::Error;
use jifen::db::Db;
use jifen::db::connect::{Location, connect};
use sea_orm::{ConnectOptions, ConnectionTrait, Database as Connect, Statement, TransactionTrait};

use crate::world::hold::Wire;
use crate::world::{Kind, World, both_databases, tell};

async fn make_table(db: &impl ConnectionTrait) {
    db.execute_unprepared("CREATE TABLE canary (id bigint PRIMARY KEY)").await.expect("a new table");
}

/// What everybody else can see, through a connection of its own.
async fn canaries(location: &Location) -> i64 {
    let db = connect(location, 1).await.expect("the database opens");
    let count = Statement::from_string(db.dialect.backend(), "SELECT count(*) AS canaries FROM canary");
    let row = db.read.query_one_raw(count).await.expect("the table is there").expect("a count");
    row.try_get("", "canaries").expect("a number")
}

async fn write(db: &Db, id: i64) {
    let written = db.write(move |tx| async move {
        let insert = format!("INSERT INTO canary (id) VALUES ({id})");
        tx.execute_unprepared(&insert).await.map(drop).map_err(Error::from)
    });
    written.await.expect("the write is acknowledged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_drivers_defaults_lose_an_acknowledged_write() {
    tell(Kind::Postgres, defaults_lose).await;
}

#[expect(clippy::disallowed_methods, reason = "the trap is in begin, so the canary has to begin")]
async fn defaults_lose(world: World) {
    let wire = Wire::lay(&world.database.location).await;
    let mut options = ConnectOptions::new(wire.url.clone());
    options.max_connections(1).sqlx_logging(false);
    let pool = Connect::connect(options).await.expect("the database opens");
    make_table(&pool).await;
    wire.drop_at("BEGIN", pool.begin()).await;
    pool.execute_unprepared("INSERT INTO canary (id) VALUES (1)").await.expect("the driver calls it done");
    assert_eq!(canaries(&world.database.location).await, 0, "the driver was mended: the write is there");
    pool.close().await.expect("the pool closes");
    assert_eq!(canaries(&world.database.location).await, 0, "the write came late, but it came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_pools_keep_it() {
    tell(Kind::Postgres, ours_keep).await;
}

async fn ours_keep(world: World) {
    let wire = Wire::lay(&world.database.location).await;
    let db = connect(&wire.location(), 1).await.expect("the database opens");
    make_table(&db.write).await;
    let mut kept = Kept { location: &world.database.location, db: &db, canaries: 0 };
    wire.drop_at("BEGIN", db.begin_write()).await;
    kept.write_and_look("after a dropped begin_write").await;
    wire.drop_at("BEGIN", db.begin_snapshot()).await;
    kept.write_and_look("after a dropped begin_snapshot").await;
    let tx = db.begin_write().await.expect("a transaction");
    wire.drop_at("INSERT", tx.execute_unprepared("INSERT INTO canary (id) VALUES (-1)")).await;
    drop(tx);
    kept.write_and_look("after a dropped statement").await;
    let tx = db.begin_write().await.expect("a transaction");
    tx.execute_unprepared("INSERT INTO canary (id) VALUES (-1)").await.expect("a statement");
    wire.drop_at("ROLLBACK", tx.rollback()).await;
    kept.write_and_look("after a dropped rollback").await;
}

struct Kept<'a> {
    location: &'a Location,
    db: &'a Db,
    canaries: i64,
}

impl Kept<'_> {
    /// First a bare statement, which an open transaction would swallow, then an edit, which begins one of its own.
    async fn write_and_look(&mut self, moment: &str) {
        self.canaries += 1;
        let insert = format!("INSERT INTO canary (id) VALUES ({})", self.canaries);
        self.db.write.execute_unprepared(&insert).await.expect("the write is acknowledged");
        assert_eq!(canaries(self.location).await, self.canaries, "a statement {moment}");
        self.canaries += 1;
        write(self.db, self.canaries).await;
        assert_eq!(canaries(self.location).await, self.canaries, "an edit {moment}");
    }
}

both_databases!(writes_survive_whatever_was_dropped_before);

/// Drops beginnings, statements and endings at moments that are as good as random, and writes after each.
async fn writes_survive_whatever_was_dropped_before(world: World) {
    let location = &world.database.location;
    let db = connect(location, 1).await.expect("the database opens");
    make_table(&db.write).await;
    for id in 1..=60_i64 {
        let patience = Duration::from_micros((id as u64 * 37) % 900);
        let doomed = async {
            let tx = db.begin_write().await.expect("a transaction");
            tx.execute_unprepared(&format!("INSERT INTO canary (id) VALUES ({})", -id)).await.expect("a statement");
            tokio::time::sleep(Duration::from_micros(100)).await;
            tx.rollback().await.expect("a rollback");
        };
        let _ = tokio::time::timeout(patience, doomed).await;
        write(&db, id).await;
        assert_eq!(canaries(location).await, id, "after being dropped at {patience:?}");
    }
}
