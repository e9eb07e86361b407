//! Finding tiers, what qualifies for them, and the history of each member's.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use parking_lot::RwLock;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, Value};

use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::Db;
use crate::db::dialect::{Cell, Dialect, SetColumn};
use crate::db::keyset::OwnedList;
use crate::db::lookup::{members_by, page_of_member};
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::points::entity::{program, wallet};
use crate::domain::points::query::{list_wallets, newest_version};
use crate::domain::points::rule::program::zone;
use crate::domain::tier::entity::{qualifying, tier, tier_change, tier_set};
use crate::domain::tier::rule::career::{Career, Unknown};
use crate::domain::tier::rule::revisions::{Back, Revisions};
use crate::domain::tier::rule::terms::{Measures, Tier, TierSet};
use crate::domain::tier::rule::window::{Window, start_of};

page_of_member!(
    /// A page of the history of a member's tier, the last step first.
    ChangesOf: tier_change, CHANGES
);

/// The last step first.
const CHANGES: OwnedList<tier_change::Entity> =
    OwnedList { owner: tier_change::Column::MemberId, order: tier_change::Column::Position, scope: "" };

/// Every step of some members' tiers, the first one first.
pub async fn list_steps(db: &Db, members: &[Id]) -> Result<Vec<tier_change::Model>, DbErr> {
    let column = tier_change::Column::MemberId;
    let mut steps = rows::by_ids::<tier_change::Entity>(&db.read, column, members.iter().copied()).await?;
    steps.sort_by_key(|step| step.position);
    Ok(steps)
}

/// A tier as it was in a revision of its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TierRevision(pub Id, pub i64);

impl Lookup for TierRevision {
    type Row = Arc<Tier>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let columns = [tier::Column::Id, tier::Column::Revision];
            let keys = keys.into_iter().map(|TierRevision(id, revision)| [id.into(), revision.into()]);
            let found = rows::by_keys::<tier::Entity, 2>(&db.read, columns, keys, "").await?;
            let tiers = found.into_iter().map(|row| {
                let key = TierRevision(row.id, row.revision);
                readable(row).map(|tier| (key, Arc::new(tier)))
            });
            Ok(tiers.collect::<Result<_, DbErr>>()?)
        })
    }
}

/// A tier as it was in the last revision that had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TierKey(pub Id);

impl Lookup for TierKey {
    type Row = Arc<Tier>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let (of_these, ids) = db.dialect.one_of_ids("x.id", keys.into_iter().map(|key| key.0).collect());
            let sql = format!(
                "SELECT x.* FROM tier x WHERE {of_these} \
                 AND x.revision = (SELECT MAX(y.revision) FROM tier y WHERE y.id = x.id)"
            );
            let found: Vec<tier::Model> = rows::select(&db.read, sql, vec![ids]).await?;
            let tiers = found.into_iter().map(|row| {
                let key = TierKey(row.id);
                readable(row).map(|tier| (key, Arc::new(tier)))
            });
            Ok(tiers.collect::<Result<_, DbErr>>()?)
        })
    }
}

/// A set of tiers in its newest revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NewestTiers(pub Id);

impl Lookup for NewestTiers {
    type Row = Arc<TierSet>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let sets = list_newest(&db, "id", keys.into_iter().map(|key| key.0).collect()).await?;
            Ok(sets.into_iter().map(|set| (NewestTiers(set.row.id), Arc::new(set))).collect())
        })
    }
}

/// The tiers that a program has now, whichever process has changed them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TiersNow(pub Id);

impl Lookup for TiersNow {
    type Row = Arc<TierSet>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let sets = list_newest(&db, "program_id", keys.into_iter().map(|key| key.0).collect()).await?;
            Ok(sets.into_iter().map(|set| (TiersNow(set.row.program_id), Arc::new(set))).collect())
        })
    }
}

/// The newest revisions of sets that a column names, in two statements.
async fn list_newest(db: &Db, column: &str, named: Vec<Id>) -> Result<Vec<TierSet>, DbErr> {
    let (of_these, ids) = db.dialect.one_of_ids(&format!("x.{column}"), named);
    let sql = format!(
        "SELECT x.* FROM tier_set x WHERE {of_these} \
         AND x.revision = (SELECT MAX(y.revision) FROM tier_set y WHERE y.{column} = x.{column})"
    );
    with_tiers(&db.read, rows::select(&db.read, sql, vec![ids]).await?).await
}

