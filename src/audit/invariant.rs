//! What an invariant is, and running one.

use std::borrow::Cow;
use std::time::Instant;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, TryGetable};

use crate::audit::scope::Scope;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::dialect::Dialect;

/// A rule of the books, as a query that must return no row.
pub struct Invariant {
    pub name: &'static str,
    /// One sentence for people.
    pub meaning: &'static str,
    /// The table whose rows it is about, quoted if it must be.
    pub over: &'static str,
    /// The bad rows, in five columns: `member_id`, `seq`, `id`, `expected` and `found` (the last two as text). The same
    /// text runs on both databases.
    pub sql: Cow<'static, str>,
    /// It holds over all members together, and says nothing of one member's rows.
    pub is_overall: bool,
}

/// Tables of the shop and not of its members.
const OF_THE_SHOP: [&str; 2] = ["program", "stock"];

/// What is found of a row that cannot be read.
pub const UNREADABLE: &str = "what cannot be read; the log says why";

/// The first row that breaks an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    pub member_id: Option<Id>,
    /// The member's number, filled in at the end.
    pub number: Option<String>,
    /// The number of the transaction in its wallet.
    pub seq: Option<i64>,
    /// The row, where it has an id of its own.
    pub id: Option<Id>,
    pub expected: String,
    pub found: String,
}

impl Invariant {
    pub const fn new(name: &'static str, over: &'static str, meaning: &'static str, sql: &'static str) -> Invariant {
        Invariant { name, meaning, over, sql: Cow::Borrowed(sql), is_overall: false }
    }

    /// One that holds over all members together.
    pub const fn overall(mut self) -> Invariant {
        self.is_overall = true;
        self
    }

    /// True when it can be asked of this scope.
    pub fn is_within(&self, scope: Scope) -> bool {
        scope == Scope::All || !(self.is_overall || OF_THE_SHOP.contains(&self.over))
    }
}

/// Runs an invariant and returns the first bad row, by member and sequence number.
pub async fn first_bad_row(snapshot: &DatabaseTransaction, scope: Scope, invariant: &Invariant) -> Result<Option<Bad>> {
    let begun = Instant::now();
    let sql = format!("SELECT * FROM ({}) AS bad ORDER BY member_id, seq, id LIMIT 1", invariant.sql);
    let bad = match rows_of(snapshot, scope.statement(snapshot, &sql)).await? {
        Ok(rows) => rows.first().map(read),
        Err(cause) => Some(Bad::unreadable(&cause)),
    };
    tracing::debug!(name = invariant.name, elapsed = ?begun.elapsed(), holds = bad.is_none(), "an invariant was checked");
    Ok(bad)
}

/// The rows of a query, or why they cannot be computed.
pub async fn rows_of(
    snapshot: &DatabaseTransaction,
    statement: Statement,
) -> Result<std::result::Result<Vec<QueryResult>, DbErr>> {
    found_by(snapshot, snapshot.query_all_raw(statement)).await
}

/// What queries find, or why it cannot be computed.
///
/// A row may be so wrong that a query cannot be (a sum that overflows, say). That is a finding and not a failure, so each
/// query has a savepoint: PostgreSQL would refuse all that follow an error otherwise. A query that ends for any other reason
/// has found nothing, and the books may be as right as ever: then there is no proof.
pub async fn found_by<T>(
    snapshot: &DatabaseTransaction,
    queries: impl Future<Output = std::result::Result<T, DbErr>>,
) -> Result<std::result::Result<T, DbErr>> {
    snapshot.execute_unprepared("SAVEPOINT invariant").await?;
    let found = match queries.await {
        Err(cause) if Dialect::is_of_data(&cause) || matches!(cause, DbErr::Type(_)) => {
            snapshot.execute_unprepared("ROLLBACK TO SAVEPOINT invariant").await?;
            Err(cause)
        }
        found => Ok(found?),
    };
    snapshot.execute_unprepared("RELEASE SAVEPOINT invariant").await?;
    Ok(found)
}

fn read(row: &QueryResult) -> Bad {
    Bad {
        member_id: cell(row, "member_id"),
        number: None,
        seq: cell(row, "seq"),
        id: cell(row, "id"),
        expected: cell(row, "expected").unwrap_or_else(|| "a value".to_owned()),
        found: cell(row, "found").unwrap_or_else(|| "nothing".to_owned()),
    }
}

/// A cell as far as it can be read: an altered row may hold anything.
fn cell<T: TryGetable>(row: &QueryResult, column: &str) -> Option<T> {
    row.try_get::<Option<T>>("", column).ok().flatten()
}

impl Bad {
    /// Something that cannot even be read. Why goes to the log: it may show SQL, and this is shown to more than those who
    /// read logs.
    pub fn unreadable(cause: &DbErr) -> Bad {
        tracing::warn!(error = cause.to_string(), "a row of the books cannot be read");
        Bad {
            member_id: None,
            number: None,
            seq: None,
            id: None,
            expected: "rows that can be read and summed".to_owned(),
            found: UNREADABLE.to_owned(),
        }
    }
}
