//! Orders that are taken back.

use crate::names::Serial;
use crate::reference::order::{Line, Order, Status};
use crate::reference::price::{earned, points_worth, worth_rounded_down};
use crate::reference::verbs::Clawed;
use crate::reference::{Outcome, Promise, Reference, Stop, full};
use crate::script::{Answer, Figures, Step, What};

/// Of a line's amount, what belongs to so many pieces.
fn part(amount: i64, pieces: i64, line: &Line) -> i64 {
    amount * pieces / line.quantity
}

impl Line {
    pub fn money_back(&self) -> i64 {
        part(self.money, self.returned, self)
    }

    pub fn points_back(&self) -> i64 {
        part(self.points, self.returned, self)
    }
}

impl Order {
    pub fn money_back(&self) -> i64 {
        self.lines.iter().map(Line::money_back).sum()
    }

    pub fn points_back(&self) -> i64 {
        self.lines.iter().map(Line::points_back).sum()
    }

    /// What the order would earn if nothing of it had been bought but what is left.
    fn still_earns(&self) -> i64 {
        let left = |line: &Line| {
            let value = line.value - part(line.value, line.returned, line);
            line.money - line.money_back() + if self.program.earn_on_points { value } else { 0 }
        };
        earned(&self.program, self.lines.iter().map(left).sum())
    }

    fn pieces(&self, what: &What) -> Result<Vec<(i64, i64)>, String> {
        match self.status {
            Status::Cancelled | Status::Returned => return Err("AlreadyReturned".to_owned()),
            Status::Delivered if *what == What::Cancellation => return Err("AlreadyDelivered".to_owned()),
            Status::Paid | Status::Delivered => {}
        }
        let What::Pieces(pieces) = what else {
            let left = self.lines.iter().zip(0..).map(|(line, at)| (at, line.quantity - line.returned));
            return Ok(left.filter(|(_, left)| *left > 0).collect());
        };
        for (at, (position, quantity)) in pieces.iter().enumerate() {
            let Some(line) = self.lines.get(position.unsigned_abs() as usize) else {
                return Err(format!("LineUnknown {{ line: {at} }}"));
            };
            if pieces[..at].iter().any(|other| other.0 == *position) {
                return Err(format!("LineRepeated {{ line: {at} }}"));
            }
            let left = line.quantity - line.returned;
            if *quantity < 1 || *quantity > left {
                return Err(format!("BadQuantity {{ line: {at}, left: {left} }}"));
            }
        }
        Ok(pieces.clone())
    }
}

impl Reference {
    /// A return, or with no `asked` its preview. `asked` says which preview it relies on, and whether to restock.
    pub(super) fn take_back(
        &mut self,
        step: &Step,
        serial: Serial,
        what: &What,
        asked: Option<(Option<Serial>, bool)>,
    ) -> Outcome {
        let before = self.orders.get(&serial).filter(|order| order.slot == step.slot).ok_or("OrderUnknown")?;
        let pieces = before.pieces(what)?;
        let mut after = before.clone();
        for (position, quantity) in &pieces {
            after.lines[position.unsigned_abs() as usize].returned += quantity;
        }
        let money = after.money_back() - before.money_back();
        let points = after.points_back() - before.points_back();
        let demanded = (after.earned - after.still_earns() - after.clawed).max(0);
        after.clawed += demanded;
        after.changes += 1;
        let is_whole = after.lines.iter().all(|line| line.returned == line.quantity);
        if is_whole {
            after.status = if *what == What::Cancellation { Status::Cancelled } else { Status::Returned };
        }
        let mut wallet = self.open(step.slot)?;
        let when = self.when(step.serial);
        let mut forfeited = 0;
        if points > 0 {
            let spending = after.spending.expect("points paid for it");
            forfeited = wallet.give_back(when, spending, points, &after.program).map_err(full("TooLarge"))?;
        }
        let mut clawed = Clawed::default();
        if demanded > 0 {
            let terms = (&*after.program, points_worth(&after.program, money));
            let own = after.lot.expect("it earned points");
            clawed = wallet.claw_back(when, own, demanded, terms).map_err(full("TooLarge"))?;
        }
        wallet.repay(when).map_err(full("TooLarge"))?;
        let withheld = worth_rounded_down(&after.program, clawed.settled).min(money);
        let Clawed { missing, written_off, settled } = clawed;
        let (free, debt) = (wallet.free(), wallet.debt);
        let figures: Figures =
            [money - withheld, withheld, points, forfeited, demanded, missing, written_off, settled, free, debt];
        let promise =
            Promise { order: serial, transactions: wallet.log.len(), changes: after.changes, figures, pieces };
        let Some((preview, restock)) = asked else {
            self.previews.insert(step.serial, promise);
            return Ok(Answer::Figures(figures));
        };
        if preview.is_some_and(|preview| self.previews.get(&preview) != Some(&promise)) {
            return Err(Stop::Stale(figures));
        }
        self.wallets.insert(step.slot, wallet);
        if restock {
            for (position, quantity) in &promise.pieces {
                self.stock[after.lines[position.unsigned_abs() as usize].product] += quantity;
            }
        }
        if let Some(coupon) = after.coupon.filter(|_| is_whole) {
            let coupon = self.coupons.get_mut(&coupon).expect("a coupon");
            if coupon.ends.is_none_or(|ends| ends > self.now) {
                coupon.used_by = None;
            }
        }
        self.orders.insert(serial, after);
        Ok(Answer::Figures(figures))
    }
}
