//! What is done with points: each function is a transaction of the ledger, as the design's table of equations has it.

use jifen::domain::points::entity::{Account, ShortfallPolicy, TxnKind, program};

use crate::names::Serial;
use crate::reference::calendar::{end_of_grace, end_of_validity};
use crate::reference::wallet::{Full, Happens, Hold, Place, Wallet, When};
use crate::world::MAX_POINTS;

/// How a clawback ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clawed {
    pub missing: i64,
    pub written_off: i64,
    pub settled: i64,
}

impl Wallet {
    /// Everything that happens by itself until a moment.
    pub fn settle(&mut self, until: i64, recorded: i64, version: i64) -> Result<(), Full> {
        while let Some(due) = self.next_due().filter(|due| due.moment <= until) {
            let when = When { at: due.moment, recorded, version, serial: 0 };
            match due.what {
                Happens::Activation(_, lot) => self.activate(when, lot)?,
                Happens::TimeOut(_, hold) => self.release(when, hold, self.holds[&hold].open())?,
                Happens::Expiration => {
                    self.expire(when)?;
                }
            }
        }
        Ok(())
    }

    fn activate(&mut self, when: When, lot: usize) -> Result<(), Full> {
        let pieces = self.places(|piece| piece.lot == lot && piece.place == Place::Pending);
        let points = self.pending_of(lot);
        self.shift_some(&pieces, points, |_| Place::Free);
        self.lots[lot].is_active = true;
        self.note(when, TxnKind::Activation, &[(Account::Pending, -points), (Account::Available, points)])?;
        self.repay(when)
    }

    fn pending_of(&self, lot: usize) -> i64 {
        self.sum(|piece| piece.lot == lot && piece.place == Place::Pending)
    }

    /// All free points that are past their end expire. Returns of which lots, in spend order.
    pub fn expire(&mut self, when: When) -> Result<Vec<(usize, i64)>, Full> {
        let now = self.moment(when);
        let mut over = self.in_spend_order();
        over.retain(|piece| self.lots[self.pieces[*piece].lot].ends.is_some_and(|ends| ends <= now));
        if over.is_empty() {
            return Ok(Vec::new());
        }
        let mut lots: Vec<(usize, i64)> = Vec::new();
        for (lot, points) in self.shift_some(&over, i64::MAX, |_| Place::Expired) {
            match lots.iter_mut().find(|known| known.0 == lot) {
                Some(known) => known.1 += points,
                None => lots.push((lot, points)),
            }
        }
        let points: i64 = lots.iter().map(|lot| lot.1).sum();
        self.expirations.insert(self.log.len() + 1, lots.clone());
        self.note(when, TxnKind::Expiration, &[(Account::Available, -points), (Account::Expired, points)])?;
        Ok(lots)
    }

    /// Whatever can be spent pays what is owed.
    pub fn repay(&mut self, when: When) -> Result<(), Full> {
        let points = self.debt.min(self.free());
        if points == 0 {
            return Ok(());
        }
        self.debt -= points;
        self.spend(when, TxnKind::DebtRepayment, Account::Debt, points)
    }

    /// Takes points for good, in spend order.
    pub fn spend(&mut self, when: When, kind: TxnKind, to: Account, points: i64) -> Result<(), Full> {
        let txn = self.log.len() + 1;
        self.shift_some(&self.in_spend_order(), points, |turn| Place::Spent(txn, turn));
        self.note(when, kind, &[(Account::Available, -points), (to, points)])
    }

    /// Gives points in a new lot: pending, or from now until a moment.
    pub fn give(
        &mut self,
        when: When,
        (kind, house): (TxnKind, Account),
        points: i64,
        until: Option<i64>,
    ) -> Result<usize, Full> {
        let begins = self.moment(when);
        let lot = self.open_lot(when, points, until.map(|until| (begins, until)));
        let account = if until.is_some() { Account::Available } else { Account::Pending };
        self.note(when, kind, &[(account, points), (house, -points)])?;
        Ok(lot)
    }

