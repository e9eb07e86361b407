//! The liability report: drawn up in one snapshot, from the ledger itself.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sea_orm::DatabaseTransaction;
use tokio::sync::Semaphore;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::Db;
use crate::domain::points::entity::{Bucket, TxnKind, program};
use crate::domain::points::rule::program::zone;
use crate::domain::report::entity::redemption_estimate;
use crate::domain::report::query::bucket::reached;
use crate::domain::report::query::estimate::estimates;
use crate::domain::report::query::ledger;
use crate::domain::report::rule::breakage::{Cohort, Triangle, overall};
use crate::domain::report::rule::deferral::{Deferred, Month, Sales, defer};
use crate::domain::report::rule::period::{By, Flaw, Period, bounds, cut, months};
use crate::domain::report::rule::roll::{Moved, Row, roll};

/// A report reads the whole ledger, so a process draws up one at a time. Who comes meanwhile waits for as long as a request
/// may.
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
    let zone = zone(&program);
    let Some(bounds) = bounds(&periods, &zone) else { return Ok(Err(Flaw::NotInCalendar)) };
    let turn = TURN.acquire().await.map_err(Error::internal)?;
    let wanted = Wanted { program, zone, periods, bounds, today: app.clock.now() };
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
    zone: TimeZone,
    periods: Vec<Period>,
    /// Where the periods begin and the last one ends.
    bounds: Vec<i64>,
    today: Instant,
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
        let calendar = self.calendar(snapshot).await?;
        let mut cuts: Vec<i64> = self.bounds.iter().chain(&calendar.begins).copied().collect();
        cuts.sort_unstable();
        cuts.dedup();
        let booked = ledger::booked(snapshot, program_id, &cuts).await?;
        let outstanding = ledger::outstanding(snapshot, program_id).await?;
        // Where a cut begins tells which periods have begun by then.
        let begun = |bucket: i64, bounds: &[i64]| match usize::try_from(bucket - 1).ok().and_then(|at| cuts.get(at)) {
            Some(moment) => reached(*moment, bounds),
            None => 0,
        };
        let mut by_period = vec![Moved::default(); self.bounds.len() + 1];
        let mut by_month = vec![Moved::default(); calendar.months.len()];
        for row in booked {
            by_period[begun(row.bucket, &self.bounds)].book(row.account, row.points);
            if let Some(month) = calendar.place(begun(row.bucket, &calendar.begins)) {
                by_month[month].book(row.account, row.points);
            }
        }
        let rows = roll(&by_period[0], &by_period[1..self.bounds.len()]);
        let ever = by_period.iter().fold(Moved::default(), |mut ever, moved| {
            ever.add(moved);
            ever
        });
        let estimates = estimates(snapshot, program_id).await?;
        let triangle = calendar.triangle(snapshot, program_id).await?;
        let deferred = self.deferred(snapshot, &calendar, &by_month, &triangle, &estimates).await?;
        let first_month = self.periods.first().map(|period| period.first.first_of_month());
        let whole_months = calendar.whole(self.periods.last().map(|period| period.last), self.today, &self.zone);
        Ok(Liability {
            agrees: ever.change() == outstanding && ever.transferred == 0,
            outstanding,
            rows: self.periods.iter().copied().zip(rows).collect(),
            deferred: deferred.into_iter().filter(|(month, _)| Some(*month) >= first_month).collect(),
            cohorts: triangle.as_of(whole_months).into_iter().map(|c| (calendar.months[c.month], c)).collect(),
            estimates,
            program: self.program,
        })
    }

    /// The months from the first in which something may have been recorded, to the last that is reported on.
    async fn calendar(&self, snapshot: &DatabaseTransaction) -> Result<Calendar> {
        let today = self.today.local_date(&self.zone);
        let last = self.periods.last().map_or(today, |period| period.last).min(today);
        let begun = ledger::begun_at(snapshot).await?.map_or(last, |moment| Instant(moment).local_date(&self.zone));
        let months = months(begun, last);
        let begins = months.iter().filter_map(|month| Some(Instant::start_of_day(*month, &self.zone)?.micros()));
        Ok(Calendar { begins: begins.chain([self.end_of(last)]).collect(), months })
    }

    fn end_of(&self, last: Date) -> i64 {
        let next = last.last_of_month().tomorrow().ok();
        next.and_then(|next| Instant::start_of_day(next, &self.zone)).unwrap_or(Instant::NEVER).micros()
    }

    async fn deferred(
        &self,
        snapshot: &DatabaseTransaction,
        calendar: &Calendar,
        moved: &[Moved],
        triangle: &Triangle,
        estimates: &[redemption_estimate::Model],
    ) -> Result<Vec<(Date, Deferred)>> {
        let currency = &self.program.currency;
        let mut sales = vec![Sales::default(); calendar.months.len()];
        for row in ledger::sold(snapshot, currency, &calendar.begins).await? {
            let Some(month) = calendar.of(row.bucket) else { continue };
            let sales = &mut sales[month];
            (sales.price, sales.points) = (sales.price + row.price, sales.points + row.points);
        }
        let mut returned = vec![Vec::new(); calendar.months.len()];
        for row in ledger::returned(snapshot, currency, &calendar.begins).await? {
            let (Some(month), Some(sold_in)) = (calendar.of(row.bucket), calendar.of(row.sold_in)) else { continue };
            returned[month].push((sold_in, Sales { price: row.price, points: row.points }));
        }
        let versions = ledger::versions(snapshot, self.program.id).await?;
        let in_force = |month: usize| {
            let by_then = versions.iter().rev().find(|version| version.created_at < calendar.begins[month + 1]);
            let worth = by_then.or(versions.first());
            worth.map_or((1, 1), |worth| (worth.exchange_points, worth.exchange_minor))
        };
        let input: Vec<Month> = returned
            .into_iter()
            .enumerate()
            .map(|(month, returned)| Month {
                sales: sales[month],
                returned,
                moved: moved[month],
                share: said(estimates, calendar.months[month].last_of_month(), calendar.begins[month + 1])
                    .unwrap_or_else(|| overall(&triangle.as_of(month))),
                exchange: in_force(month),
            })
            .collect();
        Ok(calendar.months.iter().copied().zip(defer(&input)).collect())
    }
}

