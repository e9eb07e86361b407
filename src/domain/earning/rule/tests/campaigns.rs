//! What rules give beside the program's rate, and what of it a return takes back.

use super::*;
use crate::base::multiplier::WHOLE;
use crate::base::points::MAX_POINTS;
use crate::domain::earning::entity::{RuleState, Stacking, earned_share, earning_rule};
use crate::domain::earning::rule::condition::Condition;
use crate::domain::earning::rule::condition::products::Products;
use crate::domain::earning::rule::effect::Effect;
use crate::domain::earning::rule::left::{Given, demand};
use crate::domain::earning::rule::reckon::share_rows;
use crate::domain::earning::rule::terms::Terms;

/// A rule in force without dates.
fn rule(number: u128, stacking: Stacking, condition: Condition, effect: Effect) -> Rule {
    let terms = Terms { condition, effect, caps: Vec::new() };
    let row = earning_rule::Model {
        id: Id::from_u128(number),
        revision: 1,
        program_id: Id::nil(),
        version: Some(2),
        state: RuleState::InForce,
        name: format!("rule {number}"),
        description: String::new(),
        event_type_id: None,
        priority: 0,
        stacking,
        starts_at: None,
        ends_at: None,
        terms: terms.write(),
        budgeted: false,
        author_id: Id::nil(),
        created_at: 0,
    };
    Rule { row, terms }
}

fn always(number: u128, stacking: Stacking, effect: Effect) -> Rule {
    rule(number, stacking, Condition::always(), effect)
}

fn bonus(number: u128, stacking: Stacking, points: i64) -> Rule {
    always(number, stacking, Effect::Bonus { points })
}

fn unlimited(_: &Rule) -> i64 {
    i64::MAX
}

/// The number of each rule that gave, and what it gave.
fn gave(earned: &Earned) -> Vec<(u128, i64)> {
    earned.shares.iter().map(|share| (share.rule.id.as_u128(), share.points)).collect()
}

fn rows(earned: &Earned) -> Vec<earned_share::Model> {
    share_rows(&earned.shares, Id::nil(), Id::nil())
}

/// Takes back down to each of some baskets, one after the other: what is demanded of the base and of the one rule.
fn taken_back(program: &program::Model, rule: &Rule, earned: &Earned, rests: &[&[i64]]) -> Vec<(i64, i64)> {
    let (mut base, mut share) = (Given { points: earned.base, clawed: 0 }, rows(earned).remove(0));
    let steps = rests.iter().map(|rest| {
        let visit = visit();
        let items = basket(rest);
        let demanded = demand(program, &visit.buying(&items), base, &[(&share, Some(rule))]);
        base.clawed += demanded.base;
        share.clawed += demanded.shares[0];
        (demanded.base, demanded.shares[0])
    });
    steps.collect()
}

/// E9, a budget ends in the middle of an order: 60 left of a "+100 %" campaign, lines of ¥6 and ¥4.
#[test]
fn e9_a_budget_ends_in_the_middle_of_an_order() {
    let program = program(10);
    let double = always(1, Stacking::Stack, Effect::Multiplier(2 * WHOLE));
    let rules = Rules::new(vec![double.clone()]);
    let earned = earned(&program, &rules, &basket(&[600, 400]), |_| 60);
    assert_eq!((earned.points, earned.base, gave(&earned)), (160, 100, vec![(1, 60)]));
    assert_eq!(earned.by_line, [96, 64]);
    // ¥4 first: 60 + min(60, 60) = 120 are left, 40 are demanded and the budget gets nothing; then 120, and it gets 60.
    assert_eq!(taken_back(&program, &double, &earned, &[&[600], &[]]), [(40, 0), (60, 60)]);
    // ¥6 first: 40 + min(60, 40) = 80 are left; 80 are demanded, and the budget gets 20; then 80, and it has all 60.
    assert_eq!(taken_back(&program, &double, &earned, &[&[400], &[]]), [(60, 20), (40, 40)]);
}

/// E2 again, with the half as a campaign: it is rounded with the base, once.
#[test]
fn a_multiplier_is_rounded_with_the_base() {
    let rules = Rules::new(vec![always(1, Stacking::Stack, Effect::Multiplier(15_000))]);
    let earned = earned(&program(10), &rules, &basket(&[1_999, 501, 5]), unlimited);
    assert_eq!((earned.points, earned.base, earned.by_line), (375, 250, vec![299, 75, 1]));
}

