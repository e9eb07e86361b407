//! What a movement of points does to a wallet and its lots: plain functions, run by `commit` and by property tests.
//!
//! Each verb returns the whole [`Booking`] or a [`Refusal`]; nothing is half done.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::points::MAX_POINTS;
use crate::domain::points::entity::program::Model as Program;
use crate::domain::points::entity::{
    Account, ActorKind, Bucket, Cause, LotState, TxnKind, allocation, entry, lot, txn, wallet,
};

pub mod hash;
pub mod program;

/// The business event behind a movement. Ids are drawn before the command is queued.
#[derive(Clone, Debug)]
pub struct Event {
    pub txn_id: Id,
    pub cause: Cause,
    /// With the kind and `source_part`, unique in the wallet for ever: the same event is never booked twice.
    pub source_id: Id,
    pub source_part: i64,
    pub reason: Option<String>,
    pub actor: ActorKind,
    pub actor_id: Option<Id>,
    pub program_version: i64,
    /// When it happened in business; never booked earlier than the wallet's last transaction.
    pub occurred_at: Instant,
    pub recorded_at: Instant,
}

/// Everything one transaction writes.
#[derive(Clone, Debug)]
pub struct Booking {
    pub wallet: wallet::Model,
    pub txn: txn::Model,
    pub entries: Vec<entry::Model>,
    pub allocations: Vec<allocation::Model>,
    pub opened: Vec<lot::Model>,
    pub changed: Vec<lot::Model>,
}

/// Why a movement cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotEnoughPoints {
        required: i64,
        active: i64,
    },
    /// The wallet would hold more than [`MAX_POINTS`].
    WalletFull,
    /// The lots at hand do not cover what the wallet says is there: load more of them and ask again.
    MoreLots,
}

/// A wallet as registration makes it. It begins before every date, since an import may bring purchases older than it.
pub fn open_wallet(member_id: Id, program: &Program) -> wallet::Model {
    wallet::Model {
        member_id,
        program_id: program.id,
        posted: 0,
        pending: 0,
        held: 0,
        debt: 0,
        seq: 0,
        head_hash: hash::genesis(member_id, program.id),

        effective_at: 0,
        next_due: None,
    }
}

/// Points that can be spent at a moment: posted, less held, less what is past its expiry though not swept yet.
pub fn active(wallet: &wallet::Model, lots: &[lot::Model], now: Instant) -> i64 {
    let lapsed: i64 = lots.iter().filter(|lot| lapsed(lot, now)).map(|lot| lot.remaining).sum();
    wallet.posted - wallet.held - lapsed
}

fn lapsed(lot: &lot::Model, now: Instant) -> bool {
    lot.expires_at.is_some_and(|expires_at| expires_at <= now.micros())
}

/// Books points earned, spendable at once and without expiry: A + n, issued − n, and a new lot.
pub fn accrue(wallet: &wallet::Model, event: &Event, points: i64, lot_id: Id) -> Result<Booking, Refusal> {
    debug_assert!(points > 0);
    if points > MAX_POINTS - wallet.posted {
        return Err(Refusal::WalletFull);
    }
    let mut draft = Draft::new(wallet, event, TxnKind::Accrual, points);
    draft.book(Account::Available, points);
    draft.book(Account::Issued, -points);
    let lot = lot::Model {
        member_id: wallet.member_id,
        id: lot_id,
        program_id: wallet.program_id,
        txn_id: event.txn_id,
        state: LotState::Active,
        granted: points,
        remaining: points,
        held: 0,
        consumed: 0,
        expired: 0,
        revoked: 0,
        activates_at: Some(draft.txn.effective_at),
        expires_at: Some(Instant::NEVER.micros()),
    };
    draft.allocate(lot_id, None, Bucket::Remaining, points);
    Ok(draft.finish(vec![lot], Vec::new()))
}

