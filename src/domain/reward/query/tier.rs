//! Finding the rewards that members of a tier have and others have not.
//!
//! Pages of several tiers are one statement, with a SELECT for each.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{FromQueryResult, Value};

use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::Db;
use crate::db::dialect::Dialect;
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::reward::entity::reward;
use crate::domain::reward::query::{list_audiences, list_with_audience};

/// The rewards that are not for everybody: those on offer at a moment, or all that are not over for good. There are never
/// many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WithAudience(pub Option<Instant>);

impl Lookup for WithAudience {
    type Row = Arc<Vec<reward::Model>>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let mut found = HashMap::with_capacity(keys.len());
            for key in keys {
                let rewards = match key.0 {
                    Some(now) => list_with_audience(&db, now).await?,
                    None => list_audiences(&db.read).await?,
                };
                found.insert(key, Arc::new(rewards));
            }
            Ok(found)
        })
    }
}

/// Which rewards a tier has: those with a price for it, and those that are only for some tiers, it among them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfTier {
    pub tier_id: Id,
    pub only_for: Vec<Id>,
    /// Those that are not shown, whatever they cost.
    pub hidden: Vec<Id>,
    /// On offer at this moment; or all that are not over for good.
    pub now: Option<Instant>,
}

/// A page of them, the cheapest first. A place is the price in points and the id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RewardsOfTier(pub OfTier, pub Page<(i64, Id)>);

/// How many there are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RewardTotal(pub OfTier);

#[derive(FromQueryResult)]
struct Found {
    place: i64,
    reward_id: Id,
}

#[derive(FromQueryResult)]
struct Total {
    place: i64,
    rewards: i64,
}

impl Lookup for RewardsOfTier {
    type Row = Arc<Slice<reward::Model>>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let mut values = Vec::new();
            let selects = keys.iter().enumerate().map(|(place, key)| select_page(db.dialect, key, place, &mut values));
            let sql = selects.collect::<Vec<_>>().join(" UNION ALL ");
            let found: Vec<Found> = rows::select(&db.read, sql, values).await?;
            let ids = found.iter().map(|row| row.reward_id);
            let rewards = rows::by_ids::<reward::Entity>(&db.read, reward::Column::Id, ids).await?;
            let pages = keys.into_iter().zip(0..).map(|(key, place)| {
                let is_here = |id| found.iter().any(|row| row.place == place && row.reward_id == id);
                let mut some: Vec<_> = rewards.iter().filter(|reward| is_here(reward.id)).cloned().collect();
                // In the direction of the page; a union promises no order.
                some.sort_by_key(|reward| (reward.points_price, reward.id));
                if key.1.backward {
                    some.reverse();
                }
                let slice = Arc::new(Slice::from_probe(some, &key.1));
                (key, slice)
            });
            Ok(pages.collect())
        })
    }
}

impl Lookup for RewardTotal {
    type Row = i64;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, i64>>> {
        Box::pin(async move {
            let mut values = Vec::new();
            let selects = keys.iter().enumerate().map(|(place, key)| {
                let of_tier = key.0.rewards(db.dialect, &mut values);
                format!("SELECT CAST({place} AS bigint) AS place, count(*) AS rewards {of_tier}")
            });
            let sql = selects.collect::<Vec<_>>().join(" UNION ALL ");
            let found: Vec<Total> = rows::select(&db.read, sql, values).await?;
            let total = |place: i64| found.iter().find(|row| row.place == place).map_or(0, |row| row.rewards);
            Ok(keys.into_iter().zip(0..).map(|(key, place)| (key, total(place))).collect())
        })
    }
}

impl OfTier {
    /// `FROM … WHERE …` of the rewards, each of which is `r`.
    fn rewards(&self, dialect: Dialect, values: &mut Vec<Value>) -> String {
        let only_for = among(dialect, &self.only_for, values);
        let hidden = among(dialect, &self.hidden, values);
        let tier = bind(values, self.tier_id);
        let offered = match self.now {
            None => "r.state <> 'ENDED'".to_owned(),
            Some(now) => {
                let now = bind(values, now.micros());
                format!(
                    "r.state = 'OFFERED' AND (r.starts_at IS NULL OR r.starts_at <= {now}) \
                     AND (r.ends_at IS NULL OR r.ends_at > {now})"
                )
            }
        };
        format!(
            "FROM reward r WHERE {offered} AND NOT {hidden} AND ({only_for} OR (r.tier_prices > 0 AND EXISTS \
             (SELECT 1 FROM tier_price p WHERE p.reward_id = r.id AND p.revision = r.revision AND p.tier_id = {tier})))"
        )
    }
}

fn select_page(dialect: Dialect, key: &RewardsOfTier, place: usize, values: &mut Vec<Value>) -> String {
    let RewardsOfTier(of_tier, page) = key;
    let mut rewards = of_tier.rewards(dialect, values);
    for (cursor, sign) in [(page.after, ">"), (page.before, "<")] {
        if let Some((price, id)) = cursor {
            let (price, id) = (bind(values, price), bind(values, id));
            rewards.push_str(&format!(" AND (r.points_price, r.id) {sign} ({price}, {id})"));
        }
    }
    let (direction, probe) = (if page.backward { "DESC" } else { "ASC" }, page.size + 1);
    format!(
        "SELECT * FROM (SELECT CAST({place} AS bigint) AS place, r.id AS reward_id {rewards} \
         ORDER BY r.points_price {direction}, r.id {direction} LIMIT {probe}) AS p{place}"
    )
}

fn among(dialect: Dialect, ids: &[Id], values: &mut Vec<Value>) -> String {
    values.push(dialect.ids(ids.iter().copied()));
    format!("({})", dialect.in_ids("r.id", values.len()))
}

fn bind(values: &mut Vec<Value>, value: impl Into<Value>) -> String {
    values.push(value.into());
    format!("${}", values.len())
}
