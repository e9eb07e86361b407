//! Claiming events and adding them up.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::base::id::Id;
use crate::db::dialect::{Cell, Dialect, Held, SetColumn};
use crate::db::rows;
use crate::domain::outbox::entity::{Topic, Uncounted};
use crate::domain::report::entity::{Figure, active_member};

/// An event that nobody has counted.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Event {
    pub member_id: Id,
    pub id: Id,
    pub topic: Topic,
    pub payload: String,
    pub created_at: i64,
    pub uncounted: Uncounted,
}

/// What is added at once.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// By day, figure, and the ids of tier and source, which are nil for none.
    pub figures: BTreeMap<(i64, Figure, Id, Id), i64>,
    /// Day, member and tier of whoever was active.
    pub active: BTreeSet<(i64, Id, Id)>,
    /// What events of before told, by figure.
    pub past: BTreeMap<Figure, i64>,
}

/// Claims events until the transaction ends, the oldest first. What another process has claimed is passed over. Each event
/// has its own mark; behind a last id, one that is committed late would be left out.
pub async fn claim(tx: &impl ConnectionTrait, most: u64) -> Result<Vec<Event>, DbErr> {
    let lock = Dialect::of(tx).lock(Held::PassedOver);
    let sql = format!(
        "SELECT member_id, id, topic, payload, created_at, uncounted FROM outbox WHERE uncounted IS NOT NULL \
         ORDER BY created_at LIMIT {most}{lock}"
    );
    rows::select(tx, sql, Vec::new()).await
}

/// Adds to what is there. Rows are taken in one order by everybody, so that two who count wait for each other.
pub async fn add(tx: &impl ConnectionTrait, sums: Sums) -> Result<(), DbErr> {
    add_figures(tx, &sums.figures).await?;
    let active = sums.active.into_iter();
    let active = active.map(|(day, member_id, tier_id)| active_member::Model { day, member_id, tier_id });
    rows::insert_if_absent::<active_member::Entity>(tx, active.collect()).await?;
    take_off_past(tx, &sums.past).await
}

async fn add_figures(tx: &impl ConnectionTrait, figures: &BTreeMap<(i64, Figure, Id, Id), i64>) -> Result<(), DbErr> {
    let columns = [
        SetColumn::new("day", Cell::Integer),
        SetColumn::new("figure", Cell::Text),
        SetColumn::new("tier_id", Cell::Id),
        SetColumn::new("source_id", Cell::Id),
        SetColumn::new("amount", Cell::Integer),
    ];
    let rows = figures.iter().map(|((day, figure, tier_id, source_id), amount)| {
        [(*day).into(), figure.to_value().into(), (*tier_id).into(), (*source_id).into(), (*amount).into()]
    });
    run(tx, &columns, rows, |set| {
        format!(
            "INSERT INTO statistic (day, figure, tier_id, source_id, amount) {set} \
             ON CONFLICT (day, figure, tier_id, source_id) DO UPDATE SET amount = statistic.amount + excluded.amount"
        )
    })
    .await
}

/// What is counted of events of before is no longer of the past that is not.
async fn take_off_past(tx: &impl ConnectionTrait, past: &BTreeMap<Figure, i64>) -> Result<(), DbErr> {
    let columns = [SetColumn::new("figure", Cell::Text), SetColumn::new("amount", Cell::Integer)];
    let rows = past.iter().map(|(figure, amount)| [figure.to_value().into(), (-amount).into()]);
    run(tx, &columns, rows, |set| {
        format!(
            "INSERT INTO uncounted_past (figure, amount) {set} \
             ON CONFLICT (figure) DO UPDATE SET amount = uncounted_past.amount + excluded.amount"
        )
    })
    .await
}

/// Takes the marks off events.
pub async fn mark_counted(tx: &impl ConnectionTrait, events: &[Event]) -> Result<(), DbErr> {
    let columns = [SetColumn::new("member_id", Cell::Id), SetColumn::new("id", Cell::Id)];
    let rows = events.iter().map(|event| [event.member_id.into(), event.id.into()]);
    run(tx, &columns, rows, |set| {
        format!(
            "UPDATE outbox SET uncounted = NULL FROM ({set}) AS given \
             WHERE outbox.member_id = given.member_id AND outbox.id = given.id"
        )
    })
    .await
}

/// Runs a statement over a set of rows, if there are any.
async fn run<const N: usize>(
    tx: &impl ConnectionTrait,
    columns: &[SetColumn; N],
    rows: impl Iterator<Item = [Value; N]>,
    sql: impl FnOnce(String) -> String,
) -> Result<(), DbErr> {
    let mut cells: Vec<Vec<Value>> = vec![Vec::new(); N];
    for row in rows {
        cells.iter_mut().zip(row).for_each(|(cells, cell)| cells.push(cell));
    }
    if cells[0].is_empty() {
        return Ok(());
    }
    let dialect = Dialect::of(tx);
    let sql = sql(dialect.row_set(columns));
    tx.execute_raw(dialect.statement(sql, dialect.bind_rows(columns, cells))).await?;
    Ok(())
}
