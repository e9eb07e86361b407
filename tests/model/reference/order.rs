//! Orders, redemptions and deliveries.

use std::sync::Arc;

use jifen::domain::points::entity::{Account, TxnKind, program};
use jifen::domain::points::rule::purse::Purse;
use jifen::domain::tier::entity::CountedAs;

use crate::names::Serial;
use crate::reference::calendar::{day_of, end_of_validity, end_of_window};
use crate::reference::condition::{Item, Occasion};
use crate::reference::earning::Share;
use crate::reference::price::{earning, shared, value_of};
use crate::reference::tier::{Case, Counted, InTier};
use crate::reference::{Coupon, Outcome, Redemption, Reference, Stop, full, not_enough, pile_of};
use crate::rules::Way;
use crate::script::{Answer, Step};
use crate::world::{DAY, PRIZES, PRODUCTS};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    Paid,
    Delivered,
    Cancelled,
    Returned,
}

/// A line with what was paid for it: money, and points that were worth so much.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub product: usize,
    pub quantity: i64,
    pub discount: i64,
    pub money: i64,
    pub points: i64,
    pub value: i64,
    pub earned: i64,
    pub returned: i64,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub slot: usize,
    pub program: Arc<program::Model>,
    pub lines: Vec<Line>,
    pub coupon: Option<(Serial, u32)>,
    pub status: Status,
    pub earned: i64,
    pub placed_at: i64,
    pub way: Way,
    pub is_first: bool,
    /// What its member was in before it.
    pub tier: Option<InTier>,
    /// What it earned by the program's own rate, and how much of that was demanded back.
    pub base: i64,
    pub base_clawed: i64,
    /// What it earned by rules.
    pub shares: Vec<Share>,
    /// The wallet it earned in, and what its lot is known by.
    pub lot: Option<(usize, (u64, usize))>,
    /// The wallet that paid for it with points, and the transaction by which it did.
    pub spending: Option<(usize, usize)>,
    pub clawed: i64,
    /// Points settled with money.
    pub settled: i64,
    pub changes: u32,
    pub delivered_at: Option<i64>,
}

impl Order {
    /// Nothing is left of it.
    pub fn is_over(&self) -> bool {
        matches!(self.status, Status::Cancelled | Status::Returned)
    }
}

/// What it counts towards a tier.
fn counted(step: &Step, order: &Order) -> Counted {
    Counted {
        slot: step.slot,
        source: step.serial,
        purchase: step.serial,
        what: CountedAs::Order,
        points: order.earned,
        spend: order.lines.iter().map(|line| line.money).sum(),
        visits: 1,
        at: order.placed_at,
        day: day_of(&order.program.time_zone, order.placed_at),
        recorded_at: order.placed_at,
    }
}

