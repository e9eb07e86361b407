//! The worked examples of docs/LEDGER.md that are about earning and sharing out.

mod campaigns;
mod conditions;

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::points::share;
use crate::domain::earning::rule::occasion::{Item, Occasion, Standing};
use crate::domain::earning::rule::reckon::{Earned, matching, reckon};
use crate::domain::earning::rule::terms::{Rule, Rules};
use crate::domain::points::entity::program;

fn program(earn_points: i64) -> program::Model {
    program::Model { earn_points, ..program::Model::usual(Id::nil(), 0) }
}

/// One piece of a product a line, by its price. The products are numbered from 1.
fn basket(prices: &[i64]) -> Vec<Item> {
    let lines = prices.iter().zip(1..).map(|(net, number)| Item {
        product_id: Id::from_u128(number),
        sku: format!("P{number}"),
        category_id: None,
        quantity: 1,
        net: *net,
        basis: *net,
    });
    lines.collect()
}

/// A member who has ordered before, on Wednesday, 3 March 2027, at noon in Shanghai.
pub struct Visit {
    moment: Instant,
    zone: TimeZone,
    standing: Standing,
}

pub fn visit() -> Visit {
    Visit {
        moment: Instant::from_timestamp("2027-03-03T04:00:00Z".parse().unwrap()),
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        standing: Standing { purchases_before: Some(3), ..Standing::default() },
    }
}

impl Visit {
    pub fn buying<'a>(&'a self, items: &'a [Item]) -> Occasion<'a> {
        Occasion {
            moment: self.moment,
            zone: &self.zone,
            items,
            channel: None,
            outlet_id: None,
            event: None,
            standing: &self.standing,
        }
    }
}

/// What a basket earns with rules of which each has so much left to give.
fn earned(program: &program::Model, rules: &Rules, items: &[Item], left: impl Fn(&Rule) -> i64) -> Earned {
    let visit = visit();
    let occasion = visit.buying(items);
    reckon(program, matching(rules, &occasion), &occasion, left).unwrap()
}

fn without_rules(program: &program::Model, prices: &[i64]) -> Earned {
    earned(program, &Rules::default(), &basket(prices), |_| 0)
}

fn points(prices: &[i64]) -> i64 {
    without_rules(&program(10), prices).points
}

/// E1, three equal returns: 3 × ¥33.34 earn 1000, shown as 334/333/333; returned one by one they take back exactly that.
#[test]
fn e1_three_equal_returns() {
    let earned = without_rules(&program(10), &[3_334, 3_334, 3_334]);
    assert_eq!((earned.points, earned.by_line.as_slice()), (1_000, [334, 333, 333].as_slice()));
    let mut clawed_back = Vec::new();
    for left in [6_668, 3_334, 0] {
        let demanded: i64 = clawed_back.iter().sum();
        clawed_back.push(earned.points - points(&[left]) - demanded);
    }
    assert_eq!(clawed_back, [334, 333, 333]);
}

/// E2, largest remainder: ¥19.99, ¥5.01 and ¥0.05 at × 1.5 are 375.75, so 375, shared out as 299/75/1.
#[test]
fn e2_largest_remainder() {
    let earned = without_rules(&program(15), &[1_999, 501, 5]);
    assert_eq!((earned.points, earned.by_line), (375, vec![299, 75, 1]));
    // Ties go to the lower position.
    let earned = without_rules(&program(10), &[5, 5]);
    assert_eq!((earned.points, earned.by_line), (1, vec![1, 0]));
}

/// E8, points and money on one order: how the points and the money lie on the lines, and what the three units of the
/// second line give back one by one.
#[test]
fn e8_points_and_money_on_one_order() {
    let lines = [3_000, 2_001, 999];
    let by_points = share(1_000, &lines);
    assert_eq!(by_points, [500, 334, 166]);
    let money: Vec<i64> = lines.iter().zip(&by_points).map(|(line, points)| line - points).collect();
    assert_eq!(money, [2_500, 1_667, 833]);
    let earned = points(&money);
    assert_eq!(earned, 500);
    let (mut given_back, mut rows) = ((0, 0, 0), Vec::new());
    for units in 1..=3 {
        let (points_back, fen_back) = (by_points[1] * units / 3 - given_back.0, money[1] * units / 3 - given_back.1);
        let left = money.iter().sum::<i64>() - given_back.1 - fen_back;
        let clawback = earned - points(&[left]) - given_back.2;
        given_back = (given_back.0 + points_back, given_back.1 + fen_back, given_back.2 + clawback);
        rows.push((points_back, fen_back, left, points(&[left]), clawback));
    }
    assert_eq!(rows, [(111, 555, 4_445, 444, 56), (111, 556, 3_889, 388, 56), (112, 556, 3_333, 333, 55)]);
}
