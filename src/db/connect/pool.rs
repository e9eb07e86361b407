//! Connections that stay at hand between statements.
//!
//! sqlx tests every connection that is given back to its pool: a second round trip for each statement, to the server or
//! to SQLite's thread, which finds out what a statement that was dropped half-way has left behind. One whose statement
//! was answered in full needs no test. Such a connection is kept here, and the next statement takes the one that was
//! used last, whose caches are warm. Any other goes back to sqlx and is tested as ever.
//!
//! At most half of the connections are kept, so whoever asks sqlx itself, such as a transaction that begins, never
//! waits for one that lies here unused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, Database, Executor, IntoArguments, Postgres, Sqlite};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, Statement, TransactionOptions, TransactionTrait, Values,
};
use sea_query_sqlx::SqlxValues;

/// A connection that lay unused for longer goes back to sqlx: it is tested, and closed when nobody needs it.
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

impl Pool {
    /// `connections` is how many the pool may have.
    pub fn new(open: DatabaseConnection, connections: u32) -> Pool {
        let most = connections as usize / 2;
        let kept = match open.get_database_backend() {
            DbBackend::Sqlite => Kept::Sqlite(Arc::new(Shelf::new(open.get_sqlite_connection_pool(), most))),
            _ => Kept::Postgres(Arc::new(Shelf::new(open.get_postgres_connection_pool(), most))),
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
        self.open.ping().await
    }

    /// Begins a transaction. Only `db::write` calls this.
    #[expect(clippy::disallowed_methods, reason = "db begins transactions, and this is its pool")]
    pub(in crate::db) async fn begin(&self, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
        self.open.begin_with_options(options).await
    }

    /// Waits for running statements and closes all connections.
    pub async fn close(&self) -> Result<(), DbErr> {
        match &self.kept {
            Kept::Sqlite(shelf) => shelf.close().await,
            Kept::Postgres(shelf) => shelf.close().await,
        }
        self.open.close_by_ref().await
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
        match &self.kept {
            Kept::Sqlite(shelf) => shelf.execute(statement).await.map(ExecResult::from),
            Kept::Postgres(shelf) => shelf.execute(statement).await.map(ExecResult::from),
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.open.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        // To the last row, though there is only one: what is left unread would meet the next statement.
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.tell(&statement);
        match &self.kept {
            Kept::Sqlite(shelf) => shelf.query(statement).await,
            Kept::Postgres(shelf) => shelf.query(statement).await,
        }
    }
}

/// The connections of one pool that are kept, the one that was used last on top.
struct Shelf<B: Database> {
    pool: sqlx::Pool<B>,
    most: usize,
    idle: Mutex<Vec<(PoolConnection<B>, Instant)>>,
}

impl<B> Shelf<B>
where
    B: Database,
    SqlxValues: IntoArguments<B>,
    for<'c> &'c mut B::Connection: Executor<'c, Database = B>,
    QueryResult: From<B::Row>,
{
    fn new(pool: &sqlx::Pool<B>, most: usize) -> Shelf<B> {
        Shelf { pool: pool.clone(), most, idle: Mutex::default() }
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
        let old = {
            let mut idle = self.idle.lock();
            match idle.pop() {
                Some((connection, since)) if since.elapsed() < FRESH => return Ok(connection),
                // The others were used before it.
                Some(top) => Some((top, std::mem::take(&mut *idle))),
                None => None,
            }
        };
        drop(old);
        self.pool.acquire().await.map_err(|cause| match cause {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            cause => DbErr::Conn(RuntimeErr::SqlxError(cause.into())),
        })
    }

    /// Puts a connection back whose statement was answered in full; not while the pool is closing.
    fn keep(&self, connection: PoolConnection<B>) {
        let mut idle = self.idle.lock();
        if idle.len() < self.most && !self.pool.is_closed() {
            idle.push((connection, Instant::now()));
        }
    }

    async fn close(&self) {
        // The pool is closed from here on, so nothing is kept any more; but it waits for what is.
        let closed = self.pool.close();
        self.idle.lock().clear();
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
