//! Sums over the whole ledger, by the moment at which things were recorded. Each is one statement over a table, so a report
//! of any days costs the same few passes.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::base::id::Id;
use crate::db::dialect::Dialect;
use crate::db::rows::select;
use crate::domain::points::entity::{Account, Bucket, TxnKind};
use crate::domain::report::query::bucket::bucket;

/// What was booked on one of the house's accounts between two bounds.
#[derive(Debug, FromQueryResult)]
pub struct Booked {
    pub bucket: i64,
    pub account: Account,
    pub points: i64,
}

/// What was booked on the house's accounts, by the bounds that were reached when it was recorded.
pub async fn booked(db: &impl ConnectionTrait, program_id: Id, bounds: &[i64]) -> Result<Vec<Booked>, DbErr> {
    let sql = format!(
        "SELECT {} AS bucket, e.account, CAST(SUM(e.points) AS bigint) AS points \
         FROM entry e JOIN txn t ON t.member_id = e.member_id AND t.id = e.txn_id \
         WHERE e.account NOT IN ('AVAILABLE', 'HELD', 'PENDING', 'DEBT') AND t.program_id = $1 GROUP BY 1, 2",
        bucket("t.recorded_at", bounds)
    );
    select(db, sql, vec![program_id.into()]).await
}

/// What all wallets hold, less what they owe.
pub async fn outstanding(db: &impl ConnectionTrait, program_id: Id) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Sum {
        points: i64,
    }
    let sql =
        "SELECT CAST(COALESCE(SUM(posted + pending - debt), 0) AS bigint) AS points FROM wallet WHERE program_id = $1";
    let sums: Vec<Sum> = select(db, sql.to_owned(), vec![program_id.into()]).await?;
    Ok(sums.first().map_or(0, |sum| sum.points))
}

/// When the first member came: nothing was recorded before. Ids are drawn in the order of time.
pub async fn begun_at(db: &impl ConnectionTrait) -> Result<Option<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct First {
        created_at: i64,
    }
    let sql = "SELECT created_at FROM member ORDER BY id LIMIT 1";
    let first: Vec<First> = select(db, sql.to_owned(), vec![]).await?;
    Ok(first.first().map(|first| first.created_at))
}

/// Every version of the program, the first one first.
pub async fn versions(db: &impl ConnectionTrait, program_id: Id) -> Result<Vec<Worth>, DbErr> {
    let sql = "SELECT created_at, exchange_points, exchange_minor FROM program WHERE id = $1 ORDER BY version";
    select(db, sql.to_owned(), vec![program_id.into()]).await
}

/// What points are worth from a moment on.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Worth {
    pub created_at: i64,
    pub exchange_points: i64,
    pub exchange_minor: i64,
}

/// Money paid for orders, and the points that went with it.
#[derive(Debug, FromQueryResult)]
pub struct Sold {
    pub bucket: i64,
    pub price: i64,
    pub points: i64,
}

/// Orders by when they were recorded.
pub async fn sold(db: &impl ConnectionTrait, currency: &str, bounds: &[i64]) -> Result<Vec<Sold>, DbErr> {
    let sql = format!(
        "SELECT {} AS bucket, CAST(SUM(o.total - o.points_value) AS bigint) AS price, \
         CAST(SUM(o.points_earned) AS bigint) AS points FROM \"order\" o WHERE o.currency = $1 GROUP BY 1",
        bucket("o.recorded_at", bounds)
    );
    select(db, sql, vec![currency.into()]).await
}

/// Money given back for returns, and the points that were demanded back.
#[derive(Debug, FromQueryResult)]
pub struct Returned {
    pub bucket: i64,
    pub sold_in: i64,
    pub price: i64,
    pub points: i64,
}

/// Returns by when they were made, and by when their orders were recorded. What was withheld for points that were missing
/// pays for these, and not for goods.
pub async fn returned(db: &impl ConnectionTrait, currency: &str, bounds: &[i64]) -> Result<Vec<Returned>, DbErr> {
    let sql = format!(
        "SELECT {} AS bucket, {} AS sold_in, CAST(SUM(r.money + r.money_withheld) AS bigint) AS price, \
         CAST(SUM(r.points_clawed) AS bigint) AS points FROM order_return r \
         JOIN \"order\" o ON o.member_id = r.member_id AND o.id = r.order_id WHERE r.currency = $1 GROUP BY 1, 2",
        bucket("r.created_at", bounds),
        bucket("o.recorded_at", bounds)
    );
    select(db, sql, vec![currency.into()]).await
}

/// Points that moved from one bucket of lots to another, by when the lots came and when they moved.
#[derive(Debug, FromQueryResult)]
pub struct LotsMoved {
    pub cohort: i64,
    pub month: i64,
    pub kind: TxnKind,
    pub taken_from: Option<Bucket>,
    pub given_to: Bucket,
    pub points: i64,
}

pub async fn lots_moved(db: &impl ConnectionTrait, program_id: Id, bounds: &[i64]) -> Result<Vec<LotsMoved>, DbErr> {
    let apart = Dialect::of(db).apart();
    let sql = format!(
        "WITH moved {apart} (SELECT a.member_id, a.lot_id, {} AS month, t.kind, a.taken_from, a.given_to, a.points \
         FROM allocation a JOIN txn t ON t.member_id = a.member_id AND t.id = a.txn_id \
         WHERE t.program_id = $1 AND a.given_to <> 'HELD' AND (a.given_to <> 'REMAINING' OR a.taken_from IS NULL \
         OR a.taken_from <> 'HELD')), \
         come {apart} (SELECT l.member_id, l.id, {} AS cohort \
         FROM lot l JOIN txn g ON g.member_id = l.member_id AND g.id = l.txn_id) \
         SELECT come.cohort, moved.month, moved.kind, moved.taken_from, moved.given_to, \
         CAST(SUM(moved.points) AS bigint) AS points \
         FROM moved JOIN come ON come.member_id = moved.member_id AND come.id = moved.lot_id GROUP BY 1, 2, 3, 4, 5",
        bucket("t.recorded_at", bounds),
        bucket("g.recorded_at", bounds)
    );
    select(db, sql, vec![program_id.into()]).await
}
