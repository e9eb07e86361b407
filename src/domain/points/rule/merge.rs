//! One wallet takes over another: every point, pending ones too, what is owed, and what was ever earned. The other stays,
//! with its history, as the place to which points of its old orders come back; from there they follow.

use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::{Account, Bucket, LotState, TxnKind, lot};
use crate::domain::points::rule::ledger::{Ledger, Refusal};
use crate::domain::points::rule::posting::{Draft, Event};

/// Why a member is not merged into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeRejection {
    MemberUnknown,
    /// A member is not merged into themselves.
    SameMember,
    /// One of the two was merged into another before.
    AlreadyMerged,
    /// Points of the one who goes are set aside: capture or release them first.
    HoldsOpen,
    /// The one who goes belongs to a household: they leave it first.
    InHousehold,
    /// Staff do not merge their own account.
    OwnAccount,
    AccountFull,
    ReasonInvalid,
}

/// What a wallet hands over. Lots are as they were before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estate {
    pub active: Vec<lot::Model>,
    pub pending: Vec<lot::Model>,
    pub debt: i64,
    /// Points ever earned; not a movement, but whoever has the points has earned them.
    pub lifetime: i64,
}

impl Estate {
    /// Points that can be spent, or could be later.
    pub fn points(&self) -> i64 {
        remaining(&self.active) + remaining(&self.pending)
    }
}

/// The parts of a merger, each a transaction of its own in both wallets.
const ACTIVE: i64 = 0;
const PENDING: i64 = 1;
const OWED: i64 = 2;

impl Ledger {
    /// TRANSFER_OUT of everything: A − n, P − n or D + n, transfer ± n; the lots' r − n, c + n. No hold may be open, and
    /// every lot with points must be at hand.
    pub fn hand_over(&mut self, event: &Event) -> Result<Estate, Refusal> {
        let mut estate =
            Estate { debt: self.wallet.debt, lifetime: std::mem::take(&mut self.wallet.lifetime), ..Estate::default() };
        for lot in self.shelf.iter().filter(|lot| lot.remaining > 0) {
            match lot.state {
                LotState::Active => estate.active.push(lot.clone()),
                LotState::Pending => estate.pending.push(lot.clone()),
            }
        }
        if remaining(&estate.active) != self.wallet.posted || remaining(&estate.pending) != self.wallet.pending {
            return Err(Refusal::MoreLots);
        }
        self.let_go(event, ACTIVE, Account::Available, &estate.active)?;
        self.let_go(event, PENDING, Account::Pending, &estate.pending)?;
        if estate.debt > 0 {
            let mut draft = self.part(event, TxnKind::TransferOut, OWED);
            draft.book(Account::Debt, estate.debt);
            draft.book(Account::Transfer, -estate.debt);
            self.post(draft, &[])?;
        }
        self.wallet.next_due = None;
        Ok(estate)
    }

    /// TRANSFER_IN of what another wallet handed over. Each lot keeps its state and its dates; the first time, when no lot
    /// of these can be there yet, its id as well, by which its order still finds it. What is owed is to be repaid after it.
    pub fn take_over(&mut self, event: &Event, estate: &Estate, keeps_ids: bool) -> Result<(), Refusal> {
        self.wallet.lifetime += estate.lifetime;
        self.receive_lots(event, ACTIVE, Account::Available, &estate.active, keeps_ids)?;
        self.receive_lots(event, PENDING, Account::Pending, &estate.pending, keeps_ids)?;
        if estate.debt > 0 && !planted(Bug::MergedDebtForgotten) {
            let mut draft = self.part(event, TxnKind::TransferIn, OWED);
            draft.book(Account::Debt, -estate.debt);
            draft.book(Account::Transfer, estate.debt);
            self.post(draft, &[])?;
        }
        Ok(())
    }

    /// CLAWBACK n of what a lot lost to expiry before its wallet was taken over: revoked + n, expired − n.
    pub fn claw_back_expired(&mut self, event: &Event, lot_id: Id, most: i64) -> Result<i64, Refusal> {
        let Some(mut lot) = self.shelf.get(lot_id).cloned() else { return Err(Refusal::MoreLots) };
        let points = (lot.expired - lot.reinstated).min(most);
        if points <= 0 {
            return Ok(0);
        }
        let mut draft = self.draft(event, TxnKind::Clawback);
        draft.reverses(lot.txn_id);
        draft.shift(&mut lot, Bucket::Expired, Bucket::Revoked, points, None);
        draft.book(Account::Revoked, points);
        draft.book(Account::Expired, -points);
        self.post_changed(draft, vec![lot])?;
        Ok(points)
    }

    fn part(&mut self, event: &Event, kind: TxnKind, part: i64) -> Draft {
        self.draft(&Event { source_part: event.source_part + part, ..event.clone() }, kind)
    }

    fn let_go(&mut self, event: &Event, part: i64, account: Account, lots: &[lot::Model]) -> Result<(), Refusal> {
        if lots.is_empty() {
            return Ok(());
        }
        let mut draft = self.part(event, TxnKind::TransferOut, part);
        draft.book(account, -remaining(lots));
        draft.book(Account::Transfer, remaining(lots));
        let mut emptied = lots.to_vec();
        for lot in &mut emptied {
            let points = lot.remaining;
            draft.shift(lot, Bucket::Remaining, Bucket::Consumed, points, None);
            // When it activates is the other wallet's to know, and may be settled only there.
            if lot.state == LotState::Pending {
                (lot.activates_at, lot.expires_at) = (None, None);
            }
        }
        self.post_changed(draft, emptied)?;
        Ok(())
    }

    fn receive_lots(
        &mut self,
        event: &Event,
        part: i64,
        account: Account,
        lots: &[lot::Model],
        keeps_ids: bool,
    ) -> Result<(), Refusal> {
        if lots.is_empty() {
            return Ok(());
        }
        let mut draft = self.part(event, TxnKind::TransferIn, part);
        draft.book(account, remaining(lots));
        draft.book(Account::Transfer, -remaining(lots));
        let mut opened = Vec::with_capacity(lots.len());
        for lot in lots {
            let id = if keeps_ids { lot.id } else { self.ids.next() };
            draft.grant(id, lot.remaining, None);
            opened.push(lot::Model {
                member_id: self.wallet.member_id,
                id,
                txn_id: draft.id(),
                granted: lot.remaining,
                remaining: lot.remaining,
                held: 0,
                consumed: 0,
                expired: 0,
                revoked: 0,
                reinstated: 0,
                ..lot.clone()
            });
        }
        self.post_with_lots(draft, opened)?;
        Ok(())
    }
}

fn remaining(lots: &[lot::Model]) -> i64 {
    lots.iter().map(|lot| lot.remaining).sum()
}
