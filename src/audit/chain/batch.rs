//! Reading the ledger in batches, in the order of the chains.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, QueryResult, Value};

use crate::audit::chain::{Check, Findings};
use crate::audit::invariant::Bad;
use crate::audit::scope::Scope;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::dialect::Dialect;
use crate::db::rows;
use crate::domain::points::entity::{allocation, entry, lot, txn};

/// Transactions read at once.
const SIZE: usize = 2_000;
/// The transactions of a batch, behind the place bound at `$1`, `$2` and `$3`.
const BEHIND: &str =
    "FROM txn WHERE (member_id, program_id, seq) > ($1, $2, $3) ORDER BY member_id, program_id, seq LIMIT 2000";
/// The same, of the one member of the place.
const BEHIND_OF_MEMBER: &str = "FROM txn WHERE member_id = $1 AND (program_id, seq) > ($2, $3) \
                                ORDER BY member_id, program_id, seq LIMIT 2000";

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub member_id: Id,
    pub program_id: Id,
    pub seq: i64,
}

/// A transaction with everything its hash covers, or with why it cannot be read.
pub struct Step {
    pub place: Place,
    pub id: Option<Id>,
    /// The hash it bears, with which the next one must go on even if the rest cannot be read.
    pub hash: Vec<u8>,
    pub content: Result<Content, DbErr>,
}

pub struct Content {
    pub txn: txn::Model,
    pub entries: Vec<entry::Model>,
    pub allocations: Vec<allocation::Model>,
    /// The lots it granted, in the order of their allocations, or the one it activated.
    pub lots: Vec<lot::Model>,
}

pub struct Batch {
    pub steps: Vec<Step>,
    pub end: Place,
}

impl Place {
    /// Before everything.
    pub fn start_of(scope: Scope) -> Place {
        let member_id = match scope {
            Scope::All => Id::nil(),
            Scope::Member(id) => id,
        };
        Place { member_id, program_id: Id::nil(), seq: i64::MIN }
    }

    fn values(&self) -> Vec<Value> {
        vec![self.member_id.into(), self.program_id.into(), self.seq.into()]
    }

    fn of(row: &QueryResult) -> Result<Place, DbErr> {
        Ok(Place {
            member_id: row.try_get("", "member_id")?,
            program_id: row.try_get("", "program_id")?,
            seq: row.try_get("", "seq")?,
        })
    }
}

/// The transactions behind a place; `None` when there are no more. A row whose key cannot be read ends the walk.
pub async fn read_batch(
    snapshot: &DatabaseTransaction,
    scope: Scope,
    behind: &Place,
    findings: &mut Findings,
) -> Result<Option<Batch>> {
    let dialect = Dialect::of(snapshot);
    let batch = if scope == Scope::All { BEHIND } else { BEHIND_OF_MEMBER };
    let found = snapshot.query_all_raw(dialect.statement(format!("SELECT * {batch}"), behind.values())).await?;
    let places: Result<Vec<Place>, DbErr> = found.iter().map(Place::of).collect();
    let places = match places {
        Ok(places) => places,
        Err(cause) => {
            findings.note(Check::Readable, || Bad::unreadable(&cause));
            return Ok(None);
        }
    };
    let (Some(first), Some(end)) = (places.first().copied(), places.last().copied()) else {
        return Ok(None);
    };
    debug_assert!(found.len() <= SIZE);
    let of_batch = |tables: &str, condition: &str, columns: &str| of_batch(batch, tables, condition, columns);
    let read = Reading { snapshot, behind, first: first.member_id, last: end.member_id };
    let mut entries = read.parts::<entry::Model>(&of_batch("entry x", "x.txn_id = batch.id", "x.*")).await?;
    let mut allocations =
        read.parts::<allocation::Model>(&of_batch("allocation x", "x.txn_id = batch.id", "x.*")).await?;
    // A lot is found by the allocation that granted it: by its key, where its own column would need an index.
    let granting = "allocation x JOIN lot l ON l.member_id = x.member_id AND l.id = x.lot_id";
    let condition = "x.txn_id = batch.id AND x.taken_from IS NULL";
    // The lot's own transaction is checked elsewhere; here it goes by the one that granted it.
    let mut granted = read.parts::<lot::Model>(&of_batch(granting, condition, "l.*, x.txn_id AS owner")).await?;
    let activating = "(SELECT member_id, id AS txn_id, 0 AS position, source_id FROM txn WHERE kind = 'ACTIVATION') x \
                      JOIN lot l ON l.member_id = x.member_id AND l.id = x.source_id";
    granted.extend(read.parts(&of_batch(activating, "x.txn_id = batch.id", "l.*, x.txn_id AS owner")).await?);
    let steps = found.iter().zip(places).map(|(row, place)| {
        let id = row.try_get("", "id").ok();
        let key = (place.member_id, id.unwrap_or_default());
        let mut content = || {
            Ok(Content {
                txn: txn::Model::from_query_result(row, "")?,
                entries: entries.remove(&key).unwrap_or(Ok(Vec::new()))?,
                allocations: allocations.remove(&key).unwrap_or(Ok(Vec::new()))?,
                lots: granted.remove(&key).unwrap_or(Ok(Vec::new()))?,
            })
        };
        Step { place, id, hash: row.try_get("", "hash").unwrap_or_default(), content: content() }
    });
    Ok(Some(Batch { steps: steps.collect(), end }))
}

