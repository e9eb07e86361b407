//! Money: a whole number of minor units and a currency. Decimals appear only at the edges, floats nowhere.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

/// The currencies a program may use, with the number of decimal places of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Currency {
    Aud,
    Brl,
    Cad,
    Chf,
    Cny,
    Eur,
    Gbp,
    Hkd,
    Idr,
    Inr,
    Jpy,
    Krw,
    Mop,
    Myr,
    Nzd,
    Php,
    Sgd,
    Thb,
    Twd,
    Usd,
    Vnd,
}

impl Currency {
    pub const ALL: [Currency; 21] = [
        Currency::Aud,
        Currency::Brl,
        Currency::Cad,
        Currency::Chf,
        Currency::Cny,
        Currency::Eur,
        Currency::Gbp,
        Currency::Hkd,
        Currency::Idr,
        Currency::Inr,
        Currency::Jpy,
        Currency::Krw,
        Currency::Mop,
        Currency::Myr,
        Currency::Nzd,
        Currency::Php,
        Currency::Sgd,
        Currency::Thb,
        Currency::Twd,
        Currency::Usd,
        Currency::Vnd,
    ];

    /// The three letters of ISO 4217.
    pub fn code(self) -> &'static str {
        match self {
            Currency::Aud => "AUD",
            Currency::Brl => "BRL",
            Currency::Cad => "CAD",
            Currency::Chf => "CHF",
            Currency::Cny => "CNY",
            Currency::Eur => "EUR",
            Currency::Gbp => "GBP",
            Currency::Hkd => "HKD",
            Currency::Idr => "IDR",
            Currency::Inr => "INR",
            Currency::Jpy => "JPY",
            Currency::Krw => "KRW",
            Currency::Mop => "MOP",
            Currency::Myr => "MYR",
            Currency::Nzd => "NZD",
            Currency::Php => "PHP",
            Currency::Sgd => "SGD",
            Currency::Thb => "THB",
            Currency::Twd => "TWD",
            Currency::Usd => "USD",
            Currency::Vnd => "VND",
        }
    }

    /// Decimal places of the major unit: 2 for CNY, 0 for JPY.
    pub fn decimals(self) -> u32 {
        match self {
            Currency::Jpy | Currency::Krw | Currency::Vnd => 0,
            _ => 2,
        }
    }

    /// How many minor units make one major unit: 100 fen a yuan.
    pub fn minor_per_unit(self) -> i64 {
        10_i64.pow(self.decimals())
    }
}

impl FromStr for Currency {
    type Err = ();

    fn from_str(code: &str) -> Result<Currency, ()> {
        Currency::ALL.into_iter().find(|currency| currency.code() == code).ok_or(())
    }
}

/// An amount in minor units of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// Why a decimal is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// It has more decimal places than the currency.
    TooPrecise,
    /// It does not fit 64 bits of minor units.
    TooLarge,
    /// It is not a number written as digits with an optional point.
    NotANumber,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MoneyError::TooPrecise => "more decimal places than the currency has",
            MoneyError::TooLarge => "too large an amount",
            MoneyError::NotANumber => "not an amount such as 12.50",
        })
    }
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    /// The amount in major units, with all the currency's decimal places: `12.50`.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.decimals())
    }

    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Money, MoneyError> {
        let scaled = amount.checked_mul(Decimal::from(currency.minor_per_unit())).ok_or(MoneyError::TooLarge)?;
        if !scaled.is_integer() {
            return Err(MoneyError::TooPrecise);
        }
        let minor = i64::try_from(scaled.trunc()).map_err(|_| MoneyError::TooLarge)?;
        Ok(Money { minor, currency })
    }

    /// Reads plain digits such as `12.5` or `-3`; exponents and thousands separators are refused.
    pub fn parse(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        let amount = if plain { Decimal::from_str_exact(text).ok() } else { None };
        Money::from_decimal(amount.ok_or(MoneyError::NotANumber)?, currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_minor_unit_or_refused() {
        let parse = |text| Money::parse(text, Currency::Cny).map(|money| money.minor);
        assert_eq!(parse("11.77"), Ok(1177));
        assert_eq!(parse("12"), Ok(1200));
        assert_eq!(parse("-0.5"), Ok(-50));
        assert_eq!(parse("0.005"), Err(MoneyError::TooPrecise));
        assert_eq!(parse("1e3"), Err(MoneyError::NotANumber));
        assert_eq!(parse(""), Err(MoneyError::NotANumber));
        assert_eq!(parse("1,000"), Err(MoneyError::NotANumber));
        assert_eq!(parse("99999999999999999999"), Err(MoneyError::TooLarge));
    }

    #[test]
    fn a_currency_without_minor_units_keeps_none() {
        assert_eq!(Money::parse("1200", Currency::Jpy).unwrap().decimal().to_string(), "1200");
        assert_eq!(Money::parse("0.5", Currency::Jpy), Err(MoneyError::TooPrecise));
    }
}
