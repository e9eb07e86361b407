//! Points that go: spent, given to another member, taken by the shop, or used to repay a debt.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::{Account, Bucket, TxnKind, lot};
use crate::domain::points::rule::ledger::{Ledger, Refusal};
use crate::domain::points::rule::posting::{Draft, Event};

impl Ledger {
    /// REDEMPTION n: A − n, redeemed + n; the lots' r − n, c + n, in spend order. Returns the transaction.
    pub fn redeem(&mut self, event: &Event, points: i64) -> Result<Id, Refusal> {
        self.require(points)?;
        let mut draft = self.draft(event, TxnKind::Redemption);
        draft.book(Account::Available, -points);
        draft.book(Account::Redeemed, points);
        let lots = self.take(&mut draft, points, Bucket::Consumed)?;
        self.post_changed(draft, lots)
    }

    /// TRANSFER_OUT n: A − n, transfer + n. Returns how many points came from lots of which expiry, in spend order.
    pub fn send(&mut self, event: &Event, points: i64) -> Result<Vec<(i64, Instant)>, Refusal> {
        self.require(points)?;
        let mut draft = self.draft(event, TxnKind::TransferOut);
        draft.book(Account::Available, -points);
        draft.book(Account::Transfer, points);
        let lots = self.take(&mut draft, points, Bucket::Consumed)?;
        let parts = lots.iter().map(|lot| {
            let before = self.shelf.get(lot.id).map_or(0, |before| before.remaining);
            (before - lot.remaining, Instant(lot.expires_at.unwrap_or(i64::MAX)))
        });
        let parts = parts.collect();
        self.post_changed(draft, lots)?;
        Ok(parts)
    }

    /// ADJUSTMENT of −n: A − n, adjusted + n.
    pub fn adjust_down(&mut self, event: &Event, points: i64) -> Result<(), Refusal> {
        self.require(points)?;
        let mut draft = self.draft(event, TxnKind::Adjustment);
        draft.book(Account::Available, -points);
        draft.book(Account::Adjusted, points);
        let lots = self.take(&mut draft, points, Bucket::Consumed)?;
        self.post_changed(draft, lots)?;
        Ok(())
    }

    /// DEBT_REPAYMENT n: A − n, D + n: whatever can be spent pays what is owed first.
    pub fn repay(&mut self, event: &Event) -> Result<(), Refusal> {
        let points = self.wallet.debt.min(self.active());
        if points <= 0 || planted(Bug::DebtNotRepaid) {
            return Ok(());
        }
        let mut draft = self.draft(event, TxnKind::DebtRepayment);
        draft.book(Account::Available, -points);
        draft.book(Account::Debt, points);
        let lots = self.take(&mut draft, points, Bucket::Consumed)?;
        self.post_changed(draft, lots)?;
        Ok(())
    }

    pub(super) fn require(&self, required: i64) -> Result<(), Refusal> {
        let active = self.active();
        if active < required { Err(Refusal::NotEnoughPoints { required, active: active.max(0) }) } else { Ok(()) }
    }

    /// Takes points from lots in spend order into another bucket. The changed lots are returned, not yet put back.
    pub(super) fn take(&self, draft: &mut Draft, points: i64, to: Bucket) -> Result<Vec<lot::Model>, Refusal> {
        let picked = self.shelf.pick(points, self.active()).ok_or(Refusal::MoreLots)?;
        let mut changed = Vec::with_capacity(picked.len());
        for (id, taken) in picked {
            let mut lot = self.shelf.get(id).ok_or(Refusal::MoreLots)?.clone();
            draft.shift(&mut lot, Bucket::Remaining, to, taken, None);
            changed.push(lot);
        }
        Ok(changed)
    }

    pub(super) fn post_changed(&mut self, draft: Draft, lots: Vec<lot::Model>) -> Result<Id, Refusal> {
        let id = self.post(draft, &[])?;
        lots.into_iter().for_each(|lot| self.put_lot(lot));
        Ok(id)
    }
}