impl Reference {
    pub(super) fn place(
        &mut self,
        step: &Step,
        cart: &[(usize, i64)],
        coupon: Option<(Serial, u32)>,
        (points, purse): (i64, Purse),
        way: Way,
    ) -> Outcome {
        self.open(step.slot)?;
        let used = match coupon {
            Some(coupon) => {
                let mine = self.coupons.get(&coupon).filter(|known| known.slot == step.slot);
                Some(*mine.ok_or("CouponNotYours")?)
            }
            None => None,
        };
        let mut stock = self.stock.clone();
        for (line, (product, quantity)) in cart.iter().enumerate() {
            let available = stock[*product];
            if available < *quantity {
                return Err(format!("NotEnoughStock {{ line: {line}, available: {available} }}").into());
            }
            stock[*product] -= quantity;
        }
        let gross: Vec<i64> = cart.iter().map(|(product, quantity)| PRODUCTS[*product].0 * quantity).collect();
        let subtotal = gross.iter().sum();
        let discount = used.map_or(Ok(0), |coupon| self.discount(coupon, subtotal))?;
        let discounts = shared(discount, &gross);
        let net: Vec<i64> = gross.iter().zip(&discounts).map(|(gross, discount)| gross - discount).collect();
        let program = self.program().clone();
        let value = value_of(&program, points, subtotal - discount)?;
        let values = if points == 0 { vec![0; cart.len()] } else { shared(value, &net) };
        let paid = if points == 0 { vec![0; cart.len()] } else { shared(points, &values) };
        let base = |(at, (product, _)): (usize, &(usize, i64))| {
            let amount = if program.earn_on_points { net[at] } else { net[at] - values[at] };
            earning(&program, amount, *product)
        };
        let item = |(line, (product, quantity)): (usize, &(usize, i64))| Item {
            product: *product,
            quantity: *quantity,
            net: net[line],
            basis: base((line, &(*product, *quantity))),
        };
        let items = cart.iter().enumerate().map(item).collect();
        let (placed_at, is_first) = (self.now, self.purchases_of(step.slot) == 0);
        let case = self.case(step.slot);
        let tier = case.as_ref().map(Case::is_in);
        let occasion = Occasion { at: placed_at, zone: &program.time_zone, items, way, is_first, tier, event: None };
        let earned = self.reckon(step.slot, &program, &occasion)?;
        let line = |(at, (product, quantity)): (usize, &(usize, i64))| Line {
            product: *product,
            quantity: *quantity,
            discount: discounts[at],
            money: net[at] - values[at],
            points: paid[at],
            value: values[at],
            earned: earned.by_line[at],
            returned: 0,
        };
        let mut order = Order {
            slot: step.slot,
            program: program.clone(),
            lines: cart.iter().enumerate().map(line).collect(),
            coupon,
            status: Status::Paid,
            earned: earned.points,
            placed_at,
            way,
            is_first,
            tier,
            base: earned.points - earned.shares.iter().map(|share| share.points).sum::<i64>(),
            base_clawed: 0,
            shares: earned.shares.clone(),
            lot: None,
            spending: None,
            clawed: 0,
            settled: 0,
            changes: 0,
            delivered_at: None,
        };
        self.pay(step, &mut order, points, purse)?;
        self.write_down(&earned);
        self.let_count(counted(step, &order), case);
        self.stock = stock;
        if let Some(coupon) = coupon {
            self.coupons.get_mut(&coupon).expect("a coupon").used_by = Some(step.serial);
        }
        self.orders.insert(step.serial, order);
        Ok(Answer::Done)
    }

    /// Points pay, then the order earns, for the household of a member who is in one, and what it earned at once repays
    /// what is owed there.
    fn pay(&mut self, step: &Step, order: &mut Order, points: i64, purse: Purse) -> Outcome<()> {
        let own = self.open(step.slot)?;
        let home = self.home_of(step.slot).map(|(home, _)| home);
        let mut open = self.open_all(home.as_slice())?;
        open.0.insert(step.slot, own);
        let when = self.when(step.serial);
        if points > 0 {
            let pays = self.purse(step.slot, purse)?;
            let wallet = open.of(pays);
            if wallet.free() < points {
                return Err(not_enough(points, wallet.free()));
            }
            order.spending = Some((pays, wallet.log.len() + 1));
            let spent = wallet.spend(when, TxnKind::Redemption, Account::Redeemed, points);
            spent.map_err(full("TooManyPoints"))?;
        }
        if order.earned > 0 {
            // Who owes, earns for themselves.
            let earns = home.filter(|_| open.of(step.slot).debt == 0).unwrap_or(step.slot);
            let wallet = open.of(earns);
            let is_pending = order.program.return_window_days.is_some();
            let until = if is_pending { None } else { Some(end_of_validity(&order.program, wallet.moment(when))) };
            let given = wallet.give(when, (TxnKind::Accrual, Account::Issued), order.earned, until);
            order.lot = Some((earns, wallet.lots[given.map_err(full("TooManyPoints"))?].rank));
            wallet.repay(when).map_err(full("TooManyPoints"))?;
        }
        self.keep_all(open);
        Ok(())
    }

