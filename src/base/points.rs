//! The arithmetic of points: `I = P × Q`, `C = I × R`, and sharing a whole number out by largest remainder.
//!
//! Integers go in and come out; the products are taken in 128 bits, so nothing is lost on the way.

/// How a fraction of a point is rounded. It happens once an order, never a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    Floor,
    HalfUp,
    Ceil,
}

/// The largest number of points one wallet or one movement may hold: what a GraphQL `Int` can carry.
pub const MAX_POINTS: i64 = i32::MAX as i64;

/// The earn rate P as a rational: `points` for every `minor` minor units of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarnRate {
    pub points: i64,
    pub minor: i64,
}

impl EarnRate {
    /// `I = P × Q`, rounded once. `None` when the result is more than [`MAX_POINTS`].
    pub fn earn(self, eligible_minor: i64, rounding: Rounding) -> Option<i64> {
        debug_assert!(self.minor > 0 && self.points >= 0 && eligible_minor >= 0);
        let product = i128::from(eligible_minor) * i128::from(self.points);
        let divisor = i128::from(self.minor);
        let rounded = match rounding {
            Rounding::Floor => product / divisor,
            Rounding::HalfUp => (2 * product + divisor) / (2 * divisor),
            Rounding::Ceil => (product + divisor - 1) / divisor,
        };
        i64::try_from(rounded).ok().filter(|points| *points <= MAX_POINTS)
    }
}

/// The exchange rate R as a rational: `points` points are worth `minor` minor units of money. Both are positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeRate {
    pub points: i64,
    pub minor: i64,
}

impl ExchangeRate {
    /// Only a multiple of this many points is worth a whole number of minor units: `d / gcd(n, d)`.
    pub fn step(self) -> i64 {
        debug_assert!(self.points > 0 && self.minor > 0);
        self.points / greatest_common_divisor(self.points, self.minor).max(1)
    }

    /// `C = I × R`, what points are worth in minor units. `None` when that is no whole number, or does not fit.
    pub fn value(self, points: i64) -> Option<i64> {
        let product = i128::from(points) * i128::from(self.minor);
        let divisor = i128::from(self.points);
        if product % divisor != 0 {
            return None;
        }
        i64::try_from(product / divisor).ok()
    }

    /// The same rounded down, for points that nobody chose, such as those missing from a clawback.
    pub fn floor_value(self, points: i64) -> i64 {
        debug_assert!(points >= 0);
        let value = i128::from(points) * i128::from(self.minor) / i128::from(self.points);
        i64::try_from(value).unwrap_or(i64::MAX)
    }

    /// The most points that are worth a whole number of minor units, and no more than this many of them. Never more
    /// than [`MAX_POINTS`].
    pub fn points_for(self, minor: i64) -> i64 {
        debug_assert!(minor >= 0);
        let points = i128::from(minor) * i128::from(self.points) / i128::from(self.minor);
        let points = i64::try_from(points).map_or(MAX_POINTS, |points| points.min(MAX_POINTS));
        points - points % self.step()
    }
}

/// The least multiple of `step` that is not below `points`: what to offer somebody who chose a number in between.
pub fn multiple_from(points: i64, step: i64) -> i64 {
    debug_assert!(step > 0);
    let steps = (i128::from(points) + i128::from(step) - 1).div_euclid(i128::from(step));
    i64::try_from(steps * i128::from(step)).unwrap_or(i64::MAX)
}

fn greatest_common_divisor(mut left: i64, mut right: i64) -> i64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// Shares `total` out over `weights` by largest remainder; ties go to the lower position. The shares sum to `total`
/// exactly. Weights must not be negative; when all are zero, everything stays with the first.
pub fn share(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        let mut shares = vec![0; weights.len()];
        if let Some(first) = shares.first_mut() {
            *first = total;
        }
        return shares;
    }
    let quota = |weight: &i64| i128::from(total) * i128::from(*weight);
    let mut shares: Vec<i64> = weights.iter().map(|weight| to_i64(quota(weight) / sum)).collect();
    let left_over = total - shares.iter().sum::<i64>();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    // The sort is stable, so equal remainders keep the order of the lines.
    by_remainder.sort_by_key(|position| std::cmp::Reverse(quota(&weights[*position]) % sum));
    for position in by_remainder.into_iter().take(usize::try_from(left_over).unwrap_or(0)) {
        shares[position] += 1;
    }
    shares
}

