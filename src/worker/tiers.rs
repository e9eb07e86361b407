//! Judging tiers whose day has come, and reckoning those anew that were reckoned by other tiers.

use futures_util::future::join_all;

use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::judge_tier::JudgeTier;
use crate::domain::points::rule::program::zone;
use crate::domain::tier::query::list_due_tiers;
use crate::domain::tier::rule::revisions::{Back, Revisions};
use crate::domain::tier::rule::window::day_at;

/// Wallets judged at once.
const AT_ONCE: u64 = 128;

/// Writes every tier that is due by now, and answers how many wallets that changed. A wallet that cannot be judged is
/// passed over, and tried again the next time.
pub async fn sweep(app: &App) -> Result<usize> {
    let program = app.programs.refresh(&app.db).await?;
    let Some(set) = app.tiers.get(&app.db.read, program.version).await? else { return Ok(0) };
    let zone = zone(&program);
    let today = day_at(app.clock.now(), &zone);
    let earlier = app.tiers.before(&app.db.read, &set, Back::to_grace(today, &zone)).await?;
    let revisions = Revisions::new(earlier, set);
    let (mut behind, mut changed) = (Id::nil(), 0);
    loop {
        let due = list_due_tiers(&app.db, &program, &revisions, today, behind, AT_ONCE).await?;
        let Some(last) = due.last().copied() else { return Ok(changed) };
        let judged = due.iter().map(|id| app.committers.submit(JudgeTier { member_id: *id, seed: app.ids.next() }));
        for (answer, member_id) in join_all(judged).await.into_iter().zip(&due) {
            match answer {
                Ok(Ok(is_changed)) => changed += usize::from(is_changed),
                Ok(Err(never)) => match never {},
                Err(error) => tracing::error!(error = error.chain(), %member_id, "a tier could not be judged"),
            }
        }
        behind = last;
    }
}
