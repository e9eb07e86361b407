//! The worked examples of ledger-examples that are about earning and sharing out.

use super::*;

fn program(earn_points: i64) -> program::Model {
    program::Model { earn_points, ..program::Model::usual(crate::base::id::Id::nil(), 0) }
}

fn points(net_of_lines: &[i64]) -> i64 {
    earn(&program(10), net_of_lines).unwrap().points
}

/// E1, three equal returns: 3 × ¥33.34 earn 1000, shown as 334/333/333; returned one by one they take back exactly that.
#[test]
fn e1_three_equal_returns() {
    let earned = earn(&program(10), &[3_334, 3_334, 3_334]).unwrap();
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
    let earned = earn(&program(15), &[1_999, 501, 5]).unwrap();
    assert_eq!(earned, Earned { points: 375, by_line: vec![299, 75, 1] });
    // Ties go to the lower position.
    assert_eq!(earn(&program(10), &[5, 5]).unwrap(), Earned { points: 1, by_line: vec![1, 0] });
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
