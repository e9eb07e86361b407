//! Pricing an order and deciding whether it may be placed, as pure functions. Taking it back is next door.

mod coupon;
pub mod take_back;

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::base::points::{multiple_from, share};
use crate::domain::catalog::entity::{product, stock};
use crate::domain::earning::rule::occasion::Item;
use crate::domain::points::entity::program;
use crate::domain::points::rule::program::exchange_rate;
use crate::domain::points::rule::purse::NotYours;
use crate::domain::reward::entity::coupon as coupon_row;

/// Lines an order may have.
pub const MAX_LINES: usize = 100;
/// Hundredths of a percent in the whole.
const TAX_WHOLE: i64 = 10_000;
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
    CouponCancelled,
    /// The coupon is for a product that is not in the cart.
    CouponProductMissing {
        product_id: Id,
    },
    /// The subtotal is below the coupon's minimum spend, in minor units.
    CouponBelowMinimum {
        minimum: i64,
    },
    /// Fewer points than the program lets an order be paid with.
    PointsBelowMinimum {
        minimum: i64,
    },
    /// Not a multiple of what the program asks for: the next amounts that are, below and above.
    PointsNotAStep {
        below: i64,
        above: i64,
    },
    /// More than the share of the order that points may pay. `most` is 0 where that is less than the program's minimum.
    PointsAboveShare {
        most: i64,
    },
    NotEnoughPoints {
        required: i64,
        active: i64,
    },
    /// The household's points are to pay, and the member is in none, or only earns for it.
    NoHousehold,
    EarnsOnly,
    /// There is no such outlet.
    OutletUnknown,
    /// A preview was asked for, for a member who is not there.
    MemberUnknown,
    /// The total is more than the system can hold.
    TooLarge,
    /// It would earn more points than a wallet can hold beside what is there.
    TooManyPoints,
    IdempotencyKeyConflict,
}

impl From<NotYours> for Rejection {
    fn from(refusal: NotYours) -> Rejection {
        match refusal {
            NotYours::NoHousehold => Rejection::NoHousehold,
            NotYours::EarnsOnly => Rejection::EarnsOnly,
        }
    }
}

/// Why an order cannot be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undeliverable {
    OrderUnknown,
    /// It was recorded by an import.
    OrderImported,
    AlreadyDelivered,
    AlreadyReturned,
    IdempotencyKeyConflict,
}

/// A line with its prices in minor units and its points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    /// What it is to earning rules: the product, its pieces, its price after discounts, and the part of that which earns.
    pub item: Item,
    pub unit_price: i64,
    pub discount: i64,
    pub points_paid: i64,
    pub points_value: i64,
    pub tax_rate: i64,
}

/// An order that may be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    pub lines: Vec<PricedLine>,
    pub pieces: i64,
    pub subtotal: i64,
    pub discount: i64,
    pub total: i64,
    /// Points it is paid with, and the minor units of the total that they pay.
    pub points_paid: i64,
    pub points_value: i64,
    /// The stock as it is after the order, one row a product.
    pub stock: Vec<stock::Model>,
}

impl Priced {
    /// Its lines as earning rules see them.
    pub fn items(&self) -> Vec<Item> {
        self.lines.iter().map(|line| line.item.clone()).collect()
    }
}

/// What a price is made of.
pub struct Shop<'a> {
    pub program: &'a program::Model,
    pub products: &'a HashMap<Id, Arc<product::Model>>,
    /// Nothing, to learn a price whether or not the pieces are there.
    pub stock: Option<&'a HashMap<Id, stock::Model>>,
}

