//! Adjustments that wait for a second member of staff, of all members together.

use crate::base::error::Result;
use crate::base::page::{Page, Slice};
use crate::db::Db;
use crate::db::keyset::Cursor;
use crate::db::rows;
use crate::domain::points::entity::adjustment;

/// Which ones wait. The state is written out instead of bound: then both databases see that the index of those that wait
/// holds every row that is asked for.
const WAITING: &str = "FROM adjustment WHERE state = 'REQUESTED'";

/// A page of them, the oldest first: an adjustment's id sorts by when it was asked for.
pub async fn list_requested_adjustments(db: &Db, page: &Page<Cursor>) -> Result<Slice<adjustment::Model>> {
    let (mut bounds, mut values) = (String::new(), Vec::new());
    for (cursor, sign) in [(page.after, ">"), (page.before, "<")] {
        if let Some(cursor) = cursor {
            values.push(cursor.value());
            bounds.push_str(&format!(" AND id {sign} ${}", values.len()));
        }
    }
    let direction = if page.backward { "DESC" } else { "ASC" };
    let probe = page.size + 1;
    let sql = format!("SELECT * {WAITING}{bounds} ORDER BY id {direction} LIMIT {probe}");
    let found: Vec<adjustment::Model> = rows::select(&db.read, sql, values).await?;
    Ok(Slice::from_probe(found, page))
}

/// How many wait.
pub async fn count_requested_adjustments(db: &Db) -> Result<i64> {
    #[derive(sea_orm::FromQueryResult)]
    struct Count {
        rows: i64,
    }
    let found: Vec<Count> = rows::select(&db.read, format!("SELECT count(*) AS rows {WAITING}"), Vec::new()).await?;
    Ok(found.first().map_or(0, |count| count.rows))
}