#[test]
fn a_rule_gives_for_the_lines_its_condition_holds_for() {
    let second = Condition::Products(Products { skus: ["P2".to_owned()].into(), ..Products::default() });
    let rules = Rules::new(vec![
        rule(1, Stacking::Stack, second.clone(), Effect::Multiplier(3 * WHOLE)),
        rule(2, Stacking::Stack, second, Effect::PerPiece { points: 7 }),
    ]);
    let earned = earned(&program(10), &rules, &basket(&[1_000, 500]), unlimited);
    assert_eq!((gave(&earned), earned.by_line.clone()), (vec![(1, 100), (2, 7)], vec![100, 157]));
    assert_eq!(earned.points, 257);
}

#[test]
fn of_those_that_do_not_stack_the_best_gives() {
    let (stack, best) = (Stacking::Stack, Stacking::Best);
    let rules = Rules::new(vec![bonus(1, best, 10), bonus(2, best, 30), bonus(3, stack, 5), bonus(4, best, 30)]);
    let basket = basket(&[100]);
    assert_eq!(gave(&earned(&program(10), &rules, &basket, unlimited)), [(2, 30), (3, 5)]);
    // What counts is what it can still give.
    let left = |rule: &Rule| if rule.row.id == Id::from_u128(1) { MAX_POINTS } else { 9 };
    assert_eq!(gave(&earned(&program(10), &rules, &basket, left)), [(1, 10), (3, 5)]);
}

#[test]
fn an_exclusive_rule_gives_alone_while_it_has_something_to_give() {
    let rules = Rules::new(vec![bonus(1, Stacking::Exclusive, 1), bonus(2, Stacking::Stack, 5)]);
    let basket = basket(&[100]);
    assert_eq!(gave(&earned(&program(10), &rules, &basket, unlimited)), [(1, 1)]);
    let left = |rule: &Rule| if rule.is_exclusive() { 0 } else { MAX_POINTS };
    let earned = earned(&program(10), &rules, &basket, left);
    assert_eq!(gave(&earned), [(2, 5)]);
    assert_eq!(earned.spent.iter().map(|share| (share.due, share.points)).collect::<Vec<_>>(), [(1, 0)]);
}

#[test]
fn the_higher_priority_comes_first() {
    let (mut second, first) = (bonus(1, Stacking::Exclusive, 1), bonus(2, Stacking::Exclusive, 2));
    second.row.priority = -1;
    let rules = Rules::new(vec![second, first]);
    assert_eq!(gave(&earned(&program(10), &rules, &basket(&[100]), unlimited)), [(2, 2)]);
}

/// Whatever is taken back in whatever steps, no more is demanded than was given, and all of it in the end.
#[test]
fn any_parts_demand_what_the_whole_does() {
    let program = program(7);
    let prices = [333, 1_001, 250, 99];
    for effect in [
        Effect::Multiplier(12_345),
        Effect::PerAmount { points: 3, minor: 170 },
        Effect::PerPiece { points: 2 },
        Effect::Bonus { points: 50 },
    ] {
        let rule = always(1, Stacking::Stack, effect);
        let earned = earned(&program, &Rules::new(vec![rule.clone()]), &basket(&prices), |_| 40);
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            let rests: Vec<Vec<i64>> = (1..=4)
                .map(|gone| (0..4).filter(|at| !order[..gone].contains(at)).map(|at| prices[at]).collect())
                .collect();
            let rests: Vec<&[i64]> = rests.iter().map(Vec::as_slice).collect();
            let steps = taken_back(&program, &rule, &earned, &rests);
            let sums = steps.iter().fold((0, 0), |sum, step| (sum.0 + step.0, sum.1 + step.1));
            assert_eq!(sums, (earned.base, earned.shares[0].points), "{:?} in {order:?}: {steps:?}", rule.terms.effect);
        }
    }
}

#[test]
fn what_a_wallet_cannot_hold_is_not_earned() {
    let rules = Rules::new(vec![bonus(1, Stacking::Stack, MAX_POINTS)]);
    let visit = visit();
    let (items, program) = (basket(&[100]), program(10));
    let occasion = visit.buying(&items);
    assert_eq!(reckon(&program, matching(&rules, &occasion), &occasion, unlimited), None);
}
