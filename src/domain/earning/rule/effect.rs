//! What a rule gives where its condition holds.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::base::multiplier::{MAX_MULTIPLIER, WHOLE};
use crate::base::points::{EarnRate, MAX_POINTS, Rounding};
use crate::domain::earning::rule::condition::attribute::{AttributeKind, Value};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// The largest number on either side of a rate.
pub const MAX_RATE: i64 = 1_000_000_000;

/// The most points for a whole order or event, a piece, or a unit. All rules there may be at a time give a tenth of what a
/// wallet can hold in such sums.
pub const MAX_GIFT: i64 = 1_000_000;

/// The most points of a rate for the currency's smallest unit: 10,000 for CNY 1.00. No order of up to CNY 214,748.36 earns
/// more by one than a wallet can hold.
pub const MAX_PER_MINOR: i64 = 100;

/// Stands for any number of points that no wallet can hold.
pub const TOO_MUCH: i64 = MAX_POINTS + 1;

/// What a rule gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// The program's rate so many ten-thousandths times. The rule's own share is what comes on top of once.
    Multiplier(i64),
    /// So many points for every so many minor units, on top.
    PerAmount { points: i64, minor: i64 },
    /// So many points for each piece.
    PerPiece { points: i64 },
    /// So many points.
    Bonus { points: i64 },
    /// So many points for each unit of a number that is told of an event.
    PerUnit { attribute: String, points: i64 },
}

/// Why an effect cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectFlaw {
    /// Not more than once, or more than a hundred times.
    Multiplier,
    /// Not 1 to as many as may be given at once, or as a rate may have.
    Points,
    Amount,
    /// Too many points for the amount.
    Rate,
    /// It reckons with a basket, and the rule is for an event, or the other way round.
    NotForThis,
    /// The event has no number of this name.
    AttributeUnknown,
}

impl Effect {
    /// Whether it fits what the rule is for: an event with these attributes, or purchases.
    pub fn flaw<'a>(
        &self,
        is_for_event: bool,
        attributes: impl IntoIterator<Item = (&'a str, AttributeKind)>,
    ) -> Option<EffectFlaw> {
        let unless = |fits: bool, flaw| (!fits).then_some(flaw);
        let is_rate = |number: i64| (1..=MAX_RATE).contains(&number);
        let is_points = |points: i64| (1..=MAX_GIFT).contains(&points);
        match self {
            Effect::Bonus { points } => unless(is_points(*points), EffectFlaw::Points),
            Effect::PerUnit { .. } if !is_for_event => Some(EffectFlaw::NotForThis),
            Effect::PerUnit { attribute, points } => {
                let is_known = attributes.into_iter().any(|known| known == (attribute.as_str(), AttributeKind::Number));
                unless(is_points(*points), EffectFlaw::Points).or(unless(is_known, EffectFlaw::AttributeUnknown))
            }
            _ if is_for_event => Some(EffectFlaw::NotForThis),
            Effect::Multiplier(times) => unless((WHOLE + 1..=MAX_MULTIPLIER).contains(times), EffectFlaw::Multiplier),
            Effect::PerAmount { points, minor } => {
                let wrong =
                    unless(is_rate(*points), EffectFlaw::Points).or(unless(is_rate(*minor), EffectFlaw::Amount));
                wrong.or_else(|| unless(*points <= minor * MAX_PER_MINOR, EffectFlaw::Rate))
            }
            Effect::PerPiece { points } => unless(is_points(*points), EffectFlaw::Points),
        }
    }

    /// What it gives for the lines, or the event, that the rule's condition holds for. A multiplier is reckoned with the
    /// rate it multiplies, so that both are rounded once (`reckon`). What is more than a wallet can hold is [`TOO_MUCH`].
    pub fn points<'a>(
        &self,
        occasion: &Occasion,
        items: impl Iterator<Item = &'a Item>,
        rounding: Rounding,
    ) -> Option<i64> {
        Some(match self {
            Effect::Multiplier(_) => return None,
            Effect::PerAmount { points, minor } => {
                let rate = EarnRate { points: *points, minor: *minor };
                sum(items.map(|item| item.basis)).and_then(|basis| rate.earn(basis, rounding)).unwrap_or(TOO_MUCH)
            }
            Effect::PerPiece { points } => {
                let given = sum(items.map(|item| item.quantity)).and_then(|pieces| pieces.checked_mul(*points));
                bounded(given)
            }
            Effect::Bonus { points } => *points,
            Effect::PerUnit { attribute, points } => match occasion.event?.1.get(attribute)? {
                Value::Number(number) => of_units(*number, *points, rounding),
                _ => 0,
            },
        })
    }
}

