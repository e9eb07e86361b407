//! The purchase behind an entry of the ledger, and behind a lot.
//!
//! An order is filed under the member who placed it, and what it earns and spends is booked in the wallet that earned and
//! paid: their own or their household's, which another may have taken over since. So the way goes from the books to the
//! member, by keys, and a list takes as many statements as one entry.

use std::sync::Arc;

use async_graphql::Context;

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::reader::{Lookup, Reader};
use crate::domain::earning::entity::event;
use crate::domain::earning::query::EventKey;
use crate::domain::order::entity::order;
use crate::domain::order::query::{OrderKey, OrderReturnKey};
use crate::domain::points::entity::{ActorKind, Cause, TxnKind, lot, txn};
use crate::domain::points::query::account::{AllocationsOf, LotKey, MergerKey};
use crate::domain::points::query::{TxnKey, TxnsOf, WalletOf};
use crate::domain::reward::entity::redemption;
use crate::domain::reward::query::RedemptionKey;
use crate::gql::caller::RequestContext;

/// An order by the member who placed it, and its id.
struct Purchase(Id, Id);

impl Purchase {
    /// The purchase that made an entry by being placed.
    fn placed(txn: &txn::Model) -> Option<Purchase> {
        matches!(txn.cause, Cause::Order | Cause::ImportedOrder).then(|| Purchase(maker_of(txn), txn.source_id))
    }
}

/// The order that made an entry, by being placed or taken back, if it did and the one who asks may see it.
pub async fn order_behind(ctx: &Context<'_>, txn: &txn::Model) -> Result<Option<Arc<order::Model>>> {
    let purchase = match txn.cause {
        Cause::Return => taken_back(ctx.reader(), txn).await?,
        _ => Purchase::placed(txn),
    };
    let Some(purchase) = purchase else { return Ok(None) };
    Ok(order_of(ctx.reader(), purchase).await?.filter(|order| may_see(ctx, txn.member_id, order.member_id)))
}

/// What the member did that made an entry. It is booked in their own wallet.
pub async fn event_behind(ctx: &Context<'_>, txn: &txn::Model) -> Result<Option<Arc<event::Model>>> {
    if txn.cause != Cause::Event {
        return Ok(None);
    }
    filed_under(ctx.reader(), txn.member_id, |member_id| EventKey(member_id, txn.source_id)).await
}

/// The member and the order or event by whose rules an accrual was reckoned, if there are any and the one who asks may see
/// them.
pub async fn source_of_shares(ctx: &Context<'_>, txn: &txn::Model) -> Result<Option<(Id, Id)>> {
    Ok(match (txn.kind, txn.cause) {
        (TxnKind::Accrual, Cause::Order) => {
            let order = order_behind(ctx, txn).await?.filter(|order| order.standing.is_some());
            order.map(|order| (order.member_id, order.id))
        }
        (TxnKind::Accrual, Cause::Event) => event_behind(ctx, txn).await?.map(|event| (event.member_id, event.id)),
        _ => None,
    })
}

/// The redemption that made an entry, if one did and the one who asks may see it.
pub async fn redemption_behind(ctx: &Context<'_>, txn: &txn::Model) -> Result<Option<Arc<redemption::Model>>> {
    if txn.cause != Cause::Redemption {
        return Ok(None);
    }
    let found = filed_under(ctx.reader(), maker_of(txn), |member_id| RedemptionKey(member_id, txn.source_id)).await?;
    Ok(found.filter(|redemption| may_see(ctx, txn.member_id, redemption.member_id)))
}

/// The order that earned a lot's points, wherever they went since, if one did and the one who asks may see it.
pub async fn order_of_lot(ctx: &Context<'_>, lot: &lot::Model) -> Result<Option<Arc<order::Model>>> {
    let Some(purchase) = earned_with(ctx.reader(), lot).await? else { return Ok(None) };
    Ok(order_of(ctx.reader(), purchase).await?.filter(|order| may_see(ctx, lot.member_id, order.member_id)))
}

/// Whoever reads a member's books may see that member's things; those of the others who share the books, only who they
/// are of and staff.
fn may_see(ctx: &Context<'_>, wallet_id: Id, owner: Id) -> bool {
    wallet_id == owner || ctx.caller().actor.find_member().is_some_and(|me| me.may_read(owner))
}

/// Who placed the order or redeemed. What no member did, such as an import, is booked in the member's own wallet.
fn maker_of(txn: &txn::Model) -> Id {
    txn.actor_id.filter(|_| txn.actor == ActorKind::Member).unwrap_or(txn.member_id)
}

