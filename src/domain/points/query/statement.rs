//! The entries of a period, with the balance before them.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::DbErr;

use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::points::entity::txn;
use crate::domain::points::rule::statement::{Statement, draw_up};

/// The most entries of a statement.
pub const MOST_ENTRIES: usize = 1_000;

/// A member's statement from one moment on and until another, which is the first that no longer counts. `None` when there
/// are too many entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatementOf {
    pub member_id: Id,
    pub program_id: Id,
    pub from: Instant,
    pub until: Instant,
}

impl Lookup for StatementOf {
    type Row = Arc<Option<Statement>>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let mut found = HashMap::with_capacity(keys.len());
            for key in keys {
                found.insert(key, Arc::new(key.draw_up(&db).await?));
            }
            Ok(found)
        })
    }
}

impl StatementOf {
    /// One statement, so that the balance before and the entries are of one moment: the last entry before the period, by
    /// whose balance it opens, and behind it those of the period.
    async fn draw_up(&self, db: &Db) -> Result<Option<Statement>, DbErr> {
        let of_wallet = "SELECT * FROM txn WHERE member_id = $1 AND program_id = $2";
        let sql = format!(
            "SELECT * FROM ({of_wallet} AND effective_at < $3 ORDER BY effective_at DESC, seq DESC LIMIT 1) AS before \
             UNION ALL SELECT * FROM ({of_wallet} AND effective_at >= $3 AND effective_at < $4 \
             ORDER BY effective_at, seq LIMIT {}) AS within ORDER BY seq",
            MOST_ENTRIES + 1
        );
        let (from, until) = (self.from.micros(), self.until.micros());
        let values = vec![self.member_id.into(), self.program_id.into(), from.into(), until.into()];
        let mut txns: Vec<txn::Model> = rows::select(&db.read, sql, values).await?;
        let before = txns.first().filter(|txn| txn.effective_at < from).map(|txn| txn.available_after);
        if before.is_some() {
            txns.remove(0);
        }
        let is_bounded = txns.len() <= MOST_ENTRIES;
        Ok(is_bounded.then(|| draw_up(before.unwrap_or(0), txns.into_iter().map(Arc::new))))
    }
}
