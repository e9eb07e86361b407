//! Locking and loading for a group: the lock order of the whole program is the order of the calls in [`load`].
//!
//! Lock first, read in a second statement: under READ COMMITTED a statement that locks one table and reads another
//! would see the other as it was before it waited for the lock.

mod books;
mod locks;
mod tiers;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use sea_orm::{DatabaseTransaction, DbErr, Value};

use crate::base::clock::{Clock, Instant, SECOND};
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::rows::{Claim, Keys, OrderRows, Rows};
use crate::db::dialect::Held;
use crate::db::rows;
use crate::domain::earning::entity::earned_share;
use crate::domain::earning::query::{EventName, RuleBook, UseKey, key_of, list_recorded, list_uses, name_of, no_use};
use crate::domain::household::query::members_of;
use crate::domain::member::entity::{handle, idempotency};
use crate::domain::order::entity::{line, order, order_return};
use crate::domain::points::entity::adjustment;
use crate::domain::points::query::books::Owned;
use crate::domain::points::query::programs::Programs;
use crate::domain::reward::entity::redemption;
use crate::domain::reward::query::code::next_codes;
use crate::domain::tier::query::TierBook;

/// The versions of the program, and the earning rules and tiers of each, as a process knows them.
#[derive(Clone)]
pub struct Versions {
    pub programs: Programs,
    pub rules: RuleBook,
    pub tiers: TierBook,
}

/// Claims names, then locks wallets, coupons, stock and budgets in this order everywhere, then reads what hangs under them.
/// Returns the moment at which the wallets were locked, which is when the group is decided.
pub async fn load(
    tx: &DatabaseTransaction,
    mut keys: Keys,
    held: Held,
    rows: &mut Rows,
    versions: &Versions,
    clock: &Clock,
) -> Result<Instant, DbErr> {
    claim_names(tx, keys.claims, rows).await?;
    if planted(Bug::KeysReadUnlocked) {
        load_replies(tx, std::mem::take(&mut keys.replies), rows).await?;
    }
    locks::lock_wallets(tx, keys.wallets, held, rows, versions).await?;
    let now = not_before(Instant(rows.program.created_at), clock.now());
    locks::lock_coupons(tx, keys.coupons, held, rows).await?;
    locks::lock_stock(tx, keys.stock, held, rows).await?;
    locks::lock_rule_budgets(tx, keys.budgets, held, rows).await?;
    load_replies(tx, keys.replies, rows).await?;
    load_uses(tx, keys.uses, rows).await?;
    load_codes(tx, keys.codes, rows).await?;
    load_recorded(tx, keys.recorded, rows).await?;
    tiers::load_sums(tx, keys.tiers, keys.sums, now, rows, &versions.tiers).await?;
    load_households(tx, keys.households, rows).await?;
    let of_orders = load_orders(tx, keys.orders, rows).await?;
    load_redemptions(tx, keys.redemptions, rows).await?;
    load_adjustments(tx, keys.adjustments, rows).await?;
    books::load_lots(tx, keys.lots, rows).await?;
    books::load_whole(tx, keys.whole, rows).await?;
    books::load_due(tx, now, rows).await?;
    books::load_parts(tx, keys.holds, keys.txns.into_iter().chain(of_orders.txns).collect(), of_orders.lots, rows)
        .await?;
    books::load_sent_today(tx, keys.sent_today, now, rows).await?;
    Ok(now)
}

/// How far the clocks of servers may be apart.
const APART: i64 = 5 * SECOND;

/// Now, and not before a version was made by whoever's clock is a little ahead of ours: what is decided by it comes after it,
/// and so do the rules that begin with it.
fn not_before(made: Instant, now: Instant) -> Instant {
    if made <= now.plus(APART) { now.max(made) } else { now }
}