async fn order_of(reader: &Reader, Purchase(maker, order_id): Purchase) -> Result<Option<Arc<order::Model>>> {
    filed_under(reader, maker, |member_id| OrderKey(member_id, order_id)).await
}

/// What is filed under a member, or by now under who has everything of them.
async fn filed_under<K: Lookup>(reader: &Reader, member_id: Id, key: impl Fn(Id) -> K) -> Result<Option<K::Row>> {
    if let Some(found) = reader.find(key(member_id)).await? {
        return Ok(Some(found));
    }
    match keeper_of(reader, member_id).await? {
        Some(keeper) => reader.find(key(keeper)).await,
        None => Ok(None),
    }
}

/// Who has everything of a wallet that was taken over; `None` for others. As in `points::query`, with the look-ups of the
/// request, so that those of a list go together.
async fn keeper_of(reader: &Reader, wallet_id: Id) -> Result<Option<Id>> {
    let mut keeper = None;
    while let Some(next) = reader.find(WalletOf(keeper.unwrap_or(wallet_id))).await?.and_then(|row| row.merged_into) {
        keeper = Some(next);
    }
    Ok(keeper)
}

/// The purchase whose return made an entry. The return is filed under the order's member; in books that are not theirs,
/// what the return reversed tells whose it was.
async fn taken_back(reader: &Reader, txn: &txn::Model) -> Result<Option<Purchase>> {
    let (wallet_id, return_id) = (txn.member_id, txn.source_id);
    if let Some(made) = filed_under(reader, wallet_id, |member_id| OrderReturnKey(member_id, return_id)).await? {
        return Ok(Some(Purchase(made.member_id, made.order_id)));
    }
    for sister in reader.get(TxnsOf(wallet_id, return_id)).await?.iter() {
        let Some(reversed) = sister.reverses else { continue };
        let Some(reversed) = reader.find(TxnKey(wallet_id, reversed)).await? else { continue };
        if let Some(purchase) = Purchase::placed(&reversed) {
            return Ok(Some(purchase));
        }
        // The order's lot had come from another wallet by then.
        for part in reader.get(AllocationsOf(wallet_id, sister.id)).await?.iter() {
            let lot = reader.get(LotKey(wallet_id, part.lot_id)).await?;
            if lot.txn_id == reversed.id {
                return earned_with(reader, &lot).await;
            }
        }
    }
    Ok(None)
}

/// The purchase that earned a lot's points: back through the wallets from which they were taken over, to the entry that
/// granted them first.
async fn earned_with(reader: &Reader, lot: &lot::Model) -> Result<Option<Purchase>> {
    let mut granted = reader.get(TxnKey(lot.member_id, lot.txn_id)).await?;
    let mut lot_id = lot.id;
    while granted.cause == Cause::Merger {
        let Some(before) = lot_before(reader, &granted, lot_id).await? else { return Ok(None) };
        granted = reader.get(TxnKey(before.member_id, before.txn_id)).await?;
        lot_id = before.id;
    }
    Ok(Purchase::placed(&granted).filter(|_| granted.kind == TxnKind::Accrual))
}

/// The lot out of which the lot of a taking over came, in the wallet that was taken over. A merger keeps its id. What comes
/// back to that wallet afterwards is handed on with a new one, in the order in which it was taken out.
async fn lot_before(reader: &Reader, taken_over: &txn::Model, lot_id: Id) -> Result<Option<Arc<lot::Model>>> {
    let (wallet_id, source_id) = (taken_over.member_id, taken_over.source_id);
    let merger = reader.find(MergerKey(wallet_id, source_id)).await?;
    if let Some(merger) = merger {
        return reader.find(LotKey(merger.from_id, lot_id)).await;
    }
    let before_id = source_id;
    let given = reader.get(AllocationsOf(wallet_id, taken_over.id)).await?;
    let Some(place) = given.iter().position(|part| part.lot_id == lot_id) else { return Ok(None) };
    let moves = reader.get(TxnsOf(before_id, source_id)).await?;
    let is_other_side =
        |txn: &&Arc<txn::Model>| txn.kind == TxnKind::TransferOut && txn.source_part == taken_over.source_part;
    let Some(handed_over) = moves.iter().find(is_other_side) else { return Ok(None) };
    let taken = reader.get(AllocationsOf(before_id, handed_over.id)).await?;
    match taken.get(place) {
        Some(part) => reader.find(LotKey(before_id, part.lot_id)).await,
        None => Ok(None),
    }
}
