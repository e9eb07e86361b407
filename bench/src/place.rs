//! Where a run keeps what it makes: a folder of its own, and new databases.

use std::path::{Path, PathBuf};

use jifen::db::connect::{Location, connect};
use sea_orm::ConnectionTrait;

use crate::Result;
use crate::seed::told;

/// A temporary folder that goes when we go.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(what: &str) -> Result<Folder> {
        let path = std::env::temp_dir().join(format!("jifen-{what}.{}", std::process::id()));
        std::fs::create_dir(&path)?;
        Ok(Folder(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The full name and the address of a new database: of the server, or a file in a folder, which is made with the tables.
pub async fn new_database(kind: &str, server: &str, name: &str, folder: &Path) -> Result<(&'static str, String)> {
    match kind {
        "postgres" => Ok(("PostgreSQL", make_postgres_database(server, name).await?)),
        "sqlite" => Ok(("SQLite", format!("sqlite://{}", folder.join(format!("{name}.db")).display()))),
        other => Err(format!("there is no database {other:?}: postgres or sqlite").into()),
    }
}

pub async fn make_postgres_database(admin: &str, name: &str) -> Result<String> {
    let db = connect(&Location::parse(admin)?, 2).await.map_err(told)?;
    db.write.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    db.close().await;
    let (server, _) = admin.rsplit_once('/').ok_or("the address names no database")?;
    Ok(format!("{server}/{name}"))
}
