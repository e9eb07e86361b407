//! The import law: the house has floors, and imports only go down. docs/ARCHITECTURE.md describes
//! the house.

use super::paths::paths;
use super::source::{Token, rust_files, tokens};

/// The floors from the ground up. What one line holds is one floor, and its rooms may name each other. Rooms that are yet
/// to be built have their floor already.
const HOUSE: &[&str] = &[
    "base",
    "db",
    "access",
    "gql",
    // Each domain's entity, rule and query.
    "domain::outbox",
    "domain::member",
    "domain::points",
    "domain::catalog",
    "domain::tier",
    "domain::earning",
    "domain::reward",
    "domain::order",
    "domain::segment",
    "domain::household",
    "domain::report",
    "domain::simulation",
    "domain::payment",
    "domain::outlet",
    "domain::social",
    "domain::recommend",
    "domain::admin",
    "commit",
    // The proof of the books, which knows every table.
    "audit",
    "app",
    "domain::*::service",
    "domain::*::graphql",
    "schema",
    "http worker",
    // All settings. Whoever is set is told by the command rooms, and reads no flags.
    "config",
    // The command rooms: serve, demo, import, verify, …
    "cli",
    "lib",
    "main",
];

/// The rooms of a domain, from the ground up.
const ROOMS: &[&str] = &["entity", "rule", "query", "service", "graphql"];

/// What a room may not say.
const BANS: &[(&str, &str, &str)] = &[
    ("rule", "async", "is pure"),
    ("rule", "await", "is pure"),
    ("rule", "now(", "is told the time"),
    ("rule", "sea_orm", "knows no database"),
    ("rule", "async_graphql", "knows no GraphQL"),
    ("query", "async_graphql", "knows no GraphQL"),
    ("service", "async_graphql", "knows no GraphQL"),
];

/// What SeaORM makes of a table beside its rows' types. Only those who read or write it need them.
const HANDLES: &[&str] =
    &["Entity", "EntityLoader", "ActiveModel", "ActiveModelEx", "Column", "COLUMN", "PrimaryKey", "Relation"];

#[test]
fn imports_only_go_down() {
    let files = rust_files("src");
    assert!(files.iter().any(|(file, _)| file == "src/lib.rs"), "the law has lost sight of the house");
    let broken: Vec<_> = files.iter().flat_map(|(file, source)| violations(file, source)).collect();
    assert!(broken.is_empty(), "the import law is broken:\n{}", broken.join("\n"));
}

/// How a file breaks the law, one line each.
fn violations(file: &str, source: &str) -> Vec<String> {
    let module = module(file);
    let Some(own) = place(&module) else {
        return vec![format!("{file}: stands on no floor: give it one in HOUSE")];
    };
    if room(&module).is_some_and(|room| !ROOMS.contains(&room)) {
        return vec![format!("{file}: a domain's rooms are {}", ROOMS.join(", "))];
    }
    let tokens = tokens(source);
    let is_root = matches!(file, "src/lib.rs" | "src/main.rs");
    let here = if is_root { &[] } else { module.as_slice() };
    let mut broken: Vec<_> = paths(here, &tokens)
        .iter()
        .filter_map(|path| Some((path.line, complaint(&module, own, &path.segments)?)))
        .chain(banned(&module, &tokens))
        .collect();
    if module[0] == "domain" && module.len() <= 2 {
        let complaint = "a domain's mod.rs only describes and lists: `pub mod` and `pub use`";
        broken.extend(logic(&tokens).into_iter().map(|line| (line, complaint.to_owned())));
    }
    broken.iter().map(|(line, complaint)| format!("{file}:{line}: {complaint}")).collect()
}

