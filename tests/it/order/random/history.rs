//! One random history.

use std::collections::HashMap;
use std::sync::Arc;

use jifen::base::clock::{DAY, Instant, MINUTE};
use jifen::base::id::Id;
use jifen::commit::deliver_order::DeliverOrder;
use jifen::commit::earn::Outlook;
use jifen::commit::hold::{Deed, HoldPoints, UseHold};
use jifen::commit::judge_tier::JudgeTier;
use jifen::commit::key::{Key, Made};
use jifen::commit::place_order::PlaceOrder;
use jifen::commit::redeem::Redeem;
use jifen::domain::earning::rule::occasion::Standing;
use jifen::domain::earning::rule::terms::Rules;
use jifen::domain::order::entity::{Channel, OrderStatus, order};
use jifen::domain::order::rule::CartLine;
use jifen::domain::points::entity::program;
use jifen::domain::points::rule::By;
use jifen::domain::points::rule::purse::Purse;
use jifen::domain::reward::entity::{RewardKind, reward};
use jifen::domain::tier::rule::revisions::Revisions;

use super::Dice;
use super::program::any_program;
use super::returning::{assert_everything_went_back, is_over};
use super::rules::any_rules;
use super::shop::{MEMBER, Shop};
use super::standing::Left;
use super::tiers::any_tiers;

/// 2026-11-23T02:00Z.
const START: Instant = Instant(1_795_399_200_000_000);
pub const STAFF: Id = Id::from_u128(9);

pub struct History {
    pub(super) dice: Dice,
    pub(super) shop: Shop,
    /// Each order with the version of the program it was decided with, and its coupon's code.
    pub(super) orders: Vec<(Id, Arc<program::Model>, Option<String>)>,
    /// The rules of each version.
    pub(super) rules: HashMap<i64, Arc<Rules>>,
    /// How often the program's rate was taken for each order, by the tier of then.
    pub(super) multipliers: HashMap<Id, i64>,
    holds: Vec<Id>,
    pub(super) money: HashMap<Id, i64>,
}

impl History {
    pub fn new(seed: u64) -> History {
        let dice = Dice::new(seed);
        let program = any_program(&dice, 1);
        let prices: Vec<i64> = (0..4).map(|_| dice.roll(9_000)).collect();
        let shop = Shop::new(&dice, program, START, &prices);
        let (orders, holds) = (Vec::new(), Vec::new());
        let (rules, multipliers, money) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut history = History { dice, shop, orders, rules, multipliers, holds, money };
        history.change_rules();
        history
    }

    /// Does so many things and then takes everything back. Returns how many commands were carried out.
    pub fn run(mut self, steps: usize) -> usize {
        for _ in 0..steps {
            match self.dice.roll(17) {
                0..4 => self.place(),
                4..6 => self.spend(),
                6 => self.hold(),
                7..9 => self.use_hold(),
                9..11 => self.deliver(),
                11..14 => self.take_back_some(),
                14 => self.wait(),
                15 => self.judge(),
                _ => self.change_program(),
            }
        }
        while let Some((id, ..)) = self.orders.iter().find(|(id, ..)| !is_over(self.order(*id))) {
            self.finish(*id);
        }
        self.shop.assert_rules_have_everything_back();
        for (id, ..) in &self.orders {
            assert_everything_went_back(self.order(*id), self.money.get(id).copied().unwrap_or(0));
        }
        self.shop.carried_out
    }

    pub(super) fn order(&self, id: Id) -> &order::Model {
        &self.shop.rows.orders[&(MEMBER, id)].order
    }

    pub(super) fn key(&mut self, operation: &'static str) -> Key {
        let key = self.shop.id().to_string();
        Key { member_id: MEMBER, operation, key, request_hash: Vec::new() }
    }

    fn place(&mut self) {
        let products = self.products();
        let lines = (0..=self.dice.roll(3))
            .map(|_| CartLine { product_id: *self.dice.pick(&products), quantity: 1 + self.dice.roll(5) });
        let lines: Vec<CartLine> = lines.collect();
        let mut free: Vec<String> = self
            .shop
            .rows
            .coupons
            .values()
            .filter(|coupon| coupon.used_at.is_none())
            .map(|row| row.code.clone())
            .collect();
        free.sort_unstable();
        let coupon_code = (!free.is_empty() && self.dice.once_in(2)).then(|| self.dice.pick(&free).clone());
        let step = self.shop.rows.program.redemption_step;
        let active = self.shop.ledger().active();
        let points = if self.dice.once_in(2) { self.dice.roll(active / step + 1) * step } else { 0 };
        let command = PlaceOrder {
            channel: self.dice.once_in(2).then_some(Channel::App),
            outlet_id: None,
            standing: Standing::default(),
            outlook: Outlook::default(),
            purse: Purse::Own,
            key: self.key("placeOrder"),
            lines,
            coupon_code: coupon_code.clone(),
            points,
            products: self.shop.products.clone(),
            order_id: self.shop.id(),
            number: format!("N-{}", self.orders.len()),
            seed: self.shop.seed(),
            event_id: self.shop.id(),
        };
        let before = self.shop.written.steps();
        if let Ok(Made::Now(order)) = self.shop.run(&command) {
            self.orders.push((order.id, self.shop.rows.program.clone(), coupon_code));
            let multiplier = self.shop.multiplier_of_then(before);
            let known = &self.shop.rows.orders[&(MEMBER, order.id)];
            assert_eq!(Left::of(known), Left::would_be(&self.shop.rows.program, known, multiplier), "{known:?}");
            self.multipliers.insert(order.id, multiplier);
            self.shop.assert_risen(before);
        }
    }

