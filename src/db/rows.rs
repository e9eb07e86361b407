//! Writing and reading rows in sets: one statement a table, however many rows.
//!
//! The columns come from the SeaORM entity, so a table is described in one place only.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use parking_lot::RwLock;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iden,
    IntoActiveModel, Iterable, PrimaryKeyToColumn, Statement, Value,
};

use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::db::dialect::{Cell, Dialect, Held, SetColumn};

/// Rows sent in one statement at the most; a longer set is cut.
const SET_SIZE: usize = 5_000;

/// What is known of a table on a database before any row is: kept, because putting the texts together anew for every
/// statement would cost more than many a small statement does.
struct Table {
    columns: Vec<SetColumn>,
    /// Begins an insert of all columns.
    into: String,
    /// Inserts a row set.
    insert: String,
    /// The same, passing over rows that are there.
    insert_if_absent: String,
    /// Sets all columns but the key from a row set.
    update: String,
}

type Tables = HashMap<(TypeId, Dialect), Arc<Table>>;

static TABLES: LazyLock<RwLock<Tables>> = LazyLock::new(RwLock::default);

fn table_of<E: EntityTrait>(dialect: Dialect) -> Arc<Table> {
    let key = (TypeId::of::<E>(), dialect);
    let known = TABLES.read().get(&key).cloned();
    known.unwrap_or_else(|| {
        let table = Arc::new(describe::<E>(dialect));
        TABLES.write().insert(key, table.clone());
        table
    })
}

fn describe<E: EntityTrait>(dialect: Dialect) -> Table {
    let name = table::<E>();
    let columns: Vec<SetColumn> = E::Column::iter().map(set_column::<E>).collect();
    let key: Vec<String> = E::PrimaryKey::iter().map(|part| part.into_column().to_string()).collect();
    let quoted: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let sets: Vec<String> = columns
        .iter()
        .filter(|column| !key.contains(&column.name))
        .map(|column| format!("\"{0}\" = given.\"{0}\"", column.name))
        .collect();
    let matches: Vec<String> = key.iter().map(|part| format!("{name}.\"{part}\" = given.\"{part}\"")).collect();
    let rows = dialect.row_set(&columns);
    let into = format!("INSERT INTO {name} ({})", quoted.join(", "));
    let insert = format!("{into} {rows}");
    Table {
        insert_if_absent: format!("{insert} ON CONFLICT DO NOTHING RETURNING *"),
        update: format!("UPDATE {name} SET {} FROM ({rows}) AS given WHERE {}", sets.join(", "), matches.join(" AND ")),
        insert,
        into,
        columns,
    }
}

fn set_column<E: EntityTrait>(column: E::Column) -> SetColumn {
    let def = column.def();
    SetColumn { name: column.to_string(), cell: Cell::of(def.get_column_type()), nullable: def.is_null() }
}

/// The rows' cells column by column, ready to be bound.
fn cells<E>(models: impl ExactSizeIterator<Item = E::Model>, columns: usize) -> Vec<Vec<Value>>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let mut cells: Vec<Vec<Value>> = (0..columns).map(|_| Vec::with_capacity(models.len())).collect();
    for model in models {
        let mut active = model.into_active_model();
        for (column, cells) in E::Column::iter().zip(&mut cells) {
            cells.push(match active.take(column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value,
                ActiveValue::NotSet => unreachable!("a model sets all its columns"),
            });
        }
    }
    cells
}

fn table<E: EntityTrait>() -> String {
    format!("\"{}\"", E::default().table_name())
}

/// One statement for each set of rows that fits.
fn statements<E>(
    dialect: Dialect,
    models: Vec<E::Model>,
    text: impl Fn(&Table) -> &str,
) -> impl Iterator<Item = Statement>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let table = table_of::<E>(dialect);
    let mut models = models.into_iter();
    std::iter::from_fn(move || {
        let set = models.by_ref().take(SET_SIZE);
        if set.len() == 0 {
            return None;
        }
        let values = dialect.bind_rows(&table.columns, cells::<E>(set, table.columns.len()));
        Some(dialect.statement(text(&table), values))
    })
}

/// Inserts all the rows; a row that violates a constraint fails the statement.
pub async fn insert<E>(db: &impl ConnectionTrait, models: Vec<E::Model>) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    for statement in statements::<E>(Dialect::of(db), models, |table| &table.insert) {
        db.execute_raw(statement).await?;
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
    for statement in statements::<E>(Dialect::of(db), models, |table| &table.insert_if_absent) {
        inserted.extend(E::Model::find_by_statement(statement).all(db).await?);
    }
    Ok(inserted)
}

