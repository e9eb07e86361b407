//! Holds, transfers, imports, and what is due.

use jifen::domain::points::entity::{Account, TransferPolicy, TxnKind};
use jifen::domain::tier::entity::CountedAs;

use crate::names::Serial;
use crate::reference::calendar::{day_of, end_of_validity, start_of};
use crate::reference::price::earned;
use crate::reference::tier::Counted;
use crate::reference::wallet::{Hold, Wallet, When};
use crate::reference::{Outcome, Reference, Stop, full, not_enough};
use crate::script::{Answer, Step};
use crate::world::{DAY, MAX_POINTS, MINUTE};

impl Reference {
    pub(super) fn hold(&mut self, step: &Step, points: i64, minutes: Option<i64>, by_staff: bool) -> Outcome {
        let most = self.program().hold_minutes;
        let minutes = minutes.unwrap_or(most);
        if minutes < 1 || minutes > most {
            let wrong = if minutes < 1 { "HoldTooShort" } else { "HoldTooLong" };
            return Err(format!("{wrong} {{ most: {most} }}").into());
        }
        let mut wallet = self.open(step.slot)?;
        if wallet.free() < points {
            return Err(not_enough(points, wallet.free()));
        }
        let ends = self.now + minutes * MINUTE;
        wallet.hold(self.when(step.serial), points, ends, by_staff).map_err(full("never"))?;
        self.keep(step.slot, wallet);
        Ok(Answer::Done)
    }

    /// The wallet, the hold, and how many points of it are meant.
    fn use_hold(
        &self,
        step: &Step,
        serial: Serial,
        points: Option<i64>,
        by_staff: bool,
    ) -> Outcome<(Wallet, Hold, i64)> {
        let wallet = self.open(step.slot)?;
        let hold = *wallet.holds.get(&serial).ok_or("HoldUnknown")?;
        if hold.by_staff && !by_staff {
            return Err("HoldUnknown".into());
        }
        if hold.open() == 0 {
            return Err("HoldClosed".into());
        }
        let points = points.unwrap_or(hold.open());
        if points > hold.open() {
            return Err(format!("HoldTooSmall {{ open: {} }}", hold.open()).into());
        }
        Ok((wallet, hold, points))
    }

    pub(super) fn capture(&mut self, step: &Step, serial: Serial, points: Option<i64>, finally: bool) -> Outcome {
        let (mut wallet, hold, points) = self.use_hold(step, serial, points, true)?;
        let when = self.when(step.serial);
        wallet.capture(when, serial, points).map_err(full("never"))?;
        if finally && hold.open() > points {
            wallet.release(when, serial, hold.open() - points).map_err(full("never"))?;
        }
        self.keep(step.slot, wallet);
        Ok(Answer::Done)
    }

    pub(super) fn release(&mut self, step: &Step, serial: Serial, points: Option<i64>, by_staff: bool) -> Outcome {
        let (mut wallet, _, points) = self.use_hold(step, serial, points, by_staff)?;
        wallet.release(self.when(step.serial), serial, points).map_err(full("never"))?;
        self.keep(step.slot, wallet);
        Ok(Answer::Done)
    }

    pub(super) fn transfer(&mut self, step: &Step, to: usize, points: i64) -> Outcome {
        let program = self.program().clone();
        if program.transfers == TransferPolicy::Nobody {
            return Err("TransfersOff".into());
        }
        if points > MAX_POINTS {
            return Err("BadPoints".into());
        }
        if points < program.transfer_minimum {
            return Err(format!("TransferBelowMinimum {{ minimum: {} }}", program.transfer_minimum).into());
        }
        let midnight = start_of(&program.time_zone, day_of(&program.time_zone, self.now));
        let today = self.gifts.iter().filter(|gift| gift.0 == step.slot && gift.1 >= midnight);
        let left = program.transfer_daily_limit.map(|limit| limit - today.map(|gift| gift.2).sum::<i64>());
        if let Some(left) = left.filter(|left| points > *left) {
            return Err(format!("DailyLimitReached {{ left: {} }}", left.max(0)).into());
        }
        if !self.wallets.contains_key(&to) {
            return Err("ReceiverUnknown".into());
        }
        let mut sender = self.open(step.slot)?;
        if sender.free() < points {
            return Err(not_enough(points, sender.free()));
        }
        let when = self.when(step.serial);
        let lots = sender.send(when, points).map_err(full("never"))?;
        let mut receiver = self.open(to)?;
        receiver.receive(when, &lots).and_then(|()| receiver.repay(when)).map_err(full("ReceiverFull"))?;
        self.keep(step.slot, sender);
        self.keep(to, receiver);
        self.gifts.push((step.slot, self.now, points));
        Ok(Answer::Done)
    }

    pub(super) fn import(&mut self, step: &Step, number: u32, amount: i64, days_ago: i64) -> Outcome {
        let points = earned(self.program(), amount);
        if self.purchases.iter().any(|known| known.1 == number) {
            return Ok(Answer::Skipped);
        }
        if self.gone.contains_key(&step.slot) {
            return Err(Stop::Nobody);
        }
        let mut wallet = self.wallets.get(&step.slot).ok_or(Stop::Nobody)?.clone();
        let bought_at = self.now - days_ago * DAY;
        let settled = wallet.settle(bought_at, self.now, self.program().version);
        settled.map_err(full("never"))?;
        let when = When { at: bought_at, ..self.when(step.serial) };
        if points > 0 {
            let until = end_of_validity(self.program(), bought_at).max(wallet.moment(when));
            let given = wallet.give(when, (TxnKind::Accrual, Account::Issued), points, Some(until));
            let given = given.and_then(|_| wallet.expire(when));
            given.and_then(|_| wallet.repay(when)).map_err(full("TooManyPoints"))?;
        }
        let counted = Counted {
            slot: step.slot,
            source: step.serial,
            purchase: step.serial,
            what: CountedAs::Import,
            points,
            spend: amount,
            visits: 1,
            at: bought_at,
            day: day_of(&self.program().time_zone, bought_at),
            recorded_at: self.now,
        };
        self.let_count(counted, self.case(step.slot));
        self.purchases.push((step.slot, number));
        self.keep(step.slot, wallet);
        Ok(Answer::Points(points))
    }

    pub(super) fn settle(&mut self, step: &Step) -> Outcome {
        let due = self.wallets.get(&step.slot).and_then(Wallet::next_due);
        if due.is_none_or(|due| due.moment > self.now) {
            return Ok(Answer::Points(0));
        }
        let before = self.wallets[&step.slot].log.len();
        let wallet = self.open(step.slot)?;
        let written = wallet.log.len() - before;
        self.keep(step.slot, wallet);
        Ok(Answer::Points(written as i64))
    }
}

impl Wallet {
    /// Points for another member. Returns how many came from each lot, and when it ends.
    fn send(&mut self, when: When, points: i64) -> Result<Vec<(i64, i64)>, crate::reference::Full> {
        debug_assert!(points <= MAX_POINTS);
        let before = self.clone();
        self.spend(when, TxnKind::TransferOut, Account::Transfer, points)?;
        let mut lots: Vec<usize> = before.in_spend_order().iter().map(|piece| before.pieces[*piece].lot).collect();
        lots.dedup();
        let free = |wallet: &Wallet, lot: usize| {
            wallet.sum(|piece| piece.lot == lot && piece.place == crate::reference::wallet::Place::Free)
        };
        let sent = lots.into_iter().map(|lot| {
            (free(&before, lot) - free(self, lot), before.lots[lot].ends.expect("what can be spent has an end"))
        });
        Ok(sent.filter(|(points, _)| *points > 0).collect())
    }
}
