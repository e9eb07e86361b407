//! The members who fit filters: a page of them, how many there are, and whether some do.
//!
//! Whatever is asked of several filters at once is one statement, with a SELECT for each.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{DbErr, FromQueryResult, Value};

use super::compile::Compiler;
use super::filter_of;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::Db;
use crate::db::keyset::Cursor;
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::segment::entity::segment;
use crate::domain::segment::rule::filter::Filter;
use crate::domain::segment::rule::today::Today;

/// How many members fit a filter on a day.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FittingTotal {
    pub filter: Arc<Filter>,
    pub today: Today,
}

/// A page of them, who registered last first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FittingPage {
    pub filter: Arc<Filter>,
    pub today: Today,
    pub page: Page<Cursor>,
}

/// Whether a member fits the filter of a segment on a day. One that is not there fits nobody.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fits {
    pub member_id: Id,
    pub segment_id: Id,
    pub today: Today,
}

/// What a SELECT of the statement found: its place among them, and a number or a member.
#[derive(FromQueryResult)]
struct Total {
    place: i64,
    members: i64,
}

#[derive(FromQueryResult)]
struct Member {
    place: i64,
    member_id: Id,
}

impl Lookup for FittingTotal {
    type Row = i64;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, i64>>> {
        Box::pin(async move {
            let mut totals = HashMap::with_capacity(keys.len());
            for (today, keys) in by(keys, |key| key.today.clone()) {
                let mut compiler = Compiler::of_all(db.dialect, &today);
                let selects = keys.iter().zip(0..).map(|(key, place): (_, i64)| {
                    let members = compiler.members(&key.filter);
                    format!("SELECT CAST({place} AS bigint) AS place, count(*) AS members {members}")
                });
                let sql = union(selects);
                let found: Vec<Total> = rows::select(&db.read, sql, compiler.into_values()).await?;
                totals.extend(found.into_iter().filter_map(|row| Some((at(&keys, row.place)?.clone(), row.members))));
            }
            Ok(totals)
        })
    }
}

impl Lookup for FittingPage {
    type Row = Arc<Slice<Id>>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let mut pages = HashMap::with_capacity(keys.len());
            for (today, keys) in by(keys, |key| key.today.clone()) {
                let mut compiler = Compiler::of_all(db.dialect, &today);
                let selects = keys.iter().zip(0..).map(|(key, place)| select_page(&mut compiler, key, place));
                let sql = union(selects);
                let found: Vec<Member> = rows::select(&db.read, sql, compiler.into_values()).await?;
                let mut of_page: Vec<Vec<Id>> = keys.iter().map(|_| Vec::new()).collect();
                for row in found {
                    let place = usize::try_from(row.place).ok();
                    place.and_then(|place| of_page.get_mut(place)).into_iter().for_each(|ids| ids.push(row.member_id));
                }
                pages.extend(keys.into_iter().zip(of_page).map(|(key, mut ids)| {
                    // In the direction of the page; a union promises no order.
                    ids.sort_unstable();
                    if !key.page.backward {
                        ids.reverse();
                    }
                    let slice = Arc::new(Slice::from_probe(ids, &key.page));
                    (key, slice)
                }));
            }
            Ok(pages)
        })
    }
}

fn select_page(compiler: &mut Compiler, key: &FittingPage, place: i64) -> String {
    let page = &key.page;
    let mut members = compiler.members(&key.filter);
    for (cursor, sign) in [(page.after, "<"), (page.before, ">")] {
        if let Some(cursor) = cursor {
            members.push_str(&format!(" AND m.id {sign} {}", compiler.bind(cursor.value())));
        }
    }
    let (direction, probe) = (if page.backward { "ASC" } else { "DESC" }, page.size + 1);
    format!(
        "SELECT * FROM (SELECT CAST({place} AS bigint) AS place, m.id AS member_id {members} \
         ORDER BY m.id {direction} LIMIT {probe}) AS p{place}"
    )
}

impl Lookup for Fits {
    type Row = bool;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, bool>>> {
        Box::pin(async move {
            let mut answers: HashMap<Self, bool> = keys.iter().map(|key| (key.clone(), false)).collect();
            let ids = keys.iter().map(|key| key.segment_id).collect::<std::collections::BTreeSet<_>>();
            let segments = rows::by_ids::<segment::Entity>(&db.read, segment::Column::Id, ids).await?;
            let filters =
                segments.iter().map(|row| Ok((row.id, filter_of(row)?))).collect::<Result<Vec<_>, DbErr>>()?;
            if filters.is_empty() {
                return Ok(answers);
            }
            for (today, keys) in by(keys, |key| key.today.clone()) {
                let members = db.dialect.ids(keys.iter().map(|key| key.member_id));
                let (sql, values) = select_fitting(&db, &today, &filters, members);
                let found: Vec<Member> = rows::select(&db.read, sql, values).await?;
                for Member { place, member_id } in found {
                    let Some((segment_id, _)) = at(&filters, place) else { continue };
                    let key = Fits { member_id, segment_id: *segment_id, today: today.clone() };
                    answers.entry(key).and_modify(|fits| *fits = true);
                }
            }
            Ok(answers)
        })
    }
}

/// Which of some members fit each of the filters.
fn select_fitting(db: &Db, today: &Today, filters: &[(Id, Arc<Filter>)], members: Value) -> (String, Vec<Value>) {
    let mut compiler = Compiler::of_these(db.dialect, today, members);
    let selects = filters.iter().zip(0..).map(|((_, filter), place): (_, i64)| {
        let members = compiler.members(filter);
        format!("SELECT CAST({place} AS bigint) AS place, m.id AS member_id {members}")
    });
    let sql = union(selects);
    (sql, compiler.into_values())
}

fn union(selects: impl Iterator<Item = String>) -> String {
    selects.collect::<Vec<_>>().join(" UNION ALL ")
}

fn at<T>(items: &[T], place: i64) -> Option<&T> {
    items.get(usize::try_from(place).ok()?)
}

/// Keys by something that they have in common; mostly all of them are of one day.
fn by<K, G: Eq + Hash>(keys: Vec<K>, common: impl Fn(&K) -> G) -> HashMap<G, Vec<K>> {
    let mut groups: HashMap<G, Vec<K>> = HashMap::new();
    for key in keys {
        groups.entry(common(&key)).or_default().push(key);
    }
    groups
}
