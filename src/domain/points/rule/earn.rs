//! Points that come: an accrual, pending or at once, its activation, and what the shop gives.

use jiff::tz::TimeZone;

use crate::base::calendar::Validity;
use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::{Account, Cause, LotState, TxnKind, lot, program};
use crate::domain::points::rule::ledger::{Ledger, Refusal};
use crate::domain::points::rule::posting::{Draft, Event, Expired, Origin};
use crate::domain::points::rule::program::{validity, zone};

/// How long points last from the moment at which they become active.
#[derive(Clone, Debug)]
pub struct Lasting {
    validity: Validity,
    zone: TimeZone,
}

impl Lasting {
    /// As a version of the program says.
    pub fn of(program: &program::Model) -> Lasting {
        Lasting { validity: validity(program), zone: zone(program) }
    }

    /// The grace for points that come back after their lot has expired; `None` when the program has none.
    pub fn grace_of(program: &program::Model) -> Option<Lasting> {
        let days = Some(program.grace_days).filter(|days| *days > 0 && !planted(Bug::GraceIgnored))?;
        Some(Lasting { validity: Validity::Days(days), zone: zone(program) })
    }

    pub fn until(&self, from: Instant) -> Instant {
        self.validity.expires_at(from, &self.zone)
    }
}

/// From when and until when points are good.
#[derive(Clone, Copy, Debug)]
pub enum Terms<'a> {
    /// Nobody knows yet: they wait for a delivery.
    Pending,
    /// From the moment they are booked, for so long.
    AtOnce(&'a Lasting),
    /// From the moment they are booked until this one.
    Until(Instant),
}

impl Ledger {
    /// ACCRUAL n: P + n or A + n, issued − n, and a new lot. Returns the lot.
    pub fn accrue(&mut self, event: &Event, points: i64, terms: Terms) -> Result<Id, Refusal> {
        self.give(event, TxnKind::Accrual, Account::Issued, points, terms)
    }

    /// ACCRUAL n of a purchase that is recorded late. The points are good from the day it was made on; in a wallet that is
    /// further by now they may have expired, and then do so at once.
    pub fn accrue_late(&mut self, event: &Event, points: i64, lasting: &Lasting) -> Result<Id, Refusal> {
        let begins = event.occurred_at.max(Instant(self.wallet.effective_at));
        let since = if planted(Bug::ImportedAfresh) { begins } else { event.occurred_at };
        let lot_id = self.accrue(event, points, Terms::Until(lasting.until(since).max(begins)))?;
        let source_part = self.wallet.seq + 1;
        self.expire(&Event { cause: Cause::Lot, source_id: lot_id, source_part, ..event.clone() }, begins)?;
        Ok(lot_id)
    }

    /// ADJUSTMENT of +n: A + n, adjusted − n, and a new lot.
    pub fn adjust_up(&mut self, event: &Event, points: i64, terms: Terms) -> Result<Id, Refusal> {
        self.give(event, TxnKind::Adjustment, Account::Adjusted, points, terms)
    }

    fn give(&mut self, event: &Event, kind: TxnKind, house: Account, points: i64, terms: Terms) -> Result<Id, Refusal> {
        let mut draft = self.draft(event, kind);
        draft.book(if matches!(terms, Terms::Pending) { Account::Pending } else { Account::Available }, points);
        draft.book(house, -points);
        let lot = self.new_lot(&mut draft, points, terms, None);
        let id = lot.id;
        self.post_with_lots(draft, vec![lot])?;
        Ok(id)
    }

    /// TRANSFER_IN n: A + n, transfer − n, and a new lot for each lot the points came from, with the same expiry.
    pub fn receive(&mut self, event: &Event, parts: &[(i64, Instant)]) -> Result<(), Refusal> {
        let points: i64 = parts.iter().map(|(points, _)| points).sum();
        let mut draft = self.draft(event, TxnKind::TransferIn);
        draft.book(Account::Available, points);
        draft.book(Account::Transfer, -points);
        let until = |until: &Instant| if planted(Bug::TransferUnending) { Instant::NEVER } else { *until };
        let parts = parts.iter().map(|(points, end)| self.new_lot(&mut draft, *points, Terms::Until(until(end)), None));
        let lots = parts.collect();
        self.post_with_lots(draft, lots)?;
        Ok(())
    }

