//! Orders that are taken back.

use jifen::domain::points::entity::program;
use jifen::domain::tier::entity::CountedAs;

use crate::names::Serial;
use crate::reference::calendar::day_of;
use crate::reference::condition::Item;
use crate::reference::merge::Open;
use crate::reference::order::{Line, Order, Status};
use crate::reference::price::{earning, points_worth, shared, worth_rounded_down};
use crate::reference::tier::Counted;
use crate::reference::verbs::Clawed;
use crate::reference::wallet::{Full, Place, When};
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

    /// What is left of it, as if nothing else had been bought.
    fn left(&self) -> Vec<Item> {
        let left = |line: &Line| {
            let value = line.value - part(line.value, line.returned, line);
            let money = line.money - line.money_back();
            let amount = money + if self.program.earn_on_points { value } else { 0 };
            let basis = earning(&self.program, amount, line.product);
            Item { product: line.product, quantity: line.quantity - line.returned, net: money + value, basis }
        };
        self.lines.iter().map(left).filter(|item| item.quantity > 0).collect()
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
        let own = self.open(step.slot)?;
        let before = self.orders.get(&serial).filter(|order| order.slot == step.slot).ok_or("OrderUnknown")?;
        let pieces = before.pieces(what)?;
        let mut after = before.clone();
        for (position, quantity) in &pieces {
            after.lines[position.unsigned_abs() as usize].returned += quantity;
        }
        let money = after.money_back() - before.money_back();
        let points = after.points_back() - before.points_back();
        let parts = self.demanded(before, after.left());
        let demanded = parts.iter().sum::<i64>();
        after.base_clawed += parts[0];
        after.shares.iter_mut().zip(&parts[1..]).for_each(|(share, part)| share.clawed += part);
        after.clawed += demanded;
        after.changes += 1;
        let is_whole = after.lines.iter().all(|line| line.returned == line.quantity);
        if is_whole {
            after.status = if *what == What::Cancellation { Status::Cancelled } else { Status::Returned };
        }
        let paying = after.spending.map_or(vec![step.slot], |(slot, _)| self.line(slot));
        let earning = after.lot.map_or(vec![step.slot], |(slot, _)| self.line(slot));
        let mut touched = vec![step.slot];
        touched.extend(paying.iter().chain(&earning).filter(|slot| **slot != step.slot));
        let mut open = self.open_all(&touched)?;
        open.0.insert(step.slot, own);
        let (payer, earner) = (paying[paying.len() - 1], earning[earning.len() - 1]);
        let when = When { version: after.program.version, ..self.when(step.serial) };
        let mut forfeited = 0;
        if points > 0 {
            let (from, spending) = after.spending.expect("points paid for it");
            let given = open.of(from).give_back(when, spending, points, &after.program);
            forfeited = given.map_err(full("TooLarge"))?;
            self.hand_on(&mut open, when).map_err(full("TooLarge"))?;
        }
        let mut clawed = Clawed::default();
        if demanded > 0 {
            let terms = (&*after.program, points_worth(&after.program, money));
            let (_, own) = after.lot.expect("it earned points");
            clawed = open.claw_back(when, &earning, own, demanded, terms).map_err(full("TooLarge"))?;
        }
        for slot in [payer, earner] {
            open.of(slot).repay(when).map_err(full("TooLarge"))?;
        }
        let before = worth_rounded_down(&after.program, after.settled);
        after.settled += clawed.settled;
        let withheld = worth_rounded_down(&after.program, after.settled) - before;
        let Clawed { missing, written_off, settled } = clawed;
        let (free, debt) = (open.of(earner).free(), open.of(earner).debt);
        let figures: Figures =
            [money - withheld, withheld, points, forfeited, demanded, missing, written_off, settled, free, debt];
        let transactions = touched.iter().map(|slot| open.of(*slot).log.len()).collect();
        let promise = Promise { order: serial, transactions, changes: after.changes, figures, pieces };
        let Some((preview, restock)) = asked else {
            self.previews.insert(step.serial, promise);
            return Ok(Answer::Figures(figures));
        };
        if preview.is_some_and(|preview| self.previews.get(&preview) != Some(&promise)) {
            return Err(Stop::Stale(figures));
        }
        self.keep_all(open);
        // What the shop gives up is spread over what was demanded, and stays used.
        let given_up = shared(written_off, &parts);
        after.shares.iter_mut().zip(&given_up[1..]).for_each(|(share, part)| share.written_off += part);
        self.note_freed(&after, &parts[1..], &given_up[1..]);
        if points > 0 && payer != step.slot {
            self.count("points given back elsewhere");
        }
        if demanded > 0 && earner != step.slot {
            self.count("points clawed back elsewhere");
        }
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
        let counted = Counted {
            slot: step.slot,
            source: step.serial,
            purchase: serial,
            what: CountedAs::Return,
            points: -demanded,
            spend: -money,
            visits: -i64::from(is_whole),
            at: after.placed_at,
            day: day_of(&after.program.time_zone, after.placed_at),
            recorded_at: self.now,
        };
        self.let_count(counted, self.case(step.slot));
        self.orders.insert(serial, after);
        Ok(Answer::Figures(figures))
    }
}

impl Reference {
    /// Notes what goes back to budgets and periods, and what does not.
    fn note_freed(&mut self, after: &Order, demanded: &[i64], given_up: &[i64]) {
        let parts: Vec<(i64, i64)> = demanded.iter().copied().zip(given_up.iter().copied()).collect();
        for (share, (demanded, given_up)) in after.shares.iter().zip(parts).filter(|(share, _)| !share.of_tier) {
            let is = self.revision(share.rule, share.revision).clone();
            let is_changed = self.rules[&share.rule].len() > share.revision + 1;
            let told = [
                (demanded > given_up && is.budget.is_some(), "a return frees a budget"),
                (demanded > given_up && !is.caps.is_empty(), "a return frees a cap"),
                (given_up > 0, "a share is written off"),
                (demanded > 0 && is_changed, "a return by rules that have changed since"),
                (demanded > 0 && share.points < share.due, "a return of what a rule gave in part"),
            ];
            told.into_iter().filter(|told| told.0).for_each(|told| self.count(told.1));
        }
    }
}

impl Open {
    /// From the lot of the order, wherever it is by now; then from what it lost to expiry in wallets that were taken over
    /// since, each in its own books; then from whatever else there is.
    fn claw_back(
        &mut self,
        when: When,
        line: &[usize],
        own: (u64, usize),
        demanded: i64,
        terms: (&program::Model, i64),
    ) -> Result<Clawed, Full> {
        let (before, last) = (&line[..line.len() - 1], line[line.len() - 1]);
        let own_here = self.of(last).lot_of(own);
        let here = self.of(last).sum(|piece| {
            Some(piece.lot) == own_here && matches!(piece.place, Place::Pending | Place::Free | Place::Expired)
        });
        let mut missing = demanded - here.min(demanded);
        let mut found = 0;
        for slot in before {
            let lost = self.of(*slot).claw_back_lost(when, own, missing)?;
            found += lost;
            missing -= lost;
        }
        if found == demanded {
            return Ok(Clawed::default());
        }
        self.of(last).claw_back(when, own_here, demanded - found, terms)
    }
}
