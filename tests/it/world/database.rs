//! A database for one test: a temporary SQLite file, or a PostgreSQL database of its own.
//!
//! PostgreSQL copies a template in some milliseconds, so the tables are made only once: the first test that comes makes
//! the template, under a name that changes with the migrations.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use jifen::db::Db;
use jifen::db::connect::{Location, connect};
use jifen::db::migrate::migrate;
use jifen::domain::points::service::ensure_program;
use sea_orm::{ConnectionTrait, Database as Connect, DatabaseConnection, DbBackend, Statement};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

pub struct Database {
    pub kind: Kind,
    pub location: Location,
    folder: Option<TempDir>,
    name: String,
}

static MADE: AtomicU64 = AtomicU64::new(0);

impl Database {
    /// `None` for PostgreSQL when no server is named.
    pub async fn create(kind: Kind) -> Option<Database> {
        match kind {
            Kind::Sqlite => Some(create_sqlite().await),
            Kind::Postgres => match std::env::var("JIFEN_TEST_POSTGRES_URL") {
                Ok(server) => Some(create_postgres(&server).await),
                Err(_) => None,
            },
        }
    }

    /// Drops what was created; an SQLite file goes with its folder.
    pub async fn remove(&self) {
        if self.kind == Kind::Postgres {
            let server = server().await;
            run(&server, &format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name)).await;
        }
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}

async fn create_sqlite() -> Database {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let location = Location::Sqlite(folder.path().join("world.db"));
    let db = Db::open(&location, 1).await.expect("a new SQLite file");
    ensure_program(&db).await.expect("the default program");
    db.close().await;
    Database { kind: Kind::Sqlite, location, folder: Some(folder), name: String::new() }
}

async fn create_postgres(url: &str) -> Database {
    let server = server().await;
    let template = template(url, &server).await;
    let made = MADE.fetch_add(1, Ordering::SeqCst);
    let name = format!("jifen_test_{}_{made}", std::process::id());
    // A run that was killed may have left one of this name behind.
    run(&server, &format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")).await;
    run(&server, &format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\"")).await;
    let _ = server.close().await;
    Database { kind: Kind::Postgres, location: named(url, &name), folder: None, name }
}

/// The template's name. Tests run in many processes; a lock that goes with its connection lets one of them make it.
async fn template(url: &str, server: &DatabaseConnection) -> String {
    let name = format!("jifen_template_{}", migrations_hash());
    run(server, "SELECT pg_advisory_lock(20261123)").await;
    let known = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT 1 FROM pg_database WHERE datname = $1",
        [name.clone().into()],
    );
    if server.query_one_raw(known).await.expect("the catalogue answers").is_none() {
        let making = format!("{name}_making");
        run(server, &format!("DROP DATABASE IF EXISTS \"{making}\" WITH (FORCE)")).await;
        run(server, &format!("CREATE DATABASE \"{making}\"")).await;
        let location = named(url, &making);
        let db = connect(&location, 2).await.expect("the new database opens");
        migrate(&db, &location).await.expect("the migrations run");
        ensure_program(&db).await.expect("the default program");
        db.close().await;
        // It bears its name only when it is whole, so a run that is killed half-way leaves no half template.
        run(server, &format!("ALTER DATABASE \"{making}\" RENAME TO \"{name}\"")).await;
    }
    run(server, "SELECT pg_advisory_unlock(20261123)").await;
    name
}

/// Changes whenever a migration does, so a server that is kept between runs never lends an old template.
fn migrations_hash() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migration/src");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the migrations").flatten().map(|file| file.path()).collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(file).expect("a migration"));
    }
    hash.update(include_bytes!("../../../src/domain/points/service.rs"));
    jifen::db::dialect::hex(&hash.finalize()[..8])
}

/// One connection to the server itself.
async fn server() -> DatabaseConnection {
    let url = std::env::var("JIFEN_TEST_POSTGRES_URL").expect("a PostgreSQL server is named");
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Connect::connect(options).await.expect("the PostgreSQL server answers")
}

/// The server's URL with another database's name.
fn named(url: &str, name: &str) -> Location {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(address, rest)| (address, Some(rest)));
    let (server, _) = address.rsplit_once('/').expect("the URL names a database");
    let parameters = parameters.map(|rest| format!("?{rest}")).unwrap_or_default();
    Location::parse(&format!("{server}/{name}{parameters}")).expect("a PostgreSQL URL")
}

async fn run(server: &DatabaseConnection, sql: &str) {
    server.execute_unprepared(sql).await.unwrap_or_else(|cause| panic!("{sql}: {cause}"));
}
