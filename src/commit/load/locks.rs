//! The locks of a group: wallets, then coupons, then stock, then budgets, in this order everywhere and each in the order of its keys.
//!
//! A group waits for rows that others have locked. Once it has waited too long it passes over them, and so over the
//! commands that want them: a session that hangs must not keep everybody who shares a group with those who need its rows.

use std::collections::BTreeSet;

use sea_orm::{DatabaseTransaction, DbErr, FromQueryResult};

use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::load::Versions;
use crate::commit::rows::Rows;
use crate::db::dialect::{Dialect, Held};
use crate::db::rows;
use crate::domain::catalog::entity::stock;
use crate::domain::earning::query::{list_budgets, lock_budgets};
use crate::domain::points::entity::wallet;
use crate::domain::points::query::newest_version;
use crate::domain::points::rule::{Ledger, Shelf};
use crate::domain::reward::entity::coupon;
use crate::domain::tier::rule::revisions::Revisions;

/// A wallet, and beside it which version of the program is the newest: so the answer costs no round trip.
#[derive(FromQueryResult)]
struct Locked {
    #[sea_orm(nested)]
    wallet: wallet::Model,
    newest_version: i64,
}

/// Brings the newest version of the program, too, by which the group is decided. It is the newest at the moment at which
/// this statement began, so after every change of the program that was answered before one of these commands was sent.
pub async fn lock_wallets(
    tx: &DatabaseTransaction,
    members: BTreeSet<Id>,
    held: Held,
    group: &mut Rows,
    versions: &Versions,
) -> Result<(), DbErr> {
    if members.is_empty() {
        return Ok(());
    }
    let ours = versions.programs.id();
    let newest = "(SELECT MAX(version) FROM program WHERE id = $2) AS newest_version";
    let wanted = members.iter().copied();
    let column = wallet::Column::MemberId;
    let found: Vec<Locked> =
        rows::lock_by_ids_beside::<wallet::Entity, _>(tx, column, wanted, held, newest, vec![ours.into()]).await?;
    let newest = match found.iter().map(|row| row.newest_version).max() {
        Some(newest) => newest,
        // Of those who register now, the later commands of this group are decided by it, too.
        None => newest_version(tx, ours).await?.map_or(group.program.version, |program| program.version),
    };
    group.program = versions.programs.get(tx, newest).await?;
    group.rules = versions.rules.get(tx, newest).await?;
    group.tiers = versions.tiers.get(tx, newest).await?.map(|set| Revisions::new(Vec::new(), set));
    let wallets = found.into_iter().map(|row| row.wallet).filter(|wallet| wallet.program_id == ours);
    group.ledgers.extend(wallets.map(|wallet| (wallet.member_id, Ledger::new(wallet, Shelf::default()))));
    if held == Held::PassedOver {
        let missing: Vec<Id> = members.into_iter().filter(|id| !group.ledgers.contains_key(id)).collect();
        let there = rows::by_ids::<wallet::Entity>(tx, column, missing).await?;
        group.elsewhere.wallets.extend(there.into_iter().map(|wallet| wallet.member_id));
    }
    Ok(())
}

pub async fn lock_coupons(
    tx: &DatabaseTransaction,
    wanted: BTreeSet<(Id, String)>,
    held: Held,
    group: &mut Rows,
) -> Result<(), DbErr> {
    if wanted.is_empty() {
        return Ok(());
    }
    let columns = [coupon::Column::MemberId, coupon::Column::Code];
    let key = |(member, code): &(Id, String)| [(*member).into(), code.clone().into()];
    let name = |coupon: &coupon::Model| (coupon.member_id, coupon.code.clone());
    let tail = format!(" ORDER BY x.member_id, x.id{}", Dialect::of(tx).lock_of("x", held));
    let found = rows::by_keys::<coupon::Entity, 2>(tx, columns, wanted.iter().map(key), &tail).await?;
    group.coupons.extend(found.into_iter().map(|coupon| (name(&coupon), coupon)));
    if held == Held::PassedOver {
        let missing = wanted.iter().filter(|wanted| !group.coupons.contains_key(*wanted)).map(key);
        let there = rows::by_keys::<coupon::Entity, 2>(tx, columns, missing, "").await?;
        group.elsewhere.coupons.extend(there.iter().map(name));
    }
    Ok(())
}

pub async fn lock_stock(
    tx: &DatabaseTransaction,
    piles: BTreeSet<Id>,
    held: Held,
    group: &mut Rows,
) -> Result<(), DbErr> {
    if piles.is_empty() {
        return Ok(());
    }
    let column = stock::Column::Id;
    let found = rows::lock_by_ids::<stock::Entity>(tx, column, piles.iter().copied(), held).await?;
    group.stock.extend(found.into_iter().map(|pile| (pile.id, pile)));
    if held == Held::PassedOver {
        let missing: Vec<Id> = piles.into_iter().filter(|id| !group.stock.contains_key(id)).collect();
        let there = rows::by_ids::<stock::Entity>(tx, column, missing).await?;
        group.elsewhere.stock.extend(there.into_iter().map(|pile| pile.id));
    }
    Ok(())
}

pub async fn lock_rule_budgets(
    tx: &DatabaseTransaction,
    budgets: BTreeSet<Id>,
    held: Held,
    group: &mut Rows,
) -> Result<(), DbErr> {
    if budgets.is_empty() {
        return Ok(());
    }
    let found = if planted(Bug::BudgetUnlocked) {
        list_budgets(tx, budgets.iter().copied().collect()).await?
    } else {
        lock_budgets(tx, budgets.iter().copied(), held).await?
    };
    group.budgets.extend(found.into_iter().map(|budget| (budget.id, budget)));
    if held == Held::PassedOver {
        let missing: Vec<Id> = budgets.into_iter().filter(|id| !group.budgets.contains_key(id)).collect();
        group.elsewhere.budgets.extend(list_budgets(tx, missing).await?.into_iter().map(|budget| budget.id));
    }
    Ok(())
}
