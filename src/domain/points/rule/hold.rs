//! Points set aside while a payment is open.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::{Account, Bucket, Cause, TxnKind, hold, lot};
use crate::domain::points::rule::ledger::{Ledger, Refusal};
use crate::domain::points::rule::posting::{Event, Part};

/// A hold with what is open of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenHold {
    pub row: hold::Model,
    /// In the order in which the lots were taken from, which is the order of spending.
    pub parts: Vec<Part>,
}

/// What is to be set aside, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub id: Id,
    pub points: i64,
    pub expires_at: Instant,
}

impl Ledger {
    /// HOLD n: A − n, H + n; the lots' r − n, h + n, in spend order.
    pub fn hold(&mut self, event: &Event, wish: Wish) -> Result<(), Refusal> {
        self.require(wish.points)?;
        let mut draft = self.draft(event, TxnKind::Hold);
        draft.book(Account::Available, -wish.points);
        draft.book(Account::Held, wish.points);
        let lots = self.take(&mut draft, wish.points, Bucket::Held)?;
        let part = |(lot, position): (&lot::Model, i64)| {
            let before = self.shelf.get(lot.id).map_or(0, |before| before.remaining);
            Part { position, lot_id: lot.id, points: before - lot.remaining }
        };
        let parts = lots.iter().zip(0..).map(part).collect();
        let txn_id = self.post_changed(draft, lots)?;
        let row = hold::Model {
            member_id: self.wallet.member_id,
            id: wish.id,
            program_id: self.wallet.program_id,
            txn_id,
            amount: wish.points,
            captured: 0,
            released: 0,
            open: wish.points,
            captures: 0,
            releases: 0,
            reason: event.reason.clone(),
            actor: event.actor,
            actor_id: event.actor_id,
            created_at: self.wallet.effective_at,
            expires_at: wish.expires_at.micros(),
        };
        self.due_at(row.expires_at);
        self.open_hold(OpenHold { row, parts });
        Ok(())
    }

    /// A capture, REDEMPTION n: H − n, redeemed + n; the lots' h − n, c + n, earliest expiry first. Returns the
    /// transaction.
    pub fn capture(&mut self, event: &Event, hold_id: Id, points: i64) -> Result<Id, Refusal> {
        let mut hold = self.holds.get(&hold_id).ok_or(Refusal::MoreLots)?.clone();
        let event = of_hold(event, hold_id, hold.row.captures);
        hold.row.captures += 1;
        hold.row.captured += points;
        self.close_parts(&event, hold, points, Closing::Capture)
    }

    /// RELEASE n: H − n, A + n; the lots' h − n, r + n, last taken first. What is past its expiry expires at once, and
    /// what is owed is repaid.
    pub fn release(&mut self, event: &Event, hold_id: Id, points: i64) -> Result<Id, Refusal> {
        let mut hold = self.holds.get(&hold_id).ok_or(Refusal::MoreLots)?.clone();
        let event = of_hold(event, hold_id, hold.row.releases);
        hold.row.releases += 1;
        hold.row.released += points;
        let id = self.close_parts(&event, hold, points, Closing::Release)?;
        self.expire(&event, Instant(self.wallet.effective_at))?;
        self.repay(&event)?;
        Ok(id)
    }

    fn close_parts(&mut self, event: &Event, mut hold: OpenHold, points: i64, how: Closing) -> Result<Id, Refusal> {
        let (kind, account, to) = match how {
            Closing::Capture => (TxnKind::Redemption, Account::Redeemed, Bucket::Consumed),
            Closing::Release => (TxnKind::Release, Account::Available, Bucket::Remaining),
        };
        let mut draft = self.draft(event, kind);
        if matches!(how, Closing::Release) {
            draft.reverses(hold.row.txn_id);
        }
        draft.book(Account::Held, -points);
        draft.book(account, points);
        let mut missing = points;
        let mut lots = Vec::new();
        let mut order: Vec<usize> = (0..hold.parts.len()).collect();
        if matches!(how, Closing::Release) && !planted(Bug::ReleaseFirstTaken) {
            order.reverse();
        }
        for part in order {
            let part = &mut hold.parts[part];
            let taken = part.points.min(missing);
            if taken == 0 {
                continue;
            }
            let mut lot = self.shelf.get(part.lot_id).ok_or(Refusal::MoreLots)?.clone();
            draft.shift(&mut lot, Bucket::Held, to, taken, Some((hold.row.txn_id, part.position)));
            lots.push(lot);
            part.points -= taken;
            missing -= taken;
        }
        debug_assert_eq!(missing, 0, "the caller asks for no more than is open");
        hold.row.open -= points;
        hold.parts.retain(|part| part.points > 0);
        let id = self.post_changed(draft, lots)?;
        self.put_hold(hold);
        Ok(id)
    }
}

#[derive(Clone, Copy)]
enum Closing {
    Capture,
    Release,
}

/// Each capture and each release of a hold is a source of its own.
fn of_hold(event: &Event, hold_id: Id, ordinal: i64) -> Event {
    Event { cause: Cause::Hold, source_id: hold_id, source_part: ordinal, ..event.clone() }
}
