//! The proof of the books: what `jifen verify` runs, and `ledgerAudit`.
//!
//! Every invariant is a query that must return no row ([`invariants`]); what SQL cannot reckon is streamed past rules in
//! Rust: the hash chains ([`chain`]), the dates of lots ([`dates`]), what events add to [`statistics`] and what is kept of
//! [`closed`] days. All of it reads one snapshot, so it can run beside a server that is writing. The proof is of everybody's
//! books or of one member's ([`scope`]).

pub mod chain;
pub mod checkpoint;
pub mod closed;
pub mod dates;
pub mod invariant;
pub mod invariants;
pub mod report;
pub mod scope;
pub mod statistics;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use crate::audit::invariant::Bad;
use crate::audit::report::{Outcome, Report};
use crate::audit::scope::Scope;
use crate::base::error::{Code, Error, Result};
use crate::db::dialect::Dialect;

/// Whether somebody waits for a proof, asked before each statement of it.
pub type Wanted<'a> = &'a (dyn Fn() -> bool + Sync);

/// Proves everything in the transaction given, which decides what is seen.
pub async fn prove(snapshot: &DatabaseTransaction) -> Result<Report> {
    prove_while(snapshot, Scope::All, &|| true).await
}

/// The same of one member's books only: whatever can be said of them without looking at another's.
pub async fn prove_within(snapshot: &DatabaseTransaction, scope: Scope) -> Result<Report> {
    prove_while(snapshot, scope, &|| true).await
}

/// The same as long as somebody waits for it. An error means that nothing is proved, neither that the books hold nor that
/// they do not.
pub async fn prove_while(snapshot: &DatabaseTransaction, scope: Scope, wanted: Wanted<'_>) -> Result<Report> {
    let mut counts = Counts { snapshot, scope, known: BTreeMap::new() };
    let mut outcomes = Vec::new();
    for invariant in invariants::all().iter().filter(|invariant| invariant.is_within(scope)) {
        go_on(wanted)?;
        let first = invariant::first_bad_row(snapshot, scope, invariant).await?;
        outcomes.push(Outcome::new(invariant, counts.of(invariant.over).await?, first));
    }
    let (transactions, wallets) = (counts.of("txn").await?, counts.of("wallet").await?);
    outcomes.push(dates::check(snapshot, scope, wanted).await?);
    if scope == Scope::All {
        outcomes.push(statistics::check(snapshot, counts.of("statistic").await?, wanted).await?);
        outcomes.push(closed::check(snapshot, counts.of("closed_day").await?, wanted).await?);
    }
    outcomes.extend(chain::walk(snapshot, scope, wanted).await?.outcomes(transactions, wallets));
    for outcome in &mut outcomes {
        if let Some(first) = &mut outcome.first {
            first.number = member_number(snapshot, first).await?;
        }
    }
    Ok(Report {
        outcomes,
        members: counts.of("member").await?,
        orders: counts.of("\"order\"").await?,
        transactions,
        checkpoint: None,
    })
}

/// Ends a proof that nobody waits for.
fn go_on(wanted: Wanted<'_>) -> Result<()> {
    let told = "Nobody waits for this proof of the books any more.";
    if wanted() { Ok(()) } else { Err(Error::new(Code::Timeout, told)) }
}

/// How many rows each table has within the scope, asked once.
struct Counts<'a> {
    snapshot: &'a DatabaseTransaction,
    scope: Scope,
    known: BTreeMap<&'static str, i64>,
}

impl Counts<'_> {
    async fn of(&mut self, table: &'static str) -> Result<i64> {
        if let Some(count) = self.known.get(table) {
            return Ok(*count);
        }
        let sql = format!("SELECT COUNT(*) AS rows FROM {table}");
        let row = self.snapshot.query_one_raw(self.scope.statement(self.snapshot, &sql)).await?;
        let count = row.map_or(Ok(0), |row| row.try_get("", "rows"))?;
        self.known.insert(table, count);
        Ok(count)
    }
}

/// The number by which people know the member of a bad row; none when there is no such member, which may be the defect.
async fn member_number(snapshot: &DatabaseTransaction, bad: &Bad) -> Result<Option<String>, DbErr> {
    let Some(member_id) = bad.member_id else { return Ok(None) };
    let sql = "SELECT number FROM member WHERE id = $1";
    let found = snapshot.query_one_raw(Dialect::of(snapshot).statement(sql, [member_id.into()])).await?;
    Ok(found.and_then(|row| row.try_get("", "number").ok()))
}
