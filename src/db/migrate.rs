//! Bringing the database up to date, one process at a time.

use std::fs::File;
use std::path::PathBuf;

use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;

use crate::base::error::{Code, Error, Result};
use crate::db::Db;
use crate::db::connect::{Location, MigrationLock, Pools};

/// How many migrations there were to do.
pub async fn migrate(db: &Db, location: &Location) -> Result<usize> {
    match location.migration_lock() {
        MigrationLock::File(path) => {
            let lock = tokio::task::spawn_blocking(move || lock_file(path));
            let _held = lock.await.map_err(Error::internal)??;
            apply(db).await
        }
        MigrationLock::Row => {
            let table = "CREATE TABLE IF NOT EXISTS migration_lock (id bigint PRIMARY KEY)";
            let row = "INSERT INTO migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING";
            // Two processes that both make the table may collide; the one that lost finds it made.
            let _ = db.write.execute_unprepared(table).await;
            db.write.execute_unprepared(row).await?;
            let holder = db.begin_write().await?;
            // Whoever holds the row migrates; the others wait here and then find nothing to do. A process that dies
            // lets go of it with its connection.
            holder.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
            holder.execute_unprepared("SET LOCAL lock_timeout = '10min'").await?;
            holder.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
            holder.execute_unprepared("SELECT id FROM migration_lock FOR UPDATE").await?;
            // The pool's other connection; a migration may take longer than a request's statement.
            db.write.execute_unprepared("SET statement_timeout = 0").await?;
            let done = apply(db).await;
            holder.rollback().await?;
            done
        }
    }
}

/// The lock goes with the file handle, so a process that dies lets go of it.
fn lock_file(path: PathBuf) -> Result<File> {
    let file = File::options().create(true).append(true).open(path).map_err(Error::internal)?;
    file.lock().map_err(Error::internal)?;
    Ok(file)
}

async fn apply(db: &Db) -> Result<usize> {
    let pending = pending(db).await?;
    if pending > 0 {
        Migrator::up(db.write.connection(), None).await?;
    }
    Ok(pending)
}

/// How many migrations are still to be done.
async fn pending(db: &Db) -> Result<usize> {
    let pending = Migrator::get_pending_migrations_read_only(db.write.connection()).await;
    pending.map(|pending| pending.len()).map_err(|cause| {
        let message = "The database was made by a newer version of jifen. Use that version.";
        match cause {
            sea_orm::DbErr::Custom(_) => Error::new(Code::Unavailable, message).with_source(cause),
            other => Error::from(other),
        }
    })
}

/// Refuses a database that is not up to date. Only SQLite's is brought up to date unasked.
pub async fn require_current(db: &Db) -> Result<()> {
    match pending(db).await? {
        0 => Ok(()),
        _ => {
            let message = "The database is not up to date. Run `jifen migrate` with the same --database-url first.";
            Err(Error::new(Code::Unavailable, message))
        }
    }
}

impl Db {
    /// Opens a database for a command: an SQLite file is brought up to date, PostgreSQL must be already.
    pub async fn open(location: &Location, pools: impl Into<Pools>) -> Result<Db> {
        let db = crate::db::connect::connect(location, pools).await?;
        if db.dialect.is_embedded() {
            migrate(&db, location).await?;
        } else {
            require_current(&db).await?;
        }
        Ok(db)
    }
}
