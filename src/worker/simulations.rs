//! Carrying out simulations, one at a time in a process.

use std::time::Duration;

use crate::app::App;
use crate::domain::simulation::service::run_next;

/// How long a simulation waits at the most for a process that has nothing to do.
const PAUSE: Duration = Duration::from_secs(1);

/// Carries out whatever waits, for as long as the process runs.
pub async fn run(app: App) {
    loop {
        match run_next(&app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(error = error.chain(), "simulations could not be looked up"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
