//! The law of links: whatever a page of the repository points at is there, a file as well as a heading. A section that a
//! rewrite loses is then missed at once by every page that sends its readers to it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The pages at the root that lead into the others, and the folders in which all pages are read.
const PAGES: &[&str] = &["README.md", "README.zh-CN.md", "CONTRIBUTING.md"];
const FOLDERS: &[&str] = &["docs", "examples"];

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> = PAGES.iter().map(PathBuf::from).collect();
    for folder in FOLDERS {
        find_pages(root, Path::new(folder), &mut pages);
    }
    assert!(pages.contains(&PathBuf::from("docs/adr/README.md")), "the law has lost sight of the pages");
    let read = |page: &PathBuf| fs::read_to_string(root.join(page)).unwrap_or_else(|error| panic!("{page:?}: {error}"));
    let texts: HashMap<PathBuf, String> = pages.into_iter().map(|page| (page.clone(), read(&page))).collect();
    let headings: HashMap<&Path, HashSet<String>> =
        texts.iter().map(|(page, text)| (page.as_path(), anchors(text))).collect();
    let mut broken = Vec::new();
    for (page, text) in &texts {
        for (line, target) in links(text) {
            if let Some(why) = wrong_with(root, page, &target, &headings) {
                broken.push(format!("{}:{line}: {target}: {why}", page.display()));
            }
        }
    }
    broken.sort();
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

fn find_pages(root: &Path, folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root.join(folder)).expect("a folder of pages") {
        let path = folder.join(entry.expect("an entry").file_name());
        if root.join(&path).is_dir() {
            find_pages(root, &path, pages);
        } else if path.extension().is_some_and(|end| end == "md") {
            pages.push(path);
        }
    }
}

/// What is wrong with a link of a page, if anything. Addresses of other places are not looked at.
fn wrong_with(
    root: &Path,
    page: &Path,
    target: &str,
    headings: &HashMap<&Path, HashSet<String>>,
) -> Option<&'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = if path.is_empty() { page.to_owned() } else { tidy(&page.parent().expect("a folder").join(path)) };
    if !root.join(&path).exists() {
        return Some("there is no such file");
    }
    let anchor = anchor?;
    match headings.get(path.as_path()) {
        Some(found) if found.contains(anchor) => None,
        Some(_) => Some("there is no such heading"),
        None => Some("it is no page of which the headings are known"),
    }
}

/// A path without `.` and `..`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(tidied.pop()),
            Component::CurDir => {}
            part => tidied.push(part),
        }
    }
    tidied
}

/// The lines outside fenced code, with their numbers from 1 on.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        (!is_fence && !in_code).then_some((at + 1, line))
    })
}

/// The targets of links and images, with their lines. What stands in `code` is none.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let spoken: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let targets = spoken.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        found.extend(targets.map(|(target, _)| (number, target.to_owned())));
    }
    found
}

/// The anchors of a page's headings, made as GitHub makes them: letters, digits, `-` and `_` stay, a space becomes `-`,
/// and the same heading again gets a number.
fn anchors(text: &str) -> HashSet<String> {
    let mut times: HashMap<String, usize> = HashMap::new();
    let headings = prose(text)
        .filter_map(|(_, line)| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    headings
        .map(|heading| {
            let kept = heading.trim().to_lowercase();
            let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
            let anchor = kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect::<String>();
            let before = times.entry(anchor.clone()).or_default();
            *before += 1;
            if *before == 1 { anchor } else { format!("{anchor}-{}", *before - 1) }
        })
        .collect()
}

#[test]
fn links_and_headings_are_read_as_a_reader_sees_them() {
    let text = "# One & two\n```md\n# no heading [x](no-link.md)\n```\n## `jifen admin`, 积分\n## One & two\n\
                See [this](a.md), [that](b.md#c) and `[code](not.md)`.";
    assert_eq!(links(text), [(7, "a.md".to_owned()), (7, "b.md#c".to_owned())]);
    let expected = ["one--two", "jifen-admin-积分", "one--two-1"].map(str::to_owned);
    assert_eq!(anchors(text), HashSet::from(expected));
}

#[test]
fn a_link_to_a_lost_section_is_caught() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ledger = anchors("## Settings");
    let headings = HashMap::from([(Path::new("docs/LEDGER.md"), ledger)]);
    let wrong = |target| wrong_with(root, Path::new("docs/adr/README.md"), target, &headings);
    assert_eq!(wrong("../LEDGER.md#settings"), None);
    assert_eq!(wrong("../../README.md"), None);
    assert_eq!(wrong("https://example.com/nothing#here"), None);
    assert_eq!(wrong("../LEDGER.md#lost"), Some("there is no such heading"));
    assert_eq!(wrong("LEDGER.md"), Some("there is no such file"));
}