/// How many revisions of tiers and rows of history there are is told by their numbers; nothing is counted.
async fn with_tiers(db: &impl ConnectionTrait, sets: Vec<tier_set::Model>) -> Result<Vec<TierSet>, DbErr> {
    if sets.is_empty() {
        return Ok(Vec::new());
    }
    let columns = [tier::Column::SetId, tier::Column::Revision];
    let keys = sets.iter().map(|set| [set.id.into(), set.revision.into()]);
    let found = rows::by_keys::<tier::Entity, 2>(db, columns, keys, " ORDER BY x.position").await?;
    let tiers = found.into_iter().map(readable).collect::<Result<Vec<_>, DbErr>>()?;
    let of = |set: &tier_set::Model| {
        tiers.iter().filter(|tier| (tier.row.set_id, tier.row.revision) == (set.id, set.revision)).cloned().collect()
    };
    Ok(sets.into_iter().map(|row| TierSet { tiers: of(&row), row }).collect())
}

/// Refuses a tier that this build cannot read.
fn readable(row: tier::Model) -> Result<Tier, DbErr> {
    let name = (row.id, row.revision);
    Tier::read(row).ok_or_else(|| DbErr::Custom(format!("this build cannot read tier {name:?}")))
}

/// The tiers of a version of the program: the revision that came in force last by then, and those before it as far back as
/// they are asked for, in two statements. `None` where there are none.
pub async fn revisions_of(
    db: &impl ConnectionTrait,
    program_id: Id,
    version: i64,
    back: Back,
) -> Result<Option<Revisions>, DbErr> {
    let sql = "SELECT x.* FROM tier_set x WHERE x.program_id = $1 AND x.version <= $2 AND x.version >= COALESCE((\
                   SELECT y.version FROM tier_set y WHERE y.program_id = $1 AND y.version <= $2 AND y.revision <= $3 \
                   AND y.created_at <= $4 ORDER BY y.version DESC LIMIT 1), 0) \
               ORDER BY x.version";
    let values = vec![program_id.into(), version.into(), back.revision.into(), back.moment.into()];
    let found: Vec<tier_set::Model> = rows::select(db, sql.to_owned(), values).await?;
    Ok(Revisions::of(with_tiers(db, found).await?.into_iter().map(Arc::new).collect()))
}

/// The tiers of every version of the program, as a process knows them. Clones are the same one.
#[derive(Clone)]
pub struct TierBook {
    program_id: Id,
    known: Arc<RwLock<BTreeMap<i64, Option<Arc<TierSet>>>>>,
}

/// Versions whose tiers are kept in memory.
const KEPT: usize = 256;

impl TierBook {
    pub fn of(program_id: Id) -> TierBook {
        TierBook { program_id, known: Arc::default() }
    }

    /// The tiers of a version, read within a transaction or outside if they are not known yet.
    pub async fn get(&self, db: &impl ConnectionTrait, version: i64) -> Result<Option<Arc<TierSet>>, DbErr> {
        let known = self.known.read().get(&version).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = revisions_of(db, self.program_id, version, Back::NOWHERE).await?;
        let found = found.map(|revisions| revisions.newest().clone());
        let mut known = self.known.write();
        let set = known.entry(version).or_insert(found).clone();
        if known.len() > KEPT {
            let oldest = known.keys().copied().find(|kept| *kept != version);
            oldest.map(|oldest| known.remove(&oldest));
        }
        Ok(set)
    }

    /// The revisions before one, as far back as they are asked for. Each came in force with a version of the program, and the
    /// version before that has the revision before. From the first that is not known on, all are read in two statements.
    pub async fn before(
        &self,
        db: &impl ConnectionTrait,
        newest: &TierSet,
        back: Back,
    ) -> Result<Vec<Arc<TierSet>>, DbErr> {
        let mut found: Vec<Arc<TierSet>> = Vec::new();
        loop {
            let oldest = found.last().map_or(newest, |set| set);
            if oldest.row.revision == 1 || !back.is_beyond(oldest) {
                break;
            }
            let version = oldest.row.version - 1;
            let known = self.known.read().get(&version).cloned();
            match known {
                Some(Some(set)) => found.push(set),
                Some(None) => break,
                None => {
                    let rest = revisions_of(db, self.program_id, version, back).await?;
                    let rest: Vec<_> = rest.iter().flat_map(Revisions::newest_first).cloned().collect();
                    self.keep(version, &rest);
                    found.extend(rest);
                    break;
                }
            }
        }
        found.reverse();
        Ok(found)
    }

