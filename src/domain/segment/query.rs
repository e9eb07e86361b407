//! Finding segments, and the members who fit a filter.

mod compile;
mod members;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::dialect::{Dialect, Held};
use crate::db::keyset::OwnedList;
use crate::db::lookup::{page_of_owner, row_by_id};
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::segment::entity::segment;
use crate::domain::segment::rule::filter::Filter;

pub use members::{Fits, FittingPage, FittingTotal};

row_by_id!(
    /// A segment by its id.
    SegmentKey: segment by Id
);
page_of_owner!(
    /// A page of a program's segments, the newest first.
    SegmentList: segment, SEGMENTS, owned by program_id
);

/// The one that was made last first.
const SEGMENTS: OwnedList<segment::Entity> =
    OwnedList { owner: segment::Column::ProgramId, order: segment::Column::Id, scope: "" };

/// How many segments a program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentCount(pub Id);

#[derive(FromQueryResult)]
struct Count {
    program_id: Id,
    segments: i64,
}

impl Lookup for SegmentCount {
    type Row = i64;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, i64>>> {
        Box::pin(async move {
            let (of_these, ids) = db.dialect.one_of_ids("program_id", keys.into_iter().map(|key| key.0).collect());
            let sql =
                format!("SELECT program_id, count(*) AS segments FROM segment WHERE {of_these} GROUP BY program_id");
            let found: Vec<Count> = rows::select(&db.read, sql, vec![ids]).await?;
            Ok(found.into_iter().map(|count| (SegmentCount(count.program_id), count.segments)).collect())
        })
    }
}

/// The filter of a segment. One that this build cannot read is refused: whom it would find instead would be wrong.
pub fn filter_of(row: &segment::Model) -> Result<Arc<Filter>, DbErr> {
    let unreadable = || DbErr::Custom(format!("this build cannot read segment {}", row.id));
    Filter::read(&row.filter).map(Arc::new).ok_or_else(unreadable)
}

#[derive(FromQueryResult)]
struct Found {
    id: Id,
}

/// Those of some segments that are there, which stay so until the transaction ends.
pub async fn keep_segments(tx: &DatabaseTransaction, wanted: &BTreeSet<Id>) -> Result<BTreeSet<Id>, DbErr> {
    if wanted.is_empty() {
        return Ok(BTreeSet::new());
    }
    let dialect = Dialect::of(tx);
    let (of_these, ids) = dialect.one_of_ids("s.id", wanted.iter().copied().collect());
    let sql = format!("SELECT s.id FROM segment s WHERE {of_these} ORDER BY s.id{}", dialect.keep_of("s"));
    let found: Vec<Found> = rows::select(tx, sql, vec![ids]).await?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// A segment as it stands now, locked until the transaction ends.
pub async fn lock_segment(tx: &impl ConnectionTrait, id: Id) -> Result<Option<segment::Model>, DbErr> {
    Ok(rows::lock_by_ids::<segment::Entity>(tx, segment::Column::Id, [id], Held::Awaited).await?.pop())
}