/// Inserts the names that are free, sorted, so that two processes after the same names wait instead of deadlocking.
/// Whoever inserted a name holds it until the transaction ends; what it becomes is decided later.
async fn claim_names(tx: &DatabaseTransaction, mut claims: Vec<handle::Model>, group: &mut Rows) -> Result<(), DbErr> {
    if claims.is_empty() {
        return Ok(());
    }
    let key = |name: &handle::Model| (name.value.clone(), name.kind);
    claims.sort_by_key(|name| (name.value.clone(), name.kind as u8));
    claims.dedup_by_key(|name| key(name));
    let values: BTreeSet<String> = claims.iter().map(|name| name.value.clone()).collect();
    let wanted: HashSet<_> = claims.iter().map(key).collect();
    let inserted = rows::insert_if_absent::<handle::Entity>(tx, claims).await?;
    for name in inserted {
        group.claims.insert(key(&name), Claim { owner: None, inserted: Some(name) });
    }
    if group.claims.len() < wanted.len() {
        let found = rows::by_texts::<handle::Entity>(tx, handle::Column::Value, values).await?;
        for name in found.into_iter().filter(|name| wanted.contains(&key(name))) {
            group.claims.entry(key(&name)).or_insert(Claim { owner: Some(name), inserted: None });
        }
    }
    Ok(())
}

/// Read under the wallet's lock, so that of two requests with one key the second sees the first.
async fn load_replies(
    tx: &DatabaseTransaction,
    wanted: HashSet<(Id, String, String)>,
    group: &mut Rows,
) -> Result<(), DbErr> {
    if wanted.is_empty() {
        return Ok(());
    }
    let columns = [idempotency::Column::MemberId, idempotency::Column::Operation, idempotency::Column::Key];
    let keys = wanted.into_iter().map(|(member, operation, key)| [member.into(), operation.into(), key.into()]);
    for reply in rows::by_keys::<idempotency::Entity, 3>(tx, columns, keys, "").await? {
        group.replies.insert((reply.member_id, reply.operation.clone(), reply.key.clone()), reply);
    }
    Ok(())
}

/// What rules have given members in periods. What has no row yet counts nothing, and nobody else can make one meanwhile:
/// the member's wallet is locked.
async fn load_uses(tx: &DatabaseTransaction, wanted: HashSet<UseKey>, group: &mut Rows) -> Result<(), DbErr> {
    if wanted.is_empty() {
        return Ok(());
    }
    let found = list_uses(tx, wanted.clone()).await?;
    group.uses.extend(found.into_iter().map(|row| (key_of(&row), row)));
    for key in wanted {
        if let Entry::Vacant(free) = group.uses.entry(key) {
            free.insert(no_use(key));
            group.uses_without_row.insert(key);
        }
    }
    Ok(())
}

/// The next codes of rewards, as many as the group could take, under the locks of their piles.
async fn load_codes(tx: &DatabaseTransaction, wanted: BTreeMap<Id, u64>, group: &mut Rows) -> Result<(), DbErr> {
    for (reward_id, count) in wanted {
        let next = next_codes(tx, reward_id, count).await?;
        group.codes.insert(reward_id, next.into_iter().map(|code| (code.position, code)).collect());
    }
    Ok(())
}

async fn load_recorded(tx: &DatabaseTransaction, wanted: HashSet<EventName>, group: &mut Rows) -> Result<(), DbErr> {
    if !wanted.is_empty() {
        group.recorded.extend(list_recorded(tx, wanted).await?.into_iter().map(|row| (name_of(&row), row)));
    }
    Ok(())
}

/// What orders lead to in the books.
#[derive(Default)]
struct OfOrders {
    txns: Vec<Owned>,
    lots: Vec<Owned>,
}

