//! What a basket is reckoned on beside its products, for those who only read: what a group finds out under the lock of a
//! wallet in a statement each, in one.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{ActiveEnum, FromQueryResult, Value};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::dialect::{Cell, SetColumn};
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::earning::entity::{budget, rule_use};
use crate::domain::earning::query::UseKey;

/// What is asked for a basket. A visitor's id is nil.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroundsOf {
    pub program_id: Id,
    pub member_id: Id,
    pub budgets: BTreeSet<Id>,
    pub uses: Vec<UseKey>,
}

/// What the database says at one moment.
#[derive(Debug)]
pub struct Grounds {
    /// Which version of the program is the newest.
    pub newest_version: i64,
    /// How often the member has bought; nothing for a visitor.
    pub purchases: Option<i64>,
    /// What is left of the budgets that are there: those of whoever asked at the same time are among them.
    pub budgets: Vec<budget::Model>,
    /// What rules have given the member. A count without a row is of nothing.
    pub uses: Vec<rule_use::Model>,
}

#[derive(FromQueryResult)]
struct Found {
    asked_by: Id,
    newest_version: i64,
    purchases: Option<i64>,
    #[sea_orm(nested)]
    budget: Option<budget::Model>,
    #[sea_orm(nested)]
    used: Option<rule_use::Model>,
}

impl Lookup for GroundsOf {
    type Row = Arc<Grounds>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            // Of the one program there is.
            let Some(program_id) = keys.first().map(|key| key.program_id) else { return Ok(HashMap::new()) };
            let columns = [
                SetColumn::new("member_id", Cell::Id),
                SetColumn { name: "rule_id".to_owned(), cell: Cell::Id, nullable: true },
                SetColumn { name: "period".to_owned(), cell: Cell::Text, nullable: true },
                SetColumn::new("starts_at", Cell::Integer),
            ];
            let mut bound = db.dialect.bind_rows(&columns, asked(&keys));
            bound.push(program_id.into());
            // A row without a period is a member's or, with a rule, a budget's.
            let sql = format!(
                "SELECT given.member_id AS asked_by, (SELECT MAX(version) FROM program WHERE id = ${}) AS newest_version, \
                 w.purchases, b.*, u.* FROM ({}) AS given \
                 LEFT JOIN wallet w ON w.member_id = given.member_id AND given.rule_id IS NULL \
                 LEFT JOIN budget b ON b.id = given.rule_id AND given.period IS NULL \
                 LEFT JOIN rule_use u ON u.member_id = given.member_id AND u.rule_id = given.rule_id \
                 AND u.period = given.period AND u.starts_at = given.starts_at \
                 WHERE given.period IS NULL OR u.times IS NOT NULL",
                bound.len(),
                db.dialect.row_set(&columns)
            );
            let found: Vec<Found> = rows::select(&db.read, sql, bound).await?;
            Ok(shared_out(keys, found))
        })
    }
}

/// The rows that are asked for, column by column: one for each member, each budget and each count.
fn asked(keys: &[GroundsOf]) -> Vec<Vec<Value>> {
    let (no_rule, no_period, no_start) = (|| Value::Uuid(None), || Value::String(None), || Value::BigInt(Some(0)));
    let members: BTreeSet<Id> = keys.iter().map(|key| key.member_id).collect();
    let budgets: BTreeSet<Id> = keys.iter().flat_map(|key| key.budgets.iter().copied()).collect();
    let uses: BTreeSet<&UseKey> = keys.iter().flat_map(|key| &key.uses).collect();
    let members = members.into_iter().map(|member| [member.into(), no_rule(), no_period(), no_start()]);
    let budgets = budgets.into_iter().map(|rule| [Id::nil().into(), rule.into(), no_period(), no_start()]);
    let uses = uses.into_iter().map(|(member, rule, period, starts_at)| {
        [(*member).into(), (*rule).into(), period.to_value().into(), (*starts_at).into()]
    });
    let mut cells: Vec<Vec<Value>> = vec![Vec::new(); 4];
    for row in members.chain(budgets).chain(uses) {
        for (cells, value) in cells.iter_mut().zip(row) {
            cells.push(value);
        }
    }
    cells
}

/// Files what was found under the keys: the counts of a key's member, and every budget.
fn shared_out(keys: Vec<GroundsOf>, found: Vec<Found>) -> HashMap<GroundsOf, Arc<Grounds>> {
    let newest_version = found.first().map_or(0, |row| row.newest_version);
    let (mut purchases, mut uses, mut budgets) = (HashMap::new(), HashMap::<Id, Vec<_>>::new(), Vec::new());
    for row in found {
        purchases.extend(row.purchases.map(|count| (row.asked_by, count)));
        budgets.extend(row.budget);
        uses.entry(row.asked_by).or_default().extend(row.used);
    }
    let grounds = keys.into_iter().map(|key| {
        let grounds = Grounds {
            newest_version,
            purchases: purchases.get(&key.member_id).copied(),
            budgets: budgets.clone(),
            uses: uses.get(&key.member_id).cloned().unwrap_or_default(),
        };
        (key, Arc::new(grounds))
    });
    grounds.collect()
}
