//! Earning rules and events by chance. Budgets and caps are small, so that they end in the middle of an order or a group.

use std::sync::Arc;

use jifen::domain::earning::entity::{Period, RuleState, Stacking};
use jifen::domain::order::entity::Channel;

use super::Author;
use super::tiers::names;
use crate::dice::Dice;
use crate::names::Serial;
use crate::reference::calendar::day_of;
use crate::rules::{Gives, If, KINDS, Most, Rule, Told, Way};
use crate::script::Act;
use crate::world::{CATEGORIES, DAY, HOUR, MAX_POINTS, MINUTE, PRODUCTS, START};

/// As many as there are at a time.
const RULES: usize = 6;

impl Author {
    /// Staff publish a rule, change it, interrupt it, go on with it, or end it.
    pub(super) fn rule(&mut self) -> Act {
        let newest = self.reference.rules.iter().filter_map(|(rule, of)| Some((*rule, of.last()?.clone())));
        let there: Vec<(Serial, Arc<Rule>)> = newest.filter(|(_, is)| is.state != RuleState::Ended).collect();
        let is_new = there.len() < 3 || (there.len() < RULES && self.dice.chance(25));
        let Some((rule, is)) = self.dice.pick(&there).filter(|_| !is_new) else {
            return Act::Rule { rule: self.serial, is: Box::new(rule_by(&mut self.dice, self.reference.now)) };
        };
        let mut is = Box::new((*is).clone());
        match (self.dice.below(10), is.state) {
            (0..3, RuleState::InForce) => is.state = RuleState::Paused,
            (0..8, RuleState::Paused) => is.state = RuleState::InForce,
            (8, _) => is.state = RuleState::Ended,
            _ => self.change(rule, &mut is),
        }
        Act::Rule { rule, is }
    }

    fn change(&mut self, rule: Serial, is: &mut Rule) {
        let (used, another) = (self.reference.used(rule), rule_by(&mut self.dice, self.reference.now));
        let dice = &mut self.dice;
        match dice.below(9) {
            0 => is.gives = gives(dice, is.kind.is_some()),
            1 => is.condition = another.condition,
            2 => is.caps = another.caps,
            3 => (is.starts, is.ends) = (another.starts, another.ends),
            4 => (is.priority, is.stacking) = (another.priority, another.stacking),
            5 => is.budget = None,
            // Now and then less than it has given.
            _ => is.budget = Some((used + dice.one_of([-1, -1, 0, 0, 5, 40, 300])).max(1)),
        }
    }

    /// Something that a member did; or the same again, or something else by the same name.
    pub(super) fn event(&mut self, slot: usize) -> (usize, Act) {
        if self.dice.chance(25)
            && let Some((owner, mut told)) = self.dice.pick(&self.known.events)
        {
            told.units = if self.dice.chance(30) { Some(7) } else { told.units };
            return (self.keeper(owner), Act::Event(told));
        }
        let kinds: Vec<u32> = self.reference.rules.values().filter_map(|of| of.last()?.kind).collect();
        let dice = &mut self.dice;
        let kind = dice.pick(&kinds).filter(|_| dice.chance(80));
        let told = Told {
            kind: kind.unwrap_or_else(|| dice.below(KINDS.into()) as u32),
            key: if dice.chance(30) { dice.below(3) as u32 } else { 100 + self.serial },
            ago: dice.one_of([0, 0, 0, MINUTE, 5 * HOUR, DAY, 20 * DAY]),
            units: dice.one_of([None, Some(100), Some(100), Some(250), Some(33), Some(1_999), Some(-300), Some(0)]),
            vip: dice.chance(40),
        };
        (slot, Act::Event(told))
    }
}

pub fn way(dice: &mut Dice) -> Way {
    Way { channel: channel(dice), vip: dice.chance(40) }
}

fn channel(dice: &mut Dice) -> Option<Channel> {
    dice.one_of([None, Some(Channel::Web), Some(Channel::App), Some(Channel::MiniProgram), Some(Channel::InStore)])
}

fn rule_by(dice: &mut Dice, now: i64) -> Rule {
    let kind = if dice.chance(25) { Some(dice.below(KINDS.into()) as u32) } else { None };
    let (starts, ends) = dice.one_of([
        (None, None),
        (None, None),
        (None, None),
        (Some(now), Some(now + 20 * DAY)),
        (Some(now + DAY), None),
        (None, Some(now + 3 * HOUR)),
    ]);
    Rule {
        state: RuleState::InForce,
        kind,
        priority: dice.one_of([0, 0, 0, 1, -3, 1_000]),
        stacking: dice.one_of([
            Stacking::Stack,
            Stacking::Stack,
            Stacking::Best,
            Stacking::Best,
            Stacking::Best,
            Stacking::Exclusive,
        ]),
        starts,
        ends,
        condition: if dice.chance(60) { If::All(Vec::new()) } else { condition(dice, kind.is_some(), If::DEPTH) },
        gives: gives(dice, kind.is_some()),
        // What members do besides buying is mostly counted.
        caps: if kind.is_some() && dice.chance(60) { vec![once(dice)] } else { caps(dice) },
        budget: dice.one_of([None, None, None, Some(1), Some(50), Some(300), Some(1_500), Some(6_000)]),
    }
}

