//! Beginning a transaction. Nothing else in the program does.
//!
//! A transaction runs in a task of its own, so a client that hangs up cannot cancel it half-way, and whatever a
//! database refuses for a passing reason is done again, a few times, a little later.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use crate::base::error::{Code, Error, Result};
use crate::base::id::Random;
use crate::db::connect::{Db, Pool};
use crate::db::dialect::Dialect;

/// How often the same work is tried at the most.
pub const ATTEMPTS: u32 = 5;

impl From<DbErr> for Error {
    fn from(cause: DbErr) -> Error {
        if Dialect::is_transient(&cause) { Error::unavailable().with_source(cause) } else { Error::internal(cause) }
    }
}

/// The transaction a plain edit works in.
pub type Tx = Arc<DatabaseTransaction>;

impl Db {
    /// Begins a transaction that writes.
    pub async fn begin_write(&self) -> Result<DatabaseTransaction, DbErr> {
        self.write.begin(self.dialect.write_options()).await
    }

    /// Begins a transaction that sees one moment of the database, however long it reads, beside running writers. It is
    /// meant for reading much of it.
    pub async fn begin_snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let snapshot = self.begin_bounded_snapshot().await?;
        snapshot.execute_unprepared(self.dialect.endless_settings()).await?;
        Ok(snapshot)
    }

    /// The same for a request: each statement ends when any other would, so that none goes on for a client who has gone.
    pub async fn begin_bounded_snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let snapshot = self.begin_moment().await?;
        snapshot.execute_unprepared(self.dialect.snapshot_settings()).await?;
        Ok(snapshot)
    }

    /// One for reading a little of much: rows that are found by their keys.
    pub async fn begin_moment(&self) -> Result<DatabaseTransaction, DbErr> {
        self.snapshots().begin(self.dialect.snapshot_options()).await
    }

    /// A plain edit: no money, points or stock in it. Commits when the work returns `Ok`. The work may run more than
    /// once, so it draws its ids before.
    pub async fn write<T, F>(&self, work: impl Fn(Tx) -> F + Send + Sync + 'static) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let db = self.clone();
        let task = tokio::spawn(async move { again_and_again(|| db.write_once(&work)).await });
        task.await.map_err(Error::internal)?
    }

    /// A plain edit that is one statement, which a database does as a whole without a transaction around it: on a server
    /// that saves two of three round trips. The statement may run more than once.
    pub async fn write_statement<T, F>(&self, statement: impl Fn(Pool) -> F + Send + Sync + 'static) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let write = self.write.clone();
        let task = tokio::spawn(async move { again_and_again(|| statement(write.clone())).await });
        task.await.map_err(Error::internal)?
    }

    async fn write_once<T, F>(&self, work: &(impl Fn(Tx) -> F + Sync)) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let tx = Arc::new(self.begin_write().await?);
        let result = work(tx.clone()).await;
        let tx = Arc::into_inner(tx).ok_or_else(|| Error::internal("an edit kept its transaction"))?;
        match result {
            Ok(value) => {
                tx.commit().await?;
                Ok(value)
            }
            // Any error inside a transaction means roll back: COMMIT answers Ok on an aborted one.
            Err(error) => {
                let _ = tx.rollback().await;
                Err(error)
            }
        }
    }
}

/// Does it until it is done or refused, a few times at the most.
async fn again_and_again<T, F: Future<Output = Result<T>>>(work: impl Fn() -> F) -> Result<T> {
    let mut attempt = 1;
    loop {
        match work().await {
            Err(error) if error.code == Code::Unavailable && attempt < ATTEMPTS => {
                tokio::time::sleep(backoff(attempt)).await;
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// A pause before the next attempt, longer each time and never the same for two that collided.
pub fn backoff(attempt: u32) -> Duration {
    let [jitter] = Random::System.bytes::<1>();
    Duration::from_millis(u64::from(2_u32.pow(attempt.min(6))) + u64::from(jitter) / 8)
}
