//! Sets of values as one parameter, and rows of them.

use sea_orm::Value;

use super::json::{json_rows, write_json, write_list};
use super::{Cell, Dialect, SetColumn};
use crate::base::id::Id;

impl Dialect {
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
