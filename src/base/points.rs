//! The arithmetic of points: `I = P × Q`, and sharing a whole number out by largest remainder.
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