    fn spend(&mut self) {
        let points = 1 + self.dice.roll(self.shop.ledger().active().max(1));
        let reward = reward::Model {
            id: self.shop.id(),
            kind: RewardKind::Coupon,
            name: String::new(),
            description: String::new(),
            points_price: points,
            currency: "CNY".to_owned(),
            coupon_value: Some(1 + self.dice.roll(3_000)),
            minimum_spend: None,
            coupon_valid_days: self.dice.once_in(2).then_some(20),
            product_id: None,
            stock_id: None,
            created_at: 0,
            ..reward::Model::blank(RewardKind::Coupon, "CNY")
        };
        let command = Redeem {
            prices: Default::default(),
            purse: Purse::Own,
            key: self.key("redeem"),
            reward: Arc::new(reward),
            quantity: 1,
            redemption_id: self.shop.id(),
            seed: self.shop.seed(),
            event_id: self.shop.id(),
            coupons: vec![(self.shop.id(), self.shop.id().to_string())],
        };
        let _ = self.shop.run(&command);
    }

    fn hold(&mut self) {
        let command = HoldPoints {
            key: self.key("holdPoints"),
            points: 1 + self.dice.roll(self.shop.ledger().active().max(1)),
            minutes: None,
            reason: None,
            by: By::staff(STAFF),
            hold_id: self.shop.id(),
            seed: self.shop.seed(),
            event_id: self.shop.id(),
        };
        if let Ok(Made::Now(hold)) = self.shop.run(&command) {
            self.holds.push(hold.id);
        }
    }

    fn use_hold(&mut self) {
        if self.holds.is_empty() {
            return;
        }
        let hold_id = *self.dice.pick(&self.holds);
        let points = Some(1 + self.dice.roll(200)).filter(|_| self.dice.once_in(2));
        let finally = self.dice.once_in(2);
        let deed = if self.dice.once_in(2) { Deed::Capture { points, finally } } else { Deed::Release { points } };
        let command = UseHold {
            key: self.key("useHold"),
            hold_id,
            deed,
            reason: None,
            by: By::staff(STAFF),
            seed: self.shop.seed(),
            event_id: self.shop.id(),
        };
        let _ = self.shop.run(&command);
    }

    fn deliver(&mut self) {
        let paid: Vec<usize> =
            (0..self.orders.len()).filter(|at| self.order(self.orders[*at].0).status == OrderStatus::Paid).collect();
        if paid.is_empty() {
            return;
        }
        let (order_id, program, _) = self.orders[*self.dice.pick(&paid)].clone();
        let command = DeliverOrder {
            wallets: Vec::new(),
            key: self.key("deliverOrder"),
            order_id,
            program,
            seed: self.shop.seed(),
            event_id: self.shop.id(),
        };
        self.shop.run(&command).expect("a paid order can be delivered");
    }

    fn wait(&mut self) {
        let days = self.dice.roll(12);
        self.shop.now = self.shop.now.plus(days * DAY + (1 + self.dice.roll(600)) * MINUTE);
    }

    /// What the worker does for members who do not come.
    fn judge(&mut self) {
        let command = JudgeTier { member_id: MEMBER, seed: self.shop.seed() };
        let Ok(_) = self.shop.run(&command);
    }

    fn change_program(&mut self) {
        let version = self.shop.rows.program.version + 1;
        self.shop.rows.program = Arc::new(any_program(&self.dice, version));
        self.change_rules();
    }

    fn change_rules(&mut self) {
        let version = self.shop.rows.program.version;
        let rules = Arc::new(any_rules(&self.dice, version, &self.products()));
        self.shop.rows.rules = rules.clone();
        self.rules.insert(version, rules);
        // There is no going back behind the first tiers.
        if let Some(other) = any_tiers(&self.dice, version, self.shop.now) {
            self.shop.rows.tiers = Some(match self.shop.rows.tiers.take() {
                Some(before) => before.then(other),
                None => Revisions::new(Vec::new(), other),
            });
        }
    }

    fn products(&self) -> Vec<Id> {
        let mut products: Vec<Id> = self.shop.products.keys().copied().collect();
        products.sort_unstable();
        products
    }
}
