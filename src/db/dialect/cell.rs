//! What a column holds, and how each database binds and reads it.

use sea_orm::Value;
use sea_orm::sea_query::{ArrayType, ColumnType};

use crate::base::id::Id;

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

    pub(super) fn array(self) -> (&'static str, ArrayType) {
        match self {
            Cell::Id => ("uuid[]", ArrayType::Uuid),
            Cell::Integer => ("bigint[]", ArrayType::BigInt),
            Cell::Text => ("text[]", ArrayType::String),
            Cell::Bytes => ("bytea[]", ArrayType::Bytes),
            Cell::Flag => ("boolean[]", ArrayType::Bool),
        }
    }

    /// The driver cannot bind an array with NULLs in it, so a NULL travels as a value that no row ever holds.
    pub(super) fn null_stand_in(self) -> Value {
        match self {
            Cell::Id => Value::Uuid(Some(Id::nil())),
            Cell::Integer => Value::BigInt(Some(i64::MIN)),
            Cell::Text => Value::String(Some("\u{1}".to_owned())),
            Cell::Bytes => Value::Bytes(Some(Vec::new())),
            Cell::Flag => Value::Bool(Some(false)),
        }
    }

    pub(super) fn null_stand_in_sql(self) -> &'static str {
        match self {
            Cell::Id => "'00000000-0000-0000-0000-000000000000'::uuid",
            Cell::Integer => "(-9223372036854775808)::bigint",
            Cell::Text => "E'\\x01'",
            Cell::Bytes => "''::bytea",
            Cell::Flag => "NULL",
        }
    }

    /// The expression that reads this cell back out of a JSON row on SQLite.
    pub(super) fn read_json(self, position: usize) -> String {
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
