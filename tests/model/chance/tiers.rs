//! Tiers by chance. Thresholds are low, so that a few purchases reach them, and some take them back.

use jifen::domain::tier::entity::{Basis, CountedOver, Downgrade};

use super::Author;
use crate::dice::Dice;
use crate::names::Serial;
use crate::script::Act;
use crate::tiers::{Level, Tiers};
use crate::world::DAY;

/// As many as there are names for.
const NAMES: Serial = 6;

impl Author {
    /// Staff change the tiers a little, or altogether; mostly the thresholds, or nothing but names and multipliers.
    pub(super) fn change_tiers(&mut self) -> Act {
        let before = self.reference.tiers.last().map(|revision| (*revision.is).clone());
        let dice = &mut self.dice;
        let other = tiers(dice);
        let is = match before {
            None => other,
            Some(before) => match dice.below(10) {
                0 => other,
                1 => Tiers { over: other.over, days: other.days, ..before },
                2 => Tiers { grace: other.grace, downgrade: other.downgrade, ..before },
                3 => Tiers { is_undone: other.is_undone, basis: other.basis, ..before },
                4 => Tiers { levels: without_one(dice, before.levels), ..before },
                5..8 => Tiers { levels: multiplied(dice, before.levels), ..before },
                _ => Tiers { levels: levels(dice, before.basis), ..before },
            },
        };
        Act::Tiers(Box::new(is))
    }

    pub(super) fn protect(&mut self) -> Act {
        let now = self.reference.now;
        let later = self.dice.one_of([None, Some(DAY), Some(10 * DAY), Some(10 * DAY), Some(400 * DAY)]);
        Act::Protect { until: later.map(|later| now + later) }
    }
}

pub fn tiers(dice: &mut Dice) -> Tiers {
    let basis = dice.one_of([Basis::Points, Basis::Spend, Basis::Visits]);
    Tiers {
        basis,
        over: dice.one_of([
            CountedOver::Lifetime,
            CountedOver::CalendarYear,
            CountedOver::CalendarYear,
            CountedOver::Anniversary,
            CountedOver::Anniversary,
            CountedOver::RollingDays,
            CountedOver::RollingDays,
        ]),
        days: dice.one_of([1, 5, 30, 30, 365]),
        downgrade: dice.one_of([Downgrade::ToQualified, Downgrade::OneDown]),
        grace: dice.one_of([0, 0, 3, 20]),
        is_undone: dice.chance(75),
        levels: levels(dice, basis),
    }
}

fn levels(dice: &mut Dice, basis: Basis) -> Vec<Level> {
    let count = dice.one_of([1, 2, 3, 3, 4, 4]);
    // One in a revision, in any order.
    let mut names: Vec<Serial> = (0..NAMES).collect();
    let mut threshold = 0;
    (0..count)
        .map(|place| {
            let name = if dice.chance(80) { 0 } else { dice.below(names.len() as i64).unsigned_abs() as usize };
            threshold += match basis {
                _ if place == 0 => 0,
                Basis::Points => dice.one_of([1, 60, 100, 250, 800]),
                Basis::Spend => dice.one_of([1, 3_000, 9_000, 20_000]),
                Basis::Visits => dice.one_of([1, 1, 2, 3]),
            };
            let multiplier = dice.one_of([10_000, 10_001, 12_500, 13_333, 15_000, 25_000]);
            Level { name: names.remove(name), threshold, multiplier }
        })
        .collect()
}

/// Every revision has names of its own.
fn multiplied(dice: &mut Dice, mut levels: Vec<Level>) -> Vec<Level> {
    if dice.chance(50) {
        levels.iter_mut().for_each(|level| level.multiplier = dice.one_of([10_000, 12_500, 20_000]));
    }
    levels
}

/// Whoever was in it must go somewhere.
fn without_one(dice: &mut Dice, mut levels: Vec<Level>) -> Vec<Level> {
    if levels.len() > 1 {
        levels.remove(dice.within(1, levels.len() as i64 - 1).unsigned_abs() as usize);
    }
    levels
}

/// Some of the names that tiers bear.
pub fn names(dice: &mut Dice) -> Vec<Serial> {
    let all: Vec<Serial> = (0..NAMES).filter(|_| dice.chance(40)).collect();
    if all.is_empty() { vec![1] } else { all }
}
