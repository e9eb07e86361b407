//! `jifen verify`: prove the books.

use crate::audit::prove;
use crate::base::error::Error;
use crate::cli::Failure;
use crate::config::Common;
use crate::db::Db;

pub async fn run(common: &Common) -> Result<(), Failure> {
    if common.database_url.is_missing() {
        // Opening would make an empty database, and that everything holds in it would say nothing.
        return Err(Failure::usage("there is no such database file; say which one with --database-url"));
    }
    let db = Db::open(&common.database_url, common.connections).await?;
    let snapshot = db.begin_snapshot().await.map_err(Error::from)?;
    let report = prove(&snapshot).await?;
    let _ = snapshot.rollback().await;
    println!("{}", if common.json { report.json() } else { report.text() });
    match report.broken() {
        0 => Ok(()),
        broken => Err(Failure::check(format!("{broken} of {} invariants do not hold", report.outcomes.len()))),
    }
}
