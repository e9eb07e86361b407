//! Telephone numbers.
//!
//! A number with `+` or `00` in front is international and is stored as E.164: `+` and digits. A number without is
//! ambiguous. Members in China type eleven digits, `138 0013 8000`, and the same people type `+86 138…` or `86138…`
//! when a form asks them to; stored as typed these would be three accounts of one telephone, and whoever registered
//! with one form could not log in with another. So, as long as [`BareNumbers::ChinaMobile`] is set, the shape of a
//! mainland mobile number (1, then 3 to 9, eleven digits in all) is read as +86. Every other bare number (a landline,
//! a short number) keeps its bare digits, because guessing its area or country would be wrong more often than right.
//!
//! The same shape is a North American number typed with its leading 1, so a shop elsewhere sets [`BareNumbers::AsTyped`].

use crate::base::text;

/// The fewest digits of a number.
const MIN_DIGITS: usize = 5;
/// The most digits of a number (E.164).
const MAX_DIGITS: usize = 15;

/// How a number without a country code is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BareNumbers {
    /// Eleven digits in the shape of a mobile number of mainland China get +86; others stay bare.
    #[default]
    ChinaMobile,
    /// Bare digits stay bare.
    AsTyped,
}

/// Why a text is no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneError {
    /// Fewer than 5 digits.
    TooShort,
    /// More than 15 digits.
    TooLong,
    /// Something other than digits, spaces, `-`, `.`, parentheses and one `+` in front.
    BadCharacter,
}

/// The stored form of a telephone number: `+8613800138000`, or bare digits.
pub fn phone(typed: &str, bare: BareNumbers) -> Result<String, PhoneError> {
    let folded = text::fold(typed);
    let plus_inside = folded.trim_start_matches(['(', ' ']).chars().skip(1).any(|letter| letter == '+');
    if !looks_like_phone(&folded) || plus_inside {
        return Err(PhoneError::BadCharacter);
    }
    let number = normalise(&folded, bare);
    match number.trim_start_matches('+').len() {
        digits if digits < MIN_DIGITS => Err(PhoneError::TooShort),
        digits if digits > MAX_DIGITS => Err(PhoneError::TooLong),
        _ => Ok(number),
    }
}

/// Digits, and what people put between them. No user name looks like this.
pub fn looks_like_phone(folded: &str) -> bool {
    folded.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '+' | ' ' | '-' | '.' | '(' | ')'))
}

/// Takes the separators out and settles how the country is written.
pub fn normalise(folded: &str, bare: BareNumbers) -> String {
    let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
    if folded.contains('+') {
        return format!("+{digits}");
    }
    if let Some(international) = digits.strip_prefix("00") {
        return format!("+{international}");
    }
    let national = digits.strip_prefix("86").filter(|rest| is_china_mobile(rest)).unwrap_or(&digits);
    match bare {
        BareNumbers::ChinaMobile if is_china_mobile(national) => format!("+86{national}"),
        _ => digits,
    }
}

fn is_china_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1])
}