    fn discount(&self, coupon: Coupon, subtotal: i64) -> Outcome<i64> {
        let prize = PRIZES[coupon.prize];
        if coupon.used_by.is_some() {
            return Err("CouponUsed".into());
        }
        if coupon.ends.is_some_and(|ends| self.now >= ends) {
            return Err("CouponExpired".into());
        }
        match prize.minimum {
            Some(minimum) if subtotal < minimum => Err(format!("CouponBelowMinimum {{ minimum: {minimum} }}").into()),
            _ => Ok(prize.value.expect("a coupon's value").min(subtotal)),
        }
    }

    pub(super) fn redeem(&mut self, step: &Step, prize: usize, quantity: i64, purse: Purse) -> Outcome {
        if !(1..=100).contains(&quantity) {
            return Err("BadQuantity".into());
        }
        let points = PRIZES[prize].points * quantity;
        let pile = pile_of(prize);
        if let Some(available) = pile.map(|pile| self.stock[pile]).filter(|available| *available < quantity) {
            return Err(format!("RewardSoldOut {{ available: {available} }}").into());
        }
        let own = self.open(step.slot)?;
        let pays = self.purse(step.slot, purse)?;
        let mut open = self.open_all(&[pays])?;
        open.0.insert(step.slot, own);
        let wallet = open.of(pays);
        if wallet.free() < points {
            return Err(not_enough(points, wallet.free()));
        }
        let spent = wallet.spend(self.when(step.serial), TxnKind::Redemption, Account::Redeemed, points);
        spent.map_err(full("never"))?;
        self.keep_all(open);
        self.redemptions.insert(step.serial, Redemption { slot: step.slot, paid_from: pays, points });
        if let Some(pile) = pile {
            self.stock[pile] -= quantity;
        }
        if PRIZES[prize].value.is_some() {
            let ends = PRIZES[prize].days.map(|days| self.now + days * DAY);
            let coupon = Coupon { slot: step.slot, prize, ends, used_by: None };
            self.coupons.extend((0..quantity).map(|nth| ((step.serial, nth as u32), coupon)));
        }
        Ok(Answer::Done)
    }

    pub(super) fn deliver(&mut self, step: &Step, serial: Serial) -> Outcome {
        let own = self.open(step.slot)?;
        let order = self.orders.get(&serial).filter(|order| order.slot == step.slot).ok_or("OrderUnknown")?;
        match order.status {
            Status::Paid => {}
            Status::Delivered => return Err("AlreadyDelivered".into()),
            Status::Cancelled | Status::Returned => return Err("AlreadyReturned".into()),
        }
        let line = order.lot.map_or(vec![step.slot], |(slot, _)| self.line(slot));
        let has_it = line[line.len() - 1];
        let mut open = self.open_all(&line)?;
        open.0.insert(step.slot, own);
        let wallet = open.of(has_it);
        let lot = order.lot.and_then(|(_, rank)| wallet.lot_of(rank));
        // A pending lot of which nothing was left does not come along when its wallet is taken over.
        if let Some(lot) = lot.filter(|lot| !wallet.lots[*lot].is_active) {
            let starts = end_of_window(&order.program, self.now);
            wallet.lots[lot].starts = Some(starts);
            wallet.lots[lot].ends = Some(end_of_validity(&order.program, starts));
            let settled = wallet.settle(self.now, self.now, self.program().version);
            settled.map_err(|_| Stop::from("never"))?;
        }
        if order.lot.is_some() && has_it != step.slot {
            self.count("a delivery elsewhere");
        }
        self.keep_all(open);
        let now = self.now;
        let order = self.orders.get_mut(&serial).expect("an order");
        order.status = Status::Delivered;
        order.delivered_at = Some(now);
        order.changes += 1;
        Ok(Answer::Done)
    }
}
