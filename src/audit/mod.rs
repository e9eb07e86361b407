//! The proof of the books: what `jifen verify` runs.
//!
//! Every invariant is a query that must return no row ([`invariants`]); the hash chains are recomputed in one streamed
//! pass ([`chain`]). All of it reads one snapshot, so it can run beside a server that is writing.

pub mod chain;
pub mod invariant;
pub mod invariants;
pub mod report;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::audit::report::{Outcome, Report};
use crate::base::error::Result;
use crate::db::dialect::Dialect;

/// Runs everything in the transaction given, which decides what is seen.
pub async fn prove(snapshot: &DatabaseTransaction) -> Result<Report> {
    let mut counts = BTreeMap::new();
    let mut outcomes = Vec::new();
    for invariant in invariants::all() {
        let first = invariant::first_bad_row(snapshot, &invariant).await?;
        let checked = count(snapshot, &mut counts, invariant.over).await?;
        outcomes.push(Outcome::new(&invariant, checked, first));
    }
    let transactions = count(snapshot, &mut counts, "txn").await?;
    let wallets = count(snapshot, &mut counts, "wallet").await?;
    outcomes.extend(chain::walk(snapshot).await?.outcomes(transactions, wallets));
    for outcome in &mut outcomes {
        if let Some(first) = &mut outcome.first {
            first.number = member_number(snapshot, first).await;
        }
    }
    Ok(Report {
        outcomes,
        members: count(snapshot, &mut counts, "member").await?,
        orders: count(snapshot, &mut counts, "\"order\"").await?,
        transactions,
    })
}

/// How many rows a table has, asked once.
async fn count(
    snapshot: &DatabaseTransaction,
    known: &mut BTreeMap<&'static str, i64>,
    table: &'static str,
) -> Result<i64> {
    if let Some(count) = known.get(table) {
        return Ok(*count);
    }
    let sql = format!("SELECT COUNT(*) AS rows FROM {table}");
    let row = snapshot.query_one_raw(Dialect::of(snapshot).statement(sql, [])).await?;
    let count = row.map_or(Ok(0), |row| row.try_get("", "rows"))?;
    known.insert(table, count);
    Ok(count)
}

/// The number by which people know the member of a bad row; none when there is no such member, which may be the defect.
async fn member_number(snapshot: &DatabaseTransaction, bad: &invariant::Bad) -> Option<String> {
    let sql = "SELECT number FROM member WHERE id = $1";
    let statement = Dialect::of(snapshot).statement(sql, [bad.member_id?.into()]);
    snapshot.query_one_raw(statement).await.ok()??.try_get("", "number").ok()
}
