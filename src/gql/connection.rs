//! Relay connections: opaque cursors and the step from a slice of rows to a connection.

use std::sync::Arc;

use async_graphql::connection::{Connection, CursorType, Edge, EmptyFields};
use async_graphql::{ObjectType, OutputType};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::keyset::Cursor;

/// A cursor as clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque(pub Vec<u8>);

impl CursorType for Opaque {
    type Error = &'static str;

    fn decode_cursor(text: &str) -> Result<Self, Self::Error> {
        URL_SAFE_NO_PAD.decode(text).map(Opaque).map_err(|_| "not a cursor of this list")
    }

    fn encode_cursor(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
}

impl From<Cursor> for Opaque {
    fn from(cursor: Cursor) -> Opaque {
        Opaque(match cursor {
            Cursor::Id(id) => id.as_bytes().to_vec(),
            Cursor::Number(number) => number.to_be_bytes().to_vec(),
        })
    }
}

fn read_id(text: &str) -> Option<Cursor> {
    let Opaque(bytes) = Opaque::decode_cursor(text).ok()?;
    Id::from_slice(&bytes).ok().map(Cursor::Id)
}

fn read_number(text: &str) -> Option<Cursor> {
    let Opaque(bytes) = Opaque::decode_cursor(text).ok()?;
    bytes.try_into().ok().map(|bytes| Cursor::Number(i64::from_be_bytes(bytes)))
}

/// The four arguments of a connection, as a client gave them.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

impl PageArgs {
    pub fn by_id(self) -> Result<Page<Cursor>> {
        self.page(read_id)
    }

    pub fn by_number(self) -> Result<Page<Cursor>> {
        self.page(read_number)
    }

    /// Checks the arguments and reads the cursors.
    pub fn page<C>(self, read: impl Fn(&str) -> Option<C>) -> Result<Page<C>> {
        let cursor = |text: Option<String>| match text {
            Some(text) => {
                read(&text).map(Some).ok_or_else(|| Error::bad_input("A cursor must come from the same list."))
            }
            None => Ok(None),
        };
        Page::new(self.first, cursor(self.after)?, self.last, cursor(self.before)?)
    }
}

/// Makes a connection of a slice; `cursor` reads a row's place in the list. `fields` adds what the list has beside its
/// edges, such as `totalCount`, computed only when it is selected.
pub fn connection<T, N, F>(
    slice: &Slice<T>,
    fields: F,
    cursor: impl Fn(&T) -> Opaque,
    node: impl Fn(Arc<T>) -> N,
) -> Connection<Opaque, N, F>
where
    N: OutputType,
    F: ObjectType,
{
    let mut connection = Connection::with_additional_fields(slice.has_previous, slice.has_next, fields);
    let edge = |row: &Arc<T>| Edge::with_additional_fields(cursor(row), node(row.clone()), EmptyFields);
    connection.edges.extend(slice.rows.iter().map(edge));
    connection
}
