//! Rust source as the law tests read it: its files, and their words without comments and literals.
//! This is no compiler: it looks at one file at a time and knows nothing of what macros make.

use std::fs;
use std::path::Path;

/// A word or a sign, and the line it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    pub text: &'a str,
    pub line: usize,
}

/// Every Rust file below a folder of this repository: its path from there, and its text.
pub fn rust_files(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
                files.push((name, fs::read_to_string(&path).expect("source is UTF-8")));
            }
        }
    }
    files.sort();
    files
}

/// The words and signs of a file, in order. `::` is one sign.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < source.len() {
        let rest = &source[at..];
        let (length, counts) = lexeme(rest);
        let text = &rest[..length];
        if counts {
            let text = text.strip_prefix("r#").unwrap_or(text);
            tokens.push(Token { text, line });
        }
        line += text.matches('\n').count();
        at += length;
    }
    tokens
}

/// The length of what `rest` begins with, and whether it counts: space, comments, literals and
/// lifetimes do not.
fn lexeme(rest: &str) -> (usize, bool) {
    let first = rest.chars().next().expect("not at the end");
    if first.is_whitespace() {
        (first.len_utf8(), false)
    } else if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), false)
    } else if rest.starts_with("/*") {
        (block_comment(rest), false)
    } else if let Some(length) = literal(rest) {
        (length, false)
    } else if first == '\'' {
        (1 + word(&rest[1..]), false)
    } else if let Some(raw) = rest.strip_prefix("r#") {
        (2 + word(raw), true)
    } else if word(rest) > 0 {
        (word(rest), true)
    } else if rest.starts_with("::") {
        (2, true)
    } else {
        (first.len_utf8(), true)
    }
}

/// The length of the name, keyword or number that `rest` begins with, or 0.
pub fn word(rest: &str) -> usize {
    rest.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(rest.len())
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of the string, byte string or character that `rest` begins with.
fn literal(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""]
        .into_iter()
        .find(|prefix| rest.strip_prefix(prefix).is_some_and(|body| body.starts_with(['"', '\'', '#'])))?;
    let body = &rest[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = body.len() - body.trim_start_matches('#').len();
        let text = body[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = text.find(&close).map_or(rest.len(), |end| prefix.len() + hashes + 1 + end + close.len());
        return Some(end);
    }
    let quote = body.chars().next().filter(|quote| *quote != '#')?;
    let mut inside = body.char_indices().skip(1);
    // 'a and 'a' differ only in what comes after the first character.
    let is_lifetime = quote == '\'' && !body[1..].starts_with('\\') && body.chars().nth(2) != Some('\'');
    if is_lifetime {
        return None;
    }
    while let Some((at, character)) = inside.next() {
        if character == '\\' {
            inside.next();
        } else if character == quote {
            return Some(prefix.len() + at + 1);
        }
    }
    Some(rest.len())
}

#[test]
fn comments_and_literals_are_no_words() {
    let source = r##"a /* b /* c */ d */ 'e' '\'' "f\" g" r#"h "i" "# b"j" b'k' &'l m // n
        r#type :: o"##;
    let words: Vec<_> = tokens(source).iter().map(|token| (token.text, token.line)).collect();
    assert_eq!(words, [("a", 1), ("&", 1), ("m", 1), ("type", 2), ("::", 2), ("o", 2)]);
}
