//! Writing what a group decided: one statement a table, however many commands.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::moved::move_member;
use crate::commit::rows::{Claim, Rows};
use crate::db::dialect::Dialect;
use crate::db::rows::{insert, update};
use crate::domain::catalog::entity::stock;
use crate::domain::earning::entity::{budget, earned_share, event, rule_use};
use crate::domain::household::entity::{household, household_member};
use crate::domain::member::entity::{credential, handle, idempotency, member, profile, session};
use crate::domain::order::entity::{line, order, order_return, payment, return_line};
use crate::domain::outbox::entity::outbox;
use crate::domain::points::entity::{adjustment, allocation, entry, hold, lot, merger, transfer, txn, wallet};
use crate::domain::reward::entity::{coupon, redemption, reward_code};
use crate::domain::tier::entity::{qualifying, tier_change};
use crate::domain::tier::query::add_to_days;

pub async fn write(tx: &DatabaseTransaction, group: Rows, now: Instant) -> Result<(), DbErr> {
    let Rows {
        claims,
        ledgers,
        mut households,
        orders,
        redemptions,
        adjustments,
        stock,
        budgets,
        uses,
        uses_without_row,
        mut writes,
        ..
    } = group;
    if planted(Bug::MovedTooEarly) {
        move_members(tx, std::mem::take(&mut writes.moved), now).await?;
    }
    if planted(Bug::AllocationSkipped) {
        writes.allocations.pop();
    }
    if planted(Bug::ReplySkipped) {
        writes.replies.clear();
    }
    if planted(Bug::BudgetSkipped) {
        writes.changed_budgets.clear();
    }
    if planted(Bug::TierHistorySkipped) {
        writes.tier_changes.clear();
    }
    if planted(Bug::CountSkipped) {
        writes.changed_uses.retain(|key| !uses_without_row.contains(key));
    }
    let wallets = |ids: HashSet<Id>| ids.into_iter().filter_map(|id| Some(ledgers.get(&id)?.wallet.clone())).collect();
    settle_claims(tx, claims.into_values()).await?;
    insert::<handle::Entity>(tx, writes.names).await?;
    insert::<member::Entity>(tx, writes.members).await?;
    insert::<profile::Entity>(tx, writes.profiles).await?;
    insert::<credential::Entity>(tx, writes.credentials).await?;
    insert::<session::Entity>(tx, writes.sessions).await?;
    insert::<wallet::Entity>(tx, wallets(writes.new_wallets)).await?;
    update::<wallet::Entity>(tx, wallets(writes.changed_wallets)).await?;
    insert::<txn::Entity>(tx, writes.txns).await?;
    insert::<entry::Entity>(tx, writes.entries).await?;
    insert::<lot::Entity>(tx, writes.new_lots.into_values().collect()).await?;
    update::<lot::Entity>(tx, writes.changed_lots.into_values().collect()).await?;
    insert::<allocation::Entity>(tx, writes.allocations).await?;
    insert::<hold::Entity>(tx, writes.new_holds.into_values().collect()).await?;
    update::<hold::Entity>(tx, writes.changed_holds.into_values().collect()).await?;
    insert::<transfer::Entity>(tx, writes.transfers).await?;
    insert::<merger::Entity>(tx, writes.mergers).await?;
    insert::<household::Entity>(tx, writes.households).await?;
    let changed = writes.changed_households.into_iter();
    list_again(tx, changed.map(|id| (id, households.remove(&id).unwrap_or_default())).collect()).await?;
    insert::<adjustment::Entity>(tx, writes.new_adjustments).await?;
    update::<adjustment::Entity>(tx, pick(&adjustments, writes.changed_adjustments)).await?;
    insert::<order::Entity>(tx, writes.orders).await?;
    insert::<line::Entity>(tx, writes.lines).await?;
    insert::<payment::Entity>(tx, writes.payments).await?;
    let changed = pick(&orders, writes.changed_orders);
    let shares = changed.iter().filter(|_| !planted(Bug::SharesFrozen));
    let shares = shares.flat_map(|rows| rows.shares.iter().cloned()).collect();
    update::<line::Entity>(tx, changed.iter().flat_map(|rows| rows.lines.iter().cloned()).collect()).await?;
    update::<order::Entity>(tx, changed.into_iter().map(|rows| rows.order).collect()).await?;
    update::<earned_share::Entity>(tx, shares).await?;
    insert::<earned_share::Entity>(tx, writes.shares).await?;
    insert::<event::Entity>(tx, writes.recorded).await?;
    let (new, changed) = writes.changed_uses.into_iter().partition::<Vec<_>, _>(|key| uses_without_row.contains(key));
    insert::<rule_use::Entity>(tx, pick(&uses, new)).await?;
    update::<rule_use::Entity>(tx, pick(&uses, changed)).await?;
    insert::<order_return::Entity>(tx, writes.order_returns).await?;
    insert::<return_line::Entity>(tx, writes.return_lines).await?;
    insert::<redemption::Entity>(tx, writes.redemptions).await?;
    update::<redemption::Entity>(tx, pick(&redemptions, writes.changed_redemptions)).await?;
    insert::<coupon::Entity>(tx, writes.new_coupons).await?;
    update::<coupon::Entity>(tx, writes.changed_coupons.into_values().collect()).await?;
    update::<reward_code::Entity>(tx, writes.codes_given).await?;
    if !planted(Bug::DaysSkipped) {
        add_to_days(tx, &writes.qualifying).await?;
    }
    insert::<qualifying::Entity>(tx, writes.qualifying).await?;
    insert::<tier_change::Entity>(tx, writes.tier_changes).await?;
    insert::<idempotency::Entity>(tx, writes.replies).await?;
    insert::<outbox::Entity>(tx, writes.events).await?;
    // What this group made for a member who was merged moves along with the rest.
    move_members(tx, writes.moved, now).await?;
    // Stock and budgets last: the rows that most commands share are changed as shortly before COMMIT as can be.
    update::<stock::Entity>(tx, pick(&stock, writes.changed_stock)).await?;
    update::<budget::Entity>(tx, pick(&budgets, writes.changed_budgets)).await
}

