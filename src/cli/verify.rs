//! `jifen verify`: prove the books, and keep or compare a signed statement of them.

use std::path::{Path, PathBuf};

use sea_orm::DatabaseTransaction;

use crate::access::token::{SigningKey, VerificationKey};
use crate::audit::checkpoint::{self, Statement, Trouble};
use crate::audit::prove;
use crate::audit::report::Report;
use crate::base::clock::Clock;
use crate::base::error::Error;
use crate::cli::Failure;
use crate::config::{Common, Verify};
use crate::db::Db;
use crate::db::connect::{Pools, Scratch};

pub async fn run(common: &Common, args: &Verify) -> Result<(), Failure> {
    if common.database_url.is_missing() {
        // Opening would make an empty database, and that everything holds in it would say nothing.
        return Err(Failure::usage("there is no such database file; say which one with --database-url"));
    }
    // What is wrong with a file or a key is told before an hour is spent on the proof.
    let keys = Keys::load(common, args)?;
    let against = args.against.as_deref().map(|file| checkpoint::read(file, &keys.accepted).map(|read| (file, read)));
    let against = against.transpose().map_err(Failure::usage)?;
    if let Some(place) = &args.checkpoint {
        checkpoint::check_place(place).map_err(Failure::usage)?;
    }
    let pools = Pools { connections: common.connections, scratch: Scratch::Files };
    let db = Db::open(&common.database_url, pools).await.map_err(|error| unproved(&error))?;
    let proved = prove_and_compare(&db, &keys, against, args.checkpoint.as_deref()).await?;
    println!("{}", if common.json { proved.report.json() } else { proved.report.text() });
    proved.end()
}

/// What the proof found, and what went wrong with a checkpoint after it.
#[derive(Debug)]
pub struct Proved {
    pub report: Report,
    pub trouble: Option<Failure>,
}

impl Proved {
    /// That the books do not hold is worse than that a file cannot be written.
    fn end(self) -> Result<(), Failure> {
        let Proved { report, trouble } = self;
        let all = report.outcomes.len();
        match (report.broken(), trouble) {
            (0, None) => Ok(()),
            (0, Some(trouble)) => Err(trouble),
            (broken, None) => Err(Failure::check(format!("{broken} of {all} invariants do not hold"))),
            (broken, Some(trouble)) => {
                Err(Failure::check(format!("{broken} of {all} invariants do not hold; and {}", trouble.message)))
            }
        }
    }
}

/// The proof, the comparison and the statement are of one moment of the database. Once the books are proved, that is told
/// whatever becomes of the rest.
pub async fn prove_and_compare(
    db: &Db,
    keys: &Keys,
    against: Option<(&Path, Statement)>,
    write_to: Option<&Path>,
) -> Result<Proved, Failure> {
    let snapshot = db.begin_snapshot().await.map_err(|cause| unproved(&cause.into()))?;
    let mut report = prove(&snapshot).await.map_err(|error| unproved(&error))?;
    let done = compare_and_write(&snapshot, &mut report, keys, against, write_to).await;
    let _ = snapshot.rollback().await;
    Ok(Proved { report, trouble: done.err().map(failure) })
}

async fn compare_and_write(
    snapshot: &DatabaseTransaction,
    report: &mut Report,
    keys: &Keys,
    against: Option<(&Path, Statement)>,
    write_to: Option<&Path>,
) -> Result<(), Trouble> {
    if let Some((file, statement)) = against {
        report.outcomes.extend(checkpoint::compare(snapshot, file, &keys.accepted, &statement).await?);
        report.checkpoint = Some(statement);
    }
    if let Some((file, key)) = write_to.zip(keys.signing.as_ref()).filter(|_| report.broken() == 0) {
        report.checkpoint = Some(checkpoint::write(snapshot, file, key, Clock::System.now()).await?);
    }
    Ok(())
}

fn failure(trouble: Trouble) -> Failure {
    match trouble {
        Trouble::File(line) => Failure::usage(line),
        Trouble::Database(error) => Failure::unknown("the checkpoint was not written or compared", &error),
    }
}

fn unproved(error: &Error) -> Failure {
    Failure::unknown("the books were not proved", error)
}

/// The keys that sign and whose signatures count.
pub struct Keys {
    pub signing: Option<SigningKey>,
    pub accepted: Vec<VerificationKey>,
}

impl Keys {
    /// None are needed when there is no checkpoint to be written or compared. The private one is needed to write; to
    /// compare, any of the public ones will do.
    fn load(common: &Common, args: &Verify) -> Result<Keys, Failure> {
        let mut keys = Keys { signing: None, accepted: Vec::new() };
        if args.checkpoint.is_none() && args.against.is_none() {
            return Ok(keys);
        }
        let former = args.former_key_files.iter().map(|file| VerificationKey::load(file));
        keys.accepted = former.collect::<Result<_, _>>().map_err(Failure::usage)?;
        let place: PathBuf = args.signing_key_file.clone().unwrap_or_else(|| common.database_url.key_path());
        // A new key is made by a server that needs one. Here it would only sign what no server vouches for.
        if args.signing_key_file.is_some() || args.checkpoint.is_some() || keys.accepted.is_empty() || place.exists() {
            let key = SigningKey::load(&place).map_err(Failure::usage)?;
            keys.accepted.push(key.public());
            keys.signing = Some(key);
        }
        Ok(keys)
    }
}
