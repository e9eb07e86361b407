//! Finding rules, what they gave, and events.

mod grounds;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use parking_lot::RwLock;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::dialect::Held;
use crate::db::keyset::OwnedList;
use crate::db::lookup::{
    count_of_member, keyed, page_of_member, page_of_owner, row_by_id, row_of_member, rows_of_member,
};
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::earning::entity::{Period, budget, earned_share, earning_rule, event, event_type, rule_use};
use crate::domain::earning::rule::terms::{Rule, Rules};

pub use grounds::{Grounds, GroundsOf};

rows_of_member!(
    /// What each rule gave of an order or an event, by its member and id.
    SharesOf: earned_share by SourceId, ordered by "position"
);
row_by_id!(
    /// The budget of a rule.
    BudgetOf: budget by Id
);

row_by_id!(
    /// A kind of event by its id.
    EventTypeKey: event_type by Id
);
row_of_member!(
    /// An event by its member and id.
    EventKey: event by Id
);
page_of_member!(
    /// A page of what a member did, the last first.
    EventsOf: event, EVENTS
);
count_of_member!(
    /// How many events of a member were recorded.
    EventCount: "event"
);
page_of_owner!(
    /// A page of a program's rules, each in its newest revision, the newest rule first.
    RuleList: earning_rule, RULES, owned by program_id
);

/// The last that was recorded first.
const EVENTS: OwnedList<event::Entity> =
    OwnedList { owner: event::Column::MemberId, order: event::Column::Id, scope: "" };

/// Each rule in its newest revision.
const RULES: OwnedList<earning_rule::Entity> = OwnedList {
    owner: earning_rule::Column::ProgramId,
    order: earning_rule::Column::Id,
    scope: "x.revision = (SELECT MAX(y.revision) FROM earning_rule y WHERE y.id = x.id)",
};

/// How many rules a program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleCount(pub Id);

#[derive(FromQueryResult)]
struct Count {
    program_id: Id,
    rules: i64,
}

impl Lookup for RuleCount {
    type Row = i64;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, i64>>> {
        Box::pin(async move {
            let (of_these, ids) = db.dialect.one_of_ids("program_id", keys.into_iter().map(|key| key.0).collect());
            // A rule begins with its first revision.
            let sql = format!(
                "SELECT program_id, count(*) AS rules FROM earning_rule WHERE {of_these} AND revision = 1 GROUP BY program_id"
            );
            let found: Vec<Count> = rows::select(&db.read, sql, vec![ids]).await?;
            Ok(found.into_iter().map(|count| (RuleCount(count.program_id), count.rules)).collect())
        })
    }
}

/// A kind of event by its code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventTypeByCode(pub String);

impl Lookup for EventTypeByCode {
    type Row = Arc<event_type::Model>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let codes = keys.into_iter().map(|key| key.0);
            let found = rows::by_texts::<event_type::Entity>(&db.read, event_type::Column::Code, codes).await?;
            Ok(keyed(found, |row| EventTypeByCode(row.code.clone())))
        })
    }
}

/// Every kind of event, by code. There are never many.
pub async fn list_event_types(db: &Db) -> Result<Vec<event_type::Model>> {
    Ok(rows::select(&db.read, "SELECT * FROM event_type ORDER BY code".to_owned(), Vec::new()).await?)
}

/// An event as its sender names it: the member, the kind, and the sender's key for it.
pub type EventName = (Id, Id, String);

pub fn name_of(row: &event::Model) -> EventName {
    (row.member_id, row.type_id, row.unique_key.clone())
}

/// Those of some events that were recorded before, under the lock of their members' wallets.
pub async fn list_recorded(tx: &DatabaseTransaction, wanted: HashSet<EventName>) -> Result<Vec<event::Model>, DbErr> {
    let columns = [event::Column::MemberId, event::Column::TypeId, event::Column::UniqueKey];
    let keys = wanted.into_iter().map(|(member, kind, key)| [member.into(), kind.into(), key.into()]);
    rows::by_keys::<event::Entity, 3>(tx, columns, keys, "").await
}

/// A rule in its newest revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NewestRevision(pub Id);

impl Lookup for NewestRevision {
    type Row = Arc<Rule>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let (of_these, ids) = db.dialect.one_of_ids("x.id", keys.iter().map(|key| key.0).collect());
            let sql = format!("SELECT x.* FROM earning_rule x WHERE {of_these} AND {}", RULES.scope);
            let found: Vec<earning_rule::Model> = rows::select(&db.read, sql, vec![ids]).await?;
            let rules = found.into_iter().map(|row| {
                let key = NewestRevision(row.id);
                readable(row).map(|rule| (key, Arc::new(rule)))
            });
            Ok(rules.collect::<Result<_, DbErr>>()?)
        })
    }
}

/// A revision of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RevisionKey(pub Id, pub i64);

impl Lookup for RevisionKey {
    type Row = Arc<Rule>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let columns = [earning_rule::Column::Id, earning_rule::Column::Revision];
            let keys = keys.into_iter().map(|RevisionKey(id, revision)| [id.into(), revision.into()]);
            let found = rows::by_keys::<earning_rule::Entity, 2>(&db.read, columns, keys, "").await?;
            let rules = found.into_iter().map(|row| {
                let key = RevisionKey(row.id, row.revision);
                readable(row).map(|rule| (key, Arc::new(rule)))
            });
            Ok(rules.collect::<Result<_, DbErr>>()?)
        })
    }
}

