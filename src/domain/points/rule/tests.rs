//! What each verb does to accounts and lots, and the worked examples of returns, holds and expiries.

mod equations;
mod examples;

use super::*;
use crate::base::clock::{DAY, Instant};
use crate::base::id::{Id, Series};
use crate::domain::points::entity::{Account, Bucket, Cause, LotState, TxnKind, ValidityKind, lot, program};

const MEMBER: Id = Id::from_u128(7);
/// The first of January 2027 in Shanghai.
const NEW_YEAR: Instant = Instant(1_798_732_800_000_000);

fn program() -> program::Model {
    program::Model { grace_days: 0, ..program::Model::usual(Id::from_u128(1), 0) }
}

/// A wallet with every lot it has, and a clock.
struct Books {
    ledger: Ledger,
    program: program::Model,
    now: Instant,
    sources: u128,
}

impl Books {
    fn new() -> Books {
        Books::with(program())
    }

    fn with(program: program::Model) -> Books {
        let ledger =
            Ledger::new(open_wallet(MEMBER, &program), Shelf::full([])).copy(Series::new(Id::from_u128(1 << 70)));
        Books { ledger, program, now: NEW_YEAR, sources: 1_000 }
    }

    /// An event of its own, now, with everything settled that was due before.
    fn event(&mut self, cause: Cause) -> Event {
        self.ledger.settle(self.now, self.now, 1).unwrap();
        self.sources += 1;
        Event::once(cause, Id::from_u128(self.sources), By::member(MEMBER), 1, self.now)
    }

    fn earn(&mut self, points: i64) -> Id {
        let event = self.event(Cause::Order);
        let lot = self.ledger.accrue(&event, points, Terms::AtOnce(&Lasting::of(&self.program))).unwrap();
        self.ledger.repay(&event).unwrap();
        lot
    }

    fn earn_until(&mut self, points: i64, until: Instant) -> Id {
        let event = self.event(Cause::Order);
        self.ledger.accrue(&event, points, Terms::Until(until)).unwrap()
    }

    fn earn_pending(&mut self, points: i64) -> Id {
        let event = self.event(Cause::Order);
        self.ledger.accrue(&event, points, Terms::Pending).unwrap()
    }

    /// Spends and tells what could be taken back of it.
    fn spend(&mut self, points: i64) -> Unreversed {
        let event = self.event(Cause::Redemption);
        let txn_id = self.ledger.redeem(&event, points).unwrap();
        self.unreversed(txn_id)
    }

    fn unreversed(&self, txn_id: Id) -> Unreversed {
        let posting = self.ledger.postings().iter().find(|posting| posting.txn.id == txn_id).unwrap();
        let part = |part: &crate::domain::points::entity::allocation::Model| Part {
            position: part.position,
            lot_id: part.lot_id,
            points: part.points,
        };
        Unreversed { txn_id, parts: posting.allocations.iter().map(part).collect() }
    }

    fn claw_back(&mut self, own: Id, points: i64, shortfall: Shortfall) -> TakenBack {
        let event = self.event(Cause::Return);
        let taken = self.ledger.claw_back(&event, Some(own), points, shortfall).unwrap();
        self.ledger.repay(&event).unwrap();
        taken
    }

    fn lot(&self, id: Id) -> &lot::Model {
        self.ledger.shelf.get(id).unwrap()
    }

    /// Remaining, held, consumed, expired, revoked.
    fn buckets(&self, id: Id) -> [i64; 5] {
        let lot = self.lot(id);
        [lot.remaining, lot.held, lot.consumed, lot.expired, lot.revoked]
    }

    fn debt(&self) -> i64 {
        self.ledger.wallet.debt
    }

    /// The kinds of the transactions from one on, with what each booked.
    fn booked(&self, from: usize) -> Vec<(TxnKind, Vec<(Account, i64)>)> {
        let of = |posting: &Posting| {
            (posting.txn.kind, posting.entries.iter().map(|entry| (entry.account, entry.points)).collect())
        };
        self.ledger.postings()[from..].iter().map(of).collect()
    }
}
