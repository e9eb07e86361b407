//! The only room that knows how SQLite and PostgreSQL differ in SQL.
//!
//! Sets of values are always bound as **one** parameter (an array, or JSON on SQLite), so that a list of any length is
//! the same prepared statement.

use sea_orm::sea_query::{ArrayType, ColumnType};
use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, IsolationLevel, RuntimeErr, SqliteTransactionMode, Statement,
    TransactionOptions, Value,
};
use serde_json::Value as Json;

use crate::base::id::Id;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// What a column holds, as far as binding a set of its values is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Id,
    Integer,
    Text,
    Bytes,
    Flag,
}

impl Cell {
    pub fn of(column: &ColumnType) -> Cell {
        match column {
            ColumnType::Uuid => Cell::Id,
            ColumnType::Boolean => Cell::Flag,
            ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob => Cell::Bytes,
            ColumnType::BigInteger | ColumnType::Integer => Cell::Integer,
            _ => Cell::Text,
        }
    }

    fn array(self) -> (&'static str, ArrayType) {
        match self {
            Cell::Id => ("uuid[]", ArrayType::Uuid),
            Cell::Integer => ("bigint[]", ArrayType::BigInt),
            Cell::Text => ("text[]", ArrayType::String),
            Cell::Bytes => ("bytea[]", ArrayType::Bytes),
            Cell::Flag => ("boolean[]", ArrayType::Bool),
        }
    }

    /// The driver cannot bind an array with NULLs in it, so a NULL travels as a value that no row ever holds.
    fn null_stand_in(self) -> Value {
        match self {
            Cell::Id => Value::Uuid(Some(Id::nil())),
            Cell::Integer => Value::BigInt(Some(i64::MIN)),
            Cell::Text => Value::String(Some("\u{1}".to_owned())),
            Cell::Bytes => Value::Bytes(Some(Vec::new())),
            Cell::Flag => Value::Bool(Some(false)),
        }
    }

    fn null_stand_in_sql(self) -> &'static str {
        match self {
            Cell::Id => "'00000000-0000-0000-0000-000000000000'::uuid",
            Cell::Integer => "(-9223372036854775808)::bigint",
            Cell::Text => "E'\\x01'",
            Cell::Bytes => "''::bytea",
            Cell::Flag => "NULL",
        }
    }

    /// The expression that reads this cell back out of a JSON row on SQLite.
    fn read_json(self, position: usize) -> String {
        match self {
            Cell::Id | Cell::Bytes => format!("unhex(value->>{position})"),
            Cell::Integer | Cell::Text | Cell::Flag => format!("value->>{position}"),
        }
    }
}

/// A column of a set of rows.
#[derive(Clone, Debug)]
pub struct SetColumn {
    pub name: String,
    pub cell: Cell,
    pub nullable: bool,
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