/// The rules of every version of the program, as a process knows them. Like the versions themselves they never change once
/// they are written. Clones are the same one.
#[derive(Clone)]
pub struct RuleBook {
    program_id: Id,
    known: Arc<RwLock<BTreeMap<i64, Arc<Rules>>>>,
}

/// Versions whose rules are kept in memory: the newest, and those that orders are taken back by.
const KEPT: usize = 64;

impl RuleBook {
    pub fn of(program_id: Id) -> RuleBook {
        RuleBook { program_id, known: Arc::default() }
    }

    /// The rules of a version, read within a transaction or outside if they are not known yet.
    pub async fn get(&self, db: &impl ConnectionTrait, version: i64) -> Result<Arc<Rules>, DbErr> {
        let known = self.known.read().get(&version).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = list_in_force(db, self.program_id, version).await?;
        let rules = found.into_iter().map(readable).collect::<Result<_, DbErr>>()?;
        Ok(self.keep(version, Rules::new(rules)))
    }

    fn keep(&self, version: i64, rules: Rules) -> Arc<Rules> {
        let mut known = self.known.write();
        let rules = known.entry(version).or_insert_with(|| Arc::new(rules)).clone();
        if known.len() > KEPT {
            let oldest = known.keys().copied().find(|kept| *kept != version);
            oldest.map(|oldest| known.remove(&oldest));
        }
        rules
    }
}

/// The revisions that a version of the program goes by: of each rule the last that came in force by then.
async fn list_in_force(
    db: &impl ConnectionTrait,
    program_id: Id,
    version: i64,
) -> Result<Vec<earning_rule::Model>, DbErr> {
    let sql = "SELECT r.* FROM earning_rule r WHERE r.program_id = $1 AND r.state <> 'ENDED' AND r.version = \
               (SELECT MAX(x.version) FROM earning_rule x WHERE x.id = r.id AND x.program_id = $1 AND x.version <= $2)";
    rows::select(db, sql.to_owned(), vec![program_id.into(), version.into()]).await
}

/// The rules that a program goes by, those that are paused and those whose end has come included.
pub async fn list_rules_in_force(db: &impl ConnectionTrait, program_id: Id) -> Result<Rules, DbErr> {
    let rules: Result<Vec<Rule>, DbErr> =
        list_in_force(db, program_id, i64::MAX).await?.into_iter().map(readable).collect();
    Ok(Rules::new(rules?))
}

/// Refuses a rule that this build cannot read: what it would give instead would be wrong for ever.
pub fn readable(row: earning_rule::Model) -> Result<Rule, DbErr> {
    let name = (row.id, row.revision);
    Rule::read(row).ok_or_else(|| DbErr::Custom(format!("this build cannot read earning rule {name:?}")))
}

/// What a rule has given a member in a period: the member, the rule, and the period with its beginning.
pub type UseKey = (Id, Id, Period, i64);

pub fn key_of(row: &rule_use::Model) -> UseKey {
    (row.member_id, row.rule_id, row.period, row.starts_at)
}

/// A count that has no row yet is of nothing.
pub fn no_use((member_id, rule_id, period, starts_at): UseKey) -> rule_use::Model {
    rule_use::Model { member_id, rule_id, period, starts_at, points: 0, times: 0 }
}

/// The counts of some periods; under the lock of their members' wallets, where something is decided by them. Those that are not there yet are not found.
pub async fn list_uses(tx: &impl ConnectionTrait, wanted: HashSet<UseKey>) -> Result<Vec<rule_use::Model>, DbErr> {
    use rule_use::Column;
    let columns = [Column::MemberId, Column::RuleId, Column::Period, Column::StartsAt];
    let keys = wanted.into_iter().map(|(member, rule, period, start)| {
        [member.into(), rule.into(), sea_orm::ActiveEnum::into_value(period).into(), start.into()]
    });
    rows::by_keys::<rule_use::Entity, 4>(tx, columns, keys, "").await
}

/// What one rule, or reward with a limit, has given a member in a period. One that has no row yet gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UseOf(pub UseKey);

impl Lookup for UseOf {
    type Row = Arc<rule_use::Model>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let found = list_uses(&db.read, keys.into_iter().map(|key| key.0).collect()).await?;
            Ok(keyed(found, |row| UseOf(key_of(row))))
        })
    }
}

/// Locks budgets, in the order of their ids.
pub async fn lock_budgets(
    tx: &DatabaseTransaction,
    wanted: impl IntoIterator<Item = Id>,
    held: Held,
) -> Result<Vec<budget::Model>, DbErr> {
    rows::lock_by_ids::<budget::Entity>(tx, budget::Column::Id, wanted, held).await
}

/// Those of some budgets that are there, whoever has them locked.
pub async fn list_budgets(tx: &impl ConnectionTrait, wanted: Vec<Id>) -> Result<Vec<budget::Model>, DbErr> {
    rows::by_ids::<budget::Entity>(tx, budget::Column::Id, wanted).await
}
