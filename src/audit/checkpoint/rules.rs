//! The versions of the programs in a checkpoint: the rules by which everything was decided. No chain covers them, so a
//! digest of each is kept, and one that was altered, removed or slipped in later is named.
//!
//! A digest covers the columns that the checkpoint names, so it stands when a later version of jifen adds another: those of
//! the program, then, with `earning_rule.` in front, those of each revision of an earning rule that came with the version,
//! by id. It is SHA-256 over each of them in that order: the name and its length (8 bytes, big-endian, in front), then a
//! byte for what the cell holds, then the cell: 0 nothing; 1 a number, 8 bytes big-endian; 2 a text with its length in
//! front; 3 an id, 16 bytes; 4 yes or no, 1 byte. A cell that cannot be read is the byte 255. (A checkpoint of before there
//! were earning rules names none of their columns, and is compared without them.)

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
use crate::domain::earning::entity::earning_rule;
use crate::domain::points::entity::program;

type ColumnOf<M> = <<M as ModelTrait>::Entity as EntityTrait>::Column;

/// What stands in front of the name of an earning rule's column.
const OF_RULE: &str = "earning_rule.";

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

/// The columns that a program and an earning rule have today.
pub fn columns() -> Vec<String> {
    let of_program = ColumnOf::<program::Model>::iter().map(|column| column.to_string());
    let of_rule = ColumnOf::<earning_rule::Model>::iter().map(|column| format!("{OF_RULE}{}", column.to_string()));
    of_program.chain(of_rule).collect()
}

/// The columns by which digests are made, each with its name in the digest and in its table.
struct Covered<'a> {
    of_program: Vec<(&'a str, &'a str, Cell)>,
    of_rule: Vec<(&'a str, &'a str, Cell)>,
}

impl Covered<'_> {
    /// `None` where a column is none of ours.
    fn read(columns: &[String]) -> Option<Covered<'_>> {
        let (of_rule, of_program): (Vec<&str>, Vec<&str>) =
            columns.iter().map(String::as_str).partition(|name| name.starts_with(OF_RULE));
        let of_program = of_program.into_iter().map(|name| Some((name, name, cell_of::<program::Model>(name)?)));
        let of_rule = of_rule.into_iter().map(|name| {
            let column = &name[OF_RULE.len()..];
            Some((name, column, cell_of::<earning_rule::Model>(column)?))
        });
        Some(Covered { of_program: of_program.collect::<Option<_>>()?, of_rule: of_rule.collect::<Option<_>>()? })
    }
}

fn cell_of<M: ModelTrait>(name: &str) -> Option<Cell>
where
    ColumnOf<M>: Iden,
{
    let column = ColumnOf::<M>::iter().find(|column| column.to_string() == name)?;
    Some(Cell::of(column.def().get_column_type()))
}

/// The digests of all versions there are, over these columns.
pub async fn read(snapshot: &DatabaseTransaction, columns: &[String]) -> Result<Rules, Trouble> {
    let covered = Covered::read(columns).ok_or_else(|| {
        Trouble::File("the checkpoint was written by a version of jifen with other settings of a program".to_owned())
    })?;
    let select = async |sql: &str| snapshot.query_all_raw(Dialect::of(snapshot).statement(sql, [])).await;
    let programs = select("SELECT * FROM program").await.map_err(Error::from)?;
    let mut digests: BTreeMap<(Id, i64), Sha256> = BTreeMap::new();
    for row in &programs {
        let key = (row.try_get("", "id").unwrap_or_default(), row.try_get("", "version").unwrap_or_default());
        cover(digests.entry(key).or_default(), row, &covered.of_program);
    }
    if !covered.of_rule.is_empty() {
        let rules = "SELECT * FROM earning_rule WHERE version IS NOT NULL ORDER BY id, revision";
        for row in &select(rules).await.map_err(Error::from)? {
            let key =
                (row.try_get("", "program_id").unwrap_or_default(), row.try_get("", "version").unwrap_or_default());
            cover(digests.entry(key).or_default(), row, &covered.of_rule);
        }
    }
    let versions = digests.into_iter().map(|(key, digest)| (key, digest.finalize().into()));
    Ok(Rules { columns: columns.to_vec(), versions: versions.collect() })
}

/// Adds a row to a digest.
fn cover(digest: &mut Sha256, row: &QueryResult, columns: &[(&str, &str, Cell)]) {
    let mut text = |text: &[u8]| {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    };
    for (name, column, cell) in columns {
        text(name.as_bytes());
        text(&content(row, column, *cell));
    }
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
        meaning: "Every version of the program that the checkpoint knows is as it was, with the earning rules that came with it, and no other is older than they are.",
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
