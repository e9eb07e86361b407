//! Declaring a relation in a line: the shapes of look-up there are.
//!
//! ```ignore
//! row_by_id!(ProductKey: product by Id);              // ProductKey(id) → Arc<product::Model>
//! row_of_member!(OrderKey: order by Id);              // OrderKey(member, id) → Arc<order::Model>
//! rows_of_member!(LinesOf: line by OrderId, ordered by "position"); // LinesOf(member, order) → Arc<Vec<Arc<line::Model>>>
//! page_of_member!(OrdersOf: order, ORDERS);           // OrdersOf(member, page) → Arc<Slice<order::Model>>
//! page_of_owner!(VersionsOf: program, VERSIONS, owned by id); // VersionsOf(program, page) → Arc<Slice<program::Model>>
//! count_of_member!(OrderCount: "\"order\"");          // OrderCount(member) → i64
//! ```

/// A row by an id that is unique over all members.
macro_rules! row_by_id {
    ($(#[$doc:meta])* $key:ident: $entity:ident by $column:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $key(pub $crate::base::id::Id);

        impl $crate::db::reader::Lookup for $key {
            type Row = std::sync::Arc<$entity::Model>;

            fn load(
                db: $crate::db::Db,
                keys: Vec<Self>,
            ) -> futures_util::future::BoxFuture<'static, $crate::base::error::Result<std::collections::HashMap<Self, Self::Row>>>
            {
                Box::pin(async move {
                    let ids = keys.iter().map(|key| key.0);
                    let found = $crate::db::rows::by_ids::<$entity::Entity>(&db.read, $entity::Column::$column, ids).await?;
                    Ok($crate::db::lookup::keyed(found, |row| $key($crate::db::lookup::id_of(row, $entity::Column::$column))))
                })
            }
        }
    };
}

/// A row of a member, by the member and its own id.
macro_rules! row_of_member {
    ($(#[$doc:meta])* $key:ident: $entity:ident by $column:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $key(pub $crate::base::id::Id, pub $crate::base::id::Id);

        impl $crate::db::reader::Lookup for $key {
            type Row = std::sync::Arc<$entity::Model>;

            fn load(
                db: $crate::db::Db,
                keys: Vec<Self>,
            ) -> futures_util::future::BoxFuture<'static, $crate::base::error::Result<std::collections::HashMap<Self, Self::Row>>>
            {
                Box::pin(async move {
                    let columns = [$entity::Column::MemberId, $entity::Column::$column];
                    let pairs = keys.iter().map(|key| [key.0.into(), key.1.into()]);
                    let found = $crate::db::rows::by_keys::<$entity::Entity, 2>(&db.read, columns, pairs, "").await?;
                    Ok($crate::db::lookup::keyed(found, |row| {
                        $key(row.member_id, $crate::db::lookup::id_of(row, $entity::Column::$column))
                    }))
                })
            }
        }
    };
}

/// The rows of a member that hang under another row of that member, in an order.
macro_rules! rows_of_member {
    ($(#[$doc:meta])* $key:ident: $entity:ident by $column:ident, ordered by $order:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $key(pub $crate::base::id::Id, pub $crate::base::id::Id);

        impl $crate::db::reader::Lookup for $key {
            type Row = std::sync::Arc<Vec<std::sync::Arc<$entity::Model>>>;

            fn load(
                db: $crate::db::Db,
                keys: Vec<Self>,
            ) -> futures_util::future::BoxFuture<'static, $crate::base::error::Result<std::collections::HashMap<Self, Self::Row>>>
            {
                Box::pin(async move {
                    let columns = [$entity::Column::MemberId, $entity::Column::$column];
                    let pairs = keys.iter().map(|key| [key.0.into(), key.1.into()]);
                    let order = concat!(" ORDER BY x.", $order);
                    let found = $crate::db::rows::by_keys::<$entity::Entity, 2>(&db.read, columns, pairs, order).await?;
                    let mut lists: std::collections::HashMap<Self, Self::Row> =
                        keys.into_iter().map(|key| (key, Self::Row::default())).collect();
                    for row in found {
                        let key = $key(row.member_id, $crate::db::lookup::id_of(&row, $entity::Column::$column));
                        std::sync::Arc::make_mut(lists.entry(key).or_default()).push(std::sync::Arc::new(row));
                    }
                    Ok(lists)
                })
            }
        }
    };
}

/// A page of a list that belongs to a member.
macro_rules! page_of_member {
    ($(#[$doc:meta])* $key:ident: $entity:ident, $list:ident) => {
        $crate::db::lookup::page_of_owner!($(#[$doc])* $key: $entity, $list, owned by member_id);
    };
}

/// A page of a list that belongs to something, whose id stands in a field of each row.
macro_rules! page_of_owner {
    ($(#[$doc:meta])* $key:ident: $entity:ident, $list:ident, owned by $owner:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $key(pub $crate::base::id::Id, pub $crate::base::page::Page<$crate::db::keyset::Cursor>);

        impl $crate::db::reader::Lookup for $key {
            type Row = std::sync::Arc<$crate::base::page::Slice<$entity::Model>>;

            fn load(
                db: $crate::db::Db,
                keys: Vec<Self>,
            ) -> futures_util::future::BoxFuture<'static, $crate::base::error::Result<std::collections::HashMap<Self, Self::Row>>>
            {
                Box::pin(async move {
                    let mut found = std::collections::HashMap::with_capacity(keys.len());
                    // Requests that ask for the same page of different owners, which is the usual case, share a statement.
                    for (page, owners) in $crate::db::lookup::members_by(keys.into_iter().map(|key| (key.0, key.1))) {
                        let slices = $list.page(&db.read, owners, &page, |row| row.$owner).await?;
                        found.extend(slices.into_iter().map(|(owner, slice)| {
                            ($key(owner, page.clone()), std::sync::Arc::new(slice))
                        }));
                    }
                    Ok(found)
                })
            }
        }
    };
}

/// How many rows a member has in a table.
macro_rules! count_of_member {
    ($(#[$doc:meta])* $key:ident: $table:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $key(pub $crate::base::id::Id);

        impl $crate::db::reader::Lookup for $key {
            type Row = i64;

            fn load(
                db: $crate::db::Db,
                keys: Vec<Self>,
            ) -> futures_util::future::BoxFuture<'static, $crate::base::error::Result<std::collections::HashMap<Self, Self::Row>>>
            {
                Box::pin(async move {
                    let members: Vec<_> = keys.iter().map(|key| key.0).collect();
                    let counts = $crate::db::lookup::count(&db, $table, members).await?;
                    Ok(keys.into_iter().map(|key| (key, counts.get(&key.0).copied().unwrap_or(0))).collect())
                })
            }
        }
    };
}

pub(crate) use {count_of_member, page_of_member, page_of_owner, row_by_id, row_of_member, rows_of_member};

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use sea_orm::{DbErr, FromQueryResult, ModelTrait};

use crate::base::id::Id;
use crate::db::Db;
use crate::db::rows;

/// The id in a column of a row.
pub fn id_of<M: ModelTrait>(row: &M, column: <M::Entity as sea_orm::EntityTrait>::Column) -> Id {
    match row.get(column) {
        sea_orm::Value::Uuid(Some(id)) => id,
        other => unreachable!("an id column held {other:?}"),
    }
}

/// Rows filed under their keys.
pub fn keyed<K: Eq + Hash, T>(rows: Vec<T>, key: impl Fn(&T) -> K) -> HashMap<K, Arc<T>> {
    rows.into_iter().map(|row| (key(&row), Arc::new(row))).collect()
}

/// Members of keys that ask for the same thing, such as a page or a moment, together.
pub fn members_by<T: Eq + Hash>(keys: impl Iterator<Item = (Id, T)>) -> HashMap<T, Vec<Id>> {
    let mut members: HashMap<T, Vec<Id>> = HashMap::new();
    for (member, asked) in keys {
        members.entry(asked).or_default().push(member);
    }
    members
}

#[derive(FromQueryResult)]
struct Count {
    member_id: Id,
    rows: i64,
}

/// The number of rows of each member in a table.
pub async fn count(db: &Db, table: &str, members: Vec<Id>) -> Result<HashMap<Id, i64>, DbErr> {
    let (condition, members) = db.dialect.one_of_ids("member_id", members);
    let sql = format!("SELECT member_id, count(*) AS rows FROM {table} WHERE {condition} GROUP BY member_id");
    let found: Vec<Count> = rows::select(&db.read, sql, vec![members]).await?;
    Ok(found.into_iter().map(|count| (count.member_id, count.rows)).collect())
}
