//! Reading the books of locked wallets: lots, holds, what is due, and what can be taken back.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{DatabaseTransaction, DbErr};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::rows::Rows;
use crate::domain::points::entity::lot;
use crate::domain::points::query::books::{
    Owned, due_after, due_holds, due_lots, first_lots, holds_by_id, lots_by_id, lots_left, lots_of, sent_since,
    unreversed, with_parts,
};
use crate::domain::points::rule::OpenHold;
use crate::domain::points::rule::program::zone;

/// The first lots of each wallet in spend order, only as many as were asked for.
pub async fn load_lots(tx: &DatabaseTransaction, wanted: BTreeMap<Id, u64>, group: &mut Rows) -> Result<(), DbErr> {
    let Some(limit) = wanted.values().max().copied() else {
        return Ok(());
    };
    let members: Vec<Id> = wanted.into_keys().collect();
    let mut found = first_lots(tx, group.program.id, &members, limit).await?;
    for member in members {
        if let Some(ledger) = group.ledgers.get_mut(&member) {
            ledger.shelf.stock(found.remove(&member).unwrap_or_default(), usize::try_from(limit).unwrap_or(usize::MAX));
        }
    }
    Ok(())
}

/// Every lot of each wallet that has points left, pending ones too.
pub async fn load_whole(tx: &DatabaseTransaction, wanted: BTreeSet<Id>, group: &mut Rows) -> Result<(), DbErr> {
    if wanted.is_empty() {
        return Ok(());
    }
    let wallets: Vec<Id> = wanted.into_iter().collect();
    put_lots(lots_left(tx, group.program.id, &wallets).await?, group);
    Ok(())
}

/// Whatever is due by now in wallets that say something is, and when the next thing after that will be.
pub async fn load_due(tx: &DatabaseTransaction, now: Instant, group: &mut Rows) -> Result<(), DbErr> {
    let is_due = |due: Option<i64>| due.is_some_and(|due| due <= now.micros());
    let due = group.ledgers.values().filter(|ledger| is_due(ledger.wallet.next_due));
    let members: Vec<Id> = due.map(|ledger| ledger.wallet.member_id).collect();
    if members.is_empty() {
        return Ok(());
    }
    let program_id = group.program.id;
    put_lots(due_lots(tx, program_id, &members, now).await?, group);
    let holds = due_holds(tx, program_id, &members, now).await?;
    let (holds, lots) = with_parts(tx, holds).await?;
    put_lots(lots, group);
    put_holds(holds, group);
    let later = due_after(tx, program_id, &members, now).await?;
    for member in members {
        if let Some(ledger) = group.ledgers.get_mut(&member) {
            ledger.later_due = later.get(&member).copied();
        }
    }
    Ok(())
}

/// Holds, transactions that may be taken back, and lots, each by their id, with every lot they lead to.
pub async fn load_parts(
    tx: &DatabaseTransaction,
    holds: BTreeSet<Owned>,
    txns: Vec<Owned>,
    mut lots: Vec<Owned>,
    group: &mut Rows,
) -> Result<(), DbErr> {
    let (holds, held) = with_parts(tx, holds_by_id(tx, holds.into_iter().collect()).await?).await?;
    put_holds(holds, group);
    put_lots(held, group);
    let found = unreversed(tx, txns).await?;
    lots.extend(lots_of(&found));
    group.unreversed.extend(found);
    put_lots(lots_by_id(tx, lots).await?, group);
    Ok(())
}

/// What each member has given away on the local day on which the group is decided. A command may have been queued the day
/// before, or under a program of another zone, so it is not the command that says when that day began.
pub async fn load_sent_today(
    tx: &DatabaseTransaction,
    wanted: BTreeSet<Id>,
    now: Instant,
    group: &mut Rows,
) -> Result<(), DbErr> {
    let zone = zone(&group.program);
    let day_began = Instant::start_of_day(now.local_date(&zone), &zone).unwrap_or(now);
    for member in wanted {
        let points = sent_since(tx, group.program.id, member, day_began).await?;
        group.sent_today.insert(member, points);
    }
    Ok(())
}

fn put_lots(lots: Vec<lot::Model>, group: &mut Rows) {
    for lot in lots {
        if let Some(ledger) = group.ledgers.get_mut(&lot.member_id) {
            ledger.shelf.add(lot);
        }
    }
}

fn put_holds(holds: Vec<OpenHold>, group: &mut Rows) {
    for hold in holds {
        if let Some(ledger) = group.ledgers.get_mut(&hold.row.member_id) {
            ledger.holds.entry(hold.row.id).or_insert(hold);
        }
    }
}
