//! `jifen migrate`: bring the database up to date.

use crate::cli::Failure;
use crate::config::Common;
use crate::db::{connect, migrate};
use crate::domain::points::service::ensure_program;

pub async fn run(common: &Common) -> Result<(), Failure> {
    // One connection holds the lock and one migrates, without the time limits of requests.
    let db = connect::connect(&common.database_url, 2).await?;
    let done = migrate::migrate(&db, &common.database_url).await?;
    ensure_program(&db).await?;
    db.close().await;
    if common.json {
        println!("{}", serde_json::json!({ "migrations": done }));
    } else if done == 0 {
        println!("The database is up to date.");
    } else {
        println!("The database is up to date now; {done} migrations were applied.");
    }
    Ok(())
}