    /// Takes in revisions one before the other, the newest of them that of a version. What is asked for most are the newer
    /// ones, so these do not make room for older ones.
    fn keep(&self, mut version: i64, revisions: &[Arc<TierSet>]) {
        let mut known = self.known.write();
        let room = KEPT.saturating_sub(known.len());
        for set in revisions.iter().take(room) {
            known.insert(version, Some(set.clone()));
            version = set.row.version - 1;
        }
    }
}

/// A member's sum over some days.
pub type SumKey = (Id, Window);

#[derive(FromQueryResult)]
struct Sum {
    member_id: Id,
    first_day: i64,
    last_day: i64,
    points: i64,
    spend: i64,
    visits: i64,
}

/// What counted for members over some days, in one statement. Where nothing did, the sum is 0.
pub async fn list_sums(
    db: &impl ConnectionTrait,
    wanted: &BTreeSet<SumKey>,
) -> Result<HashMap<SumKey, Measures>, DbErr> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let dialect = Dialect::of(db);
    let columns = [("member_id", Cell::Id), ("first_day", Cell::Integer), ("last_day", Cell::Integer)];
    let columns = columns.map(|(name, cell)| SetColumn::new(name, cell));
    let sum = |measure: &str| format!("CAST(COALESCE(SUM(x.{measure}), 0) AS bigint) AS {measure}");
    let sql = format!(
        "SELECT given.member_id, given.first_day, given.last_day, {}, {}, {} FROM ({}) AS given \
         LEFT JOIN qualifying_day x ON x.member_id = given.member_id AND x.day BETWEEN given.first_day AND given.last_day \
         GROUP BY given.member_id, given.first_day, given.last_day",
        sum("points"),
        sum("spend"),
        sum("visits"),
        dialect.row_set(&columns)
    );
    let cells = vec![
        wanted.iter().map(|(member, _)| (*member).into()).collect(),
        wanted.iter().map(|(_, window)| window.first.into()).collect(),
        wanted.iter().map(|(_, window)| window.last.into()).collect(),
    ];
    let found: Vec<Sum> = rows::select(db, sql, dialect.bind_rows(&columns, cells)).await?;
    let sums = found.into_iter().map(|row| {
        let window = Window { first: row.first_day, last: row.last_day };
        ((row.member_id, window), Measures { points: row.points, spend: row.spend, visits: row.visits })
    });
    Ok(sums.collect())
}

/// Adds entries to the sums of their days, in one statement.
pub async fn add_to_days(tx: &DatabaseTransaction, entries: &[qualifying::Model]) -> Result<(), DbErr> {
    let mut sums: BTreeMap<(Id, i64), Measures> = BTreeMap::new();
    for row in entries {
        let sum = sums.entry((row.member_id, row.day)).or_default();
        *sum = *sum + Measures::of(row);
    }
    if sums.is_empty() {
        return Ok(());
    }
    let dialect = Dialect::of(tx);
    let names = ["member_id", "day", "points", "spend", "visits"];
    let columns = names.map(|name| SetColumn::new(name, if name == "member_id" { Cell::Id } else { Cell::Integer }));
    let grown = ["points", "spend", "visits"].map(|name| format!("{name} = qualifying_day.{name} + excluded.{name}"));
    let sql = format!(
        "INSERT INTO qualifying_day ({}) {} ON CONFLICT (member_id, day) DO UPDATE SET {}",
        names.join(", "),
        dialect.row_set(&columns),
        grown.join(", ")
    );
    let of = |measure: fn(&Measures) -> i64| sums.values().map(|sum| measure(sum).into()).collect::<Vec<Value>>();
    let cells = vec![
        sums.keys().map(|(member, _)| (*member).into()).collect(),
        sums.keys().map(|(_, day)| (*day).into()).collect(),
        of(|sum| sum.points),
        of(|sum| sum.spend),
        of(|sum| sum.visits),
    ];
    tx.execute_raw(dialect.statement(sql, dialect.bind_rows(&columns, cells))).await?;
    Ok(())
}

/// A member's tier as it is at a moment, whether or not a sweep has written what was due by then. Nothing where the
/// program has no tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TierOf(pub Id, pub Instant);

impl Lookup for TierOf {
    type Row = Arc<Career>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let mut found = HashMap::with_capacity(keys.len());
            for (moment, members) in members_by(keys.iter().map(|key| (key.0, key.1))) {
                let careers = careers_of(&db, members, moment).await?;
                found.extend(careers.into_iter().map(|(member, career)| (TierOf(member, moment), Arc::new(career))));
            }
            Ok(found)
        })
    }
}

