//! A signed statement of where every wallet's chain stands, and comparing the books with one.
//!
//! A chain proves that its transactions fit each other; whoever may write to the database and recomputes all of a wallet's
//! hashes makes another chain that fits as well. A checkpoint kept elsewhere tells the two apart: the transaction that
//! headed a wallet must have the hash it had then, and with it everything before. The versions of the program, which no
//! chain covers, are in it as well ([`rules`]).

mod file;
mod merkle;
mod reading;
mod rules;

use std::collections::HashMap;
use std::path::Path;

use sea_orm::{DatabaseTransaction, DbErr, FromQueryResult, Value};

use crate::access::token::{SigningKey, VerificationKey};
use crate::audit::checkpoint::file::Draft;
use crate::audit::checkpoint::merkle::Leaf;
use crate::audit::checkpoint::reading::Reading;
use crate::audit::invariant::Bad;
use crate::audit::member_number;
use crate::audit::report::Outcome;
use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::db::dialect::{Cell, Dialect, SetColumn, hex};
use crate::db::rows;
use crate::domain::points::rule::hash::genesis;

pub use file::{Statement, check_place};

/// Wallets read or compared at once.
const SIZE: usize = 2_000;

/// Why a checkpoint cannot be written or used.
#[derive(Debug)]
pub enum Trouble {
    /// The file or the key, in one line that says what to do.
    File(String),
    Database(Error),
}

impl From<String> for Trouble {
    fn from(line: String) -> Trouble {
        Trouble::File(line)
    }
}

impl From<Error> for Trouble {
    fn from(cause: Error) -> Trouble {
        Trouble::Database(cause)
    }
}

impl From<DbErr> for Trouble {
    fn from(cause: DbErr) -> Trouble {
        Trouble::Database(cause.into())
    }
}

#[derive(FromQueryResult)]
struct Head {
    member_id: Id,
    program_id: Id,
    seq: i64,
    head_hash: Vec<u8>,
}

/// Writes a checkpoint of all wallets in the snapshot, in the order of their keys. Whoever calls it has proved the books
/// in the same snapshot: a statement about books that do not hold is worth nothing.
pub async fn write(
    snapshot: &DatabaseTransaction,
    place: &Path,
    key: &SigningKey,
    now: Instant,
) -> Result<Statement, Trouble> {
    let rules = rules::read(snapshot, &rules::columns()).await?;
    let mut draft = Draft::begin(place, now.rfc3339(), key, &rules)?;
    let sql = format!(
        "SELECT member_id, program_id, seq, head_hash FROM wallet WHERE (member_id, program_id) > ($1, $2) \
         ORDER BY member_id, program_id LIMIT {SIZE}"
    );
    let mut behind = (Id::nil(), Id::nil());
    loop {
        let values = vec![behind.0.into(), behind.1.into()];
        let heads: Vec<Head> = rows::select(snapshot, sql.clone(), values).await?;
        let Some(last) = heads.last() else { break };
        behind = (last.member_id, last.program_id);
        for Head { member_id, program_id, seq, head_hash } in heads {
            draft.add(&Leaf { member_id, program_id, seq, head_hash })?;
        }
    }
    Ok(draft.finish(key)?)
}

/// Reads a checkpoint to its end: it must be whole and signed by one of these keys.
pub fn read(place: &Path, keys: &[VerificationKey]) -> Result<Statement, String> {
    let mut file = Reading::open(place)?;
    while file.next_leaf()?.is_some() {}
    file.check(keys)
}

