//! Deferred revenue, month by month: what sales put aside for points, and what redemptions have earned of it.

use super::revenue::{earned, for_points, stand_alone};
use super::roll::Moved;

/// What orders brought, or what of it went back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sales {
    /// Money in minor units.
    pub price: i64,
    /// Points earned with the orders.
    pub points: i64,
}

impl Sales {
    pub fn add(&mut self, price: i64, points: i64) {
        (self.price, self.points) = (self.price + price, self.points + points);
    }
}

/// A month as it is put in.
#[derive(Clone, Debug)]
pub struct Month {
    pub sales: Sales,
    /// What was taken back in it, each with the place of the month in which it had been sold.
    pub returned: Vec<(usize, Sales)>,
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

/// What is left of a month's sales. It is split by what was expected, and what points were worth, in that month for good.
#[derive(Clone, Copy, Debug)]
struct Sold {
    left: Sales,
    share: i64,
    exchange: (i64, i64),
}

impl Sold {
    fn stand_alone(&self) -> i64 {
        stand_alone(self.left.points, self.exchange, self.share)
    }

    fn for_points(&self) -> i64 {
        for_points(self.left.price, self.left.price, self.stand_alone())
    }

    /// Takes back some of it: by how much less its points would cost, and is put aside for them. These are differences of
    /// what is left, so that a month of which nothing is left has nothing aside, to the unit.
    fn take_back(&mut self, returned: Sales) -> (i64, i64) {
        let before = (self.stand_alone(), self.for_points());
        self.left.price = (self.left.price - returned.price).max(0);
        self.left.points = (self.left.points - returned.points).max(0);
        (before.0 - self.stand_alone(), before.1 - self.for_points())
    }
}

/// Goes through the months from the first one on. A sale is split once, by what was expected in its month, and what comes
/// back of it is taken out of that split; what is expected later changes only how much of it has been earned.
pub fn defer(months: &[Month]) -> Vec<Deferred> {
    let (mut all, mut deferred, mut earned_before) = (Moved::default(), 0, 0);
    let mut sold: Vec<Sold> = Vec::with_capacity(months.len());
    let rows = months.iter().enumerate().map(|(place, Month { sales, returned, moved, share, exchange })| {
        let sales = Sold { left: *sales, share: *share, exchange: *exchange };
        sold.push(sales);
        let (mut price, mut alone, mut for_points) = (sales.left.price, sales.stand_alone(), sales.for_points());
        for (sold_in, returned) in returned {
            // Nothing comes back before it is sold, unless a clock was wrong.
            let (less_alone, less_aside) = sold[place.min(*sold_in)].take_back(*returned);
            (price, alone, for_points) = (price - returned.price, alone - less_alone, for_points - less_aside);
        }
        all.add(moved);
        deferred += for_points;
        let expected = stand_alone(all.redeemable().max(0), (1, 1), *share).max(all.redeemed);
        let now = earned(deferred, all.redeemed, expected);
        let row = Deferred {
            price,
            stand_alone: alone,
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
    use crate::base::id::Random;

    /// The published example over two months: what is expected changes, and what was put aside does not.
    #[test]
    fn e12_over_two_months() {
        let first = Month {
            sales: Sales { price: 10_000_000, points: 10_000 },
            returned: Vec::new(),
            moved: Moved { issued: 10_000, redeemed: 4_500, ..Moved::default() },
            share: 970_000,
            exchange: (1, 100),
        };
        let moved = Moved { redeemed: 4_000, ..Moved::default() };
        let second = Month { sales: Sales::default(), moved, share: 980_000, ..first.clone() };
        let rows = defer(&[first, second]);
        assert_eq!((rows[0].for_points, rows[0].expected, rows[0].earned), (884_230, 9_700, 410_210));
        assert_eq!((rows[1].for_points, rows[1].expected, rows[1].earned), (0, 9_800, 766_934));
        assert_eq!((rows[1].earned_now, rows[1].balance()), (356_724, 884_230 - 766_934));
    }

    /// Whatever is bought and comes back as a whole, in whatever months, parts and order, and whatever is expected and points
    /// are worth in these. On the way no return puts anything aside, and no more goes back than was there.
    #[test]
    fn what_comes_back_as_a_whole_leaves_nothing_aside() {
        let seed = u64::from_le_bytes(Random::System.bytes());
        println!("seed {seed}");
        let random = Random::seeded(seed);
        let roll = |sides: i64| (u64::from_le_bytes(random.bytes()) % sides as u64) as i64;
        for _ in 0..300 {
            let count = 1 + roll(12) as usize;
            let mut months: Vec<Month> = (0..count)
                .map(|_| Month {
                    sales: Sales::default(),
                    returned: Vec::new(),
                    moved: Moved::default(),
                    share: roll(1_000_001),
                    exchange: (1 + roll(500), 1 + roll(500)),
                })
                .collect();
            for _ in 0..roll(30) {
                let mut left = Sales { price: roll(100_000), points: roll(20_000) };
                let (sold_in, mut place) = (roll(count as i64) as usize, 0);
                months[sold_in].sales.price += left.price;
                months[sold_in].sales.points += left.points;
                while left != Sales::default() {
                    place = sold_in.max(place) + roll((count - sold_in.max(place)) as i64) as usize;
                    let is_last = roll(3) == 0;
                    let part = |whole: i64| if is_last { whole } else { roll(whole + 1) };
                    let back = Sales { price: part(left.price), points: part(left.points) };
                    left = Sales { price: left.price - back.price, points: left.points - back.points };
                    months[place].returned.push((sold_in, back));
                }
            }
            let rows = defer(&months);
            for (row, month) in rows.iter().zip(&months) {
                assert!(row.deferred >= 0, "seed {seed}: {row:?}");
                assert!(month.sales != Sales::default() || row.for_points <= 0, "seed {seed}: {row:?}");
            }
            let sum = |figure: fn(&Deferred) -> i64| rows.iter().map(figure).sum::<i64>();
            let left = (sum(|row| row.price), sum(|row| row.stand_alone), rows[count - 1].deferred);
            assert_eq!((left, rows[count - 1].balance()), ((0, 0, 0), 0), "seed {seed}");
        }
    }
}
