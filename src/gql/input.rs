//! Checks on text that clients send, beyond what the schema says.

use crate::base::error::{Error, Result};
use crate::base::text::has_control;

/// An idempotency key is kept, so it is bounded.
const MAX_KEY: usize = 200;
/// No SKU, slug, number or search text is longer.
const MAX_TEXT: usize = 500;

/// An idempotency key: 1 to 200 characters without control characters.
pub fn idempotency_key(typed: String) -> Result<String> {
    if typed.is_empty() || typed.chars().count() > MAX_KEY || has_control(&typed) {
        return Err(Error::bad_input("An idempotency key has 1 to 200 characters and no control characters."));
    }
    Ok(typed)
}

/// A text to look something up by. A control character is refused: PostgreSQL answers a NUL with an error of its own.
pub fn plain(typed: String) -> Result<String> {
    if typed.chars().count() > MAX_TEXT || has_control(&typed) {
        return Err(Error::bad_input("This text is too long, or holds a control character."));
    }
    Ok(typed)
}

/// The path of a user error, from the field of the mutation on.
pub fn path(parts: &[&str]) -> Option<Vec<String>> {
    Some(std::iter::once("input").chain(parts.iter().copied()).map(str::to_owned).collect())
}
