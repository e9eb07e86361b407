//! What a sale's points are worth beside its goods, and when that is earned (IFRS 15, ASC 606). All in whole numbers: money
//! in minor units, shares in millionths, rounded half up once.

/// A share in millionths.
pub const WHOLE: i64 = 1_000_000;

/// What points would cost by themselves: their value at the exchange rate, for the share of them that will be redeemed.
pub fn stand_alone(points: i64, (exchange_points, exchange_minor): (i64, i64), share: i64) -> i64 {
    let worth = i128::from(points) * i128::from(exchange_minor) * i128::from(share);
    round_half_up(worth, i128::from(exchange_points) * i128::from(WHOLE))
}

/// The part of a price that is for the points, by the two stand-alone prices. The goods' own is their price as it stands.
pub fn for_points(price: i64, goods: i64, points: i64) -> i64 {
    let both = i128::from(goods) + i128::from(points);
    if both == 0 { 0 } else { round_half_up(i128::from(price) * i128::from(points), both) }
}

/// What has been earned of what was deferred, in all: as large a part as has been redeemed of what will be. When
/// expectations change, the next of these catches up with all that was before.
pub fn earned(deferred: i64, redeemed: i64, expected: i64) -> i64 {
    if expected <= 0 || redeemed >= expected {
        // Nothing is left that could be redeemed, so all of it is earned.
        return deferred;
    }
    round_half_up(i128::from(deferred) * i128::from(redeemed.max(0)), i128::from(expected))
}

/// Of what is not negative.
fn round_half_up(part: i128, whole: i128) -> i64 {
    i64::try_from((2 * part + whole) / (2 * whole)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// KPMG's published example 10A.
    #[test]
    fn e12_a_price_is_split_by_stand_alone_prices() {
        // 10,000 points at $1 a point, of which 97 % will be redeemed.
        let points = stand_alone(10_000, (1, 100), 970_000);
        assert_eq!(points, 970_000);
        let deferred = for_points(10_000_000, 10_000_000, points);
        assert_eq!((deferred, 10_000_000 - deferred), (884_230, 9_115_770));
    }

    #[test]
    fn e12_revenue_catches_up_when_more_is_expected() {
        let first = earned(884_230, 4_500, 9_700);
        assert_eq!(first, 410_210);
        let second = earned(884_230, 8_500, 9_800);
        assert_eq!((second, second - first), (766_934, 356_724));
    }

    #[test]
    fn all_of_it_is_earned_when_nothing_more_is_expected() {
        assert_eq!(earned(500, 970, 970), 500);
        assert_eq!(earned(500, 0, 0), 500);
        assert_eq!(earned(500, -3, 970), 0);
    }
}
