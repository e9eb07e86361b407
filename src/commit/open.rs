//! Opening a wallet's books for a command: a copy, with what is due written first.

use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::{Id, Series};
use crate::base::planted::{Bug, planted};
use crate::commit::command::Stop;
use crate::commit::rows::{Keys, Rows};
use crate::domain::outbox::entity::{Topic, Uncounted, outbox};
use crate::domain::points::rule::{Ledger, Outcome, Refusal};

/// Lots loaded at first, and how many times more each time that was not enough.
const FIRST_LOTS: u64 = 32;
const MORE_LOTS: u64 = 32;

/// The books of a member, settled by now. Transactions and lots take their ids from `seed` on.
pub fn open<R>(rows: &Rows, member_id: Id, seed: Id, now: Instant) -> Result<Ledger, Stop<R>> {
    open_as_of(rows, member_id, seed, now, now)
}

/// The same, settled only by a moment of the past: an import books at the dates of its purchases.
pub fn open_as_of<R>(rows: &Rows, member_id: Id, seed: Id, moment: Instant, now: Instant) -> Result<Ledger, Stop<R>> {
    let ledger = open_with(rows, member_id, Series::new(seed), moment, now)?;
    // Only `Books` know what to do with points that come to a wallet which another has taken over.
    if ledger.wallet.merged_into.is_some() { Err(Stop::Failed(Error::unavailable())) } else { Ok(ledger) }
}

/// The books of any wallet, with the ids they will take, settled by a moment.
pub fn open_with<R>(rows: &Rows, wallet_id: Id, ids: Series, moment: Instant, now: Instant) -> Result<Ledger, Stop<R>> {
    let ledger = rows.ledgers.get(&wallet_id).ok_or_else(|| Stop::Failed(Error::unauthenticated()))?;
    let mut ledger = ledger.copy(ids);
    let moment = if planted(Bug::SettleSkipped) { Instant(0) } else { moment };
    let settled = ledger.settle(moment, now, rows.program.version);
    settled.map_err(|refusal| Stop::Failed(Error::internal(format!("what is due cannot be settled: {refusal:?}"))))?;
    Ok(ledger)
}

/// Asks for a wallet, and for the first of its lots.
pub fn want_lots(keys: &mut Keys, member_id: Id) {
    keys.wallets.insert(member_id);
    let known = keys.lots.entry(member_id).or_default();
    *known = FIRST_LOTS.max(*known);
}

/// What a refusal of the books means for a command: more lots, or what `reject` makes of it.
pub fn refused<R>(rows: &Rows, member_id: Id, refusal: Refusal, reject: impl FnOnce(Refusal) -> R) -> Stop<R> {
    match refusal {
        Refusal::MoreLots => {
            let loaded = rows.ledgers.get(&member_id).map_or(0, |ledger| ledger.shelf.len());
            let mut more = Keys::default();
            more.lots.insert(member_id, (loaded as u64).max(FIRST_LOTS).saturating_mul(MORE_LOTS));
            Stop::Missing(Box::new(more))
        }
        refusal => Stop::Rejected(reject(refusal)),
    }
}

/// An event for other systems, told with the number of the wallet's last transaction.
pub fn told(books: &Outcome, id: Id, topic: Topic, payload: serde_json::Value, now: Instant) -> outbox::Model {
    outbox::Model {
        member_id: books.ledger.wallet.member_id,
        id,
        topic,
        wallet_seq: books.ledger.wallet.seq,
        payload: payload.to_string(),
        created_at: now.micros(),
        uncounted: Some(Uncounted::InFull),
    }
}
