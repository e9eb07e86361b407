//! Earning rules by chance, with budgets and caps that end in the middle of an order.

use std::collections::BTreeSet;

use jifen::base::id::Id;
use jifen::domain::earning::entity::{Period, RuleState, Stacking, budget, earning_rule};
use jifen::domain::earning::rule::cap::Cap;
use jifen::domain::earning::rule::condition::Condition;
use jifen::domain::earning::rule::condition::channel::Channels;
use jifen::domain::earning::rule::condition::first_order::FirstOrder;
use jifen::domain::earning::rule::condition::products::Products;
use jifen::domain::earning::rule::condition::quantity::Quantity;
use jifen::domain::earning::rule::condition::spend::Spend;
use jifen::domain::earning::rule::effect::Effect;
use jifen::domain::earning::rule::terms::{Rule, Rules, Terms};

use super::Dice;

/// Rules that there may be. Those with an odd number have a budget.
const RULES: u128 = 5;

fn rule_id(number: u128) -> Id {
    Id::from_u128((3 << 64) + number)
}

/// The budget of each rule that has one.
pub fn budgets(dice: &Dice) -> Vec<budget::Model> {
    let budget = |number| {
        let granted = *dice.pick(&[20, 300, 2_000, 100_000]);
        budget::Model { id: rule_id(number), granted, remaining: granted, used: 0 }
    };
    (1..=RULES).step_by(2).map(budget).collect()
}

/// The rules of a version of the program: each as it happens to be by then, or not in force.
pub fn any_rules(dice: &Dice, version: i64, products: &[Id]) -> Rules {
    let in_force = (1..=RULES).filter(|_| !dice.once_in(3));
    let rules = in_force.map(|number| {
        let terms = Terms { condition: condition(dice, products), effect: effect(dice), caps: caps(dice) };
        let row = earning_rule::Model {
            id: rule_id(number),
            revision: version,
            program_id: Id::from_u128(1),
            version: Some(version),
            state: RuleState::InForce,
            name: format!("Rule {number}"),
            description: String::new(),
            event_type_id: None,
            priority: dice.roll(3),
            stacking: *dice.pick(&[Stacking::Stack, Stacking::Stack, Stacking::Best, Stacking::Exclusive]),
            starts_at: None,
            ends_at: None,
            terms: terms.write(),
            budgeted: number % 2 == 1,
            author_id: Id::from_u128(9),
            created_at: 0,
        };
        Rule { row, terms }
    });
    Rules::new(rules.collect())
}

fn effect(dice: &Dice) -> Effect {
    match dice.roll(6) {
        0..3 => Effect::Multiplier(*dice.pick(&[20_000, 15_000, 13_333, 10_001])),
        3 => Effect::PerAmount { points: 1 + dice.roll(7), minor: *dice.pick(&[7, 100, 1_000]) },
        4 => Effect::PerPiece { points: 1 + dice.roll(20) },
        _ => Effect::Bonus { points: 1 + dice.roll(400) },
    }
}

fn condition(dice: &Dice, products: &[Id]) -> Condition {
    let of = || Products { product_ids: BTreeSet::from([*dice.pick(products)]), ..Products::default() };
    match dice.roll(8) {
        0 => Condition::Products(of()),
        1 => Condition::Not(Box::new(Condition::Products(of()))),
        2 => Condition::Spend(Spend { least: 1 + dice.roll(40_000), of: None }),
        3 => Condition::Quantity(Quantity { least: 1 + dice.roll(8), of: Some(of()).filter(|_| dice.once_in(2)) }),
        4 => Condition::Not(Box::new(Condition::Quantity(Quantity { least: 1 + dice.roll(8), of: None }))),
        5 => Condition::Any(vec![
            Condition::FirstOrder(FirstOrder {}),
            Condition::Channel(Channels(BTreeSet::from(["APP".to_owned()]))),
        ]),
        _ => Condition::always(),
    }
}

fn caps(dice: &Dice) -> Vec<Cap> {
    let period = *dice.pick(&[Period::Ever, Period::Day, Period::Week, Period::Month]);
    let (points, times) = *dice.pick(&[(Some(1), None), (Some(100), None), (None, Some(1)), (Some(900), Some(2))]);
    if dice.once_in(2) { vec![Cap { period, points, times }] } else { Vec::new() }
}
