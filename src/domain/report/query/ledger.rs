//! Sums over the ledger, by the moment at which things were recorded. Each is one statement, so a report of any days costs the
//! same few passes over what is not closed.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::base::id::Id;
use crate::db::dialect::Dialect;
use crate::db::rows::select;
use crate::domain::points::entity::{Account, Bucket, TxnKind};
use crate::domain::report::query::bucket::bucket;
use crate::domain::report::rule::breakage::Fate;

/// When something must have been recorded to be summed.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub from: i64,
    pub until: i64,
}

impl Span {
    /// Everything from a moment on.
    pub fn since(from: i64) -> Span {
        Span { from, until: i64::MAX }
    }

    /// Whether a column is in it, by the second and the third of a statement's values: so an index on it is used.
    fn contains(column: &str) -> String {
        format!("{column} >= $2 AND {column} < $3")
    }

    /// A statement's values, behind the one given.
    fn behind(self, first: impl Into<Value>) -> Vec<Value> {
        vec![first.into(), self.from.into(), self.until.into()]
    }
}

/// What was booked on one of the house's accounts between two bounds.
#[derive(Debug, FromQueryResult)]
pub struct Booked {
    pub bucket: i64,
    pub account: Account,
    pub points: i64,
}

/// What was booked on the house's accounts, by the bounds that were reached when it was recorded.
pub async fn booked(
    db: &impl ConnectionTrait,
    program_id: Id,
    bounds: &[i64],
    span: Span,
) -> Result<Vec<Booked>, DbErr> {
    let sql = format!(
        "SELECT {} AS bucket, e.account, CAST(SUM(e.points) AS bigint) AS points \
         FROM txn t JOIN entry e ON e.member_id = t.member_id AND e.txn_id = t.id \
         WHERE e.account NOT IN ('AVAILABLE', 'HELD', 'PENDING', 'DEBT') AND t.program_id = $1 AND {} GROUP BY 1, 2",
        bucket("t.recorded_at", bounds),
        Span::contains("t.recorded_at")
    );
    select(db, sql, span.behind(program_id)).await
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
pub async fn sold(db: &impl ConnectionTrait, currency: &str, bounds: &[i64], span: Span) -> Result<Vec<Sold>, DbErr> {
    let sql = format!(
        "SELECT {} AS bucket, CAST(SUM(o.total - o.points_value) AS bigint) AS price, \
         CAST(SUM(o.points_earned) AS bigint) AS points FROM \"order\" o WHERE o.currency = $1 AND {} GROUP BY 1",
        bucket("o.recorded_at", bounds),
        Span::contains("o.recorded_at")
    );
    select(db, sql, span.behind(currency)).await
}

/// Money given back for returns, and the points that were demanded back.
#[derive(Debug, FromQueryResult)]
pub struct Returned {
    pub bucket: i64,
    pub sold_in: i64,
    pub price: i64,
    pub points: i64,
}

/// Returns by when they were made, and by the month in which their orders were recorded. What was withheld for points that
/// were missing pays for these, and not for goods.
pub async fn returned(
    db: &impl ConnectionTrait,
    currency: &str,
    bounds: &[i64],
    months: &[i64],
    span: Span,
) -> Result<Vec<Returned>, DbErr> {
    let sql = format!(
        "SELECT {} AS bucket, {} AS sold_in, CAST(SUM(r.money + r.money_withheld) AS bigint) AS price, \
         CAST(SUM(r.points_clawed) AS bigint) AS points FROM order_return r \
         JOIN \"order\" o ON o.member_id = r.member_id AND o.id = r.order_id WHERE r.currency = $1 AND {} GROUP BY 1, 2",
        bucket("r.created_at", bounds),
        bucket("o.recorded_at", months),
        Span::contains("r.created_at")
    );
    select(db, sql, span.behind(currency)).await
}

/// What became of points, by the month in which they came and by when it was recorded.
#[derive(Debug)]
pub struct Turned {
    pub cohort: i64,
    pub bucket: i64,
    pub fate: Fate,
}

/// Points that moved from one bucket of lots to another. What is set aside and let go again stays what it was.
pub async fn turned(
    db: &impl ConnectionTrait,
    program_id: Id,
    bounds: &[i64],
    months: &[i64],
    span: Span,
) -> Result<Vec<Turned>, DbErr> {
    #[derive(FromQueryResult)]
    struct Moved {
        cohort: i64,
        bucket: i64,
        kind: TxnKind,
        taken_from: Option<Bucket>,
        given_to: Bucket,
        points: i64,
    }
    let apart = Dialect::of(db).apart();
    let sql = format!(
        "WITH moved {apart} (SELECT a.member_id, a.lot_id, {} AS bucket, t.kind, a.taken_from, a.given_to, a.points \
         FROM txn t JOIN allocation a ON a.member_id = t.member_id AND a.txn_id = t.id \
         WHERE t.program_id = $1 AND {} AND a.given_to <> 'HELD' AND (a.given_to <> 'REMAINING' \
         OR a.taken_from IS NULL OR a.taken_from <> 'HELD')), \
         of_lots {apart} (SELECT moved.*, l.txn_id FROM moved \
         JOIN lot l ON l.member_id = moved.member_id AND l.id = moved.lot_id) \
         SELECT {} AS cohort, x.bucket, x.kind, x.taken_from, x.given_to, CAST(SUM(x.points) AS bigint) AS points \
         FROM of_lots x JOIN txn g ON g.member_id = x.member_id AND g.id = x.txn_id GROUP BY 1, 2, 3, 4, 5",
        bucket("t.recorded_at", bounds),
        Span::contains("t.recorded_at"),
        bucket("g.recorded_at", months)
    );
    let moved: Vec<Moved> = select(db, sql, span.behind(program_id)).await?;
    let turned = moved.into_iter().map(|Moved { cohort, bucket, kind, taken_from, given_to, points }| Turned {
        cohort,
        bucket,
        fate: Fate::of(kind, taken_from, given_to, points),
    });
    Ok(turned.collect())
}
