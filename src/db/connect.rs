//! Opening the database, with the drivers' traps closed (ledger of traps: docs/adr/0002).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sea_orm::sqlx::Executor;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database};

use crate::base::error::{Code, Error, Result};
use crate::db::dialect::Dialect;

mod pool;

pub use pool::Pool;

/// How long a statement may take, and how long it may wait for a row another process has locked: long enough for one that
/// works, and short enough for whoever waits in the same group to be served in time after it.
const STATEMENT_TIMEOUT: &str = "30s";
const LOCK_TIMEOUT: &str = "2s";
/// A transaction that does nothing for this long is ended by the server: its client is gone.
const IDLE_IN_TRANSACTION_TIMEOUT: &str = "30s";
/// Writers find few rows by their keys, with the same statements again and again: PostgreSQL plans each once and keeps the
/// plan. It may be kept from when a table was empty, and must not be one that reads the table whole.
const PLANS_OF_WRITERS: [(&str, &str); 2] = [("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off")];
/// Another *process* may hold SQLite's write lock (an import beside a server); within one process nobody waits for it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);

/// The database as the rest of the program holds it: a pool to read from and a pool to write with.
#[derive(Clone)]
pub struct Db {
    pub read: Pool,
    /// Only `db::write` and `commit` begin transactions on it. On SQLite it is one connection: the one writer.
    pub write: Pool,
    pub dialect: Dialect,
}

impl Db {
    /// The pool long reads are made on. Where there are many writers it is theirs, whose connections are rolled back when
    /// they return; the one writer of SQLite must not be kept from its work.
    pub fn snapshots(&self) -> &Pool {
        if self.dialect.has_one_writer() { &self.read } else { &self.write }
    }

    /// Closes both pools. An SQLite file is then complete in itself, without the log beside it.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Which database a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Location {
    /// Reads `sqlite://PATH` or `postgres://…`.
    pub fn parse(url: &str) -> Result<Location, String> {
        if let Some(rest) = url.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            let path = path.split('?').next().unwrap_or(path);
            if path.is_empty() || path == ":memory:" {
                return Err(
                    "the embedded database needs a file: sqlite://PATH, for example sqlite://jifen.db".to_owned()
                );
            }
            return Ok(Location::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Location::Postgres(url.replacen("postgresql://", "postgres://", 1)));
        }
        Err("the database URL must begin with sqlite:// or postgres://".to_owned())
    }

    /// True for an embedded database whose file is not there. A server is asked when it is connected to.
    pub fn is_missing(&self) -> bool {
        matches!(self, Location::Sqlite(path) if !path.exists())
    }
}

/// What keeps two processes from migrating at the same time.
pub enum MigrationLock {
    File(PathBuf),
    Row,
}

impl Location {
    pub fn migration_lock(&self) -> MigrationLock {
        match self {
            Location::Sqlite(path) => {
                let mut lock = path.clone().into_os_string();
                lock.push(".migrate");
                MigrationLock::File(PathBuf::from(lock))
            }
            Location::Postgres(_) => MigrationLock::Row,
        }
    }

    /// Where the signing key is kept when no other place is given: beside the database.
    pub fn key_path(&self) -> PathBuf {
        match self {
            Location::Sqlite(path) => path.with_extension("key"),
            Location::Postgres(_) => PathBuf::from("jifen.key"),
        }
    }
}

/// Where SQLite puts what it sorts and materialises. (PostgreSQL has rules of its own, `work_mem`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scratch {
    /// What a request reads is small.
    Memory,
    /// A command that reads whole tables would keep as much of them in memory; in a folder of the system
    /// (`SQLITE_TMPDIR`, `TMPDIR`, /var/tmp) they have room.
    Files,
}

/// How a database is opened.
#[derive(Clone, Copy, Debug)]
pub struct Pools {
    /// Bounds each pool on PostgreSQL, and the one that reads on SQLite.
    pub connections: u32,
    pub scratch: Scratch,
}

impl From<u32> for Pools {
    fn from(connections: u32) -> Pools {
        Pools { connections, scratch: Scratch::Memory }
    }
}

/// Opens both pools.
pub async fn connect(location: &Location, pools: impl Into<Pools>) -> Result<Db> {
    let pools = pools.into();
    match location {
        Location::Sqlite(path) => connect_sqlite(path, pools).await,
        Location::Postgres(url) => connect_postgres(url, pools.connections).await,
    }
}

async fn connect_sqlite(path: &Path, pools: Pools) -> Result<Db> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|cause| {
            unreachable_database(format!("the folder {} cannot be made: {cause}", folder.display()))
        })?;
    }
    let readers = pools.connections.clamp(1, 8);
    let write = Pool::new(open_when_free(|| sqlite_options(path, 1, pools.scratch, false)).await?, 1);
    let read = Pool::new(open_when_free(|| sqlite_options(path, readers, pools.scratch, true)).await?, readers);
    Ok(Db { read, write, dialect: Dialect::Sqlite })
}

