//! How the program does, from what was counted.

use std::sync::Arc;

use jiff::civil::Date;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::clock::{Instant, MINUTE};
use crate::base::error::Result;
use crate::base::id::Id;
use crate::domain::points::entity::program;
use crate::domain::report::query::statistic::{active, counted, oldest_uncounted};
use crate::domain::report::rule::period::{By, Flaw, Period, cut};
use crate::domain::report::rule::tally::{Group, GroupBy, Tallies, Tally};
use crate::domain::tier::rule::window::day_of;

/// A transaction may be committed a little after the moment that its events bear.
const ON_ITS_WAY: i64 = MINUTE;

/// The most rows where periods are told apart further.
pub const MOST_ROWS: usize = 4_000;

/// How the program did over some days.
#[derive(Clone, Debug)]
pub struct Statistics {
    pub program: Arc<program::Model>,
    /// By period, and within one by group.
    pub rows: Vec<(Period, Group, Tally)>,
    /// Everything that was recorded before is counted.
    pub counted_until: Instant,
}

/// Why they cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Days(Flaw),
    /// They make more rows than are told at once.
    TooManyRows,
}

/// Reads them. Staff only.
pub async fn program_statistics(
    app: &App,
    actor: &Actor,
    (first, last): (Date, Date),
    by: By,
    group_by: GroupBy,
) -> Result<Result<Statistics, Refused>> {
    actor.staff()?;
    let periods = match cut(first, last, by) {
        Ok(periods) => periods,
        Err(flaw) => return Ok(Err(Refused::Days(flaw))),
    };
    let program = app.programs.refresh(&app.db).await?;
    let now = app.clock.now();
    let (tallies, oldest) = tally(app, &periods, group_by).await?;
    if tallies.rows.len() > MOST_ROWS {
        return Ok(Err(Refused::TooManyRows));
    }
    let rows = tallies.rows.into_iter().map(|((place, group), tally)| (periods[place], group, tally)).collect();
    let committed = now.plus(-ON_ITS_WAY);
    let counted_until = oldest.map_or(committed, |oldest| committed.min(Instant(oldest)));
    Ok(Ok(Statistics { program, rows, counted_until }))
}

/// The figures, and the moment of the oldest event that is not among them, as of one moment.
async fn tally(app: &App, periods: &[Period], group_by: GroupBy) -> Result<(Tallies, Option<i64>)> {
    let mut bounds: Vec<i64> = periods.iter().map(|period| day_of(period.first)).collect();
    bounds.extend(periods.last().map(|period| day_of(period.last) + 1));
    let moment = app.db.begin_moment().await?;
    let oldest = oldest_uncounted(&moment).await?;
    let figures = counted(&moment, &bounds, group_by).await?;
    // Nobody is active by a rule.
    let members = if group_by == GroupBy::Rule { Vec::new() } else { active(&moment, &bounds, group_by).await? };
    let _ = moment.rollback().await;
    let place = |bucket: i64| usize::try_from(bucket - 1).ok().filter(|place| *place < periods.len());
    let id = |id: Option<Id>| id.filter(|id| !id.is_nil());
    let mut tallies = Tallies::new(group_by, periods.len());
    for row in figures {
        if let Some(place) = place(row.bucket) {
            tallies.add(place, row.figure, id(row.group_id), row.amount);
        }
    }
    for row in members {
        if let Some(place) = place(row.bucket) {
            tallies.add_active(place, id(row.group_id), row.members);
        }
    }
    Ok((tallies, oldest))
}
