//! One transaction in the making.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::{Account, ActorKind, Bucket, Cause, TxnKind, allocation, entry, lot, txn, wallet};
use crate::domain::points::rule::hash;

/// The business event behind a movement.
#[derive(Clone, Debug)]
pub struct Event {
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

/// On whose behalf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    pub actor: ActorKind,
    pub actor_id: Option<Id>,
}

impl By {
    pub const SYSTEM: By = By { actor: ActorKind::System, actor_id: None };

    pub fn member(id: Id) -> By {
        By { actor: ActorKind::Member, actor_id: Some(id) }
    }

    pub fn staff(id: Id) -> By {
        By { actor: ActorKind::Staff, actor_id: Some(id) }
    }
}

impl Event {
    /// Something that happens at a moment, and once: its source has one part.
    pub fn once(cause: Cause, source_id: Id, by: By, program_version: i64, moment: Instant) -> Event {
        Event {
            cause,
            source_id,
            source_part: 0,
            reason: None,
            actor: by.actor,
            actor_id: by.actor_id,
            program_version,
            occurred_at: moment,
            recorded_at: moment,
        }
    }

    pub fn because(self, reason: Option<String>) -> Event {
        Event { reason, ..self }
    }
}

/// Everything one transaction adds.
#[derive(Clone, Debug)]
pub struct Posting {
    pub txn: txn::Model,
    pub entries: Vec<entry::Model>,
    pub allocations: Vec<allocation::Model>,
}

/// An allocation that a later one takes back.
pub type Origin = (Id, i64);

/// Points that a transaction moved of one lot, as far as they were not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub position: i64,
    pub lot_id: Id,
    pub points: i64,
}

/// What can still be taken back of a transaction: its parts, in the order in which the lots were taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreversed {
    pub txn_id: Id,
    pub parts: Vec<Part>,
}

/// Points of a lot that expired, and the allocation by which they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired {
    pub origin: Origin,
    pub lot_id: Id,
    pub points: i64,
}

/// A transaction that is being put together, with the wallet as it is after it.
pub struct Draft {
    pub wallet: wallet::Model,
    posting: Posting,
}

impl Draft {
    pub fn new(wallet: &wallet::Model, event: &Event, id: Id, kind: TxnKind) -> Draft {
        let last = if planted(Bug::TimeRunsBackwards) { 0 } else { wallet.effective_at };
        let txn = txn::Model {
            member_id: wallet.member_id,
            id,
            program_id: wallet.program_id,
            program_version: event.program_version,
            seq: wallet.seq + 1,
            kind,
            points: 0,
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
            effective_at: event.occurred_at.micros().max(last),
            recorded_at: event.recorded_at.micros(),
            prev_hash: wallet.head_hash.clone(),
            hash: Vec::new(),
        };
        let posting = Posting { txn, entries: Vec::with_capacity(2), allocations: Vec::with_capacity(1) };
        Draft { wallet: wallet.clone(), posting }
    }

    pub fn id(&self) -> Id {
        self.posting.txn.id
    }

    /// When it takes effect.
    pub fn effective_at(&self) -> Instant {
        Instant(self.posting.txn.effective_at)
    }

    /// Names the transaction that it takes back, in part or whole.
    pub fn reverses(&mut self, txn_id: Id) {
        self.posting.txn.reverses = Some(txn_id);
    }

    /// Adds an entry and moves the wallet's column of that account, if it has one. Nothing is booked of nothing.
    pub fn book(&mut self, account: Account, points: i64) {
        if points == 0 {
            return;
        }
        match account {
            Account::Available => self.wallet.posted += points,
            Account::Held => {
                self.wallet.posted += points;
                self.wallet.held += points;
            }
            Account::Pending => self.wallet.pending += points,
            Account::Debt => self.wallet.debt -= points,
            // Earned for good is what was issued and not taken back.
            Account::Issued | Account::Revoked => self.wallet.lifetime -= points,
            _ => {}
        }
        self.posting.entries.push(entry::Model {
            member_id: self.posting.txn.member_id,
            txn_id: self.posting.txn.id,
            position: self.posting.entries.len() as i64,
            account,
            points,
        });
    }

    /// Moves points of a lot from one bucket to another, and notes it.
    pub fn shift(&mut self, lot: &mut lot::Model, from: Bucket, to: Bucket, points: i64, origin: Option<Origin>) {
        *bucket(lot, from) -= points;
        *bucket(lot, to) += points;
        self.allocate(lot.id, Some(from), to, points, origin);
    }

    /// Notes the points that a lot begins with.
    pub fn grant(&mut self, lot_id: Id, points: i64, origin: Option<Origin>) {
        self.allocate(lot_id, None, Bucket::Remaining, points, origin);
    }

    fn allocate(&mut self, lot_id: Id, from: Option<Bucket>, to: Bucket, points: i64, origin: Option<Origin>) {
        debug_assert!(points > 0, "an allocation moves points");
        self.posting.allocations.push(allocation::Model {
            member_id: self.posting.txn.member_id,
            txn_id: self.posting.txn.id,
            position: self.posting.allocations.len() as i64,
            lot_id,
            taken_from: from,
            given_to: to,
            points,
            origin_txn_id: origin.map(|(txn_id, _)| txn_id),
            origin_position: origin.map(|(_, position)| position),
        });
    }

    /// Closes the transaction: what it says it moved, the balances after it, and its hash, which also covers the terms
    /// of the lots that it opened or activated.
    pub fn close(mut self, lots: &[&lot::Model]) -> (wallet::Model, Posting) {
        let Posting { txn, entries, allocations } = &mut self.posting;
        debug_assert_eq!(entries.iter().map(|entry| entry.points).sum::<i64>(), 0, "a transaction must sum to zero");
        txn.points = moved(txn.kind, entries);
        txn.available_after = self.wallet.posted - self.wallet.held;
        txn.held_after = self.wallet.held;
        txn.pending_after = self.wallet.pending;
        txn.debt_after = self.wallet.debt;
        txn.hash = hash::of(txn, entries, allocations, lots.iter().copied());
        self.wallet.seq = txn.seq;
        self.wallet.head_hash = txn.hash.clone();
        self.wallet.effective_at = txn.effective_at;
        (self.wallet, self.posting)
    }
}

/// What a transaction says it moved: what came to the member or went. One that only moves points between the member's
/// own accounts says by how much it changed what can be spent.
pub fn moved(kind: TxnKind, entries: &[entry::Model]) -> i64 {
    let within = matches!(kind, TxnKind::Hold | TxnKind::Release | TxnKind::Activation | TxnKind::DebtRepayment);
    let counts = |account| match account {
        Account::Available => true,
        Account::Held | Account::Pending | Account::Debt => !within,
        _ => false,
    };
    entries.iter().filter(|entry| counts(entry.account)).map(|entry| entry.points).sum()
}

fn bucket(lot: &mut lot::Model, bucket: Bucket) -> &mut i64 {
    match bucket {
        Bucket::Remaining => &mut lot.remaining,
        Bucket::Held => &mut lot.held,
        Bucket::Consumed => &mut lot.consumed,
        Bucket::Expired => &mut lot.expired,
        Bucket::Revoked => &mut lot.revoked,
    }
}
