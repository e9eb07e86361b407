//! A statement of an account in the schema, and as a file for a spreadsheet.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use jiff::tz::TimeZone;

use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::domain::points::entity::{program, txn};
use crate::domain::points::graphql::entry::{PointsEntryObject, PointsEntryType};
use crate::domain::points::query::NewestProgram;
use crate::domain::points::query::statement::{MOST_ENTRIES, StatementOf};
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::statement::{Line, Statement, harmless};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::scalar::{Date, DateTime, int};

/// A member's points over some days.
pub struct PointsStatementObject {
    from: Date,
    to: Date,
    program: Arc<program::Model>,
    /// Never `None`: a statement of too many entries is refused.
    statement: Arc<Option<Statement>>,
}

impl PointsStatementObject {
    pub async fn find(ctx: &Context<'_>, member_id: Id, from: Date, to: Date) -> Result<PointsStatementObject> {
        let language = ctx.caller().language;
        let program = ctx.reader().get(NewestProgram).await?;
        let zone = zone(&program);
        let begins = Instant::start_of_day(from.0, &zone);
        let ends = to.0.tomorrow().ok().and_then(|next| Instant::start_of_day(next, &zone));
        let (Some(begins), Some(ends)) = (begins, ends) else {
            return Err(Error::bad_input(language.say("The calendar has no such days.", "日期超出日历范围。")).into());
        };
        if begins >= ends {
            let told = language.say("The first day comes after the last.", "起始日期晚于截止日期。");
            return Err(Error::bad_input(told).into());
        }
        let program_id = App::of(ctx).programs.id();
        let statement = ctx.reader().get(StatementOf { member_id, program_id, from: begins, until: ends }).await?;
        if statement.is_none() {
            let told = language.say(
                format!("These days have more than {MOST_ENTRIES} entries. Ask for fewer days."),
                format!("该期间的流水超过 {MOST_ENTRIES} 条，请缩短期间。"),
            );
            return Err(Error::bad_input(told).into());
        }
        Ok(PointsStatementObject { from, to, program, statement })
    }

    fn lines(&self) -> &[Line] {
        self.statement.as_ref().as_ref().map_or(&[], |statement| &statement.lines)
    }

    /// Opening and closing.
    fn balances(&self) -> (i64, i64) {
        self.statement.as_ref().as_ref().map_or((0, 0), |statement| (statement.opening, statement.closing))
    }
}

/// A member's points over some days: what could be spent before, each entry of the days, and what could be spent after.
/// The opening balance and the changes of all entries make the closing balance, to the point. Only the member may read it,
/// and staff. Points that were due within the days (an expiry, say) and are not written yet are missing until they are.
#[Object(name = "PointsStatement")]
impl PointsStatementObject {
    /// The first day.
    async fn from(&self) -> Date {
        self.from
    }

    /// The last day, included.
    async fn to(&self) -> Date {
        self.to
    }

    /// The IANA time zone in which the days begin: the program's as it is now.
    async fn time_zone(&self) -> &str {
        &self.program.time_zone
    }

    /// Points that could be spent right before the first day.
    async fn opening_balance(&self) -> i32 {
        int(self.balances().0)
    }

    /// Points that could be spent at the end of the last day.
    async fn closing_balance(&self) -> i32 {
        int(self.balances().1)
    }

    /// Every entry of the days, oldest first; 1,000 at most.
    async fn entries(&self) -> Vec<PointsStatementEntryObject> {
        self.lines().iter().cloned().map(PointsStatementEntryObject).collect()
    }

    /// The entries of each type together, in the order in which the types first occur.
    async fn totals(&self) -> Vec<PointsStatementTotal> {
        let totals = self.statement.as_ref().as_ref().map_or(&[][..], |statement| &statement.totals);
        let told = totals.iter().map(|total| PointsStatementTotal {
            kind: total.kind.into(),
            count: int(total.count as i64),
            points: int(total.points),
            change: int(total.change),
        });
        told.collect()
    }

    /// The same as CSV (RFC 4180) for a spreadsheet: UTF-8 with a byte order mark, without which some of them misread
    /// Chinese. Its columns are number, time (in the program's zone), type, points, change, balance and reason; its first
    /// and last line are the opening and the closing balance. A reason that a spreadsheet would run as a formula, beginning
    /// with `=`, `+`, `-`, `@`, a tab or a line break, has a quote before it.
    async fn csv(&self, ctx: &Context<'_>) -> Result<String> {
        let zone = zone(&self.program);
        let (opening, closing) = self.balances();
        let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let mut write = |cells: [&str; 7]| file.write_record(cells).map_err(Error::internal);
        write(["number", "time", "type", "points", "change", "balance", "reason"])?;
        write(["", "", "OPENING", "", "", &opening.to_string(), ""])?;
        for Line { txn, change } in self.lines() {
            let kind = async_graphql::resolver_utils::enum_value(PointsEntryType::from(txn.kind)).to_string();
            let reason = PointsEntryObject(txn.clone()).reason(ctx).await?.unwrap_or_default();
            write([
                &txn.seq.to_string(),
                &local(txn, &zone),
                &kind,
                &txn.points.to_string(),
                &change.to_string(),
                &txn.available_after.to_string(),
                &harmless(&reason),
            ])?;
        }
        write(["", "", "CLOSING", "", "", &closing.to_string(), ""])?;
        let bytes = file.into_inner().map_err(|cause| Error::internal(cause.into_error()))?;
        Ok(format!("\u{feff}{}", String::from_utf8(bytes).map_err(Error::internal)?))
    }
}

/// When it took effect, on the program's clocks.
fn local(txn: &txn::Model, zone: &TimeZone) -> String {
    zone.to_datetime(Instant(txn.effective_at).timestamp()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The entries of one type in a statement.
#[derive(SimpleObject)]
pub struct PointsStatementTotal {
    /// What they are.
    #[graphql(name = "type")]
    kind: PointsEntryType,
    /// How many there are.
    count: i32,
    /// The sum of their points, as the entries show them.
    points: i32,
    /// By how many points they changed what can be spent, in all.
    change: i32,
}

/// An entry of a statement.
pub struct PointsStatementEntryObject(Line);

/// An entry of a statement. It stands alone, without what it leads to: `node(id:)` finds that.
#[Object(name = "PointsStatementEntry")]
impl PointsStatementEntryObject {
    /// The global id of the ledger's entry.
    async fn id(&self) -> ID {
        owned(NodeKind::PointsEntry, self.0.txn.member_id, self.0.txn.id)
    }

    /// Its number in the ledger, from 1 on without a gap.
    async fn number(&self) -> i32 {
        int(self.0.txn.seq)
    }

    /// What it is.
    #[graphql(name = "type")]
    async fn kind(&self) -> PointsEntryType {
        self.0.txn.kind.into()
    }

    /// Points that came (positive) or went (negative), also pending ones and owed ones.
    async fn points(&self) -> i32 {
        int(self.0.txn.points)
    }

    /// By how many points it changed what can be spent; 0 for what moved pending points or a debt only.
    async fn change(&self) -> i32 {
        int(self.0.change)
    }

    /// Points that could be spent right after it.
    async fn balance_after(&self) -> i32 {
        int(self.0.txn.available_after)
    }

    /// Why it happened, in the language of the request.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        PointsEntryObject(self.0.txn.clone()).reason(ctx).await
    }

    /// When it took effect.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.txn.effective_at)
    }
}