    /// Points from another member, a lot for each of the sender's.
    pub fn receive(&mut self, when: When, lots: &[(i64, i64)]) -> Result<(), Full> {
        let begins = self.moment(when);
        for (points, ends) in lots {
            self.open_lot(when, *points, Some((begins, *ends)));
        }
        let points: i64 = lots.iter().map(|lot| lot.0).sum();
        self.note(when, TxnKind::TransferIn, &[(Account::Available, points), (Account::Transfer, -points)])
    }

    pub fn hold(&mut self, when: When, points: i64, ends: i64, by_staff: bool) -> Result<(), Full> {
        self.shift_some(&self.in_spend_order(), points, |turn| Place::Held(when.serial, turn));
        self.holds.insert(when.serial, Hold { amount: points, captured: 0, released: 0, ends, by_staff });
        self.note(when, TxnKind::Hold, &[(Account::Available, -points), (Account::Held, points)])
    }

    /// The pieces of a hold in the order in which they were taken.
    fn of_hold(&self, hold: Serial) -> Vec<usize> {
        let turn = |piece: usize| match self.pieces[piece].place {
            Place::Held(of, turn) if of == hold => Some(turn),
            _ => None,
        };
        let mut pieces: Vec<usize> = (0..self.pieces.len()).filter(|piece| turn(*piece).is_some()).collect();
        pieces.sort_by_key(|piece| turn(*piece));
        pieces
    }

    pub fn capture(&mut self, when: When, hold: Serial, points: i64) -> Result<(), Full> {
        let txn = self.log.len() + 1;
        self.shift_some(&self.of_hold(hold), points, |turn| Place::Spent(txn, turn));
        self.holds.get_mut(&hold).expect("an open hold").captured += points;
        self.note(when, TxnKind::Redemption, &[(Account::Held, -points), (Account::Redeemed, points)])
    }

    /// Last taken first; what is past its end expires at once, and what is owed is paid.
    pub fn release(&mut self, when: When, hold: Serial, points: i64) -> Result<(), Full> {
        let pieces: Vec<usize> = self.of_hold(hold).into_iter().rev().collect();
        self.shift_some(&pieces, points, |_| Place::Free);
        self.holds.get_mut(&hold).expect("an open hold").released += points;
        self.note(when, TxnKind::Release, &[(Account::Held, -points), (Account::Available, points)])?;
        self.expire(when)?;
        self.repay(when)
    }

    /// Points that a transaction spent go back where they came from, last taken first. Returns those that stay expired.
    pub fn give_back(&mut self, when: When, txn: usize, points: i64, program: &program::Model) -> Result<i64, Full> {
        let turn = |piece: &crate::reference::wallet::Piece| match piece.place {
            Place::Spent(by, turn) if by == txn => Some(turn),
            _ => None,
        };
        let mut pieces = self.places(|piece| turn(piece).is_some());
        pieces.sort_by_key(|piece| std::cmp::Reverse(turn(&self.pieces[*piece])));
        self.shift_some(&pieces, points, |_| Place::Free);
        self.note(when, TxnKind::Refund, &[(Account::Available, points), (Account::Redeemed, -points)])?;
        let expired = self.expire(when)?;
        if expired.is_empty() || program.grace_days == 0 {
            return Ok(expired.iter().map(|lot| lot.1).sum());
        }
        let (expiration, until) = (self.log.len(), end_of_grace(program, self.moment(when)));
        self.reinstate(when, expiration, &expired, until)?;
        Ok(0)
    }

    /// Expired points are given again, a lot for each they expired in.
    fn reinstate(&mut self, when: When, expiration: usize, lots: &[(usize, i64)], until: i64) -> Result<(), Full> {
        let begins = self.moment(when);
        for (lot, points) in lots {
            let pieces = self.places(|piece| piece.lot == *lot && piece.place == Place::Expired);
            self.shift_some(&pieces, *points, |_| Place::GivenAgain);
            let left = self.expirations.get_mut(&expiration).expect("an expiration");
            left.iter_mut().filter(|left| left.0 == *lot).for_each(|left| left.1 -= points);
            self.open_lot(when, *points, Some((begins, until)));
        }
        let points: i64 = lots.iter().map(|lot| lot.1).sum();
        self.note(when, TxnKind::Reinstatement, &[(Account::Available, points), (Account::Reinstated, -points)])
    }

