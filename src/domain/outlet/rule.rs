//! What an outlet may be called.

use crate::base::text::has_control;

/// The most outlets there are.
pub const MAX_OUTLETS: usize = 1_000;
/// The longest code and name, in characters.
const MAX_CODE: usize = 50;
const MAX_NAME: usize = 100;

/// Why an outlet is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    CodeInvalid,
    CodeTaken,
    NameInvalid,
    TooMany,
}

/// Checks an outlet: its code is of letters, digits, hyphens and underscores, as on a till.
pub fn check(code: &str, name: &str) -> Result<(), Rejection> {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if code.is_empty() || code.len() > MAX_CODE || !code.bytes().all(is_sign) {
        return Err(Rejection::CodeInvalid);
    }
    if name.is_empty() || name.chars().count() > MAX_NAME || has_control(name) {
        return Err(Rejection::NameInvalid);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_have_a_form() {
        assert_eq!(check("SH-01", "Bund"), Ok(()));
        for code in ["", "SH 01", "上海", &"A".repeat(51)] {
            assert_eq!(check(code, "Bund"), Err(Rejection::CodeInvalid), "{code}");
        }
        for name in ["", "a\nb", &"店".repeat(101)] {
            assert_eq!(check("SH-01", name), Err(Rejection::NameInvalid), "{name}");
        }
    }
}
