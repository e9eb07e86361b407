//! Counting events for the statistics.

use std::time::{Duration, Instant};

use crate::app::App;
use crate::base::error::Result;
use crate::domain::report::service::count::count_some;
use crate::worker::again;

/// Counts all events that nobody has, and answers how many there were. After each part it rests for as long as that took, so
/// that a long past leaves half of the time to whoever else writes.
pub async fn count(app: &App) -> Result<usize> {
    let mut all = 0;
    loop {
        let begun = Instant::now();
        match count_some(&app.db, &app.programs, &app.tiers).await? {
            0 => return Ok(all),
            some => all += some,
        }
        tokio::time::sleep(begun.elapsed()).await;
    }
}

/// Counts for as long as the process runs, with a pause in between.
pub async fn run(app: App, pause: Duration) {
    let done = |events| tracing::debug!(events, "events have been counted");
    again(pause, || count(&app), done, "events could not be counted").await;
}
