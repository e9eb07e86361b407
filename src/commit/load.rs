//! Locking and loading for a group: the lock order of the whole program is the order of the calls in [`load`].
//!
//! Lock first, read in a second statement: under READ COMMITTED a statement that locks one table and reads another
//! would see the other as it was before it waited for the lock.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sea_orm::{DatabaseTransaction, DbErr, FromQueryResult};

use crate::base::id::Id;
use crate::commit::rows::{Claim, Keys, Rows};
use crate::db::dialect::Dialect;
use crate::db::rows;
use crate::domain::catalog::entity::stock;
use crate::domain::member::entity::{handle, idempotency};
use crate::domain::points::entity::{lot, wallet};
use crate::domain::points::query::programs::Programs;
use crate::domain::reward::entity::coupon;

/// Claims names, then locks wallets, coupons and stock in this order everywhere, then reads what hangs under them.
pub async fn load(tx: &DatabaseTransaction, keys: Keys, rows: &mut Rows, programs: &Programs) -> Result<(), DbErr> {
    claim_names(tx, keys.claims, rows).await?;
    lock_wallets(tx, keys.wallets, rows, programs).await?;
    lock_coupons(tx, keys.coupons, rows).await?;
    lock_stock(tx, keys.stock, rows).await?;
    load_replies(tx, keys.replies, rows).await?;
    load_lots(tx, keys.lots, rows).await
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

/// A wallet, and beside it which version of the program is the newest: so the answer costs no round trip.
#[derive(FromQueryResult)]
struct Locked {
    #[sea_orm(nested)]
    wallet: wallet::Model,
    newest_version: i64,
}

/// Brings the newest version of the program, too, by which the group is decided. It is the newest at the moment at which
/// this statement began, so after every change of the program that was answered before one of these commands was sent.
async fn lock_wallets(
    tx: &DatabaseTransaction,
    members: BTreeSet<Id>,
    group: &mut Rows,
    programs: &Programs,
) -> Result<(), DbErr> {
    if members.is_empty() {
        return Ok(());
    }
    let ours = programs.id();
    let newest = "(SELECT MAX(version) FROM program WHERE id = $2) AS newest_version";
    let member = wallet::Column::MemberId;
    let found: Vec<Locked> =
        rows::lock_by_ids_beside::<wallet::Entity, _>(tx, member, members, newest, vec![ours.into()]).await?;
    if let Some(newest) = found.iter().map(|row| row.newest_version).max() {
        group.program = programs.get(tx, newest).await?;
    }
    let wallets = found.into_iter().map(|row| row.wallet).filter(|wallet| wallet.program_id == ours);
    group.wallets.extend(wallets.map(|wallet| (wallet.member_id, wallet)));
    Ok(())
}

async fn lock_coupons(tx: &DatabaseTransaction, wanted: BTreeSet<(Id, String)>, group: &mut Rows) -> Result<(), DbErr> {
    if wanted.is_empty() {
        return Ok(());
    }
    let columns = [coupon::Column::MemberId, coupon::Column::Code];
    let keys = wanted.into_iter().map(|(member, code)| [member.into(), code.into()]);
    let tail = format!(" ORDER BY x.member_id, x.id{}", Dialect::of(tx).lock_of("x"));
    let found = rows::by_keys::<coupon::Entity, 2>(tx, columns, keys, &tail).await?;
    group.coupons.extend(found.into_iter().map(|coupon| ((coupon.member_id, coupon.code.clone()), coupon)));
    Ok(())
}

async fn lock_stock(tx: &DatabaseTransaction, piles: BTreeSet<Id>, group: &mut Rows) -> Result<(), DbErr> {
    if piles.is_empty() {
        return Ok(());
    }
    let found = rows::lock_by_ids::<stock::Entity>(tx, stock::Column::Id, piles).await?;
    group.stock.extend(found.into_iter().map(|pile| (pile.id, pile)));
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

/// The first lots of each wallet in spend order, only as many as were asked for.
async fn load_lots(tx: &DatabaseTransaction, wanted: BTreeMap<Id, u64>, group: &mut Rows) -> Result<(), DbErr> {
    let Some(limit) = wanted.values().max() else {
        return Ok(());
    };
    let dialect = Dialect::of(tx);
    let sql = dialect.first_of_each(
        "lot",
        "x.member_id = given.id AND x.program_id = $2 AND x.remaining > 0 AND x.state = 'ACTIVE'",
        "x.expires_at, x.activates_at, x.id",
        *limit,
    );
    let members = dialect.ids(wanted.keys().copied());
    let found: Vec<lot::Model> = rows::select(tx, sql, vec![members, group.program.id.into()]).await?;
    for (member, lots) in rows::group_by(found, |lot| lot.member_id) {
        if lots.len() as u64 >= *limit {
            group.partly_loaded.insert(member);
        }
        group.lots.insert(member, lots);
    }
    Ok(())
}
