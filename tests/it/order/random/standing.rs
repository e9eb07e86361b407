//! What is proved of the member's tier, from nothing but what was written: the entries of what counted, and the steps.

use std::collections::BTreeSet;

use jifen::base::clock::Instant;
use jifen::commit::rows::{Changes, OrderRows};
use jifen::domain::order::entity::order;
use jifen::domain::order::rule::take_back::item_left;
use jifen::domain::points::entity::{RoundingKind, program};
use jifen::domain::points::rule::program::zone;
use jifen::domain::tier::entity::{CountedAs, Why, qualifying, tier_change};
use jifen::domain::tier::rule::terms::{Measures, Tier, TierSet};
use jifen::domain::tier::rule::window::{Calendar, Window, day_at};

use super::returning::is_over;
use super::shop::{MEMBER, Shop};

/// A rate taken once, in ten-thousandths.
const ONCE: i64 = 10_000;

/// All that was written of a member's tier.
#[derive(Default)]
pub struct Written {
    entries: Vec<qualifying::Model>,
    steps: Vec<tier_change::Model>,
}

impl Written {
    pub fn take_in(&mut self, changes: &Changes) {
        self.entries.extend(changes.qualifying.iter().cloned());
        self.steps.extend(changes.tier_changes.iter().cloned());
    }

    /// How many steps there are by now.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// What counted over some days.
    pub fn sum(&self, window: Window) -> Measures {
        total(self.entries.iter().filter(|entry| window.contains(entry.day)))
    }
}

fn total<'a>(entries: impl Iterator<Item = &'a qualifying::Model>) -> Measures {
    entries.map(Measures::of).fold(Measures::default(), |sum, more| sum + more)
}

/// What is left of the points that the program's rate gave for an order, and of those that the tier gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    base: i64,
    of_tier: i64,
}

impl Left {
    pub fn of(OrderRows { order, shares, .. }: &OrderRows) -> Left {
        let sum = |is_in: fn(bool) -> bool| -> i64 {
            let some = shares.iter().filter(|share| is_in(share.of_tier));
            some.map(|share| share.points - share.clawed).sum()
        };
        Left { base: order.points_earned - order.points_clawed - sum(|_| true), of_tier: sum(|of_tier| of_tier) }
    }

    /// What the pieces that are left would earn by a tier's multiplier, if no rule gave anything.
    pub fn would_be(program: &program::Model, known: &OrderRows, multiplier: i64) -> Left {
        let left = known.lines.iter().filter(|line| line.returned < line.quantity);
        let basis = left.map(|line| item_left(program, line).basis).sum();
        let base = points(program, basis, ONCE);
        Left { base, of_tier: points(program, basis, multiplier).max(base) - base }
    }

    /// The lesser of both, each for itself.
    pub fn at_most(self, other: Left) -> Left {
        Left { base: self.base.min(other.base), of_tier: self.of_tier.min(other.of_tier) }
    }
}

/// The points of an amount by the program's rate taken so many ten-thousandths times, rounded once.
fn points(program: &program::Model, basis: i64, multiplier: i64) -> i64 {
    let parts = i128::from(basis) * i128::from(multiplier) * i128::from(program.earn_points);
    let whole = i128::from(program.earn_minor) * i128::from(ONCE);
    let more = match program.rounding {
        RoundingKind::Floor => 0,
        RoundingKind::HalfUp => i128::from(parts % whole * 2 >= whole),
        RoundingKind::Ceil => i128::from(parts % whole > 0),
    };
    i64::try_from(parts / whole + more).expect("points of an order")
}

impl Shop {
    /// The tier, of today's set, by what was written last.
    fn tier(&self) -> Option<(&TierSet, usize)> {
        let set: &TierSet = self.rows.tiers.as_ref()?.newest();
        Some((set, set.place_of(self.ledger().wallet.tier_id).unwrap_or(0)))
    }

