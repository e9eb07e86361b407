//! Whether a password is worth hashing.
//!
//! Length decides most, so there are no rules about capitals and signs. What a guesser tries first is refused: the
//! common ones, the owner's own names, and what a finger draws on the keyboard.

use crate::base::text;

/// The fewest characters.
pub const MIN_PASSWORD: usize = 8;
/// The most characters.
pub const MAX_PASSWORD: usize = 128;
/// The most bytes in UTF-8.
const MAX_PASSWORD_BYTES: usize = 512;

/// Passwords that guessers try first, in lower case, one a line. Our own selection: the well-known ones of the yearly
/// lists, English and Chinese, of eight characters or more, as shorter ones are refused anyway.
const COMMON: &str = include_str!("common.txt");

/// What a finger draws: the rows of the keyboard, the alphabet, the digits.
const ROWS: [&str; 7] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "`1234567890-=",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertyuiopasdfghjklzxcvbnm",
];

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordError {
    /// Fewer than [`MIN_PASSWORD`] characters.
    TooShort,
    /// More than [`MAX_PASSWORD`] characters or 512 bytes.
    TooLong,
    /// It holds a control character.
    BadCharacter,
    /// It is one of the passwords that are tried first.
    Common,
    /// It is one character, a short pattern repeated, or a row of the keyboard.
    Predictable,
    /// It is the owner's user name, e-mail address or telephone number.
    Personal,
}

/// What is known of the owner, in the stored forms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Personal<'a> {
    pub user_name: Option<&'a str>,
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
}

/// Judges a new password. It is not changed: hashing brings it to its one form itself.
pub fn password(typed: &str, owner: Personal<'_>) -> Result<(), PasswordError> {
    if typed.len() > MAX_PASSWORD_BYTES {
        return Err(PasswordError::TooLong);
    }
    let secret = text::opaque(typed);
    let length = secret.chars().count();
    if length < MIN_PASSWORD {
        return Err(PasswordError::TooShort);
    }
    if length > MAX_PASSWORD || secret.len() > MAX_PASSWORD_BYTES {
        return Err(PasswordError::TooLong);
    }
    if text::has_control(&secret) {
        return Err(PasswordError::BadCharacter);
    }
    let folded = text::fold(&secret);
    if is_personal(&folded, owner) {
        return Err(PasswordError::Personal);
    }
    if is_predictable(&folded) {
        return Err(PasswordError::Predictable);
    }
    // A thousand comparisons take microseconds, and the hash that follows takes milliseconds.
    if COMMON.lines().any(|common| common == folded) {
        return Err(PasswordError::Common);
    }
    Ok(())
}

fn is_personal(folded: &str, owner: Personal<'_>) -> bool {
    let mailbox = owner.email.and_then(|email| email.split_once('@')).map(|(local, _)| local);
    let names = [owner.user_name, owner.email, mailbox];
    names.into_iter().flatten().any(|name| folded == name || backwards(folded) == name)
        || owner.phone.is_some_and(|phone| is_number(folded, phone))
}

/// True when the password is the number in some form of writing, with or without its country code.
fn is_number(folded: &str, phone: &str) -> bool {
    let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
    let only_number = folded.chars().all(|letter| letter.is_ascii_digit() || "+ -.()".contains(letter));
    only_number
        && digits.len() >= MIN_PASSWORD - 1
        && (phone.ends_with(&digits) || digits.ends_with(phone.trim_start_matches('+')))
}

fn is_predictable(folded: &str) -> bool {
    let letters: Vec<char> = folded.chars().collect();
    let repeats = |period: usize| letters.iter().skip(period).zip(&letters).all(|(later, earlier)| later == earlier);
    // A pattern of up to four letters is worth at most four letters, however often it comes.
    (1..=4).any(repeats) || ROWS.iter().any(|row| row.contains(folded) || row.contains(&backwards(folded)))
}

fn backwards(text: &str) -> String {
    text.chars().rev().collect()
}