fn gives(dice: &mut Dice, is_for_event: bool) -> Gives {
    let bonus = dice.one_of([1, 7, 60, 60, 400]);
    // More than a wallet can hold, beside anything else.
    let bonus = if dice.chance(3) { MAX_POINTS } else { bonus };
    if is_for_event {
        return dice.one_of([Gives::Bonus(bonus), Gives::PerUnit(10), Gives::PerUnit(3), Gives::PerUnit(1)]);
    }
    match dice.below(10) {
        0..5 => Gives::Times(dice.one_of([20_000, 15_000, 12_500, 13_333, 10_001, 40_000])),
        5 => Gives::PerAmount { points: dice.one_of([1, 3, 7]), minor: dice.one_of([100, 7, 1_000]) },
        6 => Gives::PerPiece(dice.one_of([1, 5, 20])),
        _ => Gives::Bonus(bonus),
    }
}

fn once(dice: &mut Dice) -> Most {
    let period = dice.one_of([Period::Ever, Period::Day, Period::Day, Period::Week]);
    Most { period, points: None, times: Some(1) }
}

fn caps(dice: &mut Dice) -> Vec<Most> {
    let mut periods = vec![Period::Ever, Period::Day, Period::Week, Period::Month];
    let count = dice.one_of([0, 0, 0, 0, 1, 1, 2]);
    let cap = |_| {
        let period = periods.remove(dice.below(periods.len() as i64).unsigned_abs() as usize);
        let (points, times) = dice.one_of([
            (Some(1), None),
            (Some(60), None),
            (Some(100), None),
            (Some(700), Some(3)),
            (None, Some(1)),
            (None, Some(2)),
        ]);
        Most { period, points, times }
    };
    (0..count).map(cap).collect()
}

fn condition(dice: &mut Dice, is_for_event: bool, depth: usize) -> If {
    let parts = |dice: &mut Dice| (0..dice.within(1, 3)).map(|_| condition(dice, is_for_event, depth - 1)).collect();
    match dice.below(10) {
        0 | 1 if depth > 1 => If::All(parts(dice)),
        2 | 3 if depth > 1 => If::Any(parts(dice)),
        4 if depth > 1 => If::Not(Box::new(condition(dice, is_for_event, depth - 1))),
        _ => leaf(dice, is_for_event),
    }
}

fn leaf(dice: &mut Dice, is_for_event: bool) -> If {
    let places = |dice: &mut Dice| {
        let all: Vec<usize> = (0..PRODUCTS.len()).filter(|_| dice.chance(40)).collect();
        if all.is_empty() { vec![0] } else { all }
    };
    let some = |dice: &mut Dice| if dice.chance(50) { Vec::new() } else { places(dice) };
    let today = day_of("UTC", START);
    match dice.below(if is_for_event { 7 } else { 15 }) {
        0 => If::Vip,
        1 => {
            let least = dice.within(1, 7) as i8;
            If::Weekdays((1..=7).filter(|day| *day == least || dice.chance(60)).collect())
        }
        2 => dice.pick(&[If::Hours(8, 20), If::Hours(22, 6), If::Hours(0, 12), If::Hours(23, 0)]).unwrap_or(If::Vip),
        3 => If::Days(today + dice.within(-1, 20), today + dice.within(20, 60)),
        4 | 5 if is_for_event => {
            let (least, most) = dice.one_of([(Some(100), None), (None, Some(250)), (Some(34), Some(1_999))]);
            If::Units { least, most }
        }
        4 | 5 => If::First,
        // The last of either.
        6 if is_for_event => If::Tier(names(dice)),
        14 => If::Tier(names(dice)),
        6 => If::Category(dice.below(CATEGORIES as i64 - 1).unsigned_abs() as usize),
        7 | 8 => If::Products(places(dice)),
        9 | 10 => If::Spend { least: dice.one_of([1, 3_000, 10_000, 24_000]), of: some(dice) },
        11 | 12 => If::Quantity { least: dice.one_of([1, 3, 7, 10]), of: some(dice) },
        _ => channel(dice).map_or(If::Vip, If::By),
    }
}
