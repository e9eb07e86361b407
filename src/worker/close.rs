//! Closing days of the books, from which reports are drawn up.

use std::time::Duration;

use crate::app::App;
use crate::base::error::Result;
use crate::domain::report::service::close::close_some;
use crate::worker::again;

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
    let done = |days| tracing::info!(days, "days have been closed");
    again(pause, || close(&app), done, "days could not be closed").await;
}
