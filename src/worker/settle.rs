//! Settling wallets in which something is due: activations, hold time-outs, expirations.
//!
//! Nothing depends on it being on time, since every command settles first and every reader reckons with what is due. It
//! writes down what would otherwise be written by the member's next command.

use std::time::Duration;

use futures_util::future::join_all;

use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::settle::Settle;
use crate::domain::points::query::account::list_due_wallets;
use crate::worker::again;

/// Wallets settled at once: half of a queue's group, so that members' commands are not kept waiting.
const AT_ONCE: u64 = 128;

/// Settles every wallet in which something is due by now, judges every tier whose day has come, and answers how many
/// transactions and tiers that took. A wallet that
/// cannot be settled is passed over, and tried again the next time.
pub async fn sweep(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let mut behind = (i64::MIN, Id::nil());
    let mut posted = 0;
    loop {
        let due = list_due_wallets(&app.db, now, behind, AT_ONCE).await?;
        let Some(last) = due.last().copied() else { break };
        let settled = due
            .iter()
            .map(|(_, member_id)| app.committers.submit(Settle { member_id: *member_id, seed: app.ids.next() }));
        for (answer, (_, member_id)) in join_all(settled).await.into_iter().zip(&due) {
            match answer {
                Ok(Ok(transactions)) => posted += transactions,
                Ok(Err(never)) => match never {},
                Err(error) => tracing::error!(error = error.chain(), %member_id, "a wallet could not be settled"),
            }
        }
        behind = last;
    }
    Ok(posted + crate::worker::tiers::sweep(app).await?)
}

/// Sweeps for as long as the process runs, with a pause in between.
pub async fn run(app: App, pause: Duration) {
    let done = |transactions| tracing::info!(transactions, "what was due has been settled");
    again(pause, || sweep(&app), done, "what is due could not be looked up").await;
}
