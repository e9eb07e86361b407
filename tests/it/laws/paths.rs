//! The paths of this crate that a file names, in its `use` lines and in its code.

use std::collections::HashMap;

use super::source::{Token, tokens, word};

/// A path that a file names, from the root of the crate and without `crate`; a glob import ends
/// with `*`.
#[derive(Debug)]
pub struct Path {
    pub segments: Vec<String>,
    pub line: usize,
}

/// Every path of this crate in a file that is the module `module`: those of its `use` lines, and
/// those written out in the code, where a name that `use` brought in stands for where it is from.
pub fn paths(module: &[String], tokens: &[Token<'_>]) -> Vec<Path> {
    let mut reader = Reader { module: module.to_vec(), names: HashMap::new(), found: Vec::new() };
    reader.learn_children(tokens);
    // Names first: a `use` may stand below the code that needs it.
    reader.read(tokens, true);
    reader.read(tokens, false);
    reader.found
}

struct Reader {
    /// Where we are, inline modules included.
    module: Vec<String>,
    /// What a first segment other than `crate`, `self` and `super` stands for.
    names: HashMap<String, Vec<String>>,
    found: Vec<Path>,
}

impl Reader {
    /// `mod child;` makes `child::…` a path of this crate.
    fn learn_children(&mut self, tokens: &[Token<'_>]) {
        for window in tokens.windows(3) {
            if window[0].text == "mod" && window[2].text == ";" {
                let child = window[1].text.to_owned();
                let path = self.module.iter().cloned().chain([child.clone()]).collect();
                self.names.insert(child, path);
            }
        }
    }

    fn read(&mut self, tokens: &[Token<'_>], uses: bool) {
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
        let (mut at, mut depth, mut inline) = (0, 0, Vec::new());
        while at < tokens.len() {
            match text(at) {
                "mod" if text(at + 2) == "{" => {
                    self.module.push(text(at + 1).to_owned());
                    inline.push(depth);
                }
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inline.last() == Some(&depth) {
                        inline.pop();
                        self.module.pop();
                    }
                }
                // `use<'a>` is something else.
                "use" if text(at + 1) != "<" => {
                    let end = (at..tokens.len()).find(|end| text(*end) == ";").unwrap_or(tokens.len());
                    if uses {
                        self.read_tree(&tokens[at + 1..end], &[]);
                    }
                    at = end;
                }
                _ if !uses && text(at + 1) == "::" && (at == 0 || text(at - 1) != "::") => {
                    let mut segments = vec![text(at).to_owned()];
                    let line = tokens[at].line;
                    while text(at + 1) == "::" && word(text(at + 2)) > 0 {
                        segments.push(text(at + 2).to_owned());
                        at += 2;
                    }
                    self.find(&segments, line);
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// One branch of a `use`, after the segments that lead to it.
    fn read_tree(&mut self, tokens: &[Token<'_>], before: &[String]) {
        let mut segments = before.to_vec();
        let mut name = None;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token.text {
                "::" => {}
                "{" => {
                    for branch in branches(&tokens[at + 1..tokens.len() - 1]) {
                        self.read_tree(branch, &segments);
                    }
                    return;
                }
                "as" => {
                    name = tokens.get(at + 1).map(|token| token.text.to_owned());
                    break;
                }
                "self" if !segments.is_empty() => {}
                text => segments.push(text.to_owned()),
            }
            at += 1;
        }
        let Some(first) = tokens.first() else { return };
        if let Some(path) = self.find(&segments, first.line)
            && let Some(name) = name.or_else(|| segments.last().cloned())
        {
            self.names.insert(name, path);
        }
    }

    /// Notes a path if it is one of this crate, and answers what it is from the root.
    fn find(&mut self, segments: &[String], line: usize) -> Option<Vec<String>> {
        let supers = segments.iter().take_while(|segment| *segment == "super").count();
        let (mut path, rest) = match segments.first()?.as_str() {
            "crate" | "jifen" => (Vec::new(), &segments[1..]),
            "self" => (self.module.clone(), &segments[1..]),
            "super" => {
                let kept = self.module.len().saturating_sub(supers);
                (self.module[..kept].to_vec(), &segments[supers..])
            }
            name => (self.names.get(name)?.clone(), &segments[1..]),
        };
        path.extend_from_slice(rest);
        self.found.push(Path { segments: path.clone(), line });
        Some(path)
    }
}

/// The branches between the braces of a `use`: what its own commas part, not those of braces within.
fn branches<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut depth = 0;
    tokens
        .split(|token| {
            match token.text {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            depth == 0 && token.text == ","
        })
        .collect()
}

#[test]
fn paths_are_followed_through_names() {
    let source = "
        use crate::domain::{points::{self, rule as rules}, order::entity::*};
        use std::fs;
        mod child;
        fn f() { points::entity::find(); rules::decide(); child::g(); fs::read(); super::query::of(); }
        mod tests { use super::*; }
    ";
    let module = ["domain", "catalog", "service"].map(str::to_owned);
    let found: Vec<_> = paths(&module, &tokens(source)).iter().map(|path| path.segments.join("::")).collect();
    let expected = [
        "domain::points",
        "domain::points::rule",
        "domain::order::entity::*",
        "domain::catalog::service::*",
        "domain::points::entity::find",
        "domain::points::rule::decide",
        "domain::catalog::service::child::g",
        "domain::catalog::query::of",
    ];
    assert_eq!(found, expected);
}
