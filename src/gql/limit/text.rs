//! A look at the characters, before the parser.
//!
//! The parser recurses for every open bracket, and only selection sets have a limit of its own (64): lists, objects
//! and list types are as deep as the text says. Its time is in proportion to the number of tokens. One pass over the
//! bytes bounds both, and needs to know no more of the grammar than comments and strings.

use super::{Limits, Refusal};

/// Refuses a text that would keep the parser too busy or too deep. A text that is not GraphQL passes: saying so is
/// the parser's work.
pub fn check(text: &str, limits: &Limits) -> Result<(), Refusal> {
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0, 0_usize);
    while at < bytes.len() {
        let end = token_end(bytes, at);
        match bytes[at] {
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b'#' => {
                at = end;
                continue;
            }
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            byte if is_word(byte) && end - at > limits.name_bytes => {
                return Err(Refusal::too_complex(format!("A name may have {} characters.", limits.name_bytes)));
            }
            _ => {}
        }
        tokens += 1;
        if tokens > limits.tokens {
            return Err(Refusal::too_complex(format!("The document has more than {} tokens.", limits.tokens)));
        }
        if open > limits.brackets {
            return Err(Refusal::too_complex(format!("More than {} brackets are open at once.", limits.brackets)));
        }
        at = end;
    }
    Ok(())
}

/// Where the token, comment or blank that begins at `at` ends. Always beyond `at`.
fn token_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    match rest[0] {
        b'#' => at + rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len()),
        b'"' if rest.starts_with(b"\"\"\"") => at + block_string(rest),
        b'"' => at + string(rest),
        byte if is_word(byte) => at + rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len()),
        _ => at + 1,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of a string in quotes. One that never closes ends with its line, where the parser will say so.
fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a string in triple quotes, in which only `\"""` is an escape.
fn block_string(rest: &[u8]) -> usize {
    let mut at = 3;
    while at < rest.len() {
        if rest[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if rest[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<String> {
        check(text, &Limits::default()).err().map(|refusal| refusal.message)
    }

    #[test]
    fn what_is_in_strings_and_comments_does_not_count() {
        let brackets = "[".repeat(1_000);
        assert_eq!(refused(&format!("{{ a(b: \"{brackets} \\\" {brackets}\") }} # {brackets}\n")), None);
        assert_eq!(refused(&format!("{{ a(b: \"\"\"{brackets} \\\"\"\" \" {brackets}\"\"\") }}")), None);
    }

    #[test]
    fn deep_brackets_of_any_kind_are_refused() {
        for (open, close) in [("[", "]"), ("{a:", "}"), ("{", "}"), ("(", ")")] {
            let text = format!("{{ a(b: {}1{}) }}", open.repeat(63), close.repeat(63));
            assert_eq!(refused(&text).as_deref(), Some("More than 64 brackets are open at once."));
        }
        assert_eq!(
            refused(&format!("query($a: {}Int{}) {{ b }}", "[".repeat(20_000), "]".repeat(20_000))).as_deref(),
            Some("More than 64 brackets are open at once.")
        );
    }

    #[test]
    fn long_documents_and_names_are_refused() {
        assert_eq!(refused(&"a ".repeat(5_001)).as_deref(), Some("The document has more than 5000 tokens."));
        assert_eq!(refused(&"a".repeat(129)).as_deref(), Some("A name may have 128 characters."));
        assert_eq!(refused("\"never closed"), None);
        assert_eq!(refused("\"\"\"never closed"), None);
        assert_eq!(refused("\"ends with \\"), None);
    }
}
