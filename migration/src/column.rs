//! One column type per idea, on both databases. The tables are written once, with the names below in capitals.
//!
//! | name | idea | PostgreSQL | SQLite |
//! | --- | --- | --- | --- |
//! | `ID` | a UUID made by the application | `uuid` | `BLOB` (16 bytes) |
//! | `MONEY` | minor units of a currency | `bigint` | `INTEGER` |
//! | `POINTS` | whole points, at most what a GraphQL Int holds | `bigint` | `INTEGER` |
//! | `COUNT` | pieces, versions, sequence numbers | `bigint` | `INTEGER` |
//! | `INSTANT` | microseconds since 1970 in UTC | `bigint` | `INTEGER` |
//! | `WORD` | text compared byte by byte | `text COLLATE "C"` | `TEXT` |
//! | `TEXT` | text for people | `text` | `TEXT` |
//! | `BYTES` | a hash | `bytea` | `BLOB` |
//! | `FLAG` | yes or no | `boolean` | `INTEGER` |
//! | `;STRICT` | ends a table | nothing | `STRICT, WITHOUT ROWID` |

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const POSTGRES: [(&str, &str); 10] = [
    ("INSTANT", "bigint"),
    ("POINTS", "bigint"),
    ("MONEY", "bigint"),
    ("COUNT", "bigint"),
    ("BYTES", "bytea"),
    ("FLAG", "boolean"),
    ("TEXT", "text"),
    ("WORD", "text COLLATE \"C\""),
    ("ID", "uuid"),
    (";STRICT", ""),
];

/// `WITHOUT ROWID` keeps one tree a table: every key starts with its owner, so a member's rows lie side by side.
const SQLITE: [(&str, &str); 10] = [
    ("INSTANT", "INTEGER"),
    ("POINTS", "INTEGER"),
    ("MONEY", "INTEGER"),
    ("COUNT", "INTEGER"),
    ("BYTES", "BLOB"),
    ("FLAG", "INTEGER"),
    ("TEXT", "TEXT"),
    ("WORD", "TEXT"),
    ("ID", "BLOB"),
    (";STRICT", "STRICT, WITHOUT ROWID"),
];

/// Runs statements written in the names above.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let names = match manager.get_database_backend() {
        DbBackend::Postgres => POSTGRES,
        _ => SQLITE,
    };
    for statement in statements {
        manager.get_connection().execute_unprepared(&translate(statement, &names)).await?;
    }
    Ok(())
}

/// Replaces each whole word that is a name of the table above; a word inside another is left alone.
fn translate(statement: &str, names: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(statement.len() * 2);
    let mut word = String::new();
    for character in statement.chars().chain(['\n']) {
        if character.is_ascii_alphanumeric() || character == '_' || character == ';' {
            word.push(character);
            continue;
        }
        let known = names.iter().find(|(name, _)| *name == word);
        out.push_str(known.map_or(word.as_str(), |(_, sql)| sql));
        word.clear();
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_translated_and_others_kept() {
        assert_eq!(
            translate("id ID, VOID TEXT, word WORD) ;STRICT", &POSTGRES).trim(),
            "id uuid, VOID text, word text COLLATE \"C\")"
        );
    }
}