/// The rows of other tables that belong to a batch. The join is written so that no planner turns it round, and the
/// bounds on the member let it read one stretch of the key.
fn of_batch(batch: &str, tables: &str, condition: &str, columns: &str) -> String {
    format!(
        "SELECT {columns} FROM (SELECT member_id, id {batch}) AS batch CROSS JOIN {tables} \
         WHERE x.member_id = batch.member_id AND {condition} AND x.member_id BETWEEN $4 AND $5 \
         ORDER BY x.member_id, x.txn_id, x.position"
    )
}

struct Reading<'a> {
    snapshot: &'a DatabaseTransaction,
    behind: &'a Place,
    first: Id,
    last: Id,
}

/// By member and transaction: the rows in order, or why one of them cannot be read.
type Parts<M> = HashMap<(Id, Id), Result<Vec<M>, DbErr>>;

impl Reading<'_> {
    async fn parts<M: FromQueryResult>(&self, sql: &str) -> Result<Parts<M>> {
        let mut values = self.behind.values();
        values.extend([self.first.into(), self.last.into()]);
        let found = self.snapshot.query_all_raw(Dialect::of(self.snapshot).statement(sql, values)).await?;
        let mut parts: Parts<M> = HashMap::with_capacity(SIZE);
        for row in &found {
            let owner = row.try_get("", "owner").or_else(|_| row.try_get("", "txn_id")).unwrap_or_default();
            let key = (row.try_get("", "member_id").unwrap_or_default(), owner);
            let of_txn = parts.entry(key).or_insert_with(|| Ok(Vec::new()));
            match (M::from_query_result(row, ""), of_txn) {
                (Ok(part), Ok(known)) => known.push(part),
                (Err(cause), of_txn) => *of_txn = Err(cause),
                (Ok(_), Err(_)) => {}
            }
        }
        Ok(parts)
    }
}

/// Of a wallet without transactions, what its beginning says. (Another column may hold a word that nobody can read.)
#[derive(FromQueryResult)]
pub struct EmptyWallet {
    pub member_id: Id,
    pub program_id: Id,
    pub head_hash: Vec<u8>,
    pub effective_at: i64,
}

/// A stretch of wallets without transactions behind a place; `None` when there are no more.
pub async fn read_empty_wallets(
    snapshot: &DatabaseTransaction,
    scope: Scope,
    behind: &Place,
) -> Result<Option<Vec<EmptyWallet>>> {
    let place = match scope {
        Scope::All => "(member_id, program_id) > ($1, $2)",
        Scope::Member(_) => "member_id = $1 AND program_id > $2",
    };
    let columns = "member_id, program_id, head_hash, effective_at";
    let sql =
        format!("SELECT {columns} FROM wallet WHERE {place} AND seq = 0 ORDER BY member_id, program_id LIMIT 2000");
    let values = vec![behind.member_id.into(), behind.program_id.into()];
    let found: Vec<EmptyWallet> = rows::select(snapshot, sql, values).await?;
    Ok((!found.is_empty()).then_some(found))
}
