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
use tokio::sync::Semaphore;

use crate::base::id::Id;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl SetColumn {
    /// A column that is never null.
    pub fn new(name: &str, cell: Cell) -> SetColumn {
        SetColumn { name: name.to_owned(), cell, nullable: false }
    }
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
    pub fn snapshot_settings(self) -> &'static [&'static str] {
        match self {
            Dialect::Sqlite => &[],
            Dialect::Postgres => &[
                // Whole tables are joined. After a large import the planner has no statistics yet, takes the tables for
                // small ones and walks them row by row: minutes instead of seconds.
                "SET LOCAL enable_nestloop = off",
                "SET LOCAL work_mem = '64MB'",
            ],
        }
    }

    /// What it sets besides when nobody waits for it behind a request: reading everything takes longer than any request
    /// may, and it holds no lock that others wait for.
    pub fn endless_settings(self) -> &'static [&'static str] {
        match self {
            Dialect::Sqlite => &[],
            Dialect::Postgres => &["SET LOCAL statement_timeout = 0"],
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
    pub fn lock(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR NO KEY UPDATE",
        }
    }

    /// The same for a SELECT that joins: only the rows of this alias are locked.
    pub fn lock_of(self, alias: &str) -> String {
        match self {
            Dialect::Sqlite => String::new(),
            Dialect::Postgres => format!("{} OF {alias}", self.lock()),
        }
    }

    /// The same for rows that are only to stay as they are until the end: others may keep them, too.
    pub fn keep_of(self, alias: &str) -> String {
        match self {
            Dialect::Sqlite => String::new(),
            Dialect::Postgres => format!(" FOR SHARE OF {alias}"),
        }
    }

    /// Binds a set of ids as one value, to be used with [`Dialect::in_ids`] or [`Dialect::from_ids`].
    pub fn ids(self, ids: impl IntoIterator<Item = Id>) -> Value {
        self.list(Cell::Id, ids.into_iter().map(Value::from).collect())
    }

    /// Binds a set of texts as one value, to be used with [`Dialect::in_texts`].
    pub fn texts(self, texts: impl IntoIterator<Item = String>) -> Value {
        self.list(Cell::Text, texts.into_iter().map(Value::from).collect())
    }

    fn list(self, cell: Cell, values: Vec<Value>) -> Value {
        match self {
            Dialect::Postgres => array(cell, values),
            Dialect::Sqlite => {
                let mut json = String::with_capacity(2 + values.len() * 36);
                write_list(&mut json, &values, write_json);
                Value::String(Some(json))
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

    /// `column` is one of these ids, and the value to bind at `$1`. A single one is compared as it is: PostgreSQL then
    /// plans the statement once and not every time, and SQLite reads no JSON.
    pub fn one_of_ids(self, column: &str, ids: Vec<Id>) -> (String, Value) {
        match ids[..] {
            [id] => (format!("{column} = $1"), id.into()),
            _ => (self.in_ids(column, 1), self.ids(ids)),
        }
    }

    /// `column` is one of these texts, and the value to bind at `$1`.
    pub fn one_of_texts(self, column: &str, mut texts: Vec<String>) -> (String, Value) {
        match texts.len() {
            1 => (format!("{column} = $1"), texts.pop().into()),
            _ => (self.in_texts(column, 1), self.texts(texts)),
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

    /// A SELECT that yields the rows bound by [`Dialect::bind_rows`], in order. Its columns bear the given names. It is
    /// the same text for any number of rows.
    pub fn row_set(self, columns: &[SetColumn]) -> String {
        match self {
            Dialect::Postgres => postgres_row_set(columns),
            Dialect::Sqlite => sqlite_row_set(columns),
        }
    }

    /// The values to bind for a row set. The cells are given column by column, as many in each.
    pub fn bind_rows(self, columns: &[SetColumn], cells: Vec<Vec<Value>>) -> Vec<Value> {
        match self {
            Dialect::Postgres => {
                columns.iter().zip(cells).map(|(column, cells)| array_of_column(column, cells)).collect()
            }
            Dialect::Sqlite => vec![Value::String(Some(json_rows(&cells)))],
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
fn postgres_row_set(columns: &[SetColumn]) -> String {
    let mut select = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    let mut names = Vec::with_capacity(columns.len());
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
    }
    format!("SELECT {} FROM unnest({}) AS given({})", select.join(", "), arrays.join(", "), names.join(", "))
}

fn array_of_column(column: &SetColumn, mut cells: Vec<Value>) -> Value {
    if column.nullable {
        for cell in cells.iter_mut().filter(|cell| is_null(cell)) {
            *cell = column.cell.null_stand_in();
        }
    }
    array(column.cell, cells)
}

/// Of the kinds that our tables hold.
fn is_null(value: &Value) -> bool {
    matches!(
        value,
        Value::Uuid(None)
            | Value::BigInt(None)
            | Value::Int(None)
            | Value::String(None)
            | Value::Bytes(None)
            | Value::Bool(None)
    )
}

/// `SELECT unhex(value->>0), … FROM json_each($1)`: one JSON array a row.
fn sqlite_row_set(columns: &[SetColumn]) -> String {
    let select: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(position, column)| format!("{} AS \"{}\"", column.cell.read_json(position), column.name))
        .collect();
    // `WHERE true` keeps SQLite's parser from reading a following ON CONFLICT as part of a join.
    format!("SELECT {} FROM json_each($1) WHERE true", select.join(", "))
}

/// A JSON array of rows, written as text at once: a tree of values would cost an allocation a cell.
fn json_rows(cells: &[Vec<Value>]) -> String {
    let rows = cells.first().map_or(0, Vec::len);
    let mut json = String::with_capacity(2 + rows * cells.len() * 24);
    write_list(&mut json, 0..rows, |json, row| write_list(json, cells, |json, column| write_json(json, &column[row])));
    json
}

fn write_list<T>(json: &mut String, items: impl IntoIterator<Item = T>, write: impl Fn(&mut String, T)) {
    json.push('[');
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            json.push(',');
        }
        write(json, item);
    }
    json.push(']');
}

fn write_json(json: &mut String, value: &Value) {
    match value {
        Value::Uuid(Some(id)) => write_hex(json, id.as_bytes()),
        Value::BigInt(Some(number)) => write_number(json, *number),
        Value::Int(Some(number)) => write_number(json, i64::from(*number)),
        Value::Bool(Some(flag)) => json.push(if *flag { '1' } else { '0' }),
        Value::String(Some(text)) => write_text(json, text),
        Value::Bytes(Some(bytes)) => write_hex(json, bytes),
        _ => json.push_str("null"),
    }
}

fn write_number(json: &mut String, number: i64) {
    use std::fmt::Write;
    write!(json, "{number}").expect("a String takes every character");
}

fn write_text(json: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        json.push_str(&Json::from(text).to_string());
    } else {
        json.push('"');
        json.push_str(text);
        json.push('"');
    }
}

fn write_hex(json: &mut String, bytes: &[u8]) {
    json.push('"');
    push_hex(json, bytes);
    json.push('"');
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    push_hex(&mut out, bytes);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_json_whatever_is_in_them() {
        let cells = vec![
            vec![Value::from(Id::from_u128(0xAB)), Value::Uuid(None)],
            vec![Value::from("a \"quote\"\n\\ 茶"), Value::from("plain")],
            vec![Value::from(i64::MIN), Value::from(true)],
            vec![Value::from(vec![0_u8, 255]), Value::Bytes(None)],
        ];
        let json: Json = serde_json::from_str(&json_rows(&cells)).unwrap();
        let expected = serde_json::json!([
            ["000000000000000000000000000000ab", "a \"quote\"\n\\ 茶", i64::MIN, "00ff"],
            [null, "plain", 1, null],
        ]);
        assert_eq!(json, expected);
        assert_eq!(json_rows(&[]), "[]");
    }
}