/// Points for a number of units, which may be broken; none for less than none.
fn of_units(number: Decimal, points: i64, rounding: Rounding) -> i64 {
    let exact = number.max(Decimal::ZERO).checked_mul(points.into());
    let rounded = exact.and_then(|exact| match rounding {
        Rounding::Floor => Some(exact.floor()),
        Rounding::HalfUp => exact.checked_add(Decimal::new(5, 1)).map(|more| more.floor()),
        Rounding::Ceil => Some(exact.ceil()),
    });
    bounded(rounded.and_then(|points| points.to_i64()))
}

/// `None` when there is no room for it.
fn sum(mut numbers: impl Iterator<Item = i64>) -> Option<i64> {
    numbers.try_fold(0_i64, i64::checked_add)
}

/// What there is no room for is more than a wallet can hold, too.
fn bounded(points: Option<i64>) -> i64 {
    points.map_or(TOO_MUCH, |points| points.min(TOO_MUCH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;
    use crate::domain::earning::rule::tests::visit;

    const ROUNDINGS: [Rounding; 3] = [Rounding::Floor, Rounding::HalfUp, Rounding::Ceil];

    #[test]
    fn a_number_of_units_may_be_the_largest_there_is() {
        for number in [Decimal::MAX, Decimal::MAX - Decimal::ONE, Decimal::MAX / Decimal::TEN] {
            for rounding in ROUNDINGS {
                assert_eq!(of_units(number, 1, rounding), TOO_MUCH);
                assert_eq!(of_units(number, MAX_POINTS, rounding), TOO_MUCH);
                assert_eq!(of_units(-number, MAX_POINTS, rounding), 0);
            }
        }
    }

    #[test]
    fn what_a_wallet_can_hold_is_told_exactly() {
        let half_below = Decimal::new(MAX_POINTS * 10 - 5, 1);
        assert_eq!(
            ROUNDINGS.map(|rounding| of_units(half_below, 1, rounding)),
            [MAX_POINTS - 1, MAX_POINTS, MAX_POINTS]
        );
        let half_above = Decimal::new(MAX_POINTS * 10 + 5, 1);
        assert_eq!(ROUNDINGS.map(|rounding| of_units(half_above, 1, rounding)), [MAX_POINTS, TOO_MUCH, TOO_MUCH]);
        // The smallest there is.
        let least = Decimal::new(1, 28);
        assert_eq!(ROUNDINGS.map(|rounding| of_units(least, MAX_POINTS, rounding)), [0, 0, 1]);
    }

    #[test]
    fn what_could_stop_a_usual_order_cannot_be_set() {
        let flaw = |effect: Effect| effect.flaw(false, []);
        let per = |points, minor| flaw(Effect::PerAmount { points, minor });
        for points in [0, -1, MAX_GIFT + 1, MAX_POINTS, i64::MAX] {
            assert_eq!(flaw(Effect::Bonus { points }), Some(EffectFlaw::Points));
            assert_eq!(flaw(Effect::PerPiece { points }), Some(EffectFlaw::Points));
        }
        assert_eq!(
            (flaw(Effect::Bonus { points: MAX_GIFT }), flaw(Effect::PerPiece { points: MAX_GIFT })),
            (None, None)
        );
        assert_eq!((per(100, 1), per(101, 1), per(10_000, 100)), (None, Some(EffectFlaw::Rate), None));
        assert_eq!((per(MAX_RATE, 1), per(MAX_RATE, MAX_RATE)), (Some(EffectFlaw::Rate), None));
        assert_eq!((per(MAX_RATE + 1, MAX_RATE), per(1, 0)), (Some(EffectFlaw::Points), Some(EffectFlaw::Amount)));
        // As the schema and docs/EARNING.md say: up to CNY 214,748.36.
        assert!((21_474_836 * MAX_PER_MINOR..21_474_837 * MAX_PER_MINOR).contains(&MAX_POINTS));
    }

    #[test]
    fn no_basket_is_too_large_to_be_reckoned() {
        let (product_id, much) = (Id::nil(), i64::MAX);
        let item = Item { product_id, sku: String::new(), category_id: None, quantity: much, net: much, basis: much };
        let items = [item.clone(), item];
        let visit = visit();
        let occasion = visit.buying(&items);
        let points = |effect: Effect| effect.points(&occasion, items.iter(), Rounding::HalfUp);
        assert_eq!(points(Effect::PerPiece { points: 1 }), Some(TOO_MUCH));
        assert_eq!(points(Effect::PerAmount { points: 1, minor: MAX_RATE }), Some(TOO_MUCH));
    }
}
