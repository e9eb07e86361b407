//! Writing and reading rows in sets: one statement a table, however many rows.
//!
//! The columns come from the SeaORM entity, so a table is described in one place only.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iden,
    IntoActiveModel, Iterable, PrimaryKeyToColumn, Value,
};

use crate::base::id::Id;
use crate::db::dialect::{Cell, Dialect, SetColumn};

/// Rows sent in one statement at the most; a longer set is cut.
const SET_SIZE: usize = 5_000;

fn set_columns<E: EntityTrait>() -> Vec<SetColumn> {
    E::Column::iter()
        .map(|column| {
            let def = column.def();
            SetColumn { name: column.to_string(), cell: Cell::of(def.get_column_type()), nullable: def.is_null() }
        })
        .collect()
}

fn cells<E>(models: Vec<E::Model>) -> Vec<Vec<Value>>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    models
        .into_iter()
        .map(|model| {
            let mut active = model.into_active_model();
            E::Column::iter()
                .map(|column| match active.take(column) {
                    ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value,
                    ActiveValue::NotSet => unreachable!("a model sets all its columns"),
                })
                .collect()
        })
        .collect()
}

fn quoted(columns: &[SetColumn]) -> String {
    columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ")
}

fn table<E: EntityTrait>() -> String {
    format!("\"{}\"", E::default().table_name())
}

/// Inserts all the rows; a row that violates a constraint fails the statement.
pub async fn insert<E>(db: &impl ConnectionTrait, models: Vec<E::Model>) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    for (sql, values) in insert_statements::<E>(Dialect::of(db), models) {
        db.execute_raw(Dialect::of(db).statement(sql, values)).await?;
    }
    Ok(())
}

/// Inserts the rows whose key is still free, passes over the others, and returns those it inserted. Give them sorted by
/// key, so that two processes that insert the same keys wait for each other instead of deadlocking.
pub async fn insert_if_absent<E>(db: &impl ConnectionTrait, models: Vec<E::Model>) -> Result<Vec<E::Model>, DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let mut inserted = Vec::new();
    for (sql, values) in insert_statements::<E>(Dialect::of(db), models) {
        let sql = format!("{sql} ON CONFLICT DO NOTHING RETURNING *");
        inserted.extend(E::find().from_raw_sql(Dialect::of(db).statement(sql, values)).all(db).await?);
    }
    Ok(inserted)
}

fn insert_statements<E>(dialect: Dialect, models: Vec<E::Model>) -> Vec<(String, Vec<Value>)>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let columns = set_columns::<E>();
    let into = format!("INSERT INTO {} ({})", table::<E>(), quoted(&columns));
    let sets = cells::<E>(models);
    sets.chunks(SET_SIZE)
        .map(|rows| {
            let (select, values) = dialect.row_set(&columns, rows);
            (format!("{into} {select}"), values)
        })
        .collect()
}

/// Writes the current values of rows that exist. All columns but the key are set. Rows must be distinct by key.
pub async fn update<E>(db: &impl ConnectionTrait, models: Vec<E::Model>) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    if models.is_empty() {
        return Ok(());
    }
    let dialect = Dialect::of(db);
    let columns = set_columns::<E>();
    let key: Vec<String> = E::PrimaryKey::iter().map(|part| part.into_column().to_string()).collect();
    let sets: Vec<String> = columns
        .iter()
        .filter(|column| !key.contains(&column.name))
        .map(|column| format!("\"{0}\" = given.\"{0}\"", column.name))
        .collect();
    let matches: Vec<String> =
        key.iter().map(|name| format!("{}.\"{name}\" = given.\"{name}\"", table::<E>())).collect();
    for rows in cells::<E>(models).chunks(SET_SIZE) {
        let (select, values) = dialect.row_set(&columns, rows);
        let sql = format!(
            "UPDATE {} SET {} FROM ({select}) AS given WHERE {}",
            table::<E>(),
            sets.join(", "),
            matches.join(" AND ")
        );
        db.execute_raw(dialect.statement(sql, values)).await?;
    }
    Ok(())
}

/// All rows whose `column` is one of the ids.
pub async fn by_ids<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    ids: impl IntoIterator<Item = Id>,
) -> Result<Vec<E::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let sql = format!("SELECT * FROM {} WHERE {}", table::<E>(), dialect.in_ids(&name_of(column), 1));
    E::find().from_raw_sql(dialect.statement(sql, [dialect.ids(ids)])).all(db).await
}

/// The same, in the order of that column and locked until the transaction ends.
pub async fn lock_by_ids<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    ids: impl IntoIterator<Item = Id>,
) -> Result<Vec<E::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let name = name_of(column);
    let sql =
        format!("SELECT * FROM {} WHERE {} ORDER BY {name}{}", table::<E>(), dialect.in_ids(&name, 1), dialect.lock());
    E::find().from_raw_sql(dialect.statement(sql, [dialect.ids(ids)])).all(db).await
}

/// All rows whose `column` is one of the texts.
pub async fn by_texts<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    texts: impl IntoIterator<Item = String>,
) -> Result<Vec<E::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let sql = format!("SELECT * FROM {} WHERE {}", table::<E>(), dialect.in_texts(&name_of(column), 1));
    E::find().from_raw_sql(dialect.statement(sql, [dialect.texts(texts)])).all(db).await
}

/// Rows of a hand-written SELECT.
pub async fn select<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: String,
    values: Vec<Value>,
) -> Result<Vec<T>, DbErr> {
    T::find_by_statement(Dialect::of(db).statement(sql, values)).all(db).await
}

fn name_of<C: Iden>(column: C) -> String {
    format!("\"{}\"", column.to_string())
}

/// Groups rows by an id they carry.
pub fn group_by<T>(rows: Vec<T>, id: impl Fn(&T) -> Id) -> HashMap<Id, Vec<T>> {
    let mut groups: HashMap<Id, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(id(&row)).or_default().push(row);
    }
    groups
}

/// All rows whose two columns are one of the pairs of ids: a member's, and a row's of that member.
pub async fn by_pairs<E: EntityTrait>(
    db: &impl ConnectionTrait,
    (owner, row): (E::Column, E::Column),
    pairs: impl IntoIterator<Item = (Id, Id)>,
    order: &str,
) -> Result<Vec<E::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let column = |name: &str| SetColumn { name: name.to_owned(), cell: Cell::Id, nullable: false };
    let set: Vec<Vec<Value>> = pairs.into_iter().map(|(owner, row)| vec![owner.into(), row.into()]).collect();
    let (select, values) = dialect.row_set(&[column("owner"), column("wanted")], &set);
    let sql = format!(
        "SELECT x.* FROM ({select}) AS given JOIN {} x ON x.{} = given.owner AND x.{} = given.wanted{order}",
        table::<E>(),
        name_of(owner),
        name_of(row)
    );
    E::find().from_raw_sql(dialect.statement(sql, values)).all(db).await
}
