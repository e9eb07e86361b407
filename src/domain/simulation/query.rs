//! Simulations, which workers take on.

use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::db::dialect::Dialect;
use crate::db::keyset::OwnedList;
use crate::db::lookup::{page_of_owner, row_by_id};
use crate::db::rows;
use crate::domain::simulation::entity::{SimulationState, simulation};

row_by_id!(
    /// A simulation by its id.
    SimulationKey: simulation by Id
);
page_of_owner!(
    /// A page of a program's simulations, the newest first.
    SimulationList: simulation, SIMULATIONS, owned by program_id
);

/// The one that was asked for last first.
const SIMULATIONS: OwnedList<simulation::Entity> =
    OwnedList { owner: simulation::Column::ProgramId, order: simulation::Column::Id, scope: "" };

#[derive(FromQueryResult)]
struct Count {
    rows: i64,
}

async fn count(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<i64, DbErr> {
    let found: Vec<Count> = rows::select(db, sql.to_owned(), values).await?;
    Ok(found.first().map_or(0, |count| count.rows))
}

/// How many simulations are waiting or running.
pub async fn count_open(db: &impl ConnectionTrait, program_id: Id) -> Result<i64, DbErr> {
    let sql = "SELECT count(*) AS rows FROM simulation WHERE finished_at IS NULL AND program_id = $1";
    count(db, sql, vec![program_id.into()]).await
}

/// What waits for a worker at `$1`.
const FREE: &str = "finished_at IS NULL AND (held_until IS NULL OR held_until < $1)";

/// Whether any simulation waits for a worker. Asking writes nothing, so it may be asked often.
pub async fn is_any_free(db: &impl ConnectionTrait, now: Instant) -> Result<bool, DbErr> {
    let sql = format!("SELECT count(*) AS rows FROM simulation WHERE {FREE}");
    Ok(count(db, &sql, vec![now.micros().into()]).await? > 0)
}

/// Takes on the simulation that has waited longest, or whose worker has not been heard of. Of two workers who try at once
/// the database lets one go first, and the other finds it taken.
pub async fn take_on(
    db: &impl ConnectionTrait,
    worker_id: Id,
    now: Instant,
    until: Instant,
) -> Result<Option<simulation::Model>, DbErr> {
    let sql = format!(
        "UPDATE simulation SET state = 'RUNNING', worker_id = $2, held_until = $3, attempts = attempts + 1, done = 0 \
         WHERE id = (SELECT id FROM simulation WHERE {FREE} ORDER BY id LIMIT 1) AND {FREE} RETURNING *"
    );
    let values = vec![now.micros().into(), worker_id.into(), until.micros().into()];
    Ok(rows::select(db, sql, values).await?.into_iter().next())
}

/// Says how far a simulation has come, and holds it for longer. False when it is no longer this worker's.
pub async fn go_on(
    db: &impl ConnectionTrait,
    (id, worker_id): (Id, Id),
    done: i64,
    until: Instant,
) -> Result<bool, DbErr> {
    let sql = "UPDATE simulation SET done = $3, held_until = $4 WHERE id = $1 AND worker_id = $2";
    let values = vec![id.into(), worker_id.into(), done.into(), until.micros().into()];
    change(db, sql, values).await
}

/// Ends a simulation that is this worker's, with what came of it.
pub async fn finish(
    db: &impl ConnectionTrait,
    (id, worker_id): (Id, Id),
    (done, outcome): (i64, Option<String>),
    now: Instant,
) -> Result<bool, DbErr> {
    let state = if outcome.is_some() { SimulationState::Done } else { SimulationState::Failed };
    let sql = "UPDATE simulation SET state = $3, outcome = $4, done = $5, finished_at = $6, worker_id = NULL, \
               held_until = NULL WHERE id = $1 AND worker_id = $2";
    let state = Value::from(state.into_value());
    let values = vec![id.into(), worker_id.into(), state, outcome.into(), done.into(), now.micros().into()];
    change(db, sql, values).await
}

/// Calls off a simulation that is not finished.
pub async fn cancel(db: &impl ConnectionTrait, id: Id, now: Instant) -> Result<bool, DbErr> {
    let sql = "UPDATE simulation SET state = 'CANCELLED', finished_at = $2, worker_id = NULL, held_until = NULL \
               WHERE id = $1 AND finished_at IS NULL";
    change(db, sql, vec![id.into(), now.micros().into()]).await
}

async fn change(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<bool, DbErr> {
    Ok(db.execute_raw(Dialect::of(db).statement(sql, values)).await?.rows_affected() > 0)
}