/// Reads wallets with their sums, and settles their tiers in memory.
async fn careers_of(db: &Db, members: Vec<Id>, moment: Instant) -> Result<Vec<(Id, Career)>> {
    // One moment for all statements: what a command counts meanwhile would be in the sums, and not in the wallet.
    let reading = db.begin_moment().await?;
    let found = read_careers(&reading, members, moment).await;
    let _ = reading.rollback().await;
    found
}

async fn read_careers(db: &impl ConnectionTrait, members: Vec<Id>, moment: Instant) -> Result<Vec<(Id, Career)>> {
    let wallets = list_wallets(db, members).await?;
    let Some(program_id) = wallets.first().map(|wallet| wallet.program_id) else { return Ok(Vec::new()) };
    let program =
        newest_version(db, program_id).await?.ok_or_else(|| Error::internal("there is no loyalty program"))?;
    let back = Back::of(&wallets, moment);
    let Some(revisions) = revisions_of(db, program_id, program.version, back).await? else { return Ok(Vec::new()) };
    Ok(settled(db, &program, &revisions, &wallets, moment).await?)
}

/// The tiers of wallets, settled by revisions. What turns out to be missing is looked up for all of them at once.
pub async fn settled(
    db: &impl ConnectionTrait,
    program: &program::Model,
    revisions: &Revisions,
    wallets: &[wallet::Model],
    moment: Instant,
) -> Result<Vec<(Id, Career)>, DbErr> {
    let mut begun: Vec<(Id, Career)> = wallets
        .iter()
        .map(|wallet| (wallet.member_id, Career::new(revisions.clone(), zone(program), wallet, moment)))
        .collect();
    let mut wanted: BTreeSet<SumKey> = begun
        .iter()
        .flat_map(|(member, career)| {
            let windows = career.likely().into_iter().chain(career.weighed_by_now());
            windows.map(|window| (*member, window))
        })
        .collect();
    loop {
        let sums = list_sums(db, &wanted).await?;
        for (member, career) in &mut begun {
            let own = sums.iter().filter(|((of, _), _)| of == member);
            career.sums.extend(own.map(|((_, window), sum)| (*window, *sum)));
        }
        let tried: Vec<_> = begun.iter().map(|(member, career)| (*member, tried(career))).collect();
        wanted =
            tried.iter().filter_map(|(member, tried)| tried.as_ref().err().map(|more| (*member, more.0))).collect();
        if wanted.is_empty() {
            return Ok(tried.into_iter().filter_map(|(member, tried)| Some((member, tried.ok()?))).collect());
        }
    }
}

/// The tier by now, and what else is shown of it.
fn tried(career: &Career) -> Result<Career, Unknown> {
    let mut career = career.clone();
    career.settle()?;
    career.sum(career.calendar().current(career.today()))?;
    career.keep()?;
    Ok(career)
}

/// Wallets whose tier is to be judged by now, which none in its days of grace is, or was reckoned by a revision before the
/// newest, behind a place in the order of members.
pub async fn list_due_tiers(
    db: &Db,
    program: &program::Model,
    revisions: &Revisions,
    today: i64,
    behind: Id,
    limit: u64,
) -> Result<Vec<Id>> {
    #[derive(FromQueryResult)]
    struct Due {
        member_id: Id,
    }
    let zone = zone(program);
    let due = revisions.out_of_grace(today, &zone);
    let (now, newest) = (start_of(today, &zone).micros(), revisions.newest().row.revision);
    let mut values = vec![due.before.into(), newest.into(), behind.into(), program.id.into(), now.into()];
    let mut except = String::new();
    for (range, at) in due.except.iter().zip((6..).step_by(2)) {
        except += &format!(" AND NOT (tier_due >= ${at} AND tier_due < ${})", at + 1);
        values.extend([range.start.into(), range.end.into()]);
    }
    let sql = format!(
        "SELECT member_id FROM (SELECT member_id FROM wallet WHERE tier_due < $1 AND member_id > $3 \
         AND merged_into IS NULL AND COALESCE(tier_kept_until, 0) <= $5{except} ORDER BY member_id LIMIT {limit}) AS due \
         UNION SELECT member_id FROM (SELECT member_id FROM wallet WHERE tier_revision < $2 AND member_id > $3 \
         AND merged_into IS NULL AND program_id = $4 ORDER BY member_id LIMIT {limit}) AS behind \
         ORDER BY member_id LIMIT {limit}"
    );
    let found: Vec<Due> = rows::select(&db.read, sql, values).await?;
    Ok(found.into_iter().map(|due| due.member_id).collect())
}
