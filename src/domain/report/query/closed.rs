//! Days that are closed: which, and what was recorded on them.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};

use crate::base::id::Id;
use crate::db::rows::{insert, insert_if_absent, select};
use crate::domain::report::entity::closed::{day, fate, movement, returned, sale};
use crate::domain::report::query::bucket::bucket;
use crate::domain::report::query::ledger::{Booked, Returned, Sold, Turned};
use crate::domain::report::query::recorded::Recorded;
use crate::domain::report::rule::breakage::Fate;

/// The days of a program that are closed, the first one first.
pub async fn closed_days(db: &impl ConnectionTrait, program_id: Id) -> Result<Vec<day::Model>, DbErr> {
    day::Entity::find().filter(day::Column::ProgramId.eq(program_id)).order_by_asc(day::Column::Day).all(db).await
}

/// The last of them.
pub async fn last_closed(db: &impl ConnectionTrait, program_id: Id) -> Result<Option<day::Model>, DbErr> {
    day::Entity::find().filter(day::Column::ProgramId.eq(program_id)).order_by_desc(day::Column::Day).one(db).await
}

/// Closes days that follow one another with what was recorded on them, unless somebody else has closed the first of them by
/// now; whether it did.
pub async fn close(tx: &impl ConnectionTrait, days: &[day::Model], recorded: Recorded) -> Result<bool, DbErr> {
    let Some((first, others)) = days.split_first() else { return Ok(false) };
    if insert_if_absent::<day::Entity>(tx, vec![first.clone()]).await?.is_empty() {
        return Ok(false);
    }
    insert::<day::Entity>(tx, others.to_vec()).await?;
    insert::<movement::Entity>(tx, recorded.movements).await?;
    insert::<fate::Entity>(tx, recorded.fates).await?;
    insert::<sale::Entity>(tx, recorded.sales).await?;
    insert::<returned::Entity>(tx, recorded.returns).await?;
    Ok(true)
}

/// All that is kept of them.
pub async fn kept(db: &impl ConnectionTrait, program_id: Id) -> Result<Recorded, DbErr> {
    Ok(Recorded {
        movements: movement::Entity::find().filter(movement::Column::ProgramId.eq(program_id)).all(db).await?,
        fates: fate::Entity::find().filter(fate::Column::ProgramId.eq(program_id)).all(db).await?,
        sales: sale::Entity::find().filter(sale::Column::ProgramId.eq(program_id)).all(db).await?,
        returns: returned::Entity::find().filter(returned::Column::ProgramId.eq(program_id)).all(db).await?,
    })
}

/// What was booked on the house's accounts, by the bounds that the days have reached.
pub async fn booked(db: &impl ConnectionTrait, program_id: Id, bounds: &[i64]) -> Result<Vec<Booked>, DbErr> {
    let sql = format!(
        "SELECT {} AS bucket, account, CAST(SUM(points) AS bigint) AS points FROM closed_movement \
         WHERE program_id = $1 GROUP BY 1, 2",
        bucket("day", bounds)
    );
    select(db, sql, vec![program_id.into()]).await
}

/// Orders, by the months that the days have reached.
pub async fn sold(db: &impl ConnectionTrait, program_id: Id, months: &[i64]) -> Result<Vec<Sold>, DbErr> {
    let sql = format!(
        "SELECT {} AS bucket, CAST(SUM(price) AS bigint) AS price, CAST(SUM(points) AS bigint) AS points \
         FROM closed_sale WHERE program_id = $1 GROUP BY 1",
        bucket("day", months)
    );
    select(db, sql, vec![program_id.into()]).await
}

/// Returns, by the months that the days have reached and in which their orders were recorded.
pub async fn taken_back(db: &impl ConnectionTrait, program_id: Id, months: &[i64]) -> Result<Vec<Returned>, DbErr> {
    let sql = format!(
        "SELECT {} AS bucket, {} AS sold_in, CAST(SUM(price) AS bigint) AS price, \
         CAST(SUM(points) AS bigint) AS points FROM closed_return WHERE program_id = $1 GROUP BY 1, 2",
        bucket("day", months),
        bucket("sold_in", months)
    );
    select(db, sql, vec![program_id.into()]).await
}

/// What became of points, by the months in which they came and that the days have reached.
pub async fn turned(db: &impl ConnectionTrait, program_id: Id, months: &[i64]) -> Result<Vec<Turned>, DbErr> {
    #[derive(FromQueryResult)]
    struct Sums {
        cohort: i64,
        bucket: i64,
        granted: i64,
        redeemed: i64,
        expired: i64,
        withdrawn: i64,
    }
    let sql = format!(
        "SELECT {} AS cohort, {} AS bucket, CAST(SUM(granted) AS bigint) AS granted, \
         CAST(SUM(redeemed) AS bigint) AS redeemed, CAST(SUM(expired) AS bigint) AS expired, \
         CAST(SUM(withdrawn) AS bigint) AS withdrawn FROM closed_fate WHERE program_id = $1 GROUP BY 1, 2",
        bucket("cohort", months),
        bucket("day", months)
    );
    let sums: Vec<Sums> = select(db, sql, vec![program_id.into()]).await?;
    let turned = sums.into_iter().map(|Sums { cohort, bucket, granted, redeemed, expired, withdrawn }| Turned {
        cohort,
        bucket,
        fate: Fate { granted, redeemed, expired, withdrawn },
    });
    Ok(turned.collect())
}
