//! Finding outlets.

use crate::base::error::Result;
use crate::db::Db;
use crate::db::lookup::row_by_id;
use crate::db::rows;
use crate::domain::outlet::entity::outlet;

row_by_id!(
    /// An outlet by its id.
    OutletKey: outlet by Id
);

/// Every outlet, by code. There are never more than [`MAX_OUTLETS`](super::rule::MAX_OUTLETS).
pub async fn list_outlets(db: &Db) -> Result<Vec<outlet::Model>> {
    Ok(rows::select(&db.read, "SELECT * FROM outlet ORDER BY code".to_owned(), Vec::new()).await?)
}