/// Compares the books with a checkpoint: no wallet is missing, in each the transaction that headed it then bears the hash
/// it bore, and the versions of the program are what they were. The file is read again, and must be the one that was read
/// before.
pub async fn compare(
    snapshot: &DatabaseTransaction,
    place: &Path,
    keys: &[VerificationKey],
    statement: &Statement,
) -> Result<Vec<Outcome>, Trouble> {
    let mut file = Reading::open(place)?;
    let mut outcomes = Vec::new();
    if let Some(known) = &file.rules {
        outcomes.push(rules::compare(snapshot, known).await?);
    }
    let mut outcome = Outcome {
        name: "checkpoint-stands",
        meaning: "Every wallet of the checkpoint is there, with the transaction that headed it then and its hash.",
        over: "wallet",
        checked: 0,
        first: None,
    };
    loop {
        let mut leaves = Vec::with_capacity(SIZE);
        while let Some(leaf) = if leaves.len() < SIZE { file.next_leaf()? } else { None } {
            leaves.push(leaf);
        }
        if leaves.is_empty() {
            break;
        }
        outcome.checked += leaves.len() as i64;
        if outcome.first.is_none() {
            outcome.first = first_other(snapshot, &leaves).await?;
        }
    }
    if file.check(keys)? != *statement {
        return Err(Trouble::File(format!("{} was altered while it was read", place.display())));
    }
    if let Some(first) = &mut outcome.first {
        first.number = member_number(snapshot, first).await?;
    }
    outcomes.push(outcome);
    Ok(outcomes)
}

#[derive(FromQueryResult)]
struct Now {
    member_id: Id,
    program_id: Id,
    then_seq: i64,
    seq: Option<i64>,
    hash: Option<Vec<u8>>,
}

/// The first of these wallets whose history is another than it was.
async fn first_other(snapshot: &DatabaseTransaction, leaves: &[Leaf]) -> Result<Option<Bad>, DbErr> {
    let columns = [("member_id", Cell::Id), ("program_id", Cell::Id), ("seq", Cell::Integer)];
    let columns = columns.map(|(name, cell)| SetColumn::new(name, cell));
    let dialect = Dialect::of(snapshot);
    let cells = vec![
        leaves.iter().map(|leaf| leaf.member_id.into()).collect(),
        leaves.iter().map(|leaf| leaf.program_id.into()).collect(),
        leaves.iter().map(|leaf| leaf.seq.into()).collect(),
    ];
    let mut values = dialect.bind_rows(&columns, cells);
    // The bounds on the member let any plan read one stretch of the keys.
    let bounds = format!("member_id BETWEEN ${} AND ${}", values.len() + 1, values.len() + 2);
    let ends = [leaves.first(), leaves.last()].map(|leaf| leaf.map(|leaf| leaf.member_id).unwrap_or_default());
    values.extend(ends.map(Value::from));
    let sql = format!(
        "SELECT given.member_id, given.program_id, given.seq AS then_seq, w.seq, t.hash FROM ({}) AS given \
         LEFT JOIN (SELECT * FROM wallet WHERE {bounds}) AS w \
                ON w.member_id = given.member_id AND w.program_id = given.program_id \
         LEFT JOIN (SELECT * FROM txn WHERE {bounds}) AS t \
                ON t.member_id = given.member_id AND t.program_id = given.program_id AND t.seq = given.seq",
        dialect.row_set(&columns)
    );
    let found: Vec<Now> = rows::select(snapshot, sql, values).await?;
    let found: HashMap<(Id, Id), Now> = found.into_iter().map(|now| ((now.member_id, now.program_id), now)).collect();
    Ok(leaves.iter().find_map(|leaf| other(leaf, found.get(&(leaf.member_id, leaf.program_id)))))
}

fn other(leaf: &Leaf, now: Option<&Now>) -> Option<Bad> {
    let found = match now {
        None | Some(Now { seq: None, .. }) => "no such wallet".to_owned(),
        // A wallet without transactions stood at its beginning, which its identity says.
        Some(Now { then_seq: 0, .. }) if leaf.head_hash == genesis(leaf.member_id, leaf.program_id) => return None,
        Some(Now { hash: None, seq, .. }) => format!("no such transaction; the last is {}", seq.unwrap_or_default()),
        Some(Now { hash: Some(hash), .. }) if *hash == leaf.head_hash => return None,
        Some(Now { hash: Some(hash), .. }) => {
            format!("hash {}: this transaction or one before it was altered", hex(hash))
        }
    };
    Some(Bad {
        member_id: Some(leaf.member_id),
        number: None,
        seq: Some(leaf.seq),
        id: None,
        expected: format!("hash {}", hex(&leaf.head_hash)),
        found,
    })
}
