//! What a shop must look like after a history, reckoned from what was asked and answered, by rules of its own.
//!
//! Nothing here depends on the order in which concurrent commands were carried out: an order's price, its points, the
//! pieces it takes and the coupon it uses up are the same whenever it came.

use std::collections::BTreeMap;

use jifen::base::id::Id;

use super::history::{Past, Wanted};
use super::{GOODS, PRODUCTS, REWARD_PRICES, SCARCE, SCARCE_COUPON};

/// How a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It made this order or redemption, just now.
    Made(Id),
    /// It had been made before.
    MadeBefore(Id),
    Conflict,
    Rejected(String),
}

/// Everything answered to one key of one member.
#[derive(Default)]
struct Key {
    answers: Vec<(Wanted, Answered)>,
}

/// What members should own.
#[derive(Default)]
pub struct Reckoning {
    keys: BTreeMap<(usize, &'static str, String), Key>,
    imports: BTreeMap<String, Vec<(Past, bool)>>,
}

/// The expected end.
#[derive(Debug, PartialEq, Eq)]
pub struct End {
    /// By member.
    pub points: Vec<i64>,
    pub orders: Vec<usize>,
    /// Pieces taken of each product, and of each reward's own pile.
    pub sold: Vec<i64>,
    pub redeemed: Vec<i64>,
    /// Coupons issued and used.
    pub coupons: (i64, i64),
    /// The totals of all orders and the sum of their points.
    pub money: i64,
}

/// The value of a coupon of each reward, and from which subtotal on it counts.
fn coupon_terms(reward: usize) -> (i64, i64) {
    (REWARD_PRICES[reward] * 2, if reward == SCARCE_COUPON { 1_000 } else { 0 })
}

impl Reckoning {
    pub fn note(&mut self, member: usize, key: &str, wanted: Wanted, answered: Answered) {
        let operation = match wanted {
            Wanted::Order { .. } => "order",
            Wanted::Reward { .. } => "reward",
        };
        self.keys.entry((member, operation, key.to_owned())).or_default().answers.push((wanted, answered));
    }

    pub fn note_import(&mut self, past: Past, added: bool) {
        self.imports.entry(past.number.clone()).or_default().push((past, added));
    }

    /// Checks that the answers agree with each other, and reckons the end. `coupons` tells which reward a code is of.
    pub fn end(&self, members: usize, coupons: &BTreeMap<String, usize>) -> End {
        let mut end = End {
            points: vec![0; members],
            orders: vec![0; members],
            sold: vec![0; PRODUCTS.len()],
            redeemed: vec![0; REWARD_PRICES.len()],
            coupons: (0, 0),
            money: 0,
        };
        let mut used: BTreeMap<&str, usize> = BTreeMap::new();
        for ((member, _, name), key) in &self.keys {
            let Some(wanted) = key.made(name) else { continue };
            match wanted {
                Wanted::Order { lines, coupon } => {
                    let subtotal: i64 = lines.iter().map(|(product, pieces)| PRODUCTS[*product].0 * pieces).sum();
                    let discount = coupon.as_ref().map_or(0, |code| {
                        *used.entry(code).or_default() += 1;
                        let (value, minimum) = coupon_terms(coupons[code]);
                        assert!(subtotal >= minimum, "{name}: a coupon counted below its minimum");
                        value.min(subtotal)
                    });
                    end.coupons.1 += i64::from(coupon.is_some());
                    end.money += subtotal - discount;
                    end.points[*member] += (subtotal - discount) * 10 / 100;
                    end.orders[*member] += 1;
                    lines.iter().for_each(|(product, pieces)| end.sold[*product] += pieces);
                }
                Wanted::Reward { reward, quantity } => {
                    end.points[*member] -= REWARD_PRICES[*reward] * quantity;
                    end.redeemed[*reward] += quantity;
                    end.coupons.0 += if *reward == GOODS { 0 } else { *quantity };
                }
            }
        }
        assert!(used.values().all(|times| *times == 1), "a coupon was used more than once: {used:?}");
        for (number, told) in &self.imports {
            let added: Vec<&Past> = told.iter().filter(|(_, added)| *added).map(|(past, _)| past).collect();
            let [past] = added.as_slice() else { panic!("{number} was added {} times: {told:?}", added.len()) };
            end.points[past.member] += past.amount * 10 / 100;
            end.orders[past.member] += 1;
            end.money += past.amount;
        }
        assert!(end.redeemed[SCARCE_COUPON] <= SCARCE && end.points.iter().all(|points| *points >= 0), "{end:?}");
        end
    }
}

impl Key {
    /// What the key made, if anything; all answers to it must tell the same story.
    fn made(&self, name: &str) -> Option<&Wanted> {
        let made = self.answers.iter().filter_map(|(wanted, answered)| match answered {
            Answered::Made(id) | Answered::MadeBefore(id) => Some((wanted, *id)),
            _ => None,
        });
        let mut made: Vec<_> = made.collect();
        let news = self.answers.iter().filter(|(_, answered)| matches!(answered, Answered::Made(_))).count();
        assert!(news <= 1, "{name} made something twice: {:?}", self.answers);
        made.dedup();
        let conflict = self.answers.iter().any(|(_, answered)| *answered == Answered::Conflict);
        assert!(!(conflict && made.is_empty()), "{name} conflicts with nothing: {:?}", self.answers);
        let (wanted, id) = made.pop()?;
        assert!(made.iter().all(|other| *other == (wanted, id)), "{name} has two stories: {:?}", self.answers);
        let lost = self.answers.iter().find(|(other, answered)| other == wanted && *answered == Answered::Conflict);
        assert!(lost.is_none(), "{name} conflicts with itself: {:?}", self.answers);
        Some(wanted)
    }
}
