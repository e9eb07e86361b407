//! The versions of the programs in a checkpoint: the rules by which everything was decided. No chain covers them, so a
//! digest of each is kept, and one that was altered, removed or slipped in later is named.
//!
//! A digest covers the columns that the checkpoint names, so it stands when a later version of jifen adds another. It is
//! SHA-256 over each of them in that order: the name and its length (8 bytes, big-endian, in front), then a byte for what
//! the cell holds, then the cell: 0 nothing; 1 a number, 8 bytes big-endian; 2 a text with its length in front; 3 an id,
//! 16 bytes; 4 yes or no, 1 byte. A cell that cannot be read is the byte 255.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, Iden, Iterable, ModelTrait, QueryResult, TryGetable,
};
use sha2::{Digest, Sha256};

use crate::audit::checkpoint::Trouble;
use crate::audit::checkpoint::merkle::Hash;
use crate::audit::checkpoint::reading::unhex;
use crate::audit::invariant::Bad;
use crate::audit::report::Outcome;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::db::dialect::{Cell, Dialect, hex};
use crate::domain::points::entity::program;

type Column = <<program::Model as ModelTrait>::Entity as EntityTrait>::Column;

/// The digest of every version, by program and version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub columns: Vec<String>,
    pub versions: BTreeMap<(Id, i64), Hash>,
}

impl Rules {
    /// The lines of the file: the columns, then one a version.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let versions = self.versions.iter().map(|((id, version), digest)| format!("{id} {version} {}", hex(digest)));
        std::iter::once(self.columns.join(" ")).chain(versions)
    }

    /// Reads them; a version that is there twice, or a line of another kind, is none of ours.
    pub fn parse(columns: &str, lines: impl Iterator<Item = String>) -> Option<Rules> {
        let mut versions = BTreeMap::new();
        for line in lines {
            let [id, version, digest] = line.split(' ').collect::<Vec<_>>().try_into().ok()?;
            let key = (Id::parse_str(id).ok()?, version.parse().ok()?);
            if versions.insert(key, unhex(digest)?.try_into().ok()?).is_some() {
                return None;
            }
        }
        Some(Rules { columns: columns.split(' ').map(str::to_owned).collect(), versions })
    }

    /// What a checkpoint signs of them: the hash of the lines, each with its end.
    pub fn hash(&self) -> Hash {
        let mut hash = Sha256::new();
        for line in self.lines() {
            hash.update(line);
            hash.update("\n");
        }
        hash.finalize().into()
    }
}

/// The columns a program has today.
pub fn columns() -> Vec<String> {
    Column::iter().map(|column| column.to_string()).collect()
}

/// The digests of all versions there are, over these columns.
pub async fn read(snapshot: &DatabaseTransaction, columns: &[String]) -> Result<Rules, Trouble> {
    let cells: Option<Vec<(&str, Cell)>> = columns.iter().map(|name| Some((name.as_str(), cell_of(name)?))).collect();
    let cells = cells.ok_or_else(|| {
        Trouble::File("the checkpoint was written by a version of jifen with other settings of a program".to_owned())
    })?;
    let sql = "SELECT * FROM program";
    let rows = snapshot.query_all_raw(Dialect::of(snapshot).statement(sql, [])).await.map_err(Error::from)?;
    let versions = rows.iter().map(|row| {
        let key = (row.try_get("", "id").unwrap_or_default(), row.try_get("", "version").unwrap_or_default());
        (key, digest(row, &cells))
    });
    Ok(Rules { columns: columns.to_vec(), versions: versions.collect() })
}

fn cell_of(name: &str) -> Option<Cell> {
    let column = Column::iter().find(|column| column.to_string() == name)?;
    Some(Cell::of(column.def().get_column_type()))
}

fn digest(row: &QueryResult, columns: &[(&str, Cell)]) -> Hash {
    let mut hash = Sha256::new();
    let mut text = |text: &[u8]| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    for (name, cell) in columns {
        text(name.as_bytes());
        text(&content(row, name, *cell));
    }
    hash.finalize().into()
}

/// What a cell holds, behind a byte that says what it is.
fn content(row: &QueryResult, name: &str, cell: Cell) -> Vec<u8> {
    fn tagged<T: TryGetable>(row: &QueryResult, name: &str, tag: u8, bytes: impl Fn(T) -> Vec<u8>) -> Vec<u8> {
        match row.try_get::<Option<T>>("", name) {
            Ok(None) => vec![0],
            Ok(Some(value)) => [vec![tag], bytes(value)].concat(),
            Err(_) => vec![255],
        }
    }
    match cell {
        Cell::Integer => tagged(row, name, 1, |number: i64| number.to_be_bytes().to_vec()),
        Cell::Text => tagged(row, name, 2, String::into_bytes),
        Cell::Id => tagged(row, name, 3, |id: Id| id.as_bytes().to_vec()),
        Cell::Flag => tagged(row, name, 4, |flag: bool| vec![u8::from(flag)]),
        Cell::Bytes => tagged(row, name, 5, |bytes: Vec<u8>| bytes),
    }
}

/// Compares the versions there are with those of a checkpoint. Later ones come; what was known stays as it was, and
/// nothing comes in between.
pub async fn compare(snapshot: &DatabaseTransaction, known: &Rules) -> Result<Outcome, Trouble> {
    let now = read(snapshot, &known.columns).await?;
    Ok(Outcome {
        name: "program-stands",
        meaning: "Every version of the program that the checkpoint knows is as it was, and no other is older than they are.",
        over: "program",
        checked: known.versions.len() as i64,
        first: first_other(&known.versions, &now.versions),
    })
}

fn first_other(known: &BTreeMap<(Id, i64), Hash>, now: &BTreeMap<(Id, i64), Hash>) -> Option<Bad> {
    let newest_of = |id: Id| known.keys().filter(|key| key.0 == id).map(|key| key.1).max();
    // A program that the checkpoint does not know is another's doing: there is one, which has versions.
    let was_there = |(id, version): (Id, i64)| newest_of(id).is_none_or(|newest| version <= newest);
    let keys: BTreeSet<(Id, i64)> = known.keys().chain(now.keys()).copied().filter(|key| was_there(*key)).collect();
    let (key, then, today) =
        keys.into_iter().map(|key| (key, known.get(&key), now.get(&key))).find(|(_, a, b)| a != b)?;
    let told = |digest: Option<&Hash>| match digest {
        None => format!("no version {}", key.1),
        Some(digest) => format!("version {} with digest {}", key.1, hex(digest)),
    };
    Some(Bad { member_id: None, number: None, seq: None, id: Some(key.0), expected: told(then), found: told(today) })
}
