//! Text as people type it, made comparable: trimmed, NFKC, lower case. Secrets are only made writable the same way twice.

use unicode_normalization::UnicodeNormalization;

/// The form in which names that must be unique are compared and stored: `Ａlice ` and `alice` are one.
pub fn fold(text: &str) -> String {
    text.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

/// True when the text holds a character that must never be stored: NUL (PostgreSQL refuses it) or another control.
pub fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// A secret in the form of RFC 8265's OpaqueString: every kind of space becomes the plain one, then NFC.
///
/// An `é` typed as one character or as two is the same password. Case and width are kept, as the RFC says: they are
/// part of what the person chose.
pub fn opaque(secret: &str) -> String {
    secret.chars().map(|letter| if is_wide_space(letter) { ' ' } else { letter }).nfc().collect()
}

/// The space separators of Unicode (category Zs) other than the plain one.
fn is_wide_space(letter: char) -> bool {
    matches!(letter, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_to_one_form() {
        assert_eq!(fold("  Ａlice "), "alice");
        assert_eq!(fold("E\u{301}COLE"), "école");
    }

    #[test]
    fn secrets_keep_their_case_and_width_but_not_their_encoding() {
        assert_eq!(opaque("e\u{301}"), "é");
        assert_eq!(opaque("correct\u{3000}horse\u{a0}"), "correct horse ");
        assert_eq!(opaque("Ａbc ５"), "Ａbc ５");
    }
}
