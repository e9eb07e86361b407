//! Closing days: what was recorded on a day that has long been over is summed once and kept, so that a report reads what came
//! since and not the whole ledger.

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::db::Db;
use crate::db::dialect::Dialect;
use crate::db::write::Tx;
use crate::domain::points::entity::program;
use crate::domain::points::query::programs::Programs;
use crate::domain::points::rule::program::zone;
use crate::domain::report::entity::closed::day;
use crate::domain::report::query::closed::{close, closed_days, last_closed};
use crate::domain::report::query::ledger::begun_at;
use crate::domain::report::query::recorded::{Recorded, recorded_on};
use crate::domain::report::rule::days::Days;
use crate::domain::tier::rule::window::date_of;

/// Days that are closed at once: a past of years is read in parts.
const AT_ONCE: usize = 31;

/// Closes some of the days that can be, and answers how many. What they hold is read beside whoever writes, since it changes
/// no more; only keeping it is a write, and a short one. Several processes may close at a time: one of them does.
pub async fn close_some(db: &Db, programs: &Programs, now: Instant) -> Result<usize> {
    let program = programs.refresh(db).await?;
    if let Some(last) = last_closed(&db.read, program.id).await? {
        let (first, mut days) = (date_of(last.day), Days::new(vec![last], zone(&program)));
        if days.close(program.id, first, now, 1).is_empty() {
            return Ok(0);
        }
    }
    let snapshot = db.begin_bounded_snapshot().await?;
    let read = next(&snapshot, &program, now).await;
    let _ = snapshot.rollback().await;
    let Some((days, recorded)) = read? else { return Ok(0) };
    let count = days.len();
    let work = move |tx: Tx| {
        let (days, recorded) = (days.clone(), recorded.clone());
        async move { Ok(close(&*tx, &days, recorded).await?) }
    };
    Ok(if db.write(work).await? { count } else { 0 })
}

/// The days of a program, within a snapshot that then reads what is not closed.
pub(super) async fn days_of(snapshot: &DatabaseTransaction, program: &program::Model) -> Result<Days> {
    let days = Days::new(closed_days(snapshot, program.id).await?, zone(program));
    if days.first().is_some() {
        snapshot.execute_unprepared(Dialect::of(snapshot).excerpt_settings()).await?;
    }
    Ok(days)
}

/// The days to close next, and what was recorded on them.
async fn next(
    snapshot: &DatabaseTransaction,
    program: &program::Model,
    now: Instant,
) -> Result<Option<(Vec<day::Model>, Recorded)>> {
    let Some(begun) = begun_at(snapshot).await? else { return Ok(None) };
    let mut days = days_of(snapshot, program).await?;
    let from = days.closed_until();
    let first = Instant(begun).local_date(days.zone());
    let next = days.close(program.id, first, now, AT_ONCE);
    let recorded = recorded_on(snapshot, (program.id, &program.currency), &next, &days, from).await?;
    Ok(recorded.map(|recorded| (next, recorded)))
}
