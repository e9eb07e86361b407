//! Deferred revenue, month by month: what sales put aside for points, and what redemptions have earned of it.

use super::revenue::{earned, for_points, stand_alone};
use super::roll::Moved;

/// What was sold and taken back in a month, in minor units and points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sales {
    /// Paid with money.
    pub price: i64,
    pub points: i64,
    /// Money given back.
    pub price_returned: i64,
    /// Earned points demanded back.
    pub points_returned: i64,
}

/// A month as it is put in.
#[derive(Clone, Copy, Debug)]
pub struct Month {
    pub sales: Sales,
    pub moved: Moved,
    /// The share of points that will be redeemed, in millionths.
    pub share: i64,
    /// So many points are worth so many minor units.
    pub exchange: (i64, i64),
}

/// A month as it comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// Paid with money in the month, less what was given back.
    pub price: i64,
    /// What the points of these sales would cost by themselves, less what was taken back.
    pub stand_alone: i64,
    /// Of the price, what is for the points.
    pub for_points: i64,
    pub share: i64,
    /// Points redeemed since the beginning, and how many of those that came by now will be in all.
    pub redeemed: i64,
    pub expected: i64,
    /// Put aside for points since the beginning, …
    pub deferred: i64,
    /// … earned of it since the beginning, and in this month, catching up with what was before.
    pub earned: i64,
    pub earned_now: i64,
}

impl Deferred {
    /// What is still to be earned.
    pub fn balance(&self) -> i64 {
        self.deferred - self.earned
    }
}

/// Goes through the months from the first one on. A sale is split once, by what was expected in its month; what is expected
/// later changes only how much of that has been earned.
pub fn defer(months: &[Month]) -> Vec<Deferred> {
    let (mut all, mut deferred, mut earned_before) = (Moved::default(), 0, 0);
    let rows = months.iter().map(|Month { sales, moved, share, exchange }| {
        let worth = |points| stand_alone(points, *exchange, *share);
        let (sold, returned) = (worth(sales.points), worth(sales.points_returned));
        let put_aside = for_points(sales.price, sales.price, sold);
        let put_back = for_points(sales.price_returned, sales.price_returned, returned);
        all.add(moved);
        // A return never takes back more than there is.
        let for_points = (put_aside - put_back).max(-deferred);
        deferred += for_points;
        let expected = stand_alone(all.redeemable().max(0), (1, 1), *share).max(all.redeemed);
        let now = earned(deferred, all.redeemed, expected);
        let row = Deferred {
            price: sales.price - sales.price_returned,
            stand_alone: sold - returned,
            for_points,
            share: *share,
            redeemed: all.redeemed,
            expected,
            deferred,
            earned: now,
            earned_now: now - earned_before,
        };
        earned_before = now;
        row
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published example over two months: what is expected changes, and what was put aside does not.
    #[test]
    fn e12_over_two_months() {
        let first = Month {
            sales: Sales { price: 10_000_000, points: 10_000, ..Sales::default() },
            moved: Moved { issued: 10_000, redeemed: 4_500, ..Moved::default() },
            share: 970_000,
            exchange: (1, 100),
        };
        let moved = Moved { redeemed: 4_000, ..Moved::default() };
        let second = Month { sales: Sales::default(), moved, share: 980_000, ..first };
        let rows = defer(&[first, second]);
        assert_eq!((rows[0].for_points, rows[0].expected, rows[0].earned), (884_230, 9_700, 410_210));
        assert_eq!((rows[1].for_points, rows[1].expected, rows[1].earned), (0, 9_800, 766_934));
        assert_eq!((rows[1].earned_now, rows[1].balance()), (356_724, 884_230 - 766_934));
    }

    #[test]
    fn what_comes_back_as_a_whole_leaves_nothing_aside() {
        let sales = Sales { price: 5_000, points: 500, price_returned: 5_000, points_returned: 500 };
        let moved = Moved { issued: 500, revoked: 500, ..Moved::default() };
        let rows = defer(&[Month { sales, moved, share: 1_000_000, exchange: (100, 100) }]);
        assert_eq!((rows[0].price, rows[0].deferred, rows[0].balance()), (0, 0, 0));
    }
}