/// Checks what can be checked of a cart without any row.
pub fn check_cart(cart: &[CartLine], points: i64) -> Result<(), Rejection> {
    if points < 0 {
        return Err(Rejection::PointsBelowMinimum { minimum: 0 });
    }
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

/// Prices the cart, takes its stock, applies the coupon, and pays part of it with points. Whether the member has the points is the ledger's
/// to say, and what the order earns is the earning rules'.
pub fn price(
    cart: &[CartLine],
    shop: &Shop,
    coupon: Option<&coupon_row::Model>,
    points_paid: i64,
    now: Instant,
) -> Result<Priced, Rejection> {
    check_cart(cart, points_paid)?;
    let mut gross = Vec::with_capacity(cart.len());
    let mut products = Vec::with_capacity(cart.len());
    for (line, wanted) in cart.iter().enumerate() {
        let product = shop.products.get(&wanted.product_id).ok_or(Rejection::ProductUnknown { line })?;
        gross.push(product.price.checked_mul(wanted.quantity).ok_or(Rejection::TooLarge)?);
        products.push(product);
    }
    let stock = shop.stock.map_or(Ok(Vec::new()), |stock| take_stock(cart, stock))?;
    let subtotal = gross.iter().try_fold(0_i64, |sum, amount| sum.checked_add(*amount)).ok_or(Rejection::TooLarge)?;
    let discounts = match coupon {
        Some(coupon) => coupon::discounts(coupon, cart, &gross, now)?,
        None => vec![0; gross.len()],
    };
    let discount: i64 = discounts.iter().sum();
    let net: Vec<i64> = gross.iter().zip(&discounts).map(|(gross, discount)| gross - discount).collect();
    let paid = pay_with_points(shop.program, &net, points_paid)?;
    let lines = cart.iter().zip(&products).enumerate().map(|(line, (wanted, product))| PricedLine {
        item: Item {
            product_id: wanted.product_id,
            sku: product.sku.clone(),
            category_id: product.category_id,
            quantity: wanted.quantity,
            net: net[line],
            basis: basis(shop.program, net[line], paid.values[line], product.tax_rate),
        },
        unit_price: gross[line] / wanted.quantity,
        discount: discounts[line],
        points_paid: paid.points[line],
        points_value: paid.values[line],
        tax_rate: product.tax_rate,
    });
    let pieces = cart.iter().map(|line| line.quantity).sum();
    let (lines, total, points_value) = (lines.collect(), subtotal - discount, paid.values.iter().sum());
    Ok(Priced { lines, pieces, subtotal, discount, total, points_paid, points_value, stock })
}

/// How points pay for the lines: so many points on each, worth so many minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidWithPoints {
    pub points: Vec<i64>,
    pub values: Vec<i64>,
}

/// Splits the value of the points over the net lines by largest remainder, and then the points over the values.
pub fn pay_with_points(program: &program::Model, net: &[i64], points: i64) -> Result<PaidWithPoints, Rejection> {
    if points == 0 {
        return Ok(PaidWithPoints { points: vec![0; net.len()], values: vec![0; net.len()] });
    }
    let (minimum, step) = (program.redemption_minimum, program.redemption_step);
    let rate = exchange_rate(program);
    let most = rate.points_for(payable(program, net.iter().sum()));
    let most = most - most % step;
    // What is suggested must do, so whether any number would do comes first.
    if most < minimum {
        return Err(Rejection::PointsAboveShare { most: 0 });
    }
    if points < minimum {
        return Err(Rejection::PointsBelowMinimum { minimum });
    }
    if points > most {
        return Err(Rejection::PointsAboveShare { most });
    }
    let value = Some(points).filter(|points| points % step == 0).and_then(|points| rate.value(points));
    let not_a_step = || Rejection::PointsNotAStep { below: points - points % step, above: multiple_from(points, step) };
    let value = value.ok_or_else(not_a_step)?;
    let values = share(value, net);
    Ok(PaidWithPoints { points: share(points, &values), values })
}

/// The part of a total, in minor units, that points may pay.
fn payable(program: &program::Model, total: i64) -> i64 {
    let payable = i128::from(total) * i128::from(program.payable_percent) / 100;
    i64::try_from(payable).unwrap_or(total)
}

/// The amount of a line that earns points: what is paid for it with money, and with points if the program says so; with
/// the tax that is in it, or without.
pub fn basis(program: &program::Model, net: i64, paid_with_points: i64, tax_rate: i64) -> i64 {
    let points_earn = program.earn_on_points || planted(Bug::PointsEarnPoints);
    let amount = if points_earn { net } else { net - paid_with_points };
    if program.earn_on_tax { amount } else { amount - tax_in(amount, tax_rate) }
}

/// The tax that is in an amount, rounded half up to the minor unit, as on a bill.
pub fn tax_in(amount: i64, tax_rate: i64) -> i64 {
    let whole = i128::from(TAX_WHOLE + tax_rate);
    let tax = (i128::from(amount) * i128::from(tax_rate) * 2 + whole) / (whole * 2);
    i64::try_from(tax).unwrap_or(amount)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_is_what_a_bill_says() {
        assert_eq!(tax_in(11_300, 1_300), 1_300);
        assert_eq!(tax_in(999, 900), 82, "82.48 fen");
        assert_eq!(tax_in(3, 10_000), 2, "half a fen goes up");
        assert_eq!((tax_in(0, 1_300), tax_in(11_300, 0)), (0, 0));
        assert_eq!(tax_in(i64::MAX, 10_000), i64::MAX / 2 + 1);
    }

    /// A larger amount never earns on less, so nothing is clawed back that was not earned.
    #[test]
    fn without_tax_more_is_never_less() {
        for rate in [1, 300, 900, 1_300, 9_999, 10_000] {
            let net = |amount| amount - tax_in(amount, rate);
            assert!((0..5_000).all(|amount| net(amount) <= net(amount + 1) && net(amount) >= 0), "{rate}");
        }
    }
}
