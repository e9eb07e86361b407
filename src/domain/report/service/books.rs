//! The books as the liability report reads them: what is kept of closed days, and what was recorded since.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sea_orm::DatabaseTransaction;

use crate::base::error::{Error, Result};
use crate::domain::points::entity::program;
use crate::domain::report::entity::redemption_estimate;
use crate::domain::report::query::closed;
use crate::domain::report::query::ledger::{self, Span};
use crate::domain::report::rule::breakage::{Triangle, overall};
use crate::domain::report::rule::days::{Cuts, Days};
use crate::domain::report::rule::deferral::{Month, Sales};
use crate::domain::report::rule::months::{Months, reached};
use crate::domain::report::rule::roll::Moved;
use crate::domain::tier::rule::window::date_of;

/// What was recorded in the months of a report.
pub struct Books<'a> {
    pub db: &'a DatabaseTransaction,
    pub program: &'a program::Model,
    /// What no closed day has.
    pub since: Span,
    pub months: Months,
}

impl Books<'_> {
    /// What moved before each of the bounds and after the last, and in each month.
    pub async fn moved(&self, bounds: &Cuts, days: &Days) -> Result<(Vec<Moved>, Vec<Moved>)> {
        let mut all: Vec<i64> = bounds.days.iter().chain(&self.months.cuts.days).copied().collect();
        all.sort_unstable();
        all.dedup();
        let cuts =
            days.cuts(all.into_iter().map(date_of)).ok_or_else(|| Error::internal("a day beyond the calendar"))?;
        let closed = closed::booked(self.db, self.program.id, &cuts.days).await?;
        let since = ledger::booked(self.db, self.program.id, &cuts.moments, self.since).await?;
        // Where a cut lies tells which periods and months have begun by then.
        let begun =
            |bucket: i64, bounds: &[i64]| match usize::try_from(bucket - 1).ok().and_then(|at| cuts.days.get(at)) {
                Some(day) => reached(*day, bounds),
                None => 0,
            };
        let mut by_period = vec![Moved::default(); bounds.days.len() + 1];
        let mut by_month = vec![Moved::default(); self.months.months.len()];
        for row in closed.into_iter().chain(since) {
            by_period[begun(row.bucket, &bounds.days)].book(row.account, row.points);
            if let Some(month) = self.months.place(begun(row.bucket, &self.months.cuts.days)) {
                by_month[month].book(row.account, row.points);
            }
        }
        Ok((by_period, by_month))
    }

    /// What became of the points that came in each month.
    pub async fn triangle(&self) -> Result<Triangle> {
        let (id, Cuts { days, moments }) = (self.program.id, &self.months.cuts);
        let closed = closed::turned(self.db, id, days).await?;
        let since = ledger::turned(self.db, id, moments, moments, self.since).await?;
        let mut triangle = Triangle::of(self.months.months.len());
        for row in closed.into_iter().chain(since) {
            // What came of lots later than in the reported months is no part of them.
            let Some((cohort, month)) = self.months.of(row.cohort).zip(self.months.of(row.bucket)) else { continue };
            if let Some(fate) = triangle.of_cohort(cohort, month) {
                fate.add(&row.fate);
            }
        }
        Ok(triangle)
    }

    /// Each month as its revenue is reckoned from.
    pub async fn input(
        &self,
        moved: &[Moved],
        triangle: &Triangle,
        estimates: &[redemption_estimate::Model],
    ) -> Result<Vec<Month>> {
        let versions = ledger::versions(self.db, self.program.id).await?;
        let (sold, returned) = (self.sold().await?, self.returned().await?);
        let months = sold.into_iter().zip(returned).enumerate().map(|(month, (sales, returned))| {
            let end = self.months.end_of(month).micros();
            let by_then = versions.iter().rev().find(|version| version.created_at < end).or(versions.first());
            let said = said(estimates, self.months.months[month].last_of_month(), end);
            Month {
                sales,
                returned,
                moved: moved[month],
                share: said.unwrap_or_else(|| overall(&triangle.as_of(month))),
                exchange: by_then.map_or((1, 1), |worth| (worth.exchange_points, worth.exchange_minor)),
            }
        });
        Ok(months.collect())
    }

    async fn sold(&self) -> Result<Vec<Sales>> {
        let (program, Cuts { days, moments }) = (self.program, &self.months.cuts);
        let closed = closed::sold(self.db, program.id, days).await?;
        let since = ledger::sold(self.db, &program.currency, moments, self.since).await?;
        let mut sold = vec![Sales::default(); self.months.months.len()];
        for row in closed.into_iter().chain(since) {
            let Some(month) = self.months.of(row.bucket) else { continue };
            sold[month].add(row.price, row.points);
        }
        Ok(sold)
    }

    /// What was taken back in each month, and in which it had been sold.
    async fn returned(&self) -> Result<Vec<Vec<(usize, Sales)>>> {
        let (program, Cuts { days, moments }) = (self.program, &self.months.cuts);
        let closed = closed::taken_back(self.db, program.id, days).await?;
        let since = ledger::returned(self.db, &program.currency, moments, moments, self.since).await?;
        let mut returned = vec![BTreeMap::<usize, Sales>::new(); self.months.months.len()];
        for row in closed.into_iter().chain(since) {
            let of = self.months.of(row.bucket).zip(self.months.of(row.sold_in));
            let Some((month, sold_in)) = of else { continue };
            returned[month].entry(sold_in).or_default().add(row.price, row.points);
        }
        Ok(returned.into_iter().map(|month| month.into_iter().collect()).collect())
    }
}

/// What staff had said is expected on the last day of a month when that was over, if it had said anything. What it says
/// later changes no month that is over, whatever day it is said of.
fn said(estimates: &[redemption_estimate::Model], last_day: Date, end: i64) -> Option<i64> {
    let last_day = last_day.to_string();
    let counts = |estimate: &&redemption_estimate::Model| estimate.first_day <= last_day && estimate.created_at < end;
    estimates.iter().rev().find(counts).and_then(|estimate| estimate.millionths)
}
