//! Orders of all members by when they were placed.

use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::rows;
use crate::domain::order::entity::{OrderStatus, order};

/// Where an order stands in this list: when it was placed, by whom, and its id.
pub type Place = (i64, Id, Id);

pub fn place_of(order: &order::Model) -> Place {
    (order.placed_at, order.member_id, order.id)
}

/// The next orders behind a place and before a moment, the earliest first.
pub async fn list_placed(
    db: &impl ConnectionTrait,
    behind: Place,
    until: Instant,
    limit: u64,
) -> Result<Vec<order::Model>, DbErr> {
    let sql = format!(
        "SELECT o.* FROM \"order\" o WHERE (o.placed_at, o.member_id, o.id) > ($1, $2, $3) AND o.placed_at < $4 \
         ORDER BY o.placed_at, o.member_id, o.id LIMIT {limit}"
    );
    let values = vec![behind.0.into(), behind.1.into(), behind.2.into(), until.micros().into()];
    rows::select(db, sql, values).await
}

#[derive(FromQueryResult)]
struct Count {
    rows: i64,
}

/// How many were placed between two moments, the later one excluded.
pub async fn count_placed(db: &impl ConnectionTrait, (from, until): (Instant, Instant)) -> Result<i64, DbErr> {
    let sql = "SELECT count(*) AS rows FROM \"order\" WHERE placed_at >= $1 AND placed_at < $2";
    let values = vec![from.micros().into(), until.micros().into()];
    let found: Vec<Count> = rows::select(db, sql.to_owned(), values).await?;
    Ok(found.first().map_or(0, |count| count.rows))
}

/// How many purchases members have made, by the wallet that these went through where it is not the member's own.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Purchases {
    pub member_id: Id,
    pub other_wallet: Option<Id>,
    pub rows: i64,
}

/// The purchases that some members had made before a moment, but for those that were taken back as a whole.
pub async fn count_purchases(db: &Db, members: &[Id], before: Instant) -> Result<Vec<Purchases>, DbErr> {
    let (of_these, ids) = db.dialect.one_of_ids("member_id", members.to_vec());
    let sql = format!(
        "SELECT member_id, COALESCE(earned_in, spent_from) AS other_wallet, count(*) AS rows FROM \"order\" \
         WHERE {of_these} AND placed_at < $2 AND status NOT IN ($3, $4) GROUP BY 1, 2"
    );
    let word = |status: OrderStatus| Value::from(status.into_value());
    let values = vec![ids, before.micros().into(), word(OrderStatus::Cancelled), word(OrderStatus::Returned)];
    rows::select(&db.read, sql, values).await
}
