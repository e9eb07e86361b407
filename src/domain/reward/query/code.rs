//! Finding codes: those a redemption got, those that are left, and whose some are.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::member::entity::HandleKind;
use crate::domain::member::query::names_among;
use crate::domain::reward::entity::reward_code;
use crate::domain::reward::rule::code::Owner;

/// The codes that a redemption got, in the order in which they were given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodesOf(pub Id);

impl Lookup for CodesOf {
    type Row = Arc<Vec<String>>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let ids = keys.into_iter().map(|key| key.0);
            let mut found =
                rows::by_ids::<reward_code::Entity>(&db.read, reward_code::Column::RedemptionId, ids).await?;
            found.sort_by_key(|row| row.position);
            let mut codes: HashMap<Self, Self::Row> = HashMap::new();
            for row in found {
                if let Some(id) = row.redemption_id {
                    Arc::make_mut(codes.entry(CodesOf(id)).or_default()).push(row.code);
                }
            }
            Ok(codes)
        })
    }
}

/// The next codes of a reward. Read under the lock of its pile, which whoever takes one holds.
pub async fn next_codes(
    tx: &impl ConnectionTrait,
    reward_id: Id,
    limit: u64,
) -> Result<Vec<reward_code::Model>, DbErr> {
    let sql = "SELECT * FROM reward_code WHERE reward_id = $1 AND redemption_id IS NULL ORDER BY position LIMIT $2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows::select(tx, sql.to_owned(), vec![reward_id.into(), limit.into()]).await
}

/// Who has each of some codes, of those that are anybody's.
pub async fn owners_of(db: &impl ConnectionTrait, codes: Vec<String>) -> Result<HashMap<String, Owner>, DbErr> {
    if codes.is_empty() {
        return Ok(HashMap::new());
    }
    let coupons = names_among(db, HandleKind::CouponCode, codes.clone()).await?;
    let mut owners: HashMap<String, Owner> = coupons.into_iter().map(|code| (code, Owner::Coupon)).collect();
    for row in rows::by_texts::<reward_code::Entity>(db, reward_code::Column::Code, codes).await? {
        owners.insert(row.code, Owner::Reward { reward_id: row.reward_id, batch_id: row.batch_id });
    }
    Ok(owners)
}

#[derive(FromQueryResult)]
struct Last {
    position: i64,
}

/// The position of a reward's last code; 0 while it has none.
pub async fn last_position(tx: &DatabaseTransaction, reward_id: Id) -> Result<i64, DbErr> {
    let sql = "SELECT COALESCE(MAX(position), 0) AS position FROM reward_code WHERE reward_id = $1";
    let found: Vec<Last> = rows::select(tx, sql.to_owned(), vec![reward_id.into()]).await?;
    Ok(found.first().map_or(0, |last| last.position))
}
