//! What is due by a moment: written first by every command, each thing at its own instant.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::{Account, Bucket, Cause, LotState, TxnKind, lot};
use crate::domain::points::rule::ledger::{Ledger, Refusal};
use crate::domain::points::rule::posting::{By, Event, Expired};
use crate::domain::points::rule::shelf::spend_key;

/// Something that is due, in the order in which things of one instant happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Activation(Id),
    TimeOut(Id),
    Expiration,
}

impl Ledger {
    /// Writes what is due until a moment, that moment included: activations, then hold time-outs, then expirations, each
    /// at its own instant. Points that become available repay what is owed.
    pub fn settle(&mut self, until: Instant, recorded_at: Instant, program_version: i64) -> Result<(), Refusal> {
        if self.wallet.next_due.is_none_or(|due| due > until.micros()) {
            return Ok(());
        }
        while let Some((moment, due)) = self.next_due().filter(|(moment, _)| *moment <= until.micros()) {
            let event = Event::once(Cause::Lot, Id::nil(), By::SYSTEM, program_version, recorded_at);
            let event = Event { occurred_at: Instant(moment), ..event };
            match due {
                Due::Activation(lot_id) => {
                    self.activate(&event, lot_id)?;
                    self.repay(&Event { source_id: lot_id, ..event })?;
                }
                Due::TimeOut(hold_id) => {
                    let open = self.holds.get(&hold_id).map_or(0, |hold| hold.row.open);
                    self.release(&event, hold_id, open)?;
                }
                Due::Expiration => {
                    // What a lot does by itself is guarded by its buckets, so any number that is new will do here.
                    let first = self.first_over(Instant(moment));
                    let event = Event { source_id: first, source_part: self.wallet.seq + 1, ..event };
                    self.expire(&event, Instant(moment))?;
                }
            }
        }
        let known = self.next_due().map(|(moment, _)| moment);
        let later = self.later_due.filter(|_| !planted(Bug::LaterDueForgotten));
        self.wallet.next_due = [known, later].into_iter().flatten().min();
        Ok(())
    }

    /// Of what is at hand, what comes next.
    fn next_due(&self) -> Option<(i64, Due)> {
        let of_lots = self.shelf.iter().filter(|lot| lot.remaining > 0).filter_map(|lot| match lot.state {
            LotState::Pending => Some((lot.activates_at?, Due::Activation(lot.id))),
            LotState::Active => Some((lot.expires_at?, Due::Expiration)),
        });
        let open = self.holds.values().filter(|hold| hold.row.open > 0 && !planted(Bug::HoldWithoutEnd));
        let of_holds = open.map(|hold| (hold.row.expires_at, Due::TimeOut(hold.row.id)));
        of_lots.chain(of_holds).filter(|(moment, _)| *moment < Instant::NEVER.micros()).min()
    }

    fn first_over(&self, by: Instant) -> Id {
        self.shelf.iter().filter(|lot| is_over(lot, by)).map(|lot| lot.id).min().unwrap_or_default()
    }

    /// EXPIRATION n: A − n, expired + n, of every lot that has points remaining past its expiry. Held points stay.
    /// Returns the allocations, by which the points can be given again.
    pub(super) fn expire(&mut self, event: &Event, by: Instant) -> Result<Vec<Expired>, Refusal> {
        let mut over: Vec<lot::Model> = self.shelf.iter().filter(|lot| is_over(lot, by)).cloned().collect();
        over.sort_unstable_by_key(spend_key);
        if over.is_empty() {
            return Ok(Vec::new());
        }
        let mut draft = self.draft(event, TxnKind::Expiration);
        let points: i64 = over.iter().map(|lot| lot.remaining).sum();
        draft.book(Account::Available, -points);
        draft.book(Account::Expired, points);
        let mut expired = Vec::with_capacity(over.len());
        for (lot, position) in over.iter_mut().zip(0..) {
            let points = lot.remaining;
            expired.push(Expired { origin: (draft.id(), position), lot_id: lot.id, points });
            draft.shift(lot, Bucket::Remaining, Bucket::Expired, points, None);
        }
        self.post(draft, &[])?;
        over.into_iter().for_each(|lot| self.put_lot(lot));
        Ok(expired)
    }
}

/// A lot with points that are past their expiry.
fn is_over(lot: &lot::Model, by: Instant) -> bool {
    lot.state == LotState::Active && lot.remaining > 0 && lot.expires_at.is_some_and(|end| end <= by.micros())
}
