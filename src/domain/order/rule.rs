//! Pricing an order and deciding whether it may be placed, as pure functions.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::points::share;
use crate::domain::catalog::entity::{product, stock};
use crate::domain::earning::rule::{Earned, earn};
use crate::domain::points::entity::program;
use crate::domain::reward::entity::coupon;

/// Lines an order may have.
pub const MAX_LINES: usize = 100;
/// Pieces a line may have.
pub const MAX_QUANTITY: i64 = 10_000;

/// One line as the member asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CartLine {
    pub product_id: Id,
    pub quantity: i64,
}

/// Why an order is not placed. `line` counts from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    NoLines,
    TooManyLines,
    BadQuantity {
        line: usize,
    },
    ProductUnknown {
        line: usize,
    },
    NotEnoughStock {
        line: usize,
        available: i64,
    },
    /// There is no such coupon, or it is somebody else's, which nobody is told.
    CouponNotYours,
    CouponUsed,
    CouponExpired,
    /// The subtotal is below the coupon's minimum spend, in minor units.
    CouponBelowMinimum {
        minimum: i64,
    },
    /// The total, or the points it would earn, is more than the system can hold.
    TooLarge,
    IdempotencyKeyConflict,
}

/// A line with its prices in minor units and its points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    pub product_id: Id,
    pub quantity: i64,
    pub unit_price: i64,
    pub discount: i64,
    pub total: i64,
    pub points: i64,
}

/// An order that may be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    pub lines: Vec<PricedLine>,
    pub pieces: i64,
    pub subtotal: i64,
    pub discount: i64,
    pub total: i64,
    pub points: i64,
    /// The stock as it is after the order, one row a product.
    pub stock: Vec<stock::Model>,
}

/// What a decision reads.
pub struct Shop<'a> {
    pub program: &'a program::Model,
    pub products: &'a HashMap<Id, Arc<product::Model>>,
    pub stock: &'a HashMap<Id, stock::Model>,
}

/// Checks what can be checked of a cart without any row.
pub fn check_cart(cart: &[CartLine]) -> Result<(), Rejection> {
    if cart.is_empty() {
        return Err(Rejection::NoLines);
    }
    if cart.len() > MAX_LINES {
        return Err(Rejection::TooManyLines);
    }
    match cart.iter().position(|line| !(1..=MAX_QUANTITY).contains(&line.quantity)) {
        Some(line) => Err(Rejection::BadQuantity { line }),
        None => Ok(()),
    }
}

/// Prices the cart, takes its stock and applies the coupon.
pub fn decide(
    cart: &[CartLine],
    shop: &Shop,
    coupon: Option<&coupon::Model>,
    now: Instant,
) -> Result<Priced, Rejection> {
    check_cart(cart)?;
    let mut gross = Vec::with_capacity(cart.len());
    for (line, wanted) in cart.iter().enumerate() {
        let product = shop.products.get(&wanted.product_id).ok_or(Rejection::ProductUnknown { line })?;
        gross.push(product.price.checked_mul(wanted.quantity).ok_or(Rejection::TooLarge)?);
    }
    let stock = take_stock(cart, shop.stock)?;
    let subtotal = gross.iter().try_fold(0_i64, |sum, amount| sum.checked_add(*amount)).ok_or(Rejection::TooLarge)?;
    let discount = coupon.map_or(Ok(0), |coupon| discount_of(coupon, subtotal, now))?;
    let discounts = share(discount, &gross);
    let net: Vec<i64> = gross.iter().zip(&discounts).map(|(gross, discount)| gross - discount).collect();
    let Earned { points, by_line } = earn(shop.program, &net).ok_or(Rejection::TooLarge)?;
    let lines = cart.iter().enumerate().map(|(line, wanted)| PricedLine {
        product_id: wanted.product_id,
        quantity: wanted.quantity,
        unit_price: gross[line] / wanted.quantity,
        discount: discounts[line],
        total: net[line],
        points: by_line[line],
    });
    let pieces = cart.iter().map(|line| line.quantity).sum();
    Ok(Priced { lines: lines.collect(), pieces, subtotal, discount, total: subtotal - discount, points, stock })
}

/// Takes each line's pieces; a product that stands on two lines is taken twice from the same pile.
fn take_stock(cart: &[CartLine], stock: &HashMap<Id, stock::Model>) -> Result<Vec<stock::Model>, Rejection> {
    let mut taken: HashMap<Id, stock::Model> = HashMap::new();
    for (line, wanted) in cart.iter().enumerate() {
        let Some(pile) = taken.get(&wanted.product_id).or_else(|| stock.get(&wanted.product_id)) else {
            return Err(Rejection::NotEnoughStock { line, available: 0 });
        };
        if pile.remaining < wanted.quantity {
            return Err(Rejection::NotEnoughStock { line, available: pile.remaining });
        }
        let left = stock::Model {
            remaining: pile.remaining - wanted.quantity,
            used: pile.used + wanted.quantity,
            ..pile.clone()
        };
        taken.insert(wanted.product_id, left);
    }
    Ok(taken.into_values().collect())
}

/// Money off, in minor units, never more than the subtotal.
fn discount_of(coupon: &coupon::Model, subtotal: i64, now: Instant) -> Result<i64, Rejection> {
    if coupon.used_at.is_some() {
        return Err(Rejection::CouponUsed);
    }
    if coupon.expires_at.is_some_and(|expires_at| expires_at <= now.micros()) {
        return Err(Rejection::CouponExpired);
    }
    match coupon.minimum_spend {
        Some(minimum) if subtotal < minimum => Err(Rejection::CouponBelowMinimum { minimum }),
        _ => Ok(coupon.value.min(subtotal)),
    }
}