/// Books points spent: A − n, redeemed + n, taken from the lots in the order given, which is the order of spending.
pub fn redeem(wallet: &wallet::Model, lots: &[lot::Model], event: &Event, points: i64) -> Result<Booking, Refusal> {
    debug_assert!(points > 0);
    let mut draft = Draft::new(wallet, event, TxnKind::Redemption, -points);
    let now = Instant(draft.txn.effective_at);
    let active = active(wallet, lots, now);
    if active < points {
        return Err(Refusal::NotEnoughPoints { required: points, active: active.max(0) });
    }
    draft.book(Account::Available, -points);
    draft.book(Account::Redeemed, points);
    let mut missing = points;
    let mut changed = Vec::new();
    for lot in lots.iter().filter(|lot| !lapsed(lot, now) && lot.remaining > 0) {
        let taken = lot.remaining.min(missing);
        changed.push(lot::Model { remaining: lot.remaining - taken, consumed: lot.consumed + taken, ..lot.clone() });
        draft.allocate(lot.id, Some(Bucket::Remaining), Bucket::Consumed, taken);
        missing -= taken;
        if missing == 0 {
            return Ok(draft.finish(Vec::new(), changed));
        }
    }
    Err(Refusal::MoreLots)
}

/// The key of the order in which lots are spent: earliest expiry, earliest activation, id.
pub fn spend_order(lot: &lot::Model) -> (i64, i64, Id) {
    (lot.expires_at.unwrap_or(i64::MAX), lot.activates_at.unwrap_or(i64::MAX), lot.id)
}

/// A transaction in the making.
struct Draft {
    wallet: wallet::Model,
    txn: txn::Model,
    entries: Vec<entry::Model>,
    allocations: Vec<allocation::Model>,
}

impl Draft {
    fn new(wallet: &wallet::Model, event: &Event, kind: TxnKind, points: i64) -> Draft {
        let effective_at = event.occurred_at.micros().max(wallet.effective_at);
        let txn = txn::Model {
            member_id: wallet.member_id,
            id: event.txn_id,
            program_id: wallet.program_id,
            program_version: event.program_version,
            seq: wallet.seq + 1,
            kind,
            points,
            available_after: 0,
            held_after: 0,
            pending_after: 0,
            debt_after: 0,
            cause: event.cause,
            source_id: event.source_id,
            source_part: event.source_part,
            reason: event.reason.clone(),
            actor: event.actor,
            actor_id: event.actor_id,
            reverses: None,
            effective_at,
            recorded_at: event.recorded_at.micros(),
            prev_hash: wallet.head_hash.clone(),
            hash: Vec::new(),
        };
        Draft { wallet: wallet.clone(), txn, entries: Vec::with_capacity(2), allocations: Vec::with_capacity(1) }
    }

    /// Adds an entry and moves the wallet's column of that account, if it is the member's.
    fn book(&mut self, account: Account, points: i64) {
        match account {
            Account::Available => self.wallet.posted += points,
            Account::Held => {
                self.wallet.posted += points;
                self.wallet.held += points;
            }
            Account::Pending => self.wallet.pending += points,
            Account::Debt => self.wallet.debt -= points,
            _ => {}
        }
        self.entries.push(entry::Model {
            member_id: self.txn.member_id,
            txn_id: self.txn.id,
            position: self.entries.len() as i64,
            account,
            points,
        });
    }

    fn allocate(&mut self, lot_id: Id, taken_from: Option<Bucket>, given_to: Bucket, points: i64) {
        self.allocations.push(allocation::Model {
            member_id: self.txn.member_id,
            txn_id: self.txn.id,
            position: self.allocations.len() as i64,
            lot_id,
            taken_from,
            given_to,
            points,
            origin_txn_id: None,
            origin_position: None,
        });
    }

    fn finish(mut self, opened: Vec<lot::Model>, changed: Vec<lot::Model>) -> Booking {
        debug_assert_eq!(
            self.entries.iter().map(|entry| entry.points).sum::<i64>(),
            0,
            "a transaction must sum to zero"
        );
        self.txn.available_after = self.wallet.posted - self.wallet.held;
        self.txn.held_after = self.wallet.held;
        self.txn.pending_after = self.wallet.pending;
        self.txn.debt_after = self.wallet.debt;
        self.txn.hash = hash::of(&self.txn, &self.entries, &self.allocations, &opened);
        self.wallet.seq = self.txn.seq;
        self.wallet.head_hash = self.txn.hash.clone();
        self.wallet.effective_at = self.txn.effective_at;
        Booking {
            wallet: self.wallet,
            txn: self.txn,
            entries: self.entries,
            allocations: self.allocations,
            opened,
            changed,
        }
    }
}

#[cfg(test)]
mod tests;
