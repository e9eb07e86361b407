//! Scalars and the money object.
//!
//! async-graphql has a decimal scalar too, but it accepts float literals, in which digits are already lost.

use async_graphql::{Enum, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use jiff::Timestamp;

use crate::base::clock::Instant;
use crate::base::money::{Currency, Money};
use crate::gql::in_turn::InTurn;

/// An exact decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub rust_decimal::Decimal);

/// A decimal number, written as a string so that no client reads it as a float: `"12.50"`. A whole number may be given
/// without quotes; a float literal is refused.
#[Scalar(name = "Decimal", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
            Value::Number(_) => {
                return Err(InputValueError::custom("write a decimal as a string, such as \"12.50\""));
            }
            _ => return Err(InputValueError::expected_type(value)),
        };
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        let parsed = if plain { rust_decimal::Decimal::from_str_exact(&text).ok() } else { None };
        parsed.map(Decimal).ok_or_else(|| InputValueError::custom("not a decimal such as \"12.50\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A whole number that an `Int` may be too small for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigInt(pub i64);

/// A whole number of up to 64 bits, written as a string, because an `Int` has 32 and a float loses digits: `"5000000000"`.
#[Scalar(name = "BigInt", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = match &value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        parsed.map(BigInt).ok_or_else(|| InputValueError::custom("not a whole number of up to 64 bits"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Instant);

impl DateTime {
    pub fn of(micros: i64) -> DateTime {
        DateTime(Instant(micros))
    }
}

/// A moment in UTC as RFC 3339 writes it: `2026-11-23T02:12:00Z`. An offset is accepted and converted.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let parsed = text.parse::<Timestamp>().ok();
        parsed
            .map(|timestamp| DateTime(Instant::from_timestamp(timestamp)))
            .ok_or_else(|| InputValueError::custom("not a moment such as \"2026-11-23T02:12:00Z\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.rfc3339())
    }
}

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub jiff::civil::Date);

/// A day of the calendar without a time: `2026-11-23`. Which moment it begins at depends on the time zone that the field
/// names.
#[Scalar(name = "Date", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        // jiff would read more than that: a moment, of which it keeps the day.
        let parsed = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
        parsed.map(Date).ok_or_else(|| InputValueError::custom("not a day such as \"2026-11-23\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime(pub jiff::civil::Time);

/// A time of the day to the minute, without a zone: `22:30`. In which zone it is, the field says.
#[Scalar(name = "LocalTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for LocalTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let parsed = Some(text).filter(|text| text.len() == 5).and_then(|text| text.parse().ok());
        parsed.map(LocalTime).ok_or_else(|| InputValueError::custom("not a time of the day such as \"22:30\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.strftime("%H:%M").to_string())
    }
}

/// A currency by its ISO 4217 code.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Currency")]
pub enum CurrencyCode {
    /// Australian dollar.
    Aud,
    /// Brazilian real.
    Brl,
    /// Canadian dollar.
    Cad,
    /// Swiss franc.
    Chf,
    /// Renminbi yuan, 人民币.
    Cny,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
    /// Hong Kong dollar, 港元.
    Hkd,
    /// Indonesian rupiah.
    Idr,
    /// Indian rupee.
    Inr,
    /// Japanese yen, without minor units.
    Jpy,
    /// South Korean won, without minor units.
    Krw,
    /// Macanese pataca, 澳門元.
    Mop,
    /// Malaysian ringgit.
    Myr,
    /// New Zealand dollar.
    Nzd,
    /// Philippine peso.
    Php,
    /// Singapore dollar.
    Sgd,
    /// Thai baht.
    Thb,
    /// New Taiwan dollar, 新臺幣.
    Twd,
    /// United States dollar.
    Usd,
    /// Vietnamese đồng, without minor units.
    Vnd,
}

/// An amount of money. It is kept in whole minor units; nothing is ever rounded on the way here.
#[derive(SimpleObject, Clone, Copy, Debug)]
#[graphql(name = "Money")]
pub struct MoneyFields {
    /// In major units, with all the currency's decimal places: `"12.50"`.
    amount: Decimal,
    /// ISO 4217.
    currency_code: CurrencyCode,
}

pub type MoneyObject = InTurn<MoneyFields>;

/// Wraps minor units as kept in a row beside its currency's code.
pub fn money(minor: i64, currency: &str) -> MoneyObject {
    // Codes are written by us from `Currency::code`; a row with another one would be a defect that `verify` names.
    let currency = currency.parse().unwrap_or(Currency::Cny);
    InTurn(MoneyFields { amount: Decimal(Money::new(minor, currency).decimal()), currency_code: currency.into() })
}

impl MoneyFields {
    pub fn currency(&self) -> CurrencyCode {
        self.currency_code
    }

    /// For a sentence: `CNY 1.00`.
    pub fn in_words(&self) -> String {
        format!("{} {}", Currency::from(self.currency_code).code(), self.amount.0)
    }
}

/// Points and counts are held within a GraphQL Int by checks in the database; this only narrows the type.
pub fn int(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_strings_or_whole_numbers_never_floats() {
        let parse = |value: Value| Decimal::parse(value).ok().map(|decimal| decimal.0.to_string());
        assert_eq!(parse(Value::from("12.50")), Some("12.50".to_owned()));
        assert_eq!(parse(Value::from(12)), Some("12".to_owned()));
        assert_eq!(parse(Value::from(12.5)), None);
        assert_eq!(parse(Value::from("1e3")), None);
        assert_eq!(parse(Value::from("")), None);
    }

    #[test]
    fn a_day_is_a_day_and_nothing_else() {
        let parse = |text: &str| Date::parse(Value::from(text)).ok().map(|day| day.to_value());
        assert_eq!(parse("2028-02-29"), Some(Value::from("2028-02-29")));
        for wrong in ["2027-02-29", "2026-11-23T00:00:00Z", "2026-11-3", "20261123", "", "2026-W48-1", "tomorrow.."] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_keep_their_microseconds() {
        let moment = DateTime::parse(Value::from("2026-11-23T10:00:00.123456+08:00")).ok().unwrap();
        assert_eq!(moment.to_value(), Value::from("2026-11-23T02:00:00.123456Z"));
    }
}