fn sqlite_options(path: &Path, connections: u32, scratch: Scratch, read_only: bool) -> ConnectOptions {
    let mut options = quiet("sqlite:".to_owned(), connections);
    let path = path.to_owned();
    let scratch = match scratch {
        Scratch::Memory => "memory",
        Scratch::Files => "file",
    };
    options.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .filename(&path)
            .create_if_missing(!read_only)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL makes every commit wait for the disk: an order that was answered is never lost with the power.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(500)
            // The thread that reads runs ahead by so many rows; each time it must wait, two threads are switched.
            .row_buffer_size(4_096)
            .pragma("cache_size", "-65536")
            .pragma("temp_store", scratch);
        if read_only { sqlite.pragma("query_only", "on") } else { sqlite }
    });
    options
}

/// Opens a file as soon as nobody else does. The first to open a new one makes it write ahead, and whoever comes meanwhile is
/// refused at once: SQLite waits for a lock only within a transaction.
async fn open_when_free(options: impl Fn() -> ConnectOptions) -> Result<sea_orm::DatabaseConnection> {
    let begun = Instant::now();
    loop {
        match Database::connect(options()).await {
            Err(cause) if Dialect::is_busy(&cause) && begun.elapsed() < BUSY_TIMEOUT => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            opened => return opened.map_err(|cause| unreachable_database(cause.to_string())),
        }
    }
}

async fn connect_postgres(url: &str, connections: u32) -> Result<Db> {
    let read = Pool::new(open(postgres_options(url, connections, false)).await?, connections);
    let write = Pool::new(open(postgres_options(url, connections, true)).await?, connections);
    Ok(Db { read, write, dialect: Dialect::Postgres })
}

fn postgres_options(url: &str, connections: u32, writes: bool) -> ConnectOptions {
    let mut options = quiet(url.to_owned(), connections);
    options.map_sqlx_postgres_opts(move |postgres| {
        let postgres = postgres.application_name("jifen").statement_cache_capacity(500).options([
            ("statement_timeout", STATEMENT_TIMEOUT),
            ("lock_timeout", LOCK_TIMEOUT),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT),
            ("timezone", "UTC"),
            // Our statements are short; compiling one takes longer than running it.
            ("jit", "off"),
            // The START TRANSACTION below warns of a transaction that is open, which is what it is there for.
            ("client_min_messages", "error"),
        ]);
        if writes { postgres.options(PLANS_OF_WRITERS) } else { postgres }
    });
    if writes {
        options.map_sqlx_postgres_pool_opts(|pool| {
            // A future dropped while BEGIN was on its way leaves the connection inside a transaction that the driver does
            // not know of; the next "successful" write on it would be lost. A ROLLBACK alone would make the server warn
            // after every commit that there is no transaction. Within an aborted transaction the first half fails, and
            // the pool throws the connection away, which rolls back as well.
            pool.after_release(|connection, _| {
                Box::pin(async move { connection.execute("START TRANSACTION; ROLLBACK").await.map(|_| true) })
            })
        });
    }
    options
}

/// SeaORM logs every statement at INFO and pings at every acquire unless it is told not to.
fn quiet(url: String, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .test_before_acquire(false)
        .record_stmt_in_spans(false)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(Some(Duration::from_secs(600)))
        .max_lifetime(None::<Duration>);
    options
}

async fn open(options: ConnectOptions) -> Result<sea_orm::DatabaseConnection> {
    Database::connect(options).await.map_err(|cause| unreachable_database(cause.to_string()))
}

/// Shown on the command line only, before anything is served; the cause may name the file.
fn unreachable_database(cause: String) -> Error {
    Error::new(
        Code::Unavailable,
        format!("The database cannot be opened; is it there, and is --database-url right? {cause}"),
    )
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;
    use sea_orm::sqlx::ConnectOptions as _;
    use sea_orm::sqlx::sqlite::SqliteConnectOptions;

    use super::*;

    #[tokio::test]
    async fn what_is_sorted_is_in_memory_or_in_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("a.db"));
        let store = async |pools: Pools| {
            let db = connect(&location, pools).await.expect("a database");
            let row = db.read.query_one_raw(db.dialect.statement("PRAGMA temp_store", [])).await.expect("an answer");
            row.expect("a row").try_get::<i64>("", "temp_store").expect("a number")
        };
        // SQLite's own numbers: 1 is a file, 2 is memory.
        assert_eq!(store(2.into()).await, 2);
        assert_eq!(store(Pools { connections: 2, scratch: Scratch::Files }).await, 1);
    }

    /// Who opens a new file while another process writes the first to it waits, and is not refused.
    #[tokio::test]
    async fn a_file_that_is_held_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut holder =
            SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.expect("a file");
        holder.execute("BEGIN EXCLUSIVE; CREATE TABLE t (a)").await.expect("a lock");
        let location = Location::Sqlite(path);
        let opening = tokio::spawn(async move { connect(&location, 2).await.map(drop) });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!opening.is_finished());
        holder.execute("COMMIT").await.expect("an end");
        opening.await.expect("no panic").expect("a database");
    }

    #[test]
    fn urls_name_a_file_or_a_server_or_are_refused() {
        assert_eq!(Location::parse("sqlite://a/b.db"), Ok(Location::Sqlite(PathBuf::from("a/b.db"))));
        assert_eq!(Location::parse("sqlite:///tmp/b.db"), Ok(Location::Sqlite(PathBuf::from("/tmp/b.db"))));
        assert_eq!(Location::parse("postgresql://h/d"), Ok(Location::Postgres("postgres://h/d".to_owned())));
        assert!(Location::parse("sqlite::memory:").is_err());
        assert!(Location::parse("mysql://h/d").is_err());
    }
}
