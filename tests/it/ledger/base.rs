//! A fresh database for a test: an SQLite file always, and PostgreSQL when there is one to use.

use jifen::db::Db;
use jifen::db::connect::{Location, connect};
use jifen::db::migrate::migrate;
use jifen::domain::points::service::ensure_program;
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

/// A migrated database, removed with this value if it is a file.
pub struct Base {
    pub name: &'static str,
    pub db: Db,
    _folder: Option<TempDir>,
}

/// One database of each kind there is.
pub async fn each() -> Vec<Base> {
    let mut bases = vec![sqlite().await];
    bases.extend(postgres().await);
    bases
}

pub async fn sqlite() -> Base {
    let folder = tempfile::tempdir().expect("there is room for a file");
    let location = Location::Sqlite(folder.path().join("test.db"));
    Base { name: "sqlite", db: open(&location).await, _folder: Some(folder) }
}

/// A database on the server, if there is one. It is thrown away after the tests, and its databases with it.
pub async fn postgres() -> Option<Base> {
    let url = std::env::var("JIFEN_TEST_POSTGRES_URL").ok()?;
    let name = format!("jifen_{}", tempfile_name());
    let admin = connect(&Location::Postgres(url.clone()), 2).await.expect("the server answers");
    admin.write.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database can be made");
    let (server, _) = url.rsplit_once('/').expect("the URL names a database");
    let location = Location::Postgres(format!("{server}/{name}"));
    Some(Base { name: "postgres", db: open(&location).await, _folder: None })
}

async fn open(location: &Location) -> Db {
    let db = connect(location, 6).await.expect("the database opens");
    migrate(&db, location).await.expect("the database is brought up to date");
    ensure_program(&db).await.expect("there is a program");
    db
}

fn tempfile_name() -> String {
    let random: [u8; 8] = jifen::base::id::Random::System.bytes();
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}
