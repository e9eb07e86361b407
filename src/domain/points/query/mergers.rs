//! Members who were merged into others, however many times.

use sea_orm::{DbErr, FromQueryResult};

use crate::base::id::Id;
use crate::db::Db;
use crate::db::rows;

/// A member whose everything another took over.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Merged {
    /// Who has it by now, …
    pub keeper_id: Id,
    /// … and who took it then.
    pub into_id: Id,
    pub from_id: Id,
    pub created_at: i64,
}

/// All who were merged into some members, also by way of others. Households that came to nothing are none.
pub async fn list_merged(db: &Db, keepers: &[Id]) -> Result<Vec<Merged>, DbErr> {
    let (of_these, ids) = db.dialect.one_of_ids("g.member_id", keepers.to_vec());
    let sql = format!(
        "WITH RECURSIVE line AS (\
         SELECT g.member_id AS keeper_id, g.member_id AS into_id, g.from_id, g.created_at FROM merger g WHERE {of_these} \
         UNION ALL SELECT l.keeper_id, g.member_id, g.from_id, g.created_at \
         FROM line l JOIN merger g ON g.member_id = l.from_id) \
         SELECT l.keeper_id, l.into_id, l.from_id, l.created_at FROM line l JOIN member m ON m.id = l.from_id"
    );
    rows::select(&db.read, sql, vec![ids]).await
}
