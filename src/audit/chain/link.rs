//! One step of a chain: what a transaction must be, given the one before it.

use crate::audit::chain::batch::{Content, Place, Step};
use crate::audit::chain::{Check, Findings};
use crate::audit::invariant::{Bad, UNREADABLE};
use crate::base::id::Id;
use crate::domain::points::entity::Account;
use crate::domain::points::rule::hash;

/// Where a chain stands.
pub struct Link {
    member_id: Id,
    program_id: Id,
    seq: i64,
    hash: Vec<u8>,
    effective_at: i64,
    /// In 128 bits: altered rows may sum to anything.
    balances: Balances,
}

/// Available, held, pending and debt.
type Balances = [i128; 4];

impl Link {
    /// A wallet's beginning.
    pub fn first(place: &Place) -> Link {
        Link {
            member_id: place.member_id,
            program_id: place.program_id,
            seq: 0,
            hash: hash::genesis(place.member_id, place.program_id),
            effective_at: i64::MIN,
            balances: Balances::default(),
        }
    }

    /// True when the place is in the same wallet.
    pub fn continues(&self, place: &Place) -> bool {
        (self.member_id, self.program_id) == (place.member_id, place.program_id)
    }

    /// Checks the next transaction and stands on it. After a bad one it goes on from what is written there, so that one
    /// alteration is told once and not of everything behind it.
    pub fn follow(self, step: &Step, findings: &mut Findings) -> Link {
        let mut note = |check, expected: String, found: String| {
            findings.note(check, || Bad {
                member_id: Some(step.place.member_id),
                number: None,
                seq: Some(step.place.seq),
                id: step.id,
                expected,
                found,
            });
        };
        if step.place.seq != self.seq + 1 {
            note(Check::Gapless, format!("number {}", self.seq + 1), format!("number {}", step.place.seq));
        }
        let mut next = Link { seq: step.place.seq, hash: step.hash.clone(), ..self };
        let content = match &step.content {
            Ok(content) => content,
            Err(cause) => {
                tracing::warn!(error = cause.to_string(), "a transaction cannot be read");
                note(Check::Readable, "rows that can be read".to_owned(), UNREADABLE.to_owned());
                return next;
            }
        };
        let txn = &content.txn;
        if txn.effective_at < self.effective_at {
            note(Check::Forward, format!("{} or later", self.effective_at), txn.effective_at.to_string());
        }
        if txn.prev_hash != self.hash {
            note(Check::Linked, short(&self.hash), short(&txn.prev_hash));
        }
        let expected = running(self.balances, content);
        let found = [txn.available_after, txn.held_after, txn.pending_after, txn.debt_after].map(i128::from);
        if found != expected {
            note(Check::Running, told(expected), told(found));
        }
        if !numbered(content) {
            note(Check::Numbered, "parts numbered 0, 1, 2, …".to_owned(), "another numbering".to_owned());
        }
        let computed = hash::of(txn, &content.entries, &content.allocations, content.lots.iter());
        if computed != txn.hash {
            note(Check::Hashed, short(&computed), short(&txn.hash));
        }
        next.effective_at = txn.effective_at;
        next.balances = found;
        next
    }
}

fn running(before: Balances, content: &Content) -> Balances {
    content.entries.iter().fold(before, |[available, held, pending, debt], entry| {
        let points = i128::from(entry.points);
        match entry.account {
            Account::Available => [available + points, held, pending, debt],
            Account::Held => [available, held + points, pending, debt],
            Account::Pending => [available, held, pending + points, debt],
            Account::Debt => [available, held, pending, debt - points],
            _ => [available, held, pending, debt],
        }
    })
}

fn numbered(content: &Content) -> bool {
    let entries = content.entries.iter().map(|entry| entry.position);
    let allocations = content.allocations.iter().map(|allocation| allocation.position);
    entries.eq(0..content.entries.len() as i64) && allocations.eq(0..content.allocations.len() as i64)
}

fn told([available, held, pending, debt]: Balances) -> String {
    format!("available {available}, held {held}, pending {pending}, debt {debt}")
}

/// The beginning of a hash, enough to tell two apart.
fn short(hash: &[u8]) -> String {
    format!("hash {}…", crate::db::dialect::hex(&hash[..hash.len().min(8)]))
}