async fn move_members(tx: &DatabaseTransaction, moved: Vec<(Id, Id)>, now: Instant) -> Result<(), DbErr> {
    for (from, into) in moved {
        move_member(tx, from, into, now).await?;
    }
    Ok(())
}

fn pick<K: Eq + Hash, T: Clone>(rows: &HashMap<K, T>, ids: impl IntoIterator<Item = K>) -> Vec<T> {
    ids.into_iter().filter_map(|id| rows.get(&id).cloned()).collect()
}

/// Writes who belongs to each household: a few rows, which are all written anew.
async fn list_again(tx: &DatabaseTransaction, lists: Vec<(Id, Vec<household_member::Model>)>) -> Result<(), DbErr> {
    if lists.is_empty() {
        return Ok(());
    }
    let (ids, lists): (Vec<Id>, Vec<_>) = lists.into_iter().unzip();
    let old = household_member::Entity::delete_many().filter(household_member::Column::HouseholdId.is_in(ids));
    old.exec(tx).await?;
    insert::<household_member::Entity>(tx, lists.into_iter().flatten().collect()).await
}

/// A name this group inserted goes to the command that succeeded with it, or is given back.
async fn settle_claims(tx: &DatabaseTransaction, claims: impl Iterator<Item = Claim>) -> Result<(), DbErr> {
    let mut released = Vec::new();
    let mut moved = Vec::new();
    for claim in claims {
        match (claim.inserted, claim.owner) {
            (Some(inserted), None) => released.push(inserted),
            (Some(inserted), Some(owner)) if inserted != owner => moved.push(owner),
            _ => {}
        }
    }
    update::<handle::Entity>(tx, moved).await?;
    release(tx, released).await
}

async fn release(tx: &DatabaseTransaction, names: Vec<handle::Model>) -> Result<(), DbErr> {
    use sea_orm::ConnectionTrait;
    if names.is_empty() {
        return Ok(());
    }
    let dialect = Dialect::of(tx);
    let sql =
        format!("DELETE FROM handle WHERE {} AND {}", dialect.in_texts("value", 1), dialect.in_ids("subject_id", 2));
    let values = dialect.texts(names.iter().map(|name| name.value.clone()));
    let subjects = dialect.ids(names.iter().map(|name| name.subject_id));
    tx.execute_raw(dialect.statement(sql, [values, subjects])).await?;
    Ok(())
}
