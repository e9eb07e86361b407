//! Connections that stay at hand between statements.
//!
//! sqlx tests every connection that is given back to its pool: a second round trip for each statement, to the server or
//! to SQLite's thread, which finds out what a statement that was dropped half-way has left behind. One whose statement
//! was answered in full needs no test. Such a connection is kept here, and the next statement takes the one that was
//! used last, whose caches are warm. Any other goes back to sqlx and is tested as ever.
//!
//! Nobody waits for a connection that lies here unused: whoever turns to sqlx, such as a transaction that begins, sends
//! it one from here, and while anybody waits nothing is kept. What lay unused for some seconds goes back by itself.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, Database, Executor, IntoArguments, Postgres, Sqlite};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, Statement, TransactionOptions, TransactionTrait, Values,
};
use sea_query_sqlx::SqlxValues;

/// A connection that lay unused for so long goes back to sqlx: it is tested, and closed when nobody needs it.
const FRESH: Duration = Duration::from_secs(5);

/// Is told the text of every statement.
type Watch = Arc<dyn Fn(&str) + Send + Sync>;

/// A pool of connections. Cloned, it is the same pool.
#[derive(Clone)]
pub struct Pool {
    open: DatabaseConnection,
    kept: Kept,
    watch: Option<Watch>,
}

#[derive(Clone)]
enum Kept {
    Sqlite(Arc<Shelf<Sqlite>>),
    Postgres(Arc<Shelf<Postgres>>),
}

/// Does the same on either shelf.
macro_rules! on {
    ($kept:expr, $shelf:ident => $does:expr) => {
        match $kept {
            Kept::Sqlite($shelf) => $does,
            Kept::Postgres($shelf) => $does,
        }
    };
}

impl Pool {
    /// `connections` is how many the pool may have; half of them may be kept.
    pub fn new(open: DatabaseConnection, connections: u32) -> Pool {
        let most = connections as usize / 2;
        let kept = match open.get_database_backend() {
            DbBackend::Sqlite => Kept::Sqlite(Shelf::new(open.get_sqlite_connection_pool(), most)),
            _ => Kept::Postgres(Shelf::new(open.get_postgres_connection_pool(), most)),
        };
        Pool { open, kept, watch: None }
    }

    /// Tells somebody the text of every statement: tests count them.
    pub fn watch(&mut self, watch: impl Fn(&str) + Send + Sync + 'static) {
        let watch: Watch = Arc::new(watch);
        let also = watch.clone();
        self.open.set_metric_callback(move |info| also(&info.statement.sql));
        self.watch = Some(watch);
    }

    /// The pool as the migration crate takes it.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.open
    }

    /// Asks the database for any answer.
    pub async fn ping(&self) -> Result<(), DbErr> {
        on!(&self.kept, shelf => shelf.beside(self.open.ping()).await)
    }

    /// Begins a transaction. Only `db::write` calls this.
    #[expect(clippy::disallowed_methods, reason = "db begins transactions, and this is its pool")]
    pub(in crate::db) async fn begin(&self, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
        on!(&self.kept, shelf => shelf.beside(self.open.begin_with_options(options)).await)
    }

    /// Waits for running statements and closes all connections.
    pub async fn close(&self) {
        on!(&self.kept, shelf => shelf.close().await);
    }

    fn tell(&self, statement: &Statement) {
        if let Some(watch) = &self.watch {
            watch(&statement.sql);
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.open.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.tell(&statement);
        on!(&self.kept, shelf => shelf.execute(statement).await.map(ExecResult::from))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        on!(&self.kept, shelf => shelf.beside(self.open.execute_unprepared(sql)).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        // To the last row, though there is only one: what is left unread would meet the next statement.
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.tell(&statement);
        on!(&self.kept, shelf => shelf.query(statement).await)
    }
}

/// The connections of one pool that are kept.
struct Shelf<B: Database> {
    pool: sqlx::Pool<B>,
    most: usize,
    state: Mutex<State<B>>,
}

struct State<B: Database> {
    /// Since when they lie here; the one that was used last is on top.
    idle: Vec<(PoolConnection<B>, Instant)>,
    /// How many wait for a connection of sqlx's pool.
    waiting: usize,
}

/// Counts one who waits, as long as they do.
struct Waiting<'a, B: Database>(&'a Shelf<B>);

