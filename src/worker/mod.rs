//! What runs by the clock, in any number of processes at once. Each may be killed at any point: what it does are commands
//! like any other, each of which is done as a whole or not at all.

use std::time::Duration;

use crate::base::error::Result;

pub mod close;
pub mod count;
pub mod settle;
pub mod simulations;
pub mod tiers;

/// Does some work again and again for as long as the process runs, with a pause in between, and tells how much it was.
async fn again<F: Future<Output = Result<usize>>>(
    pause: Duration,
    work: impl Fn() -> F,
    done: impl Fn(usize),
    failed: &str,
) {
    loop {
        match work().await {
            Ok(0) => {}
            Ok(some) => done(some),
            Err(error) => tracing::warn!(error = error.chain(), "{failed}"),
        }
        tokio::time::sleep(pause).await;
    }
}