    /// Reading everything takes longer than any request may, and such a transaction holds no lock that others wait for.
    pub fn snapshot_setting(self) -> Option<&'static str> {
        (self == Dialect::Postgres).then_some("SET LOCAL statement_timeout = 0")
    }

    /// Appended to a SELECT that locks rows. SQLite has one writer, so there is nothing to lock.
    pub fn lock(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR NO KEY UPDATE",
        }
    }

    /// Binds a set of ids as one value, to be used with [`Dialect::in_ids`] or [`Dialect::from_ids`].
    pub fn ids(self, ids: impl IntoIterator<Item = Id>) -> Value {
        match self {
            Dialect::Postgres => array(Cell::Id, ids.into_iter().map(|id| Value::Uuid(Some(id))).collect()),
            Dialect::Sqlite => {
                let hex: Vec<Json> = ids.into_iter().map(|id| Json::String(id.simple().to_string())).collect();
                Value::String(Some(Json::Array(hex).to_string()))
            }
        }
    }

    /// Binds a set of texts as one value, to be used with [`Dialect::in_texts`].
    pub fn texts(self, texts: impl IntoIterator<Item = String>) -> Value {
        match self {
            Dialect::Postgres => array(Cell::Text, texts.into_iter().map(|text| Value::String(Some(text))).collect()),
            Dialect::Sqlite => {
                Value::String(Some(Json::Array(texts.into_iter().map(Json::String).collect()).to_string()))
            }
        }
    }

    /// `column` is one of the ids bound at `$parameter`.
    pub fn in_ids(self, column: &str, parameter: usize) -> String {
        match self {
            Dialect::Postgres => format!("{column} = ANY(${parameter})"),
            Dialect::Sqlite => {
                format!("{column} IN (SELECT unhex(value) FROM json_each(${parameter}))")
            }
        }
    }

    /// `column` is one of the texts bound at `$parameter`.
    pub fn in_texts(self, column: &str, parameter: usize) -> String {
        match self {
            Dialect::Postgres => format!("{column} = ANY(${parameter})"),
            Dialect::Sqlite => format!("{column} IN (SELECT value FROM json_each(${parameter}))"),
        }
    }

    /// The ids bound at `$parameter` as a table with one column, `id`.
    pub fn from_ids(self, parameter: usize) -> String {
        match self {
            Dialect::Postgres => {
                format!("(SELECT id FROM unnest(${parameter}::uuid[]) AS given(id))")
            }
            Dialect::Sqlite => format!("(SELECT unhex(value) AS id FROM json_each(${parameter}))"),
        }
    }

    /// The first `limit` rows, in an order, for each of the ids bound at `$1`. The condition and the order name the row
    /// `x` and the id `given.id`; an index that fits both makes it a short walk for each id.
    pub fn first_of_each(self, table: &str, condition: &str, order: &str, limit: u64) -> String {
        let given = self.from_ids(1);
        match self {
            Dialect::Postgres => format!(
                "SELECT x.* FROM {given} AS given CROSS JOIN LATERAL \
                 (SELECT * FROM {table} x WHERE {condition} ORDER BY {order} LIMIT {limit}) AS x ORDER BY {order}"
            ),
            // SQLite has no LATERAL; a correlated IN is run once for each id and its rows are found by their key.
            Dialect::Sqlite => format!(
                "SELECT y.* FROM {given} AS given CROSS JOIN {table} y ON y.member_id = given.id \
                 AND y.id IN (SELECT x.id FROM {table} x WHERE {condition} ORDER BY {order} LIMIT {limit}) ORDER BY {}",
                order.replace("x.", "y.")
            ),
        }
    }

    /// An id that sorts before every id the application makes.
    pub fn lowest_id(self) -> &'static str {
        match self {
            Dialect::Postgres => "'00000000-0000-0000-0000-000000000000'::uuid",
            Dialect::Sqlite => "x'00000000000000000000000000000000'",
        }
    }

    /// An id that sorts after every id the application makes.
    pub fn highest_id(self) -> &'static str {
        match self {
            Dialect::Postgres => "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid",
            Dialect::Sqlite => "x'ffffffffffffffffffffffffffffffff'",
        }
    }

    /// A SELECT that yields the given rows in order, and the values to bind for it. Its columns bear the given names.
    pub fn row_set(self, columns: &[SetColumn], rows: &[Vec<Value>]) -> (String, Vec<Value>) {
        match self {
            Dialect::Postgres => postgres_row_set(columns, rows),
            Dialect::Sqlite => sqlite_row_set(columns, rows),
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
                sea_orm::sqlx::Error::Database(database) => matches!(
                    database.code().as_deref(),
                    // PostgreSQL: serialisation, deadlock, lock timeout, shutdown and crash; SQLite: busy and its variants.
                    Some("40001" | "40P01" | "55P03" | "57P01" | "57P02" | "57P03" | "5" | "261" | "517" | "773")
                ),
                _ => false,
            },
            _ => false,
        }
    }
}

fn array(cell: Cell, values: Vec<Value>) -> Value {
    Value::Array(cell.array().1, Some(Box::new(values)))
}

/// `SELECT NULLIF(…), … FROM unnest($1::uuid[], …)`: one array a column.
fn postgres_row_set(columns: &[SetColumn], rows: &[Vec<Value>]) -> (String, Vec<Value>) {
    let mut select = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    let mut names = Vec::with_capacity(columns.len());
    let mut values = Vec::with_capacity(columns.len());
    for (position, column) in columns.iter().enumerate() {
        let name = &column.name;
        let (sql_type, _) = column.cell.array();
        arrays.push(format!("${}::{sql_type}", position + 1));
        names.push(format!("\"{name}\""));
        select.push(if column.nullable {
            format!("NULLIF(\"{name}\", {}) AS \"{name}\"", column.cell.null_stand_in_sql())
        } else {
            format!("\"{name}\"")
        });
        let cells = rows.iter().map(|row| {
            let value = row[position].clone();
            if value == value.as_null() { column.cell.null_stand_in() } else { value }
        });
        values.push(array(column.cell, cells.collect()));
    }
    let sql = format!("SELECT {} FROM unnest({}) AS given({})", select.join(", "), arrays.join(", "), names.join(", "));
    (sql, values)
}

/// `SELECT unhex(value->>0), … FROM json_each($1)`: one JSON array a row.
fn sqlite_row_set(columns: &[SetColumn], rows: &[Vec<Value>]) -> (String, Vec<Value>) {
    let select: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(position, column)| format!("{} AS \"{}\"", column.cell.read_json(position), column.name))
        .collect();
    let json: Vec<Json> = rows.iter().map(|row| Json::Array(row.iter().map(to_json).collect())).collect();
    // `WHERE true` keeps SQLite's parser from reading a following ON CONFLICT as part of a join.
    let sql = format!("SELECT {} FROM json_each($1) WHERE true", select.join(", "));
    (sql, vec![Value::String(Some(Json::Array(json).to_string()))])
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Uuid(Some(id)) => Json::String(id.simple().to_string()),
        Value::BigInt(Some(number)) => Json::from(*number),
        Value::Int(Some(number)) => Json::from(*number),
        Value::Bool(Some(flag)) => Json::from(i64::from(*flag)),
        Value::String(Some(text)) => Json::String(text.clone()),
        Value::Bytes(Some(bytes)) => Json::String(hex(bytes)),
        _ => Json::Null,
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a String takes every character");
        out
    })
}
