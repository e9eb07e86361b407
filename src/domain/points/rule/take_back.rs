//! Taking an order back: points it was paid with return to their lots, points it earned are clawed back.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::base::points::MAX_POINTS;
use crate::domain::points::entity::{Account, Bucket, LotState, TxnKind, lot};
use crate::domain::points::rule::earn::Lasting;
use crate::domain::points::rule::ledger::{Ledger, Refusal};
use crate::domain::points::rule::posting::{Event, Unreversed};

/// What becomes of points that a clawback does not find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// They are owed, up to a limit; what is more is written off.
    Debt { limit: Option<i64> },
    /// All are written off.
    WriteOff,
    /// Up to so many are settled with money; the rest is owed.
    Settle { at_most: i64 },
}

/// How a clawback ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// Points demanded.
    pub demanded: i64,
    /// Of these, points that were not there.
    pub missing: i64,
    pub written_off: i64,
    pub settled: i64,
}

impl Ledger {
    /// REFUND n: A + n, redeemed − n, into the lots the points came from, last taken first. What is past its expiry
    /// expires at once; with a grace it is then given again in a lot of its own. Returns the points that stay expired.
    pub fn give_back(
        &mut self,
        event: &Event,
        spending: &Unreversed,
        points: i64,
        grace: Option<&Lasting>,
    ) -> Result<i64, Refusal> {
        let mut draft = self.draft(event, TxnKind::Refund);
        draft.reverses(spending.txn_id);
        draft.book(Account::Available, points);
        draft.book(Account::Redeemed, -points);
        let mut missing = points;
        let mut changed = Vec::new();
        let mut parts = spending.parts.clone();
        parts.sort_by_key(|part| if planted(Bug::RefundFirstTaken) { part.position } else { -part.position });
        for part in parts {
            let given = part.points.min(missing);
            if given == 0 {
                continue;
            }
            let mut lot = self.shelf.get(part.lot_id).ok_or(Refusal::MoreLots)?.clone();
            draft.shift(&mut lot, Bucket::Consumed, Bucket::Remaining, given, Some((spending.txn_id, part.position)));
            changed.push(lot);
            missing -= given;
        }
        debug_assert_eq!(missing, 0, "no more is given back than was spent");
        self.post_changed(draft, changed)?;
        let expired = self.expire(event, Instant(self.wallet.effective_at))?;
        let forfeited = expired.iter().map(|part| part.points).sum();
        match grace {
            Some(lasting) if forfeited > 0 => {
                self.reinstate(event, &expired, lasting)?;
                Ok(0)
            }
            _ => Ok(forfeited),
        }
    }

    /// CLAWBACK n = p + a + x + d: from what the accrual's own lot has left, pending (p) or active (a), then from what it
    /// lost to expiry (x), then from other lots in spend order (a); what is missing (d) is owed, written off or settled
    /// with money. Held points are never touched.
    pub fn claw_back(
        &mut self,
        event: &Event,
        own: Option<Id>,
        demanded: i64,
        shortfall: Shortfall,
    ) -> Result<TakenBack, Refusal> {
        let mut draft = self.draft(event, TxnKind::Clawback);
        let mut changed: Vec<lot::Model> = Vec::new();
        let (mut pending, mut available, mut expired) = (0, 0, 0);
        if let Some(id) = own.filter(|_| !planted(Bug::OwnLotNotFirst)) {
            let mut lot = self.shelf.get(id).ok_or(Refusal::MoreLots)?.clone();
            draft.reverses(lot.txn_id);
            let remaining = lot.remaining.min(demanded);
            if remaining > 0 {
                draft.shift(&mut lot, Bucket::Remaining, Bucket::Revoked, remaining, None);
            }
            match lot.state {
                LotState::Pending => pending = remaining,
                LotState::Active => available = remaining,
            }
            // What was given again after it expired is in another lot, and is not taken twice.
            expired = (lot.expired - lot.reinstated).min(demanded - remaining);
            expired = if planted(Bug::ExpiredNotClawed) { 0 } else { expired };
            if expired > 0 {
                draft.shift(&mut lot, Bucket::Expired, Bucket::Revoked, expired, None);
            }
            changed.push(lot);
        }
        let others = (demanded - pending - available - expired).min(self.active() - available);
        if others > 0 {
            let picked = self.pick_others(own, others).ok_or(Refusal::MoreLots)?;
            for (id, taken) in picked {
                let mut lot = self.shelf.get(id).ok_or(Refusal::MoreLots)?.clone();
                draft.shift(&mut lot, Bucket::Remaining, Bucket::Revoked, taken, None);
                changed.push(lot);
            }
            available += others;
        }
        let missing = demanded - pending - available - expired;
        draft.book(Account::Pending, -pending);
        draft.book(Account::Available, -available);
        draft.book(Account::Debt, -missing);
        draft.book(Account::Revoked, demanded);
        draft.book(Account::Expired, -expired);
        self.post_changed(draft, changed)?;
        let (written_off, settled) = self.make_up(event, missing, shortfall)?;
        Ok(TakenBack { demanded, missing, written_off, settled })
    }

    /// The lots besides its own from which a clawback takes. With its own lot out of the way, the others come in spend
    /// order.
    fn pick_others(&self, own: Option<Id>, points: i64) -> Option<Vec<(Id, i64)>> {
        let mut shelf = self.shelf.clone();
        let mut available = self.active();
        if let Some(lot) = own.and_then(|id| shelf.get(id)).cloned() {
            if lot.state == LotState::Active {
                available -= lot.remaining;
            }
            shelf.put(lot::Model { remaining: 0, ..lot });
        }
        shelf.pick(points, available)
    }

    /// WRITE_OFF and MONEY_SETTLEMENT: D + n, written off or settled − n. Returns how many points each took.
    ///
    /// What held points stand for is owed under every policy: given up, it would be a present as soon as the hold is
    /// released.
    fn make_up(&mut self, event: &Event, missing: i64, shortfall: Shortfall) -> Result<(i64, i64), Refusal> {
        let held = if planted(Bug::HeldForgiven) { 0 } else { self.wallet.held };
        // Only what this return is missing is given up, not what was owed before.
        let lost = (self.wallet.debt - held).clamp(0, missing);
        let (settled, limit) = match shortfall {
            Shortfall::Debt { limit } => (0, limit.filter(|_| !planted(Bug::DebtLimitIgnored)).unwrap_or(MAX_POINTS)),
            Shortfall::WriteOff => (0, 0),
            Shortfall::Settle { at_most } => (lost.min(at_most), MAX_POINTS),
        };
        self.forgive(event, TxnKind::MoneySettlement, Account::Settled, settled)?;
        let beyond = (self.wallet.debt - held - limit).clamp(0, lost - settled);
        self.forgive(event, TxnKind::WriteOff, Account::WrittenOff, beyond)?;
        Ok((beyond, settled))
    }

    fn forgive(&mut self, event: &Event, kind: TxnKind, house: Account, points: i64) -> Result<(), Refusal> {
        if points == 0 {
            return Ok(());
        }
        let mut draft = self.draft(event, kind);
        draft.book(Account::Debt, points);
        draft.book(house, -points);
        self.post(draft, &[])?;
        Ok(())
    }
}
