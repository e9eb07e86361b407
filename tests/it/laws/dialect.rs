//! The dialect law: that there are two databases is known in the room that connects, in the one
//! that speaks both dialects, and in the migrations' columns. All above them is written once.

use super::source::{rust_files, tokens};

/// The only files that may name a database; a folder of the same name counts as the file.
const ROOMS: &[&str] = &["src/db/connect", "src/db/dialect", "migration/src/column"];

/// How the names of one database's types begin, and the names of the type that tells which one it is.
const NAMES: &[&str] = &["DatabaseBackend", "DbBackend", "Postgres", "Sqlite"];

#[test]
fn only_the_dialect_knows_the_databases() {
    let files: Vec<_> = ["src", "migration/src"].into_iter().flat_map(rust_files).collect();
    assert!(files.iter().any(|(file, _)| file == "migration/src/lib.rs"), "the law has lost sight of the migrations");
    let broken: Vec<_> = files.iter().flat_map(|(file, source)| violations(file, source)).collect();
    assert!(broken.is_empty(), "the dialect law is broken:\n{}", broken.join("\n"));
}

/// Where a file outside those rooms names a database.
fn violations(file: &str, source: &str) -> Vec<String> {
    let is_room = |room: &str| file.strip_prefix(room).is_some_and(|rest| rest.starts_with(['.', '/']));
    if ROOMS.iter().copied().any(is_room) {
        return Vec::new();
    }
    tokens(source)
        .iter()
        .filter(|token| NAMES.iter().any(|name| token.text.starts_with(name)))
        .map(|token| format!("{file}:{}: {} belongs to the dialect", token.line, token.text))
        .collect()
}

#[test]
fn a_database_named_elsewhere_is_caught() {
    for (file, source, name) in [
        ("src/app.rs", "use sea_orm::DbBackend;", "DbBackend"),
        ("src/domain/points/query.rs", "match b { DatabaseBackend::MySql => {} }", "DatabaseBackend"),
        ("src/db/group.rs", "if kind == Kind::Sqlite {}", "Sqlite"),
        ("src/db/dialects.rs", "enum Kind { Postgres }", "Postgres"),
        ("src/config.rs", "use sqlx::sqlite::SqliteConnectOptions;", "SqliteConnectOptions"),
        ("migration/src/member.rs", "PostgresQueryBuilder", "PostgresQueryBuilder"),
    ] {
        assert_eq!(violations(file, source), [format!("{file}:1: {name} belongs to the dialect")]);
    }
}

#[test]
fn the_dialect_and_mere_words_are_left_alone() {
    for (file, source) in [
        ("src/db/dialect.rs", "match backend { DbBackend::Sqlite => {} DbBackend::Postgres => {} }"),
        ("src/db/dialect/upsert.rs", "DbBackend"),
        ("src/db/connect.rs", "DatabaseBackend"),
        ("migration/src/column.rs", "DbBackend"),
        ("src/config.rs", "/// Sqlite or Postgres\nconst A: &str = \"Postgres\"; let postgres_url = sqlite_path;"),
    ] {
        assert_eq!(violations(file, source), Vec::<String>::new(), "{file}");
    }
}
