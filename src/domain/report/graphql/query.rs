//! Asking for reports.

use async_graphql::{Context, Enum, Object};

use crate::app::App;
use crate::base::error::Error;
use crate::domain::report::graphql::liability::LiabilityReport;
use crate::domain::report::rule::period::{By, Flaw, MOST_PERIODS};
use crate::domain::report::service::liability::liability_report;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::language::Language;
use crate::gql::scalar::Date;

/// How long the rows of a report are. Days begin in the program's zone as it is now.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "By")]
pub enum ReportPeriod {
    /// A row a day (日).
    Day,
    /// A row a week (周), from Monday on; the first and the last are cut to the days that were asked for.
    Week,
    /// A row a calendar month (月), cut likewise.
    Month,
}

#[derive(Default)]
pub struct ReportQuery;

#[Object]
impl ReportQuery {
    /// What the shop owes its members (积分负债报告), rolled forward over the ledger, and the revenue that is deferred for it
    /// (IFRS 15, ASC 606). Everything counts on the day on which it was recorded, whenever it took effect, so a day that
    /// has been over for a minute never changes. One snapshot of the whole ledger: it takes seconds over millions of
    /// entries, and a process draws up one at a time. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for
    /// other members. `BAD_USER_INPUT` when the days are no period, or make more than 400 rows; `TIMEOUT` when it takes
    /// longer than a request may.
    async fn liability_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day, included.")] to: Date,
        #[graphql(desc = "How long each row is.")] by: ReportPeriod,
    ) -> Result<LiabilityReport> {
        let caller = ctx.caller();
        let drawn = liability_report(App::of(ctx), &caller.actor, (from.0, to.0), by.into()).await?;
        let report = drawn.map_err(|flaw| told(flaw, caller.language))?;
        Ok(LiabilityReport { from, to, report })
    }
}

/// What is wrong with the days.
pub fn told(flaw: Flaw, language: Language) -> Error {
    Error::bad_input(match flaw {
        Flaw::Backwards => language.say("The first day comes after the last.", "起始日期晚于截止日期。"),
        Flaw::TooMany => language.say(
            format!("These days make more than {MOST_PERIODS} rows. Ask for fewer days, or longer rows."),
            format!("该期间超过 {MOST_PERIODS} 行，请缩短期间或改用更长的周期。"),
        ),
        Flaw::NotInCalendar => language.say("The calendar has no such days.", "日期超出日历范围。"),
    })
}
