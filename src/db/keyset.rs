//! Pages of the lists that belong to an owner, for many owners in one statement.
//!
//! Every such list is ordered by one column that is unique within its owner. The page of each owner is found by
//! looking up where it ends, an index probe, so a page costs the same at the hundredth row and the millionth.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iden, Value};

use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::dialect::Dialect;
use crate::db::rows;

/// Where a page begins or ends: the value of the ordering column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cursor {
    Id(Id),
    Number(i64),
}

impl Cursor {
    pub fn value(self) -> Value {
        match self {
            Cursor::Id(id) => Value::Uuid(Some(id)),
            Cursor::Number(number) => Value::BigInt(Some(number)),
        }
    }
}

/// A list of rows by owner, newest (largest) first.
pub struct OwnedList<E: EntityTrait> {
    pub owner: E::Column,
    pub order: E::Column,
    /// A further condition on the alias `x`, such as the program, or an empty text.
    pub scope: &'static str,
}

impl<E: EntityTrait> OwnedList<E> {
    /// The page of every owner. `owner_of` tells whose row it is.
    pub async fn page(
        &self,
        db: &impl ConnectionTrait,
        owners: Vec<Id>,
        page: &Page<Cursor>,
        owner_of: impl Fn(&E::Model) -> Id,
    ) -> Result<HashMap<Id, Slice<E::Model>>, DbErr> {
        let dialect = Dialect::of(db);
        let (sql, mut values) = self.sql(dialect, page);
        values.insert(0, dialect.ids(owners.iter().copied()));
        let found = rows::select(db, sql, values).await?;
        let mut by_owner = rows::group_by(found, owner_of);
        let slice = |owner: Id| (owner, Slice::from_probe(by_owner.remove(&owner).unwrap_or_default(), page));
        Ok(owners.into_iter().map(slice).collect())
    }

    fn sql(&self, dialect: Dialect, page: &Page<Cursor>) -> (String, Vec<Value>) {
        let table = E::default().table_name().to_owned();
        let owner = self.owner.to_string();
        let order = self.order.to_string();
        let mut values = Vec::new();
        let mut bounds = String::new();
        for (cursor, sign) in [(page.after, "<"), (page.before, ">")] {
            if let Some(cursor) = cursor {
                values.push(cursor.value());
                bounds.push_str(&format!(" AND x.\"{order}\" {sign} ${}", values.len() + 1));
            }
        }
        if !self.scope.is_empty() {
            bounds.push_str(&format!(" AND {}", self.scope));
        }
        let (direction, beyond) = if page.backward { ("ASC", "<=") } else { ("DESC", ">=") };
        let size = page.size;
        let edge = self.edge(dialect, page.backward);
        let sql = format!(
            "SELECT x.* FROM (SELECT given.id, COALESCE((SELECT x.\"{order}\" FROM \"{table}\" x \
             WHERE x.\"{owner}\" = given.id{bounds} ORDER BY x.\"{order}\" {direction} LIMIT 1 OFFSET {size}), {edge}) AS edge \
             FROM {} AS given) AS list JOIN \"{table}\" x \
             ON x.\"{owner}\" = list.id AND x.\"{order}\" {beyond} list.edge{bounds} ORDER BY x.\"{order}\" {direction}",
            dialect.from_ids(1)
        );
        (sql, values)
    }

    /// Where a list that is shorter than its page ends: before every row, or after.
    fn edge(&self, dialect: Dialect, backward: bool) -> &'static str {
        let by_id = matches!(self.order.def().get_column_type(), sea_orm::sea_query::ColumnType::Uuid);
        match (by_id, backward) {
            (true, false) => dialect.lowest_id(),
            (true, true) => dialect.highest_id(),
            (false, false) => "-9223372036854775807",
            (false, true) => "9223372036854775807",
        }
    }
}