/// The module that a file is; the two roots go by their files' names.
fn module(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

/// The floor that a path leads to and, within a domain, how high its room is.
fn place(path: &[String]) -> Option<(usize, usize)> {
    if path == ["domain"] {
        // The folder itself holds nothing; what is reached through it counts.
        return Some((0, 0));
    }
    let leads_into = |pattern: &str| {
        let steps: Vec<_> = pattern.split("::").collect();
        path.len() >= steps.len() && steps.iter().zip(path).all(|(step, segment)| *step == "*" || step == segment)
    };
    // The last that fits, since a domain's service and GraphQL rooms are higher up than the domain.
    let floor = HOUSE.iter().rposition(|line| line.split(' ').any(leads_into))?;
    // What a domain's mod.rs passes on may come from its entity, rule and query.
    let highest_passed_on = 2;
    let room = room(path).and_then(|room| ROOMS.iter().position(|known| *known == room));
    Some((floor, room.unwrap_or(highest_passed_on)))
}

/// The room of a domain that a path leads into.
fn room(path: &[String]) -> Option<&str> {
    path.get(2).filter(|_| path[0] == "domain").map(String::as_str)
}

/// Why a module may not name a path, if it may not.
fn complaint(module: &[String], own: (usize, usize), path: &[String]) -> Option<String> {
    let name = format!("crate::{}", path.join("::"));
    let Some(target) = place(path) else {
        return Some(format!("{name} stands on no floor: give it one in HOUSE"));
    };
    if target > own {
        return Some(format!("{name} is higher up than {}", module.join("::")));
    }
    match (room(module), room(path)) {
        (_, Some("*")) => Some(format!("{name} takes every room of a domain: name the one")),
        (Some("rule"), Some("query")) => Some(format!("{name} reads, and a rule is given its rows")),
        (_, Some("entity")) if holds_table(&path[3..]) && !may_hold_table(module, path) => {
            Some(format!("{name} is a table, and outside its domain only its types may be named"))
        }
        _ => None,
    }
}

/// Whether a path within an entity room is, or with a glob may be, more than a type.
fn holds_table(path: &[String]) -> bool {
    path.iter().any(|segment| segment == "*" || HANDLES.contains(&segment.as_str()))
}

/// A domain reads and writes its own tables, entities relate to each other, and commit writes what
/// commands decided.
fn may_hold_table(module: &[String], path: &[String]) -> bool {
    match room(module) {
        Some("entity") => true,
        Some("query" | "service") => module[1] == path[1],
        _ => module[0] == "commit",
    }
}

/// The words that a room may not say. One that ends with `(` is only meant as a call.
fn banned(module: &[String], tokens: &[Token<'_>]) -> Vec<(usize, String)> {
    let mut broken = Vec::new();
    for (room, ban, reason) in BANS.iter().filter(|(of, ..)| room(module) == Some(of)) {
        let word = ban.trim_end_matches('(');
        for (at, token) in tokens.iter().enumerate() {
            let is_called = tokens.get(at + 1).is_some_and(|next| next.text == "(");
            if token.text == word && (word == *ban || is_called) {
                broken.push((token.line, format!("`{ban}` in a {room} room, which {reason}")));
            }
        }
    }
    broken
}

/// The lines of a domain's `mod.rs` that are more than `pub mod …;` and `pub use …;`.
fn logic(tokens: &[Token<'_>]) -> Vec<usize> {
    let is_logic = |item: &&[Token<'_>]| {
        let mut words = item.iter().map(|token| token.text).peekable();
        while words.next_if_eq(&"#").is_some() {
            words.by_ref().find(|word| *word == "]");
        }
        match (words.next(), words.next()) {
            (None, _) => false,
            (Some("pub"), Some("mod")) => words.count() != 1,
            (Some("pub"), Some("use")) => false,
            _ => true,
        }
    };
    let items = tokens.split(|token| token.text == ";");
    items.filter(is_logic).map(|item| item[0].line).collect()
}

/// Files that break the law once each: the file, its source, and what is said of it.
const BROKEN: &str = r"
src/base/id.rs | use crate::db::Reader; | src/base/id.rs:1: crate::db::Reader is higher up than base::id
src/db/mod.rs | fn f() { crate::app::App::new(); } | crate::app::App::new is higher up than db
src/app.rs | use crate::{db::Reader, http::router}; | crate::http::router is higher up than app
src/commit/mod.rs | use crate::domain::order::service::pay; | crate::domain::order::service::pay is higher
src/http/graphql.rs | use crate::cli; | crate::cli is higher up than http::graphql
src/helper.rs | | src/helper.rs: stands on no floor
src/app.rs | use crate::helper::f; | crate::helper::f stands on no floor

src/domain/points/rule.rs | use crate::domain::order::rule::Total; | crate::domain::order::rule::Total is higher
src/domain/points/query.rs | use super::super::order::query; | crate::domain::order::query is higher
src/domain/points/entity/lot.rs | use super::super::rule::spend; | crate::domain::points::rule::spend is higher
src/domain/points/service.rs | use super::graphql::Wallet; | crate::domain::points::graphql::Wallet is higher
src/domain/order/rule.rs | use crate::domain::points::query::of_member; | a rule is given its rows
src/domain/karma/rule.rs | | stands on no floor
src/domain/order/utils.rs | | a domain's rooms are entity, rule

src/commit/mod.rs | use crate::domain::order as o; fn f() { o::service::pay() } | crate::domain::order::service::pay is higher
src/commit/mod.rs | use crate::domain::{self}; type T = domain::order::graphql::Order; | crate::domain::order::graphql::Order is higher
src/commit/mod.rs | mod tests { use super::super::app::App; } | crate::app::App is higher
src/commit/mod.rs | use crate::domain::order::*; | crate::domain::order::* takes every room of a domain
src/worker/mod.rs | use crate::domain::*; | crate::domain::* stands on no floor

src/worker/expiry.rs | use crate::domain::points::entity::lot; fn f() { lot::Entity::find(); } | crate::domain::points::entity::lot::Entity::find is a table
src/domain/order/service.rs | use crate::domain::points::entity::wallet::ActiveModel; | is a table
src/domain/order/query.rs | use crate::domain::points::entity::*; | is a table
src/domain/points/graphql.rs | use super::entity::wallet::{Entity, Model}; | is a table

src/domain/order/rule.rs | pub async fn price() {} | `async` in a rule room, which is pure
src/domain/order/rule/price.rs | use sea_orm::DbErr; | `sea_orm` in a rule room, which knows no database
src/domain/order/rule.rs | fn f(clock: &Clock) { clock.now(); } | `now(` in a rule room, which is told the time
src/domain/order/service.rs | use async_graphql::ID; | `async_graphql` in a service room, which knows no GraphQL

src/domain/order/mod.rs | pub mod rule; pub fn f() {} | a domain's mod.rs only describes and lists
src/domain/order/mod.rs | pub mod rule { pub fn f() {} } | a domain's mod.rs only describes and lists
src/domain/order/mod.rs | mod rule; | a domain's mod.rs only describes and lists
src/domain/mod.rs | pub mod order; const A: u8 = 1; | a domain's mod.rs only describes and lists
src/domain/order/mod.rs | pub mod service; pub use service::pay; | crate::domain::order::service::pay is higher
";

/// Files that keep it.
const KEPT: &str = r#"
src/lib.rs | pub mod base; pub mod domain; pub use base::error::Error;
src/main.rs | use jifen::{app::App, cli}; fn main() { jifen::http::serve(); }
src/domain/mod.rs | #![allow(x)] pub mod order; pub mod points;
src/domain/order/mod.rs | #[doc(hidden)] pub mod rule; pub mod entity; pub use entity::{Id, Status};
src/domain/order/entity.rs | use crate::domain::member::entity::Entity as Member; use crate::base::id::Id;
src/domain/order/rule.rs | use super::entity::Model; use crate::domain::points::rule; fn f(now: Instant) { g(now) }
src/domain/order/rule.rs | const A: &str = "crate::http async"; mod tests { use super::*; } // async, now(), sea_orm
src/domain/order/query.rs | use super::entity::Entity; use crate::db::loader::Key; use sea_orm::EntityTrait;
src/domain/points/service.rs | use crate::app::App; use crate::domain::order::{entity::Model, service};
src/domain/points/graphql.rs | use crate::domain::order::graphql::Order; use super::{entity::Model, service};
src/commit/write.rs | use crate::domain::points::entity::lot; fn f() { lot::Entity::insert_many(rows); }
src/worker/mod.rs | use crate::domain::points::service::expire; use crate::http::metrics::Metrics;
src/cli/demo.rs | use crate::{config, http, worker}; fn f() -> impl Fn() + use<'_> { super::serve::run() }
"#;

fn planted(cases: &str) -> impl Iterator<Item = Vec<&str>> {
    cases.lines().filter(|line| !line.is_empty()).map(|line| line.split('|').map(str::trim).collect())
}

#[test]
fn what_breaks_the_law_is_caught() {
    for case in planted(BROKEN) {
        let found = violations(case[0], case[1]);
        assert!(found.len() == 1 && found[0].contains(case[2]), "{case:?} found {found:?}");
    }
}

#[test]
fn what_keeps_the_law_is_left_alone() {
    for case in planted(KEPT) {
        let found = violations(case[0], case[1]);
        assert!(found.is_empty(), "{case:?} found {found:?}");
    }
}
