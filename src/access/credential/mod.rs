//! What a person may register with, and what the text typed at login stands for. Pure functions: the member domain
//! turns their answers into user errors.
//!
//! Every name is folded ([`text::fold`]) before it is judged, so what is stored, compared and counted is one form.
//! A full-width `＠` or digit from an input method is therefore as good as a plain one.
//!
//! The three kinds of account never overlap: an e-mail address has an `@` and the others have none; a telephone number
//! consists of digits and what people put between them, and a user name may not. The property test holds them to it.

mod email;
mod password;
mod phone;

pub use email::{EmailError, email};
pub use password::{PasswordError, Personal, password};
pub use phone::{BareNumbers, PhoneError, phone};

use unicode_normalization::char::is_combining_mark;

use crate::base::text;

/// The fewest characters of a user name.
pub const MIN_USER_NAME: usize = 3;
/// The most characters of a user name.
pub const MAX_USER_NAME: usize = 32;
/// The most characters of a name that is only shown.
pub const MAX_DISPLAY_NAME: usize = 100;
/// No account is longer than the longest e-mail address, in bytes.
const MAX_ACCOUNT: usize = email::MAX_EMAIL;

/// Why a text is no user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserNameError {
    /// Fewer than [`MIN_USER_NAME`] characters.
    TooShort,
    /// More than [`MAX_USER_NAME`] characters.
    TooLong,
    /// It holds an `@`, so it would be read as an e-mail address.
    HasAt,
    /// Digits and separators only, so it would be read as a telephone number.
    OnlyDigits,
    /// It holds something other than letters, digits, `.`, `_` and `-`.
    BadCharacter,
}

/// The stored form of a user name. Letters and digits of any script are welcome, with the marks that belong to them
/// (the vowel signs of Thai and Hindi are marks).
pub fn user_name(typed: &str) -> Result<String, UserNameError> {
    let name = text::fold(typed);
    // Length first: everything after this works on a short text.
    match name.chars().count() {
        length if length < MIN_USER_NAME => return Err(UserNameError::TooShort),
        length if length > MAX_USER_NAME => return Err(UserNameError::TooLong),
        _ => {}
    }
    if name.contains('@') {
        return Err(UserNameError::HasAt);
    }
    let allowed =
        |letter: char| letter.is_alphanumeric() || is_combining_mark(letter) || matches!(letter, '.' | '_' | '-');
    if !name.chars().all(allowed) || name.starts_with(is_combining_mark) {
        return Err(UserNameError::BadCharacter);
    }
    if phone::looks_like_phone(&name) || name.chars().all(char::is_numeric) {
        return Err(UserNameError::OnlyDigits);
    }
    Ok(name)
}

/// Why a text is no name to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisplayNameError {
    /// Nothing is left after trimming.
    Empty,
    /// More than [`MAX_DISPLAY_NAME`] characters.
    TooLong,
    /// It holds a control character, a line break, or a mark that turns the direction of the text around it.
    BadCharacter,
}

/// A name that is only shown: trimmed, otherwise as typed.
pub fn display_name(typed: &str) -> Result<String, DisplayNameError> {
    let name = typed.trim();
    if name.is_empty() {
        return Err(DisplayNameError::Empty);
    }
    if name.chars().count() > MAX_DISPLAY_NAME {
        return Err(DisplayNameError::TooLong);
    }
    if text::has_control(name) || name.chars().any(disturbs_its_neighbours) {
        return Err(DisplayNameError::BadCharacter);
    }
    Ok(name.to_owned())
}

/// Line and paragraph separators, and the overrides of writing direction, which can make the text *after* a name read
/// as something else on a receipt or in a list.
fn disturbs_its_neighbours(letter: char) -> bool {
    matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What the text typed at login stands for, in the form it is stored in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    Email(String),
    Phone(String),
    UserName(String),
    /// No member can have this account: it is empty, too long, or holds a control character (which PostgreSQL would
    /// answer with an error). Skip the look-up, and do all the other work as for any unknown account.
    Nobody,
}

/// Tells what was typed at login. It only sorts and folds: whether the text would pass registration today is not
/// asked, so rules that become stricter lock nobody out.
pub fn account(typed: &str, bare: BareNumbers) -> Account {
    if typed.len() > MAX_ACCOUNT * 4 {
        return Account::Nobody;
    }
    let folded = text::fold(typed);
    if folded.is_empty() || folded.len() > MAX_ACCOUNT || text::has_control(&folded) {
        Account::Nobody
    } else if folded.contains('@') {
        Account::Email(email::plain_dots(folded))
    } else if phone::looks_like_phone(&folded) {
        Account::Phone(phone::normalise(&folded, bare))
    } else {
        Account::UserName(folded)
    }
}

#[cfg(test)]
mod tests;
