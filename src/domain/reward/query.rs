//! Finding rewards, and a member's redemptions and coupons.

pub mod code;
pub mod price;
pub mod tier;

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::Db;
use crate::db::keyset::OwnedList;
use crate::db::lookup::{count_of_member, keyed, page_of_member, row_by_id, row_of_member, rows_of_member};
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::reward::entity::{RewardState, coupon, redemption, reward};

/// Newest first: a coupon's id sorts by when it was issued.
pub const COUPONS: OwnedList<coupon::Entity> =
    OwnedList { owner: coupon::Column::MemberId, order: coupon::Column::Id, scope: "" };

row_by_id!(
    /// A reward by its id.
    RewardKey: reward by Id
);
row_of_member!(
    /// A redemption by its member and id.
    RedemptionKey: redemption by Id
);
row_of_member!(
    /// A coupon by its member and id.
    CouponKey: coupon by Id
);
rows_of_member!(
    /// The coupons a redemption gave, by its member and id.
    CouponsOfRedemption: coupon by RedemptionId, ordered by "id"
);
page_of_member!(
    /// A page of a member's coupons, newest first.
    CouponsOf: coupon, COUPONS
);
count_of_member!(
    /// How many coupons a member has, used and expired ones too.
    CouponCount: "coupon"
);

/// A coupon by its member and code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CouponByCode(pub Id, pub String);

impl Lookup for CouponByCode {
    type Row = Arc<coupon::Model>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let columns = [coupon::Column::MemberId, coupon::Column::Code];
            let keys = keys.into_iter().map(|key| [key.0.into(), key.1.into()]);
            let found = rows::by_keys::<coupon::Entity, 2>(&db.read, columns, keys, "").await?;
            Ok(keyed(found, |row| CouponByCode(row.member_id, row.code.clone())))
        })
    }
}

/// A page of rewards, the cheapest first. A place is the price in points and the id.
pub async fn list_rewards(db: &Db, page: &Page<(i64, Id)>, shown: &Shown) -> Result<Slice<reward::Model>> {
    let beyond = |(price, id): (i64, Id), up: bool| {
        let (strictly, id_beyond) = if up {
            (reward::Column::PointsPrice.gt(price), reward::Column::Id.gt(id))
        } else {
            (reward::Column::PointsPrice.lt(price), reward::Column::Id.lt(id))
        };
        let level = Condition::all().add(reward::Column::PointsPrice.eq(price)).add(id_beyond);
        Condition::any().add(strictly).add(level)
    };
    let mut select = reward::Entity::find().filter(shown.condition());
    if let Some(after) = page.after {
        select = select.filter(beyond(after, true));
    }
    if let Some(before) = page.before {
        select = select.filter(beyond(before, false));
    }
    let order = if page.backward { Order::Desc } else { Order::Asc };
    let rows = select
        .order_by(reward::Column::PointsPrice, order.clone())
        .order_by(reward::Column::Id, order)
        .limit(page.size as u64 + 1)
        .all(&db.read)
        .await?;
    Ok(Slice::from_probe(rows, page))
}

pub async fn count_rewards(db: &Db, shown: &Shown) -> Result<i64> {
    let count = reward::Entity::find().filter(shown.condition()).count(&db.read).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The rewards on offer at a moment that are not for everybody. There are never many.
pub async fn list_with_audience(db: &Db, now: Instant) -> Result<Vec<reward::Model>> {
    let offered = Shown::Offered { now, hidden: Vec::new() }.condition();
    Ok(reward::Entity::find().filter(offered).filter(reward::Column::Audience.is_not_null()).all(&db.read).await?)
}

/// The rewards that are not for everybody and not over for good, drafts included. There are never many.
pub async fn list_audiences(db: &impl ConnectionTrait) -> Result<Vec<reward::Model>> {
    let open = reward::Entity::find().filter(reward::Column::State.ne(RewardState::Ended));
    Ok(open.filter(reward::Column::Audience.is_not_null()).order_by_asc(reward::Column::Id).all(db).await?)
}

/// Which rewards a list has.
pub enum Shown {
    All,
    /// Those on offer at a moment, but for some.
    Offered {
        now: Instant,
        hidden: Vec<Id>,
    },
}

impl Shown {
    fn condition(&self) -> Condition {
        use reward::Column;
        let Shown::Offered { now, hidden } = self else { return Condition::all() };
        let mut offered = Condition::all()
            .add(Column::State.eq(RewardState::Offered))
            .add(Condition::any().add(Column::StartsAt.is_null()).add(Column::StartsAt.lte(now.micros())))
            .add(Condition::any().add(Column::EndsAt.is_null()).add(Column::EndsAt.gt(now.micros())));
        if !hidden.is_empty() {
            offered = offered.add(Column::Id.is_not_in(hidden.iter().copied()));
        }
        offered
    }
}