    /// REINSTATEMENT n: A + n, reinstated − n, and a new lot. `expired` names the allocations by which the points
    /// expired, whose lots keep them as expired and remember that they were given again.
    pub fn reinstate(&mut self, event: &Event, expired: &[Expired], lasting: &Lasting) -> Result<i64, Refusal> {
        let points: i64 = expired.iter().map(|part| part.points).sum();
        let mut draft = self.draft(event, TxnKind::Reinstatement);
        if let Some(part) = expired.first() {
            draft.reverses(part.origin.0);
        }
        draft.book(Account::Available, points);
        draft.book(Account::Reinstated, -points);
        let mut opened = Vec::new();
        for Expired { origin, lot_id, points } in expired.iter().copied() {
            opened.push(self.new_lot(&mut draft, points, Terms::AtOnce(lasting), Some(origin)));
            let mut lot = self.shelf.get(lot_id).ok_or(Refusal::MoreLots)?.clone();
            lot.reinstated += if planted(Bug::ReinstatedForgotten) { 0 } else { points };
            self.put_lot(lot);
        }
        self.post_with_lots(draft, opened)?;
        Ok(points)
    }

    /// Sets the dates of a pending lot, once its order is delivered. It posts nothing: the activation does, when it is
    /// due.
    pub fn deliver(&mut self, lot_id: Id, activates_at: Instant, expires_at: Instant) -> Result<(), Refusal> {
        let mut lot = self.shelf.get(lot_id).ok_or(Refusal::MoreLots)?.clone();
        lot.activates_at = Some(activates_at.micros());
        lot.expires_at = Some(expires_at.micros());
        self.put_lot(lot);
        Ok(())
    }

    /// ACTIVATION n: P − n, A + n; of the lot, only its state changes.
    pub(super) fn activate(&mut self, event: &Event, lot_id: Id) -> Result<(), Refusal> {
        let lot = self.shelf.get(lot_id).ok_or(Refusal::MoreLots)?;
        let lot = lot::Model { state: LotState::Active, ..lot.clone() };
        let event = Event { cause: Cause::Lot, source_id: lot_id, source_part: 0, ..event.clone() };
        let mut draft = self.draft(&event, TxnKind::Activation);
        draft.book(Account::Pending, -lot.remaining);
        draft.book(Account::Available, lot.remaining);
        self.post(draft, &[&lot])?;
        self.put_lot(lot);
        Ok(())
    }

    fn new_lot(&mut self, draft: &mut Draft, points: i64, terms: Terms, origin: Option<Origin>) -> lot::Model {
        let id = self.ids.next();
        draft.grant(id, points, origin);
        let begins = draft.effective_at();
        let dates = match terms {
            Terms::Pending => (None, None),
            Terms::AtOnce(lasting) => (Some(begins.micros()), Some(lasting.until(begins).micros())),
            Terms::Until(until) => (Some(begins.micros()), Some(until.micros())),
        };
        lot::Model {
            member_id: self.wallet.member_id,
            id,
            program_id: self.wallet.program_id,
            txn_id: draft.id(),
            state: if dates.0.is_some() { LotState::Active } else { LotState::Pending },
            granted: points,
            remaining: points,
            held: 0,
            consumed: 0,
            expired: 0,
            revoked: 0,
            activates_at: dates.0,
            expires_at: dates.1,
            reinstated: 0,
        }
    }

    pub(super) fn post_with_lots(&mut self, draft: Draft, lots: Vec<lot::Model>) -> Result<Id, Refusal> {
        let id = self.post(draft, &lots.iter().collect::<Vec<_>>())?;
        lots.into_iter().for_each(|lot| self.open_lot(lot));
        Ok(id)
    }
}