/// A quota is never larger than the total it is a part of, which was an `i64`.
fn to_i64(value: i128) -> i64 {
    i64::try_from(value).expect("a share is at most the total")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN_A_YUAN: EarnRate = EarnRate { points: 10, minor: 100 };

    #[test]
    fn points_are_rounded_as_the_program_says() {
        assert_eq!(TEN_A_YUAN.earn(10_002, Rounding::Floor), Some(1000));
        assert_eq!(TEN_A_YUAN.earn(10_005, Rounding::HalfUp), Some(1001));
        assert_eq!(TEN_A_YUAN.earn(10_001, Rounding::Ceil), Some(1001));
        assert_eq!(TEN_A_YUAN.earn(0, Rounding::Ceil), Some(0));
        assert_eq!(TEN_A_YUAN.earn(i64::MAX, Rounding::Floor), None);
    }

    #[test]
    fn points_are_worth_a_whole_number_of_minor_units_or_nothing_is_said() {
        // 100 points for ¥1.00; 3 points for 2 fen; 500 points for ¥1.00; 1 point for ¥0.03.
        for (points, minor, step) in [(100, 100, 1), (3, 2, 3), (500, 100, 5), (1, 3, 1), (6, 4, 3), (7, 7_000, 1)] {
            let rate = ExchangeRate { points, minor };
            assert_eq!(rate.step(), step, "{rate:?}");
            for steps in [0, 1, 2, 997] {
                assert_eq!(rate.value(steps * step), Some(steps * step * minor / points), "{rate:?}");
                assert_eq!(rate.points_for(rate.floor_value(steps * step)), steps * step, "{rate:?}");
            }
            if step > 1 {
                assert_eq!(rate.value(step + 1), None, "{rate:?}");
                assert_eq!(rate.value(step - 1), None, "{rate:?}");
            }
        }
    }

    #[test]
    fn what_is_not_whole_is_rounded_down() {
        let rate = ExchangeRate { points: 3, minor: 2 };
        assert_eq!([0, 1, 2, 3, 4, 5].map(|points| rate.floor_value(points)), [0, 0, 1, 2, 2, 3]);
        assert_eq!([0, 1, 2, 3, 4].map(|minor| rate.points_for(minor)), [0, 0, 3, 3, 6]);
        assert_eq!(ExchangeRate { points: 1, minor: 300 }.points_for(899), 2);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let dear = ExchangeRate { points: 1, minor: i64::MAX };
        assert_eq!((dear.value(1), dear.value(2)), (Some(i64::MAX), None));
        assert_eq!((dear.floor_value(i64::MAX), dear.points_for(i64::MAX)), (i64::MAX, 1));
        let cheap = ExchangeRate { points: i64::MAX, minor: 1 };
        assert_eq!((cheap.step(), cheap.floor_value(MAX_POINTS), cheap.points_for(i64::MAX)), (i64::MAX, 0, 0));
        assert_eq!(ExchangeRate { points: 3, minor: 2 }.points_for(i64::MAX), MAX_POINTS - MAX_POINTS % 3);
    }

    #[test]
    fn the_next_multiple_is_named() {
        assert_eq!([0, 1, 4, 5, 6].map(|points| multiple_from(points, 5)), [0, 5, 5, 5, 10]);
        assert_eq!(multiple_from(i64::MAX, 2), i64::MAX);
    }

    /// ledger-examples E1 and E2, E8.
    #[test]
    fn shares_follow_the_largest_remainder() {
        assert_eq!(share(1000, &[3334, 3334, 3334]), [334, 333, 333]);
        assert_eq!(share(375, &[1999, 501, 5]), [299, 75, 1]);
        assert_eq!(share(1000, &[3000, 2001, 999]), [500, 334, 166]);
        assert_eq!(share(7, &[0, 0]), [7, 0]);
        assert_eq!(share(0, &[]), Vec::<i64>::new());
    }
}
