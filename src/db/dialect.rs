//! The only room that knows how SQLite and PostgreSQL differ in SQL.
//!
//! Sets of values are always bound as **one** parameter (an array, or JSON on SQLite), so that a list of any length is
//! the same prepared statement.

mod cell;
mod json;
mod set;

use std::borrow::Cow;

use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, IsolationLevel, RuntimeErr, SqliteTransactionMode, Statement,
    TransactionOptions, Value,
};
use tokio::sync::Semaphore;

pub use cell::{Cell, SetColumn};
pub use json::hex;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// What becomes of rows that another transaction has locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// They are waited for.
    Awaited,
    /// They are left out.
    PassedOver,
}

impl Dialect {
    pub fn of(connection: &impl ConnectionTrait) -> Dialect {
        match connection.get_database_backend() {
            DbBackend::Postgres => Dialect::Postgres,
            _ => Dialect::Sqlite,
        }
    }

    pub fn backend(self) -> DbBackend {
        match self {
            Dialect::Sqlite => DbBackend::Sqlite,
            Dialect::Postgres => DbBackend::Postgres,
        }
    }

    pub fn statement(self, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), sql, values)
    }

    /// True where only one transaction writes at a time, so one connection and one committer do all of it.
    pub fn has_one_writer(self) -> bool {
        self == Dialect::Sqlite
    }

    /// True for the database that is a part of the program, which keeps it up to date by itself.
    pub fn is_embedded(self) -> bool {
        self == Dialect::Sqlite
    }

    /// How a transaction that writes begins. On SQLite it takes the write lock at once: one that begins as a reader and
    /// becomes a writer fails with SQLITE_BUSY without waiting.
    pub fn write_options(self) -> TransactionOptions {
        let mode = self.has_one_writer().then_some(SqliteTransactionMode::Immediate);
        TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() }
    }

    /// How a transaction that reads one moment of the database begins. On SQLite every read transaction does.
    pub fn snapshot_options(self) -> TransactionOptions {
        match self {
            Dialect::Sqlite => TransactionOptions::default(),
            Dialect::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        }
    }

    /// What a transaction that reads whole tables sets for itself.
    pub fn snapshot_settings(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            // Whole tables are joined, so none of what suits writers does. After a large import the planner has no
            // statistics yet, takes the tables for small ones and walks them row by row: minutes instead of seconds.
            Dialect::Postgres => {
                "SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = on; \
                 SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'"
            }
        }
    }

    /// What it sets besides when an index leads to the few rows that are read of large tables.
    pub fn excerpt_settings(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => "SET LOCAL enable_nestloop = on",
        }
    }

    /// Begins a part of a statement (`WITH name AS …`) that is read for itself, before it is joined.
    ///
    /// Rows that many tables know by their member are joined best two and two. A planner that sees that all of them have
    /// the same member, and not that a member has many, joins on the member alone, and makes some million pairs on the way.
    /// Where a planner only follows keys, this would cost an index a part.
    pub fn apart(self) -> &'static str {
        match self {
            Dialect::Sqlite => "AS NOT MATERIALIZED",
            Dialect::Postgres => "AS MATERIALIZED",
        }
    }

    /// What it sets besides when nobody waits for it behind a request: reading everything takes longer than any request
    /// may, and it holds no lock that others wait for.
    pub fn endless_settings(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => "SET LOCAL statement_timeout = 0",
        }
    }

    /// A table within a view of the same name: SQLite would take the name for the view's own.
    pub fn table_beneath(self, view: &str) -> String {
        match self {
            Dialect::Sqlite => format!("main.{view}"),
            Dialect::Postgres => view.to_owned(),
        }
    }

    /// Appended to a SELECT that locks rows. SQLite has one writer, so there is nothing to lock.
    pub fn lock(self, held: Held) -> &'static str {
        match (self, held) {
            (Dialect::Sqlite, _) => "",
            (Dialect::Postgres, Held::Awaited) => " FOR NO KEY UPDATE",
            (Dialect::Postgres, Held::PassedOver) => " FOR NO KEY UPDATE SKIP LOCKED",
        }
    }

    /// The same for a SELECT that joins: only the rows of this alias are locked.
    pub fn lock_of(self, alias: &str, held: Held) -> String {
        match (self, held) {
            (Dialect::Sqlite, _) => String::new(),
            (Dialect::Postgres, Held::Awaited) => format!(" FOR NO KEY UPDATE OF {alias}"),
            (Dialect::Postgres, Held::PassedOver) => format!(" FOR NO KEY UPDATE OF {alias} SKIP LOCKED"),
        }
    }

    /// The same for rows that are only to stay as they are until the end: others may keep them, too.
    pub fn keep_of(self, alias: &str) -> String {
        match self {
            Dialect::Sqlite => String::new(),
            Dialect::Postgres => format!(" FOR SHARE OF {alias}"),
        }
    }

    /// How many look-ups may run at a time; the keys of those that wait gather for one. A server has cores of its own.
    /// SQLite runs on ours, beside the rest of a request's work, which is as much again: on more than half of the cores,
    /// statements keep that work and each other waiting.
    pub fn look_ups_at_once(self) -> usize {
        match self {
            Dialect::Sqlite => std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1)),
            Dialect::Postgres => Semaphore::MAX_PERMITS,
        }
    }

    /// True when a row that somebody else has locked was not had in time.
    pub fn is_lock_timeout(error: &DbErr) -> bool {
        Self::code_of(error).as_deref() == Some("55P03")
    }

    /// True when another process holds SQLite's file: busy and its variants.
    pub fn is_busy(error: &DbErr) -> bool {
        matches!(Self::code_of(error).as_deref(), Some("5" | "261" | "517" | "773"))
    }

    /// The database's own code of a failure, if it told one.
    fn code_of(error: &DbErr) -> Option<String> {
        match error {
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause))
            | DbErr::Conn(RuntimeErr::SqlxError(cause)) => match &**cause {
                sea_orm::sqlx::Error::Database(database) => database.code().map(Cow::into_owned),
                _ => None,
            },
            _ => None,
        }
    }

    /// True for failures that the same work, done again, may well survive: a deadlock, a serialisation failure, a lock
    /// that was not had in time, a busy file, a connection that broke.
    pub fn is_transient(error: &DbErr) -> bool {
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => match &**cause {
                sea_orm::sqlx::Error::Io(_)
                | sea_orm::sqlx::Error::PoolTimedOut
                | sea_orm::sqlx::Error::WorkerCrashed
                | sea_orm::sqlx::Error::Protocol(_) => true,
                _ if Self::is_busy(error) => true,
                _ => matches!(
                    Self::code_of(error).as_deref(),
                    // Serialisation, deadlock, lock timeout, shutdown and crash.
                    Some("40001" | "40P01" | "55P03" | "57P01" | "57P02" | "57P03")
                ),
            },
            _ => false,
        }
    }

    /// True when a statement failed because of what the rows hold: a sum that overflows, a text that is no number. Any
    /// other failure (cancelled, out of memory or disk, disconnected) says nothing of the rows. SQLite has one code for
    /// this and for much else, so its words decide.
    pub fn is_of_data(error: &DbErr) -> bool {
        let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
            return false;
        };
        let sea_orm::sqlx::Error::Database(database) = &**cause else { return false };
        match database.code().as_deref() {
            Some("1") => database.message() == "integer overflow",
            Some(code) => code.len() == 5 && code.starts_with("22"),
            None => false,
        }
    }
}
