//! How many times something counts, exact to four decimals: 15,000 ten-thousandths are one and a half times.

use rust_decimal::Decimal;

/// Once.
pub const WHOLE: i64 = 10_000;
/// A hundred times.
pub const MAX_MULTIPLIER: i64 = 100 * WHOLE;

/// The ten-thousandths of a decimal. What has more decimals than are kept becomes 0, which no check lets pass.
pub fn in_parts(times: Decimal) -> i64 {
    let exact = times.checked_mul(WHOLE.into()).filter(|exact| exact.fract().is_zero());
    exact.and_then(|exact| exact.try_into().ok()).unwrap_or(0)
}

/// As people write it.
pub fn as_decimal(parts: i64) -> Decimal {
    (Decimal::from(parts) / Decimal::from(WHOLE)).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_decimals_are_kept_and_more_refused() {
        let parts = |text: &str| in_parts(text.parse().unwrap());
        assert_eq!(["1.5", "2", "1.0001", "1.00001"].map(parts), [15_000, 20_000, 10_001, 0]);
        assert_eq!([15_000, 20_000, 10_001].map(|parts| as_decimal(parts).to_string()), ["1.5", "2", "1.0001"]);
        assert_eq!(in_parts(Decimal::MAX), 0);
    }
}
