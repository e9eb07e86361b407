//! Reading what was counted.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::base::id::Id;
use crate::db::rows::select;
use crate::domain::report::entity::Figure;
use crate::domain::report::query::bucket::bucket;
use crate::domain::report::rule::tally::GroupBy;

/// What a figure came to in a period.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Counted {
    /// How many of the bounds were reached.
    pub bucket: i64,
    pub figure: Figure,
    /// The tier or the source, where these are told apart; nil for what is of none.
    pub group_id: Option<Id>,
    pub amount: i64,
}

/// How many members were active in a period.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Active {
    pub bucket: i64,
    pub group_id: Option<Id>,
    pub members: i64,
}

const NO_GROUP: &str = "CAST(NULL AS uuid)";

/// The figures of the days from the first bound on to before the last.
pub async fn counted(db: &impl ConnectionTrait, bounds: &[i64], group_by: GroupBy) -> Result<Vec<Counted>, DbErr> {
    let group = match group_by {
        GroupBy::Nothing => NO_GROUP,
        GroupBy::Tier => "tier_id",
        GroupBy::Rule => "source_id",
    };
    let sql = format!(
        "SELECT {} AS bucket, figure, {group} AS group_id, CAST(SUM(amount) AS bigint) AS amount FROM statistic \
         WHERE day >= $1 AND day < $2 GROUP BY 1, 2, 3",
        bucket("day", bounds)
    );
    select(db, sql, ends(bounds)).await
}

/// Members who earned or spent points on these days, each once a period. Whoever was merged is who they are by now: the two
/// were one customer all along.
pub async fn active(db: &impl ConnectionTrait, bounds: &[i64], group_by: GroupBy) -> Result<Vec<Active>, DbErr> {
    let group = if group_by == GroupBy::Tier { "tier_id" } else { NO_GROUP };
    let sql = format!(
        "WITH RECURSIVE kept AS (\
         SELECT member_id AS keeper_id, from_id FROM merger WHERE member_id NOT IN (SELECT from_id FROM merger) \
         UNION ALL SELECT k.keeper_id, g.from_id FROM kept k JOIN merger g ON g.member_id = k.from_id) \
         SELECT {} AS bucket, {group} AS group_id, COUNT(DISTINCT COALESCE(k.keeper_id, a.member_id)) AS members \
         FROM active_member a LEFT JOIN kept k ON k.from_id = a.member_id WHERE day >= $1 AND day < $2 GROUP BY 1, 2",
        bucket("day", bounds)
    );
    select(db, sql, ends(bounds)).await
}

fn ends(bounds: &[i64]) -> Vec<Value> {
    let ends = [bounds.first(), bounds.last()];
    ends.map(|bound| bound.copied().unwrap_or(0).into()).into()
}

/// The moment of the oldest event that is not counted.
pub async fn oldest_uncounted(db: &impl ConnectionTrait) -> Result<Option<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Oldest {
        created_at: i64,
    }
    let sql = "SELECT created_at FROM outbox WHERE uncounted IS NOT NULL ORDER BY created_at LIMIT 1";
    let oldest: Vec<Oldest> = select(db, sql.to_owned(), Vec::new()).await?;
    Ok(oldest.first().map(|oldest| oldest.created_at))
}
