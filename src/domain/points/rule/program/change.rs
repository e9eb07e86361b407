//! What is to be different in the next version of a program.

use rust_decimal::Decimal;

use crate::base::money::Money;
use crate::domain::points::entity::program::Model as Program;
use crate::domain::points::entity::{RoundingKind, ShortfallPolicy, TransferPolicy, ValidityKind};

/// Points for, or worth, an amount in major units of the program's currency, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub points: i64,
    pub amount: Decimal,
}

/// `None` leaves a setting as it is. Where a setting may be empty, `Some(None)` empties it. There is no currency among
/// them: prices, coupons and orders carry it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub name: Option<String>,
    pub earn: Option<Rate>,
    pub exchange: Option<Rate>,
    pub rounding: Option<RoundingKind>,
    pub time_zone: Option<String>,
    pub earn_on_tax: Option<bool>,
    pub earn_on_shipping: Option<bool>,
    pub earn_on_points: Option<bool>,
    pub redemption_minimum: Option<i64>,
    pub redemption_step: Option<i64>,
    pub payable_percent: Option<i64>,
    pub return_window_days: Option<Option<i64>>,
    pub validity: Option<(ValidityKind, i64)>,
    pub grace_days: Option<i64>,
    pub shortfall: Option<ShortfallPolicy>,
    pub debt_limit: Option<Option<i64>>,
    pub hold_minutes: Option<i64>,
    pub transfers: Option<TransferPolicy>,
    pub transfer_minimum: Option<i64>,
    pub transfer_daily_limit: Option<Option<i64>>,
    pub approval_threshold: Option<i64>,
    pub reinstatement_days: Option<i64>,
    pub household_size: Option<i64>,
}

impl Change {
    /// The settings with the change made, unchecked, under the version they had.
    pub fn applied_to(self, before: &Program) -> Program {
        let rate = |given: Option<Rate>, before: (i64, i64), currency: &str| {
            given.map_or(before, |rate| (rate.points, minor(rate.amount, currency)))
        };
        let currency = &before.currency;
        let (earn_points, earn_minor) = rate(self.earn, (before.earn_points, before.earn_minor), currency);
        let (exchange_points, exchange_minor) =
            rate(self.exchange, (before.exchange_points, before.exchange_minor), currency);
        let (validity, validity_count) = self.validity.unwrap_or((before.validity, before.validity_count));
        Program {
            id: before.id,
            version: before.version,
            name: self.name.map_or_else(|| before.name.clone(), |name| name.trim().to_owned()),
            currency: before.currency.clone(),
            earn_points,
            earn_minor,
            exchange_points,
            exchange_minor,
            rounding: self.rounding.unwrap_or(before.rounding),
            time_zone: self.time_zone.unwrap_or_else(|| before.time_zone.clone()),
            created_at: before.created_at,
            redemption_minimum: self.redemption_minimum.unwrap_or(before.redemption_minimum),
            redemption_step: self.redemption_step.unwrap_or(before.redemption_step),
            payable_percent: self.payable_percent.unwrap_or(before.payable_percent),
            earn_on_tax: self.earn_on_tax.unwrap_or(before.earn_on_tax),
            earn_on_shipping: self.earn_on_shipping.unwrap_or(before.earn_on_shipping),
            earn_on_points: self.earn_on_points.unwrap_or(before.earn_on_points),
            return_window_days: self.return_window_days.unwrap_or(before.return_window_days),
            validity,
            validity_count,
            grace_days: self.grace_days.unwrap_or(before.grace_days),
            shortfall: self.shortfall.unwrap_or(before.shortfall),
            debt_limit: self.debt_limit.unwrap_or(before.debt_limit),
            hold_minutes: self.hold_minutes.unwrap_or(before.hold_minutes),
            transfers: self.transfers.unwrap_or(before.transfers),
            transfer_minimum: self.transfer_minimum.unwrap_or(before.transfer_minimum),
            transfer_daily_limit: self.transfer_daily_limit.unwrap_or(before.transfer_daily_limit),
            approval_threshold: self.approval_threshold.unwrap_or(before.approval_threshold),
            reinstatement_days: self.reinstatement_days.unwrap_or(before.reinstatement_days),
            author_id: before.author_id,
            household_size: self.household_size.unwrap_or(before.household_size),
        }
    }
}

/// What is no amount of the currency, such as half a fen, becomes 0, and no check lets a rate of 0 pass.
fn minor(amount: Decimal, currency: &str) -> i64 {
    let money = currency.parse().ok().and_then(|currency| Money::from_decimal(amount, currency).ok());
    money.map_or(0, |money| money.minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;
    use crate::domain::points::rule::program::{Rejection, check};

    fn usual() -> Program {
        Program::usual(Id::nil(), 0)
    }

    fn rate(points: i64, amount: &str) -> Option<Rate> {
        Some(Rate { points, amount: amount.parse().unwrap() })
    }

    #[test]
    fn nothing_changes_nothing() {
        assert_eq!(Change::default().applied_to(&usual()), usual());
    }

    #[test]
    fn what_is_given_is_changed_and_what_may_be_empty_is_emptied() {
        let before = Program { return_window_days: Some(7), debt_limit: Some(500), ..usual() };
        let change = Change {
            name: Some(" Tea club ".to_owned()),
            earn: rate(3, "2.50"),
            return_window_days: Some(None),
            validity: Some((ValidityKind::Months, 12)),
            ..Change::default()
        };
        let expected = Program {
            name: "Tea club".to_owned(),
            earn_points: 3,
            earn_minor: 250,
            return_window_days: None,
            validity: ValidityKind::Months,
            validity_count: 12,
            ..before.clone()
        };
        assert_eq!(change.applied_to(&before), expected);
    }

    #[test]
    fn an_amount_that_is_no_money_of_the_currency_is_refused() {
        for amount in ["0.005", "0", "-1", "99999999999999999999"] {
            let after = Change { earn: rate(1, amount), ..Change::default() }.applied_to(&usual());
            assert_eq!(check(&after), Err(vec![Rejection::EarnRateInvalid]), "{amount}");
        }
        let yen = Program { currency: "JPY".to_owned(), ..usual() };
        let after = Change { exchange: rate(1, "0.5"), ..Change::default() }.applied_to(&yen);
        assert_eq!(check(&after), Err(vec![Rejection::ExchangeRateInvalid]));
    }
}
