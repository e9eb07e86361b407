//! Wallets that are taken over by others, and what becomes of everything that bears the name of a member who is merged.

use std::collections::BTreeMap;

use jifen::domain::points::entity::{Account, TxnKind};

use crate::names::Serial;
use crate::reference::wallet::{Full, Lot, Piece, Place, Wallet, When};
use crate::reference::{Outcome, Reference, full};
use crate::script::{Answer, Step};

/// The wallets of one command, settled: nothing is kept before everything has gone well.
#[derive(Default)]
pub struct Open(pub BTreeMap<usize, Wallet>);

impl Reference {
    /// A wallet, then the one that took it over, and so on: the last has everything.
    pub fn line(&self, slot: usize) -> Vec<usize> {
        let mut line = vec![slot];
        while let Some(next) = self.gone.get(&line[line.len() - 1]) {
            line.push(*next);
        }
        line
    }

    /// The wallets of these places, whether or not they were taken over.
    pub(super) fn open_all(&self, slots: &[usize]) -> Outcome<Open> {
        let mut open = Open::default();
        for slot in slots {
            open.0.insert(*slot, self.settled(*slot)?);
        }
        Ok(open)
    }

    pub(super) fn keep_all(&mut self, open: Open) {
        open.0.into_iter().for_each(|(slot, wallet)| self.keep(slot, wallet));
    }

    /// Nothing stays in a wallet that was taken over: it goes on, as far as there is a next one.
    pub(super) fn hand_on(&mut self, open: &mut Open, when: When) -> Result<(), Full> {
        let has_some = |wallet: &Wallet| wallet.free() + wallet.pending() + wallet.debt > 0;
        let next = |gone: &BTreeMap<usize, usize>, open: &Open| {
            let (from, into) = gone.iter().find(|(from, _)| open.0.get(from).is_some_and(has_some))?;
            Some((*from, *into))
        };
        while let Some((from, into)) = next(&self.gone, open) {
            open.hand_over(when, from, into, false)?;
            self.count("handed on by a merged wallet");
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, step: &Step, into: usize, staff: usize) -> Outcome {
        let from = step.slot;
        if !self.wallets.contains_key(&from) || !self.wallets.contains_key(&into) {
            return Err("MemberUnknown".into());
        }
        if self.gone.get(&from) == Some(&into) {
            return Ok(Answer::Done);
        }
        if self.gone.contains_key(&from) || self.gone.contains_key(&into) {
            return Err("AlreadyMerged".into());
        }
        // Behind the staff stands the member who goes.
        if staff >= 2 {
            return Err("OwnAccount".into());
        }
        if self.home_of(from).is_some() {
            return Err("InHousehold".into());
        }
        let mut open = self.open_all(&[into, from])?;
        if open.0[&from].held() > 0 {
            return Err("HoldsOpen".into());
        }
        let owes = open.0[&from].debt > 0;
        let when = self.when(step.serial);
        let handed = open.hand_over(when, from, into, true);
        handed.and_then(|()| open.of(into).repay(when)).map_err(full("AccountFull"))?;
        if owes {
            self.count("a debt merged");
        }
        self.merge_tiers(from, into);
        self.keep_all(open);
        self.gone.insert(from, into);
        let slots = self.orders.values_mut().map(|order| &mut order.slot);
        let slots = slots.chain(self.redemptions.values_mut().map(|redemption| &mut redemption.slot));
        let slots = slots.chain(self.coupons.values_mut().map(|coupon| &mut coupon.slot));
        slots.filter(|slot| **slot == from).for_each(|slot| *slot = into);
        self.move_events(from, into);
        self.move_counted(from, into);
        self.move_replies(from, into);
        Ok(Answer::Done)
    }

    /// Ends a group.
    pub fn end_group(&mut self) {
        self.given_now.clear();
    }

    /// A key that both have used is that of the one who stays.
    fn move_replies(&mut self, from: usize, into: usize) {
        const MOVED: [&str; 5] = ["placeOrder", "redeem", "deliverOrder", "cancelOrder", "refundOrder"];
        let is_moved = |key: &(usize, String, Serial)| key.0 == from && MOVED.contains(&key.1.as_str());
        let keys: Vec<_> = self.replies.keys().filter(|key| is_moved(key)).cloned().collect();
        for key in keys {
            let reply = self.replies.remove(&key).expect("a reply");
            self.replies.entry((into, key.1, key.2)).or_insert(reply);
        }
    }
}

impl Open {
    pub fn of(&mut self, slot: usize) -> &mut Wallet {
        self.0.get_mut(&slot).expect("a wallet that was opened")
    }

    /// All that one wallet has goes to another: what can be spent, what is pending, what is owed. When the wallet itself is
    /// taken over, its lots are the same lots in the other; what comes back to it later comes in lots of its own.
    pub fn hand_over(&mut self, when: When, from: usize, into: usize, keeps_names: bool) -> Result<(), Full> {
        for (place, account) in [(Place::Free, Account::Available), (Place::Pending, Account::Pending)] {
            let lots = self.of(from).let_go(when, place, account)?;
            self.of(into).take_in(when, place, account, lots, keeps_names)?;
        }
        let owed = std::mem::take(&mut self.of(from).debt);
        if owed > 0 {
            self.of(into).debt += owed;
            let (out, into_) = (TxnKind::TransferOut, TxnKind::TransferIn);
            self.of(from).note(when, out, &[(Account::Debt, owed), (Account::Transfer, -owed)])?;
            self.of(into).note(when, into_, &[(Account::Debt, -owed), (Account::Transfer, owed)])?;
        }
        Ok(())
    }
}

impl Wallet {
    /// All points in a place go. Returns the lots they were in, as these sort, with the points of each.
    fn let_go(&mut self, when: When, place: Place, account: Account) -> Result<Vec<(Lot, i64)>, Full> {
        let of_lot = |(at, lot): (usize, &Lot)| (*lot, self.sum(|piece| piece.lot == at && piece.place == place));
        let mut lots: Vec<(Lot, i64)> = self.lots.iter().enumerate().map(of_lot).filter(|lot| lot.1 > 0).collect();
        lots.sort_by_key(|(lot, _)| lot.rank);
        let points: i64 = lots.iter().map(|lot| lot.1).sum();
        if points > 0 {
            let txn = self.log.len() + 1;
            let pieces = self.places(|piece| piece.place == place);
            self.shift_some(&pieces, points, |turn| Place::Spent(txn, turn));
            if place == Place::Pending {
                // When they begin and end is the other wallet's to know.
                let gone = self.lots.iter_mut().filter(|lot| lots.iter().any(|(known, _)| known.rank == lot.rank));
                gone.for_each(|lot| (lot.starts, lot.ends) = (None, None));
            }
            self.note(when, TxnKind::TransferOut, &[(account, -points), (Account::Transfer, points)])?;
        }
        Ok(lots)
    }

    /// They come, in lots with the same dates.
    fn take_in(
        &mut self,
        when: When,
        place: Place,
        account: Account,
        lots: Vec<(Lot, i64)>,
        keeps_names: bool,
    ) -> Result<(), Full> {
        let all: i64 = lots.iter().map(|lot| lot.1).sum();
        for (lot, points) in lots {
            let rank = if keeps_names { lot.rank } else { self.next_rank(when.serial) };
            self.lots.push(Lot { rank, granted: points, ..lot });
            self.pieces.push(Piece { lot: self.lots.len() - 1, points, place });
        }
        if all > 0 {
            self.note(when, TxnKind::TransferIn, &[(account, all), (Account::Transfer, -all)])?;
        }
        Ok(())
    }
}