/// Orders with their lines, under the lock of their member's wallet, which every change of an order takes.
async fn load_orders(tx: &DatabaseTransaction, wanted: BTreeSet<Owned>, group: &mut Rows) -> Result<OfOrders, DbErr> {
    if wanted.is_empty() {
        return Ok(OfOrders::default());
    }
    let keys = || wanted.iter().map(|(member, id)| [(*member).into(), (*id).into()]);
    let orders =
        rows::by_keys::<order::Entity, 2>(tx, [order::Column::MemberId, order::Column::Id], keys(), "").await?;
    let columns = [line::Column::MemberId, line::Column::OrderId];
    let lines = rows::by_keys::<line::Entity, 2>(tx, columns, keys(), " ORDER BY x.position").await?;
    let mut lines = rows::group_by(lines, |line| line.order_id);
    let columns = [order_return::Column::MemberId, order_return::Column::OrderId];
    let returns = rows::by_keys::<order_return::Entity, 2>(tx, columns, keys(), "").await?;
    let returns = rows::group_by(returns, |order_return| order_return.order_id);
    let mut shares = rows::group_by(load_shares(tx, &orders).await?, |share| share.source_id);
    let mut found = OfOrders::default();
    for order in orders {
        found.txns.extend(order.points_txn_id.map(|id| (order.paying_wallet(), id)));
        found.lots.extend(order.lot_id.into_iter().flat_map(|id| wallets_of(&order, group).map(move |of| (of, id))));
        let lines = lines.remove(&order.id).unwrap_or_default();
        let points_settled = returns.get(&order.id).into_iter().flatten().map(|made| made.points_settled).sum();
        let shares = shares.remove(&order.id).unwrap_or_default();
        group.orders.insert((order.member_id, order.id), OrderRows { order, lines, shares, points_settled });
    }
    Ok(found)
}

/// What rules gave for orders. Those that have any say so.
async fn load_shares(tx: &DatabaseTransaction, orders: &[order::Model]) -> Result<Vec<earned_share::Model>, DbErr> {
    let shared = orders.iter().filter(|order| order.standing.is_some());
    let keys: Vec<[Value; 2]> = shared.map(|order| [order.member_id.into(), order.id.into()]).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let columns = [earned_share::Column::MemberId, earned_share::Column::SourceId];
    rows::by_keys::<earned_share::Entity, 2>(tx, columns, keys, " ORDER BY x.position").await
}

/// The wallet that earned an order's points, and those that took it over since, as far as they are locked.
fn wallets_of(order: &order::Model, group: &Rows) -> impl Iterator<Item = Id> {
    let after = |of: &Id| group.ledgers.get(of)?.wallet.merged_into;
    std::iter::successors(Some(order.earning_wallet()), after)
}

/// Who belongs to households, under the lock of the household's wallet.
async fn load_households(tx: &DatabaseTransaction, wanted: BTreeSet<Id>, group: &mut Rows) -> Result<(), DbErr> {
    let there: Vec<Id> = wanted.into_iter().filter(|id| group.ledgers.contains_key(id)).collect();
    if there.is_empty() {
        return Ok(());
    }
    let mut found = members_of(tx, there.iter().copied()).await?;
    group.households.extend(there.into_iter().map(|id| (id, found.remove(&id).unwrap_or_default())));
    Ok(())
}

/// Under the lock of their member's wallet, as every change of one takes it.
async fn load_redemptions(tx: &DatabaseTransaction, wanted: BTreeSet<Owned>, group: &mut Rows) -> Result<(), DbErr> {
    if wanted.is_empty() {
        return Ok(());
    }
    let columns = [redemption::Column::MemberId, redemption::Column::Id];
    let keys = wanted.into_iter().map(|(member, id)| [member.into(), id.into()]);
    let found = rows::by_keys::<redemption::Entity, 2>(tx, columns, keys, "").await?;
    group.redemptions.extend(found.into_iter().map(|row| ((row.member_id, row.id), row)));
    Ok(())
}

async fn load_adjustments(tx: &DatabaseTransaction, wanted: BTreeSet<Owned>, group: &mut Rows) -> Result<(), DbErr> {
    if wanted.is_empty() {
        return Ok(());
    }
    let columns = [adjustment::Column::MemberId, adjustment::Column::Id];
    let keys = wanted.into_iter().map(|(member, id)| [member.into(), id.into()]);
    let found = rows::by_keys::<adjustment::Entity, 2>(tx, columns, keys, "").await?;
    group.adjustments.extend(found.into_iter().map(|row| ((row.member_id, row.id), row)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_made_by_a_clock_that_is_ahead_comes_first() {
        let now = Instant(1_000 * SECOND);
        let moment = |ahead: i64| not_before(now.plus(ahead), now);
        assert_eq!([moment(-1), moment(0), moment(APART)], [now, now, now.plus(APART)]);
        assert_eq!(moment(APART + 1), now, "a clock that is wrong is not followed");
    }
}