    /// How often the program's rate was to be taken for an order that was placed just now, by the tier of before it: steps
    /// that were overdue come first, and what the order itself reached comes after.
    pub fn multiplier_of_then(&self, before: usize) -> i64 {
        let Some((set, _)) = self.tier() else { return ONCE };
        let known = self.written.steps[..before].last();
        let overdue = self.written.steps[before..].iter().take_while(|step| step.why != Why::Qualified).last();
        let then = overdue.or(known).and_then(|step| step.to_id);
        set.tiers.get(set.place_of(then).unwrap_or(0)).map_or(ONCE, |tier| tier.row.multiplier)
    }

    /// An order that was placed just now raised the tier to what is reached by now, if that is higher, and to no other.
    pub fn assert_risen(&self, before: usize) {
        let Some((set, place)) = self.tier() else { return };
        let wallet = &self.ledger().wallet;
        let zone = zone(&self.rows.program);
        let joined = day_at(Instant(wallet.joined_at), &zone);
        let window = Calendar { set: &set.row, joined }.current(day_at(self.now, &zone));
        let reached = set.qualified(self.written.sum(window));
        assert!(place >= reached, "{reached} is reached: {wallet:?}");
        let rises = self.written.steps[before..].iter().filter(|step| step.why == Why::Qualified);
        assert!(rises.clone().all(|step| set.place_of(step.to_id) == Some(reached)), "{:?}", self.written.steps);
        assert!(rises.count() <= 1);
    }

    /// A return lowers a tier or leaves it, and lowers it only where the shop wants that.
    pub fn assert_not_risen(&self, before: usize) {
        let Some((set, _)) = self.tier() else { return };
        let place = |id| set.place_of(id).unwrap_or(0);
        for step in &self.written.steps[before..] {
            let is_undone = set.row.undone_by_returns && place(step.to_id) < place(step.from_id);
            assert!(matches!(step.why, Why::Judged | Why::TiersChanged) || is_undone, "{step:?}");
        }
    }

    /// What counts is what orders earned, cost and were, less what came back of them, on the days on which they were placed;
    /// the steps have no gap and end in the wallet; and a tier stands on days that still reach it.
    pub fn prove_tier(&self) {
        for ((_, id), known) in &self.rows.orders {
            self.prove_counted(&known.order, self.written.entries.iter().filter(|entry| entry.purchase_id == *id));
        }
        for ((of, window), sum) in &self.rows.sums {
            assert_eq!((*of, *sum), (MEMBER, self.written.sum(*window)), "{window:?}");
        }
        let wallet = &self.ledger().wallet;
        let mut there = None;
        for (step, position) in self.written.steps.iter().zip(1..) {
            assert_eq!((step.position, step.from_id), (position, there), "{step:?}");
            there = step.to_id;
        }
        assert_eq!((wallet.tier_id, wallet.tier_changes), (there, self.written.steps.len() as i64));
        let Some((set, place)) = self.tier().filter(|(set, _)| set.row.revision == wallet.tier_revision) else {
            return;
        };
        assert!(place > 0 || wallet.tier_due.is_none(), "nobody loses the lowest tier: {wallet:?}");
        let basis = wallet.tier_basis_from.zip(wallet.tier_basis_to).filter(|_| set.row.undone_by_returns);
        if let Some((first, last)) = basis {
            let value = set.value(self.written.sum(Window { first, last }));
            let threshold = set.tiers.get(place).map_or(0, |Tier { row, .. }| row.threshold);
            assert!(value >= threshold, "{value} of {threshold}: {wallet:?}");
        }
    }

    fn prove_counted<'a>(&self, order: &order::Model, entries: impl Iterator<Item = &'a qualifying::Model> + Clone) {
        let expected = Measures {
            points: order.points_earned - order.points_clawed,
            spend: order.total - order.points_value - order.money_returned,
            visits: i64::from(!is_over(order)),
        };
        assert_eq!(total(entries.clone()), expected, "{order:?}");
        assert_eq!(entries.clone().filter(|entry| entry.what == CountedAs::Order).count(), 1);
        assert!(entries.clone().all(|entry| entry.counted_at == order.placed_at));
        let days: BTreeSet<i64> = entries.map(|entry| entry.day).collect();
        assert_eq!(days.len(), 1, "all on the day of the purchase: {days:?}");
    }
}
