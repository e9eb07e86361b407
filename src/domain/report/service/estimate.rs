//! Saying which share of points will be redeemed: auditors decide, and the cohorts only propose.

use jiff::civil::Date;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::text::has_control;
use crate::db::write::Tx;
use crate::domain::points::rule::program::zone;
use crate::domain::report::entity::redemption_estimate;
use crate::domain::report::query::estimate::insert;
use crate::domain::report::rule::revenue::WHOLE;

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// Why an expectation was not taken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Not a share of 0 to 100 %.
    PercentInvalid,
    /// Before the month that it is now: what is over was reported by what was expected then.
    FromInvalid,
    /// Empty, too long, or with characters that cannot be shown.
    ReasonInvalid,
}

/// What is expected from a day on.
#[derive(Clone, Debug)]
pub struct Wish {
    /// In millionths; `None` goes back to the cohorts.
    pub millionths: Option<i64>,
    pub first_day: Date,
    pub reason: String,
}

/// Takes down what is expected from a day on, which is in this month or to come: a change of what is expected is a change of
/// the month in which it is made, and catches up there (IFRS 15.88, ASC 606-10-32-43). Staff only.
pub async fn set_expected_redemption(
    app: &App,
    actor: &Actor,
    wish: Wish,
) -> Result<Result<redemption_estimate::Model, Rejection>> {
    let author = actor.staff()?;
    if wish.millionths.is_some_and(|share| !(0..=WHOLE).contains(&share)) {
        return Ok(Err(Rejection::PercentInvalid));
    }
    let reason = wish.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > MAX_REASON || has_control(&reason) {
        return Ok(Err(Rejection::ReasonInvalid));
    }
    let (program, now) = (app.programs.refresh(&app.db).await?, app.clock.now());
    if wish.first_day < now.local_date(&zone(&program)).first_of_month() {
        return Ok(Err(Rejection::FromInvalid));
    }
    let row = redemption_estimate::Model {
        program_id: program.id,
        id: app.ids.next(),
        millionths: wish.millionths,
        first_day: wish.first_day.to_string(),
        reason,
        author_id: author.member_id,
        created_at: now.micros(),
    };
    let kept = row.clone();
    let work = move |tx: Tx| {
        let row = row.clone();
        async move { Ok(insert(&*tx, row).await?) }
    };
    app.db.write(work).await?;
    Ok(Ok(kept))
}
