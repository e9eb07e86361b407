//! Text as people type it, made comparable: trimmed, NFKC, lower case.

use unicode_normalization::UnicodeNormalization;

/// The form in which names that must be unique are compared and stored: `Ａlice ` and `alice` are one.
pub fn fold(text: &str) -> String {
    text.trim()
        .nfkc()
        .collect::<String>()
        .to_lowercase()
        .nfkc()
        .collect()
}

/// True when the text holds a character that must never be stored: NUL (PostgreSQL refuses it) or another control.
pub fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}
