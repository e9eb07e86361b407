//! A member's account in the schema.

use async_graphql::connection::Connection;
use async_graphql::{Context, Object};

use crate::app::App;
use crate::base::id::Id;
use crate::db::keyset::Cursor;
use crate::domain::points::graphql::entry::PointsEntryObject;
use crate::domain::points::graphql::statement::PointsStatementObject;
use crate::domain::points::query::{BalanceAt, EntriesOf, EntryCount, LapsedOf, WalletOf};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{Date, DateTime, int};

/// A member's points.
pub struct PointsAccountObject {
    pub member_id: Id,
}

/// A member's points. Only the member may read it.
#[Object(name = "PointsAccount")]
impl PointsAccountObject {
    /// Points that can be spent now.
    async fn active(&self, ctx: &Context<'_>) -> Result<i32> {
        let Some(wallet) = ctx.reader().find(WalletOf(self.member_id)).await? else { return Ok(0) };
        let now = App::of(ctx).clock.now();
        // `next_due` makes it free to know that nothing has expired since the last sweep.
        let lapsed = match wallet.next_due {
            Some(due) if due <= now.micros() => ctx.reader().find(LapsedOf(self.member_id, now)).await?.unwrap_or(0),
            _ => 0,
        };
        Ok(int(wallet.posted - wallet.held - lapsed))
    }

    /// Everything that ever happened to the points, newest first.
    async fn points_ledger(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<PointsEntryConnection> {
        let page = PageArgs { first, after, last, before }.by_number()?;
        let slice = ctx.reader().get(EntriesOf(self.member_id, page)).await?;
        let totals = LedgerTotals { member_id: self.member_id };
        Ok(connection(&slice, totals, |txn| Cursor::Number(txn.seq).into(), |txn| InTurn(PointsEntryObject(txn))))
    }

    /// The points that could be spent right after everything that had taken effect by a moment; 0 before the first.
    async fn balance_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The moment, included.")] time: DateTime,
    ) -> Result<i32> {
        let program_id = App::of(ctx).programs.id();
        let key = BalanceAt { member_id: self.member_id, program_id, moment: time.0 };
        Ok(int(ctx.reader().find(key).await?.unwrap_or(0)))
    }

    /// A statement for some days, both included, of the program's time zone. `BAD_USER_INPUT` when the days are turned
    /// round, or have more than 1,000 entries.
    async fn statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day, included.")] to: Date,
    ) -> Result<PointsStatementObject> {
        PointsStatementObject::find(ctx, self.member_id, from, to).await
    }
}

/// Beside the edges of a ledger.
pub struct LedgerTotals {
    member_id: Id,
}

/// Beside the edges of a ledger.
#[Object]
impl LedgerTotals {
    /// How many entries there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(EntryCount(self.member_id)).await?.unwrap_or(0)))
    }
}

pub type PointsEntryConnection = Connection<Opaque, InTurn<PointsEntryObject>, LedgerTotals>;
