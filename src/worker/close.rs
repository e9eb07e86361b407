//! Closing days of the books, from which reports are drawn up.

use std::time::Duration;

use crate::app::App;
use crate::base::error::Result;
use crate::domain::report::service::close::close_some;

/// Closes every day that can be, and answers how many.
pub async fn close(app: &App) -> Result<usize> {
    let mut all = 0;
    loop {
        match close_some(&app.db, &app.programs, app.clock.now()).await? {
            0 => return Ok(all),
            some => all += some,
        }
    }
}

/// Closes days for as long as the process runs, with a pause in between.
pub async fn run(app: App, pause: Duration) {
    loop {
        match close(&app).await {
            Ok(0) => {}
            Ok(days) => tracing::info!(days, "days have been closed"),
            Err(error) => tracing::warn!(error = error.chain(), "days could not be closed"),
        }
        tokio::time::sleep(pause).await;
    }
}