/// Inserts a row if `source`, which stands behind `FROM`, finds something. It is given the number of its first bound
/// value. The columns `found` are not the model's: each is an expression over the source. Returns whether the row was
/// inserted by this statement.
pub async fn insert_if<E, const N: usize>(
    db: &impl ConnectionTrait,
    model: E::Model,
    found: [(E::Column, String); N],
    source: impl FnOnce(usize) -> String,
    values: impl IntoIterator<Item = Value>,
) -> Result<bool, DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let dialect = Dialect::of(db);
    let table = table_of::<E>(dialect);
    let cells = cells::<E>([model].into_iter(), table.columns.len()).into_iter().flatten();
    let mut bound: Vec<Value> = Vec::with_capacity(table.columns.len());
    let mut row = Vec::with_capacity(table.columns.len());
    for (column, cell) in table.columns.iter().zip(cells) {
        match found.iter().find(|(name, _)| name.to_string() == column.name) {
            Some((_, expression)) => row.push(expression.clone()),
            None => {
                bound.push(cell);
                row.push(format!("${}", bound.len()));
            }
        }
    }
    let source = source(bound.len() + 1);
    bound.extend(values);
    let sql = format!("{} SELECT {} FROM {source} ON CONFLICT DO NOTHING", table.into, row.join(", "));
    Ok(db.execute_raw(dialect.statement(sql, bound)).await?.rows_affected() > 0)
}

/// Writes the current values of rows that exist. All columns but the key are set. Rows must be distinct by key.
pub async fn update<E>(db: &impl ConnectionTrait, models: Vec<E::Model>) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    for statement in statements::<E>(Dialect::of(db), models, |table| &table.update) {
        db.execute_raw(statement).await?;
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
    let (condition, ids) = dialect.one_of_ids(&name_of(column), ids.into_iter().collect());
    select(db, format!("SELECT * FROM {} WHERE {condition}", table::<E>()), vec![ids]).await
}

/// The same, in the order of that column and locked until the transaction ends.
pub async fn lock_by_ids<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    ids: impl IntoIterator<Item = Id>,
    held: Held,
) -> Result<Vec<E::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let name = name_of(column);
    let (condition, ids) = dialect.one_of_ids(&name, ids.into_iter().collect());
    let sql = format!("SELECT * FROM {} WHERE {condition} ORDER BY {name}{}", table::<E>(), dialect.lock(held));
    select(db, sql, vec![ids]).await
}

/// The same with more columns beside those of the row, of which every statement has one value: `beside` is what stands
/// behind them after SELECT, and its values are bound from `$2` on.
pub async fn lock_by_ids_beside<E: EntityTrait, T: FromQueryResult>(
    db: &impl ConnectionTrait,
    column: E::Column,
    ids: impl IntoIterator<Item = Id>,
    held: Held,
    beside: &str,
    more: Vec<Value>,
) -> Result<Vec<T>, DbErr> {
    let dialect = Dialect::of(db);
    let name = name_of(column);
    let (condition, ids) = dialect.one_of_ids(&name, ids.into_iter().collect());
    let lock = if planted(Bug::LockDropped) { String::new() } else { dialect.lock_of("x", held) };
    let sql = format!("SELECT x.*, {beside} FROM {} x WHERE {condition} ORDER BY {name}{lock}", table::<E>());
    select(db, sql, std::iter::once(ids).chain(more).collect()).await
}

/// All rows whose `column` is one of the texts.
pub async fn by_texts<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    texts: impl IntoIterator<Item = String>,
) -> Result<Vec<E::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let (condition, texts) = dialect.one_of_texts(&name_of(column), texts.into_iter().collect());
    select(db, format!("SELECT * FROM {} WHERE {condition}", table::<E>()), vec![texts]).await
}

/// All rows whose columns are one of the keys, each key a value for each column. `tail` may order and lock the rows,
/// which it calls `x`. (Two conditions of the kind of [`by_ids`] would have the database look up every combination.)
pub async fn by_keys<E: EntityTrait, const N: usize>(
    db: &impl ConnectionTrait,
    columns: [E::Column; N],
    keys: impl IntoIterator<Item = [Value; N]>,
    tail: &str,
) -> Result<Vec<E::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let mut keys: Vec<[Value; N]> = keys.into_iter().collect();
    let matches = |column: usize, other: &str| format!("x.{} = {other}", name_of(columns[column]));
    if keys.len() == 1 {
        // A lone key is compared as it is, as in `one_of_ids`.
        let matches: Vec<String> = (0..N).map(|column| matches(column, &format!("${}", column + 1))).collect();
        let sql = format!("SELECT x.* FROM {} x WHERE {}{tail}", table::<E>(), matches.join(" AND "));
        return select(db, sql, keys.remove(0).into()).await;
    }
    let mut cells: [Vec<Value>; N] = std::array::from_fn(|_| Vec::with_capacity(keys.len()));
    for key in keys {
        for (cells, value) in cells.iter_mut().zip(key) {
            cells.push(value);
        }
    }
    let set = columns.map(set_column::<E>);
    let matches: Vec<String> =
        (0..N).map(|column| matches(column, &format!("given.{}", name_of(columns[column])))).collect();
    let sql = format!(
        "SELECT x.* FROM ({}) AS given JOIN {} x ON {}{tail}",
        dialect.row_set(&set),
        table::<E>(),
        matches.join(" AND ")
    );
    let values = dialect.bind_rows(&set, cells.into());
    select(db, sql, values).await
}

/// Rows of a hand-written SELECT. (`find().from_raw_sql` would first put together a statement that nobody runs.)
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