/// What staff had said is expected on the last day of a month when that was over, if it had said anything. What it says
/// later changes no month that is over, whatever day it is said of.
fn said(estimates: &[redemption_estimate::Model], last_day: Date, end: i64) -> Option<i64> {
    let last_day = last_day.to_string();
    let counts = |estimate: &&redemption_estimate::Model| estimate.first_day <= last_day && estimate.created_at < end;
    estimates.iter().rev().find(counts).and_then(|estimate| estimate.millionths)
}

/// The months of a program, with where each begins and, behind them, where the last one ends.
struct Calendar {
    months: Vec<Date>,
    begins: Vec<i64>,
}

impl Calendar {
    /// The month whose begin is the last that was reached; none when the last one is over. A clock that was wrong once may
    /// have recorded something before the first member: that is of the first month.
    fn place(&self, begun: usize) -> Option<usize> {
        Some(begun.saturating_sub(1)).filter(|month| *month < self.months.len())
    }

    /// The month of a bucket.
    fn of(&self, bucket: i64) -> Option<usize> {
        self.place(usize::try_from(bucket).unwrap_or(0))
    }

    /// How many months from the first one on are over, within the days that are reported on.
    fn whole(&self, last: Option<Date>, today: Instant, zone: &TimeZone) -> usize {
        let last = last.map_or(i64::MAX, |day| {
            let next = day.tomorrow().ok().and_then(|next| Instant::start_of_day(next, zone));
            next.unwrap_or(Instant::NEVER).micros()
        });
        reached(last.min(today.micros()), &self.begins).saturating_sub(1)
    }

    async fn triangle(&self, snapshot: &DatabaseTransaction, program_id: Id) -> Result<Triangle> {
        let mut triangle = Triangle::of(self.months.len());
        for row in ledger::lots_moved(snapshot, program_id, &self.begins).await? {
            // What came of lots later than in the reported months is no part of them.
            let Some((cohort, month)) = self.of(row.cohort).zip(self.of(row.month)) else { continue };
            let Some(fate) = triangle.of_cohort(cohort, month) else { continue };
            match (row.taken_from, row.given_to) {
                (None, _) => fate.granted += row.points,
                (Some(Bucket::Consumed), _) => fate.redeemed -= row.points,
                (Some(Bucket::Expired), _) => {
                    fate.expired -= row.points;
                    fate.left += row.points;
                }
                (_, Bucket::Expired) => fate.expired += row.points,
                (_, Bucket::Consumed) if row.kind == TxnKind::Redemption => fate.redeemed += row.points,
                _ => fate.left += row.points,
            }
        }
        Ok(triangle)
    }
}
