//! Opening the program for a command: database, program, committers, and for a server its keys.

use crate::access::throttle::Throttle;
use crate::access::token::{SigningKey, TokenSettings, Tokens, VerificationKey};
use crate::app::{App, Parts};
use crate::base::clock::{Clock, DAY};
use crate::base::id::{Ids, Random};
use crate::cli::Failure;
use crate::commit::Committers;
use crate::config::{Common, Server};
use crate::db::Db;
use crate::db::group::Bounds;
use crate::db::reader::Hub;
use crate::domain::earning::query::RuleBook;
use crate::domain::points::query::programs::Programs;
use crate::domain::points::service::ensure_program;
use crate::domain::tier::query::TierBook;

/// The database and its program, up to date.
pub async fn open_db(common: &Common) -> Result<(Db, Programs), Failure> {
    let db = Db::open(&common.database_url, common.connections).await?;
    if db.dialect.is_embedded() {
        ensure_program(&db).await?;
    }
    let programs = Programs::open(&db).await?;
    Ok((db, programs))
}

/// What a command needs that writes to the books but serves nobody: no keys, no passwords.
pub struct Books {
    pub db: Db,
    pub programs: Programs,
    pub clock: Clock,
    pub ids: Ids,
    pub committers: Committers,
}

/// The books, with groups of the given bounds. Give up to `committers` tasks that commit them.
pub async fn open_books(common: &Common, clock: Clock, committers: usize, bounds: Bounds) -> Result<Books, Failure> {
    let (db, programs) = open_db(common).await?;
    Ok(Books {
        ids: Ids::new(clock.clone(), Random::System),
        committers: start_committers(&db, &programs, &clock, committers, bounds),
        programs,
        clock,
        db,
    })
}

/// SQLite has one writer, and so one committer however many are asked for.
fn start_committers(db: &Db, programs: &Programs, clock: &Clock, wanted: usize, bounds: Bounds) -> Committers {
    let count = if db.dialect.has_one_writer() { 1 } else { wanted };
    Committers::start(db, programs, clock, count, bounds)
}

/// Everything a server needs.
pub async fn open_app(common: &Common, server: &Server, clock: Clock) -> Result<App, Failure> {
    let key = signing_key(common, server)?;
    let former = server.former_key_files.iter().map(|file| VerificationKey::load(file)).collect::<Result<Vec<_>, _>>();
    let former = former.map_err(Failure::usage)?;
    let (db, programs) = open_db(common).await?;
    let random = Random::System;
    let tokens = TokenSettings::new(server.issuer.clone(), server.audience.clone());
    Ok(App::new(Parts {
        hub: Hub::new(db.clone()),
        rules: RuleBook::of(programs.id()),
        tiers: TierBook::of(programs.id()),
        ids: Ids::new(clock.clone(), random.clone()),
        committers: start_committers(&db, &programs, &clock, server.committers.into(), Bounds::default()),
        passwords: server.hashing.passwords(random.clone()).map_err(Failure::usage)?,
        tokens: Tokens::new(&key, &former, clock.clone(), tokens),
        rotation_key: key.rotation_key(),
        throttle: Throttle::new(server.throttle(), clock.clone(), &random),
        session_ttl: server.session_days.saturating_mul(DAY),
        programs,
        clock,
        db,
    }))
}

/// In production the key is given; otherwise it is kept beside the database, readable by its owner only.
fn signing_key(common: &Common, server: &Server) -> Result<SigningKey, Failure> {
    match (&server.signing_key_file, server.production) {
        (Some(file), true) => SigningKey::load(file).map_err(Failure::usage),
        (Some(file), false) => SigningKey::load_or_create(file, &Random::System).map_err(Failure::usage),
        (None, true) => Err(Failure::usage(
            "--production needs --signing-key-file (JIFEN_SIGNING_KEY_FILE): an Ed25519 key, made by \
             `openssl genpkey -algorithm ed25519 -out signing.key && chmod 600 signing.key`",
        )),
        (None, false) => {
            let file = common.database_url.key_path();
            if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder)
                    .map_err(|cause| Failure::usage(format!("{} cannot be made: {cause}", folder.display())))?;
            }
            SigningKey::load_or_create(&file, &Random::System).map_err(Failure::usage)
        }
    }
}
