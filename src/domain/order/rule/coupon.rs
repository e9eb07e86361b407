//! What a coupon takes off a cart, and why it takes nothing.

use crate::base::clock::Instant;
use crate::base::planted::{Bug, planted};
use crate::base::points::share;
use crate::domain::order::rule::{CartLine, Rejection};
use crate::domain::reward::entity::coupon;
use crate::domain::reward::rule::change::WHOLE;

/// Money off each line, in minor units. An amount or a percentage is shared over the lines by largest remainder; one piece
/// of a product is off the first line that has it.
pub fn discounts(
    coupon: &coupon::Model,
    cart: &[CartLine],
    gross: &[i64],
    now: Instant,
) -> Result<Vec<i64>, Rejection> {
    let subtotal = gross.iter().sum();
    check(coupon, subtotal, now)?;
    let Some(product_id) = coupon.product_id else { return Ok(share(amount(coupon, subtotal), gross)) };
    let line = cart.iter().position(|line| line.product_id == product_id);
    let line = line.ok_or(Rejection::CouponProductMissing { product_id })?;
    let mut discounts = vec![0; gross.len()];
    discounts[line] = gross[line] / cart[line].quantity;
    Ok(discounts)
}

fn check(coupon: &coupon::Model, subtotal: i64, now: Instant) -> Result<(), Rejection> {
    if coupon.cancelled_at.is_some() {
        return Err(Rejection::CouponCancelled);
    }
    if coupon.used_at.is_some() && !planted(Bug::CouponUsedTwice) {
        return Err(Rejection::CouponUsed);
    }
    if coupon.expires_at.is_some_and(|expires_at| expires_at <= now.micros()) {
        return Err(Rejection::CouponExpired);
    }
    match coupon.minimum_spend {
        Some(minimum) if subtotal < minimum => Err(Rejection::CouponBelowMinimum { minimum }),
        _ => Ok(()),
    }
}

/// An amount, or a percentage up to its ceiling: rounded down, so that the shop never gives more than it says, and never
/// more than the subtotal.
fn amount(coupon: &coupon::Model, subtotal: i64) -> i64 {
    let most = coupon.value.unwrap_or(i64::MAX).min(subtotal);
    let Some(percent) = coupon.percent else { return most };
    let part = i128::from(subtotal) * i128::from(percent) / i128::from(WHOLE);
    i64::try_from(part).unwrap_or(i64::MAX).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;

    fn coupon() -> coupon::Model {
        coupon::Model {
            member_id: Id::nil(),
            id: Id::nil(),
            code: String::new(),
            redemption_id: Id::nil(),
            value: None,
            percent: None,
            product_id: None,
            minimum_spend: None,
            currency: "CNY".to_owned(),
            expires_at: None,
            used_at: None,
            order_id: None,
            cancelled_at: None,
            created_at: 0,
        }
    }

    fn off(coupon: &coupon::Model, lines: &[(u128, i64, i64)]) -> Result<Vec<i64>, Rejection> {
        let cart = lines
            .iter()
            .map(|(product, quantity, _)| CartLine { product_id: Id::from_u128(*product), quantity: *quantity });
        let gross: Vec<i64> = lines.iter().map(|(_, quantity, price)| quantity * price).collect();
        discounts(coupon, &cart.collect::<Vec<_>>(), &gross, Instant(0))
    }

    #[test]
    fn a_percentage_is_rounded_down_shared_by_largest_remainder_and_capped() {
        let percent = coupon::Model { percent: Some(1_250), ..coupon() };
        assert_eq!(off(&percent, &[(1, 1, 999)]), Ok(vec![124]), "124.875");
        assert_eq!(off(&percent, &[(1, 1, 100), (2, 2, 100), (3, 1, 99)]), Ok(vec![12, 25, 12]));
        let capped = coupon::Model { value: Some(100), ..percent };
        assert_eq!(off(&capped, &[(1, 1, 900), (2, 1, 300)]), Ok(vec![75, 25]));
        let all = coupon::Model { percent: Some(10_000), ..coupon() };
        assert_eq!(off(&all, &[(1, 3, 333), (2, 1, 0)]), Ok(vec![999, 0]));
    }

    #[test]
    fn one_piece_of_a_product_is_off_its_own_line() {
        let product = coupon::Model { product_id: Some(Id::from_u128(2)), minimum_spend: Some(500), ..coupon() };
        assert_eq!(off(&product, &[(1, 1, 400), (2, 3, 250), (2, 1, 250)]), Ok(vec![0, 250, 0]));
        assert_eq!(off(&product, &[(2, 1, 250)]), Err(Rejection::CouponBelowMinimum { minimum: 500 }));
        let missing = Rejection::CouponProductMissing { product_id: Id::from_u128(2) };
        assert_eq!(off(&product, &[(1, 2, 250)]), Err(missing));
    }
}
