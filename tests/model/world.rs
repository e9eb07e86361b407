//! What the shop of every script sells and gives away.

use std::sync::Arc;

use jifen::base::id::Id;
use jifen::domain::catalog::entity::product;
use jifen::domain::points::entity::program;
use jifen::domain::reward::entity::{RewardKind, reward};

use crate::names::{Tag, id};

/// 2026-11-23T00:00Z.
pub const START: i64 = 1_795_392_000_000_000;
pub const MINUTE: i64 = 60_000_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
pub const MAX_POINTS: i64 = 2_147_483_647;

/// Members that are there from the beginning.
pub const MEMBERS: usize = 5;

/// When a member joined: on a leap day, two days and not quite a year ago, and a moment ago.
pub fn joined_at(slot: usize) -> i64 {
    let ago = [998 * DAY - 10 * HOUR, 363 * DAY, 325 * DAY, MINUTE];
    START - ago[slot % ago.len()]
}

/// Prices in fen, and pieces in stock.
pub const PRODUCTS: [(i64, i64); 5] = [(3_334, 400), (667, 400), (12_050, 30), (999, 60), (5, 900)];

/// The tax that is in them, in hundredths of a percent.
pub const TAX_RATES: [i64; 5] = [1_300, 0, 900, 1_300, 10_000];

/// A reward: its price, the coupon's value, least spend and days, and the pieces of its pile.
#[derive(Clone, Copy, Debug)]
pub struct Prize {
    pub points: i64,
    pub value: Option<i64>,
    pub minimum: Option<i64>,
    pub days: Option<i64>,
    pub pile: Option<i64>,
}

pub const PRIZES: [Prize; 4] = [
    Prize { points: 100, value: Some(300), minimum: None, days: Some(30), pile: None },
    Prize { points: 250, value: Some(1_500), minimum: Some(2_000), days: None, pile: Some(6) },
    Prize { points: 180, value: None, minimum: None, days: None, pile: Some(8) },
    Prize { points: 35, value: Some(5_000), minimum: None, days: Some(1), pile: None },
];

/// Piles stand one after the other: the products' first, then the rewards'.
pub const PILES: usize = PRODUCTS.len() + PRIZES.len();

pub fn pile_id(pile: usize) -> Id {
    if pile < PRODUCTS.len() { product_id(pile) } else { id(Tag::Pile, 62_000 + pile as u32) }
}

pub fn pieces_of(pile: usize) -> Option<i64> {
    match pile.checked_sub(PRODUCTS.len()) {
        None => Some(PRODUCTS[pile].1),
        Some(prize) => PRIZES[prize].pile,
    }
}

pub fn product_id(place: usize) -> Id {
    id(Tag::Product, 62_000 + place as u32)
}

/// Products are of these in turn, but for the last.
pub const CATEGORIES: usize = 3;

pub fn category_of(place: usize) -> Option<Id> {
    if place + 1 < CATEGORIES { Some(id(Tag::Category, 62_500 + place as u32)) } else { None }
}

pub fn product(place: usize) -> Arc<product::Model> {
    Arc::new(product::Model {
        id: product_id(place),
        sku: format!("SKU-{place}"),
        slug: format!("product-{place}"),
        name: format!("Product {place}"),
        description: String::new(),
        price: PRODUCTS[place].0,
        currency: "CNY".to_owned(),
        image_url: None,
        tax_rate: TAX_RATES[place],
        category_id: category_of(place % CATEGORIES),
        created_at: START,
    })
}

pub fn reward(place: usize) -> Arc<reward::Model> {
    let prize = PRIZES[place];
    let is_coupon = prize.value.is_some();
    Arc::new(reward::Model {
        id: id(Tag::Pile, 63_000 + place as u32),
        kind: if is_coupon { RewardKind::Coupon } else { RewardKind::Product },
        name: format!("Reward {place}"),
        description: String::new(),
        points_price: prize.points,
        currency: "CNY".to_owned(),
        coupon_value: prize.value,
        minimum_spend: prize.minimum,
        coupon_valid_days: prize.days,
        product_id: (!is_coupon).then(|| product_id(1)),
        stock_id: prize.pile.map(|_| pile_id(PRODUCTS.len() + place)),
        created_at: START,
        ..reward::Model::blank(RewardKind::Coupon, "CNY")
    })
}

pub fn first_program() -> program::Model {
    program::Model::usual(id(Tag::Program, 64_000), 0)
}