impl<B: Database> Drop for Waiting<'_, B> {
    fn drop(&mut self) {
        self.0.state.lock().waiting -= 1;
    }
}

impl<B> Shelf<B>
where
    B: Database,
    SqlxValues: IntoArguments<B>,
    for<'c> &'c mut B::Connection: Executor<'c, Database = B>,
    QueryResult: From<B::Row>,
{
    fn new(pool: &sqlx::Pool<B>, most: usize) -> Arc<Shelf<B>> {
        let state = Mutex::new(State { idle: Vec::new(), waiting: 0 });
        let shelf = Arc::new(Shelf { pool: pool.clone(), most, state });
        if most > 0 {
            tokio::spawn(Self::tidy(Arc::downgrade(&shelf)));
        }
        shelf
    }

    /// Sends back what nobody used, as long as there is a shelf.
    async fn tidy(shelf: Weak<Shelf<B>>) {
        loop {
            tokio::time::sleep(FRESH).await;
            match shelf.upgrade() {
                Some(shelf) if !shelf.pool.is_closed() => shelf.send_back(FRESH),
                _ => return,
            }
        }
    }

    fn send_back(&self, unused: Duration) {
        let mut state = self.state.lock();
        let stale = state.idle.partition_point(|(_, since)| since.elapsed() >= unused);
        state.idle.drain(..stale);
    }

    async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut connection = self.take().await?;
        let rows = prepared(statement).fetch_all(&mut *connection).await;
        let rows = rows.map_err(|cause| DbErr::Query(RuntimeErr::SqlxError(cause.into())))?;
        self.keep(connection);
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    async fn execute(&self, statement: Statement) -> Result<B::QueryResult, DbErr> {
        let mut connection = self.take().await?;
        let result = prepared(statement).execute(&mut *connection).await;
        let result = result.map_err(|cause| DbErr::Exec(RuntimeErr::SqlxError(cause.into())))?;
        self.keep(connection);
        Ok(result)
    }

    async fn take(&self) -> Result<PoolConnection<B>, DbErr> {
        let waiting = {
            let mut state = self.state.lock();
            if let Some((connection, _)) = state.idle.pop() {
                return Ok(connection);
            }
            // Under the same lock: from now on whoever is done keeps nothing.
            state.waiting += 1;
            Waiting(self)
        };
        let connection = self.pool.acquire().await;
        drop(waiting);
        connection.map_err(|cause| match cause {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            cause => DbErr::Conn(RuntimeErr::SqlxError(cause.into())),
        })
    }

    /// Does something on a connection of sqlx's own pool, and sends it one to have.
    async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        let _waiting = {
            let mut state = self.state.lock();
            state.idle.pop();
            state.waiting += 1;
            Waiting(self)
        };
        work.await
    }

    /// Puts a connection back whose statement was answered in full, unless somebody waits for one or the pool is closed.
    fn keep(&self, connection: PoolConnection<B>) {
        let mut state = self.state.lock();
        if state.waiting == 0 && state.idle.len() < self.most && !self.pool.is_closed() {
            state.idle.push((connection, Instant::now()));
        }
    }

    async fn close(&self) {
        // The pool is closed from here on, so nothing is kept any more; but it waits for what is.
        let closed = self.pool.close();
        self.state.lock().idle.clear();
        closed.await;
    }
}

fn prepared<B>(statement: Statement) -> sqlx::query::Query<'static, B, SqlxValues>
where
    B: Database,
    SqlxValues: IntoArguments<B>,
{
    let Statement { sql, values, .. } = statement;
    sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values.unwrap_or(Values(Vec::new()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::connect::{Location, connect};

    #[tokio::test]
    async fn what_lay_unused_goes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = connect(&Location::Sqlite(folder.path().join("a.db")), 4).await.expect("a database");
        let statement = Statement::from_string(DbBackend::Sqlite, "SELECT 1");
        db.read.query_all_raw(statement).await.expect("an answer");
        let Kept::Sqlite(shelf) = &db.read.kept else { panic!("another database") };
        shelf.send_back(FRESH);
        assert_eq!(shelf.state.lock().idle.len(), 1);
        assert!(shelf.pool.num_idle() < shelf.pool.size() as usize);
        shelf.send_back(Duration::ZERO);
        assert_eq!(shelf.state.lock().idle.len(), 0);
        while shelf.pool.num_idle() < shelf.pool.size() as usize {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        db.close().await;
    }
}