    /// What staff can give again of an expiration, and does. False when there is nothing.
    pub fn reinstate_expired(&mut self, when: When, expiration: usize, program: &program::Model) -> Result<bool, Full> {
        let of_lot = |(lot, left): &(usize, i64)| {
            let expired = self.sum(|piece| piece.lot == *lot && piece.place == Place::Expired);
            (*lot, expired.min(*left))
        };
        let lots: Vec<_> = self.expirations[&expiration].iter().map(of_lot).filter(|lot| lot.1 > 0).collect();
        if lots.is_empty() {
            return Ok(false);
        }
        let until = end_of_validity(program, self.moment(when));
        self.reinstate(when, expiration, &lots, until)?;
        self.repay(when)?;
        Ok(true)
    }

    /// Earned points are taken back: pending ones of their own lot, free ones of their own lot, what their own lot lost to
    /// expiry, then free points of other lots. `at_most` is how many can be settled with money.
    pub fn claw_back(
        &mut self,
        when: When,
        own: Option<usize>,
        demanded: i64,
        (program, at_most): (&program::Model, i64),
    ) -> Result<Clawed, Full> {
        let mut left = demanded;
        let mut take = |wallet: &mut Wallet, pieces: Vec<usize>| {
            let taken: i64 = wallet.shift_some(&pieces, left, |_| Place::Revoked).iter().map(|lot| lot.1).sum();
            left -= taken;
            taken
        };
        let of_own = |wallet: &Wallet, place| wallet.places(|piece| Some(piece.lot) == own && piece.place == place);
        let pieces = of_own(self, Place::Pending);
        let pending = take(self, pieces);
        let pieces = of_own(self, Place::Free);
        let mut available = take(self, pieces);
        let pieces = of_own(self, Place::Expired);
        let expired = take(self, pieces);
        let pieces = self.in_spend_order();
        available += take(self, pieces);
        let missing = left;
        self.debt += missing;
        self.note(
            when,
            TxnKind::Clawback,
            &[
                (Account::Pending, -pending),
                (Account::Available, -available),
                (Account::Debt, -missing),
                (Account::Revoked, demanded),
                (Account::Expired, -expired),
            ],
        )?;
        // What is on hold is not gone, so what it stands for is owed.
        let held = self.sum(|piece| matches!(piece.place, Place::Held(..)));
        let on_hold = (held - (self.debt - missing)).clamp(0, missing);
        let gone = missing - on_hold;
        let settled = if program.shortfall == ShortfallPolicy::DeductFromRefund { gone.min(at_most) } else { 0 };
        self.forgive(when, TxnKind::MoneySettlement, Account::Settled, settled)?;
        let limit = match program.shortfall {
            ShortfallPolicy::WriteOff => 0,
            ShortfallPolicy::AllowDebt => program.debt_limit.unwrap_or(MAX_POINTS),
            ShortfallPolicy::DeductFromRefund => MAX_POINTS,
        };
        let written_off = (self.debt - held - limit).clamp(0, gone - settled);
        self.forgive(when, TxnKind::WriteOff, Account::WrittenOff, written_off)?;
        Ok(Clawed { missing, written_off, settled })
    }

    /// What a lot lost to expiry before its wallet was taken over is taken back where it was lost. Returns how much.
    pub fn claw_back_lost(&mut self, when: When, lot: (u64, usize), most: i64) -> Result<i64, Full> {
        let lot = self.lot_of(lot);
        let pieces = self.places(|piece| Some(piece.lot) == lot && piece.place == Place::Expired);
        let lost: i64 = self.shift_some(&pieces, most, |_| Place::Revoked).iter().map(|lot| lot.1).sum();
        if lost > 0 {
            self.note(when, TxnKind::Clawback, &[(Account::Revoked, lost), (Account::Expired, -lost)])?;
        }
        Ok(lost)
    }

    fn forgive(&mut self, when: When, kind: TxnKind, house: Account, points: i64) -> Result<(), Full> {
        if points == 0 {
            return Ok(());
        }
        self.debt -= points;
        self.note(when, kind, &[(Account::Debt, points), (house, -points)])
    }
}
