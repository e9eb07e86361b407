//! The liability report: drawn up in one snapshot, from the days that are closed and from the ledger since.

use std::sync::Arc;

use jiff::civil::Date;
use sea_orm::DatabaseTransaction;
use tokio::sync::Semaphore;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::db::Db;
use crate::domain::points::entity::program;
use crate::domain::points::rule::program::zone;
use crate::domain::report::entity::redemption_estimate;
use crate::domain::report::query::estimate::estimates;
use crate::domain::report::query::ledger::{self, Span};
use crate::domain::report::rule::breakage::Cohort;
use crate::domain::report::rule::days::Days;
use crate::domain::report::rule::deferral::{Deferred, defer};
use crate::domain::report::rule::months::Months;
use crate::domain::report::rule::period::{By, Flaw, Period, cut};
use crate::domain::report::rule::roll::{Moved, Row, roll};
use crate::domain::report::service::books::Books;
use crate::domain::report::service::close::days_of;

/// Where no day is closed yet a report reads the whole ledger, so a process draws up one at a time. Who comes meanwhile waits
/// for as long as a request may.
static TURN: Semaphore = Semaphore::const_new(1);

/// What the shop owes its members over some days.
#[derive(Clone, Debug)]
pub struct Liability {
    pub program: Arc<program::Model>,
    pub rows: Vec<(Period, Row)>,
    /// What all wallets hold at this moment, less debts.
    pub outstanding: i64,
    /// Whether everything that ever moved makes just that, and nothing came of what members gave each other.
    pub agrees: bool,
    pub deferred: Vec<(Date, Deferred)>,
    pub cohorts: Vec<(Date, Cohort)>,
    pub estimates: Vec<redemption_estimate::Model>,
}

/// Draws it up. Staff only.
pub async fn liability_report(
    app: &App,
    actor: &Actor,
    (first, last): (Date, Date),
    by: By,
) -> Result<Result<Liability, Flaw>> {
    actor.staff()?;
    let periods = match cut(first, last, by) {
        Ok(periods) => periods,
        Err(flaw) => return Ok(Err(flaw)),
    };
    let program = app.programs.refresh(&app.db).await?;
    if Days::new(Vec::new(), zone(&program)).cuts_of(&periods).is_none() {
        return Ok(Err(Flaw::NotInCalendar));
    }
    let turn = TURN.acquire().await.map_err(Error::internal)?;
    let wanted = Wanted { program, periods, now: app.clock.now() };
    let db = app.db.clone();
    // A request that is given up ends at once, but the statement that runs does not: its task keeps the turn until then.
    let drawn = tokio::spawn(async move {
        let drawn = wanted.draw_up(&db).await;
        drop(turn);
        drawn
    });
    drawn.await.map_err(Error::internal)?.map(Ok)
}

struct Wanted {
    program: Arc<program::Model>,
    periods: Vec<Period>,
    now: Instant,
}

impl Wanted {
    async fn draw_up(self, db: &Db) -> Result<Liability> {
        let snapshot = db.begin_bounded_snapshot().await?;
        let drawn = self.draw_up_in(&snapshot).await;
        let _ = snapshot.rollback().await;
        drawn
    }

    async fn draw_up_in(self, snapshot: &DatabaseTransaction) -> Result<Liability> {
        let program_id = self.program.id;
        let days = days_of(snapshot, &self.program).await?;
        let months = self.months(snapshot, &days).await?;
        let books = Books { db: snapshot, program: &self.program, since: Span::since(days.closed_until()), months };
        let months = &books.months;
        let bounds = days.cuts_of(&self.periods).ok_or_else(|| Error::internal("a period beyond the calendar"))?;
        let (by_period, by_month) = books.moved(&bounds, &days).await?;
        let rows = roll(&by_period[0], &by_period[1..bounds.days.len()]);
        let ever = by_period.iter().fold(Moved::default(), |mut ever, moved| {
            ever.add(moved);
            ever
        });
        let outstanding = ledger::outstanding(snapshot, program_id).await?;
        let estimates = estimates(snapshot, program_id).await?;
        let triangle = books.triangle().await?;
        let deferred = defer(&books.input(&by_month, &triangle, &estimates).await?);
        let first_month = self.periods.first().map(|period| period.first.first_of_month());
        let end = bounds.moments.last().copied().unwrap_or(i64::MAX);
        let whole_months = months.over(end.min(self.now.micros()));
        let of_months = months.months.iter().copied();
        Ok(Liability {
            agrees: ever.change() == outstanding && ever.transferred == 0,
            outstanding,
            rows: self.periods.iter().copied().zip(rows).collect(),
            deferred: of_months.zip(deferred).filter(|(month, _)| Some(*month) >= first_month).collect(),
            cohorts: triangle.as_of(whole_months).into_iter().map(|c| (months.months[c.month], c)).collect(),
            estimates,
            program: self.program.clone(),
        })
    }

    /// The months from the first in which something may have been recorded, to the last that is reported on.
    async fn months(&self, snapshot: &DatabaseTransaction, days: &Days) -> Result<Months> {
        let today = self.now.local_date(days.zone());
        let last = self.periods.last().map_or(today, |period| period.last).min(today);
        let begun = ledger::begun_at(snapshot).await?.map_or(last, |moment| Instant(moment).local_date(days.zone()));
        let first = days.first().map_or(begun, |first| first.min(begun));
        Months::between(first, last, days).ok_or_else(|| Error::internal("a month beyond the calendar"))
    }
}
