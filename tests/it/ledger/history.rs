//! A random history of a shop, as data: what is asked for, by whom, under which key.

use jifen::base::id::Random;

use super::{CHEAP_COUPON, GOODS, PRODUCTS, SCARCE_COUPON};

/// Numbers from a seed.
pub struct Dice(Random);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(Random::seeded(seed))
    }

    /// A number below `sides`.
    pub fn roll(&self, sides: usize) -> usize {
        (u64::from_le_bytes(self.0.bytes()) % sides as u64) as usize
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// What a command asks for. Members, products and rewards go by their places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    Order {
        lines: Vec<(usize, i64)>,
        /// One of the member's coupons, or the code of somebody else's.
        coupon: Option<String>,
    },
    Reward {
        reward: usize,
        quantity: i64,
    },
}

/// One request under an idempotency key.
#[derive(Clone, Debug)]
pub struct Request {
    pub member: usize,
    pub key: String,
    pub wanted: Wanted,
    /// The client hangs up after so many milliseconds, and asks again with the same key.
    pub hangs_up_after: Option<u64>,
}

/// A purchase of the past; several may bear the same number.
#[derive(Clone, Debug)]
pub struct Past {
    pub member: usize,
    pub number: String,
    pub amount: i64,
    pub days_ago: i64,
}

/// The requests of one round, all sent at once. Few keys and few pieces, so that they collide.
pub fn round(dice: &Dice, round: usize, members: usize, coupons: &[Vec<String>], size: usize) -> Vec<Request> {
    let mut requests: Vec<Request> = Vec::with_capacity(size);
    while requests.len() < size {
        let again = dice.roll(4);
        let hangs_up_after = (dice.roll(8) == 0).then(|| dice.roll(6) as u64);
        match requests.last().cloned() {
            // The same request again, or another one with the same key.
            Some(last) if again == 0 => requests.push(Request { hangs_up_after, ..last }),
            Some(last) if again == 1 && dice.roll(2) == 0 => {
                let wanted = match &last.wanted {
                    Wanted::Order { .. } => order(dice, last.member, coupons),
                    Wanted::Reward { .. } => reward(dice),
                };
                requests.push(Request { wanted, hangs_up_after, ..last });
            }
            _ => {
                let member = dice.roll(members);
                let wanted = if dice.roll(5) < 3 { order(dice, member, coupons) } else { reward(dice) };
                requests.push(Request { member, key: format!("{round}-{}", dice.roll(size)), wanted, hangs_up_after });
            }
        }
    }
    requests
}

fn order(dice: &Dice, member: usize, coupons: &[Vec<String>]) -> Wanted {
    let lines = (0..=dice.roll(3)).map(|_| (dice.roll(PRODUCTS.len()), 1 + dice.roll(3) as i64));
    // Mostly one's own coupon, at times another member's, which must not work.
    let owner = if dice.roll(10) == 0 { dice.roll(coupons.len()) } else { member };
    let coupon = (dice.roll(2) == 0 && !coupons[owner].is_empty()).then(|| dice.pick(&coupons[owner]).clone());
    Wanted::Order { lines: lines.collect(), coupon }
}

fn reward(dice: &Dice) -> Wanted {
    let reward = *dice.pick(&[CHEAP_COUPON, CHEAP_COUPON, SCARCE_COUPON, GOODS]);
    Wanted::Reward { reward, quantity: 1 + dice.roll(3) as i64 }
}

/// Purchases of the past, a third of them told twice. Some members have many, so that not all their lots are loaded.
pub fn past(dice: &Dice, members: usize, count: usize) -> Vec<Past> {
    let mut past: Vec<Past> = Vec::with_capacity(count);
    for n in 0..count {
        let told_twice = (n % 3 == 2).then(|| past[dice.roll(n)].number.clone());
        past.push(Past {
            member: if dice.roll(2) == 0 { 0 } else { dice.roll(members) },
            number: told_twice.unwrap_or_else(|| format!("P-{n}")),
            amount: dice.roll(400) as i64,
            days_ago: 1 + dice.roll(300) as i64,
        });
    }
    past
}
