//! The dates of lots that were pending. An activation's hash covers them; until it comes, nothing in the chain does. They
//! follow from the delivery of the order and the version of the program it was decided with, by the calendar of that
//! program's zone, which no database reckons: so they are streamed past the rule.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, QueryResult, StreamTrait};

use crate::audit::invariant::Bad;
use crate::audit::report::Outcome;
use crate::audit::scope::Scope;
use crate::audit::{Wanted, go_on};
use crate::base::calendar::end_of_window;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::dialect::Dialect;
use crate::domain::points::entity::program;
use crate::domain::points::rule::Lasting;
use crate::domain::points::rule::program::zone;

const NAME: &str = "lot-dates-are-of-delivery";
const MEANING: &str =
    "Points of an order with a return window have the dates that follow from its delivery, or none yet.";

/// The lots of pending accruals with their orders, by member and transaction, also where their wallet was taken over. One
/// that was handed over while it was pending has none any more.
const LOTS: &str = "SELECT l.member_id, t.seq, l.id, l.program_id, l.activates_at, l.expires_at, o.delivered_at, \
                    o.program_version \
     FROM (SELECT DISTINCT member_id, txn_id FROM entry WHERE account = 'PENDING' AND points > 0) p \
     JOIN txn t ON t.member_id = p.member_id AND t.id = p.txn_id AND t.kind IN ('ACCRUAL', 'TRANSFER_IN') \
     JOIN lot l ON l.member_id = t.member_id AND l.txn_id = t.id \
     JOIN wallet w ON w.member_id = l.member_id LEFT JOIN member m ON m.id = l.member_id \
     LEFT JOIN \"order\" o ON o.lot_id = l.id \
     WHERE NOT (l.state = 'PENDING' AND (l.consumed > 0 OR w.merged_into IS NOT NULL)) \
     AND (o.id IS NOT NULL OR (t.kind = 'ACCRUAL' AND w.merged_into IS NULL AND m.id IS NOT NULL)) \
     ORDER BY l.member_id, t.seq, l.id";

#[derive(FromQueryResult)]
struct Row {
    member_id: Id,
    seq: i64,
    id: Id,
    program_id: Id,
    activates_at: Option<i64>,
    expires_at: Option<i64>,
    delivered_at: Option<i64>,
    program_version: Option<i64>,
}

type Dates = (Option<i64>, Option<i64>);
/// The versions of programs by their keys.
type Rules = HashMap<(Id, i64), program::Model>;

/// Compares every such lot within the scope.
pub async fn check(snapshot: &DatabaseTransaction, scope: Scope, wanted: Wanted<'_>) -> Result<Outcome> {
    let mut outcome = Outcome { name: NAME, meaning: MEANING, over: "lot", checked: 0, first: None };
    let rules = match rules(snapshot).await? {
        Ok(rules) => rules,
        // A program that cannot be read explains what is broken; without it no date can be reckoned.
        Err(cause) => return Ok(Outcome { first: Some(Bad::unreadable(&cause)), ..outcome }),
    };
    let mut lots = snapshot.stream_raw(scope.statement(snapshot, LOTS)).await?;
    while let Some(found) = lots.try_next().await? {
        go_on(wanted)?;
        outcome.checked += 1;
        if outcome.first.is_none() {
            outcome.first = bad(&found, &rules);
        }
    }
    Ok(outcome)
}

/// What a version of the program says of windows and validity, or why one of them cannot be read.
async fn rules(snapshot: &DatabaseTransaction) -> Result<Result<Rules, DbErr>> {
    let found = snapshot.query_all_raw(Dialect::of(snapshot).statement("SELECT * FROM program", [])).await?;
    let programs = found.iter().map(|row| program::Model::from_query_result(row, ""));
    Ok(programs.map(|program| program.map(|program| ((program.id, program.version), program))).collect())
}

fn bad(found: &QueryResult, rules: &Rules) -> Option<Bad> {
    let row = match Row::from_query_result(found, "") {
        Ok(row) => row,
        Err(cause) => return Some(Bad::unreadable(&cause)),
    };
    let program = row.program_version.and_then(|version| rules.get(&(row.program_id, version)));
    let expected = program.map(|program| dates(program, row.delivered_at));
    let is = (row.activates_at, row.expires_at);
    (expected != Some(is)).then(|| Bad {
        member_id: Some(row.member_id),
        number: None,
        seq: Some(row.seq),
        id: Some(row.id),
        expected: expected.map_or_else(|| "an order, by a version of its program".to_owned(), told),
        found: told(is),
    })
}

fn dates(program: &program::Model, delivered_at: Option<i64>) -> Dates {
    let Some(delivered_at) = delivered_at.map(Instant) else { return (None, None) };
    let activates_at = end_of_window(delivered_at, program.return_window_days.unwrap_or(0), &zone(program));
    let expires_at = Lasting::of(program).until(activates_at);
    (Some(activates_at.micros()), Some(expires_at.micros()))
}

fn told((activates_at, expires_at): Dates) -> String {
    let moment = |date: Option<i64>| date.map_or_else(|| "unknown".to_owned(), |date| Instant(date).rfc3339());
    format!("active from {} until {}", moment(activates_at), moment(expires_at))
}
