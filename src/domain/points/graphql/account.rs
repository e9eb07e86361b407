//! A member's account in the schema.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Object, SimpleObject};

use crate::app::App;
use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::db::keyset::Cursor;
use crate::domain::points::entity::wallet;
use crate::domain::points::graphql::entry::PointsEntryObject;
use crate::domain::points::graphql::hold::{HoldTotals, PointsHoldConnection, PointsHoldObject};
use crate::domain::points::graphql::lot::{LotTotals, PointsLotConnection, PointsLotObject};
use crate::domain::points::graphql::statement::PointsStatementObject;
use crate::domain::points::query::account::{DeadlinesOf, HoldsOf, LotsOf, OpenLotsOf, SettledOf};
use crate::domain::points::query::{BalanceAt, EntriesOf, EntryCount, WalletOf};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{BigInt, Date, DateTime, int};

/// A member's points.
pub struct PointsAccountObject {
    member_id: Id,
    /// As of when: the same for every field, so that they fit together, and what is due is reckoned once.
    now: Instant,
}

/// Points that expire at a moment.
#[derive(SimpleObject)]
pub struct ExpiringPoints {
    /// Points that are still there, those that are pending until an earlier moment included.
    points: i32,
    /// The first moment at which they cannot be spent any more: a midnight of the program's time zone.
    expires_at: DateTime,
}

impl PointsAccountObject {
    pub fn of(ctx: &Context<'_>, member_id: Id) -> PointsAccountObject {
        let now = ctx.reader().moment(|| App::of(ctx).clock.now());
        PointsAccountObject { member_id, now }
    }

    /// The wallet as it is now: with everything settled that is due, whether or not a sweep has written it. `next_due`
    /// makes it free to know that there is nothing.
    async fn wallet(&self, ctx: &Context<'_>) -> Result<Option<Arc<wallet::Model>>> {
        self.wallet_at(ctx, self.now).await
    }

    async fn wallet_at(&self, ctx: &Context<'_>, moment: Instant) -> Result<Option<Arc<wallet::Model>>> {
        let Some(wallet) = ctx.reader().find(WalletOf(self.member_id)).await? else { return Ok(None) };
        if wallet.next_due.is_none_or(|due| due > moment.micros()) {
            return Ok(Some(wallet));
        }
        Ok(ctx.reader().find(SettledOf(self.member_id, moment)).await?)
    }

    async fn balance(&self, ctx: &Context<'_>, balance: impl Fn(&wallet::Model) -> i64) -> Result<i32> {
        Ok(self.wallet(ctx).await?.map_or(0, |wallet| int(balance(&wallet))))
    }
}

/// The points of a member or of a household. Only the member, or those of the household, and staff may read them.
#[Object(name = "PointsAccount")]
impl PointsAccountObject {
    /// Points that can be spent now.
    async fn active(&self, ctx: &Context<'_>) -> Result<i32> {
        self.balance(ctx, |wallet| wallet.posted - wallet.held).await
    }

    /// Points earned that cannot be spent yet: their order's return window is not over.
    async fn pending(&self, ctx: &Context<'_>) -> Result<i32> {
        self.balance(ctx, |wallet| wallet.pending).await
    }

    /// Points set aside while a payment is open.
    async fn held(&self, ctx: &Context<'_>) -> Result<i32> {
        self.balance(ctx, |wallet| wallet.held).await
    }

    /// Points owed, because a return took back more than was there. Points to come repay them first.
    async fn debt(&self, ctx: &Context<'_>) -> Result<i32> {
        self.balance(ctx, |wallet| wallet.debt).await
    }

    /// Points ever earned with purchases, less those that returns took back.
    async fn lifetime(&self, ctx: &Context<'_>) -> Result<BigInt> {
        Ok(BigInt(ctx.reader().find(WalletOf(self.member_id)).await?.map_or(0, |wallet| wallet.lifetime)))
    }

    /// Every moment at which some of the points expire, the earliest first, 3,660 of them at most. Pending points are in it
    /// as soon as their order is delivered, for then it is known how long they are good. Points that never expire are in
    /// none.
    async fn expiring(&self, ctx: &Context<'_>) -> Result<Vec<ExpiringPoints>> {
        let deadlines = ctx.reader().get(DeadlinesOf(self.member_id, self.now)).await?;
        let shown = deadlines.iter().map(|deadline| ExpiringPoints {
            points: int(deadline.points),
            expires_at: DateTime::of(deadline.expires_at),
        });
        Ok(shown.collect())
    }

    /// The lots the points are in, newest first.
    async fn lots(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those with points left.", default)] open: bool,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<PointsLotConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = match open {
            true => ctx.reader().get(OpenLotsOf(self.member_id, page)).await?,
            false => ctx.reader().get(LotsOf(self.member_id, page)).await?,
        };
        let totals = LotTotals { member_id: self.member_id };
        Ok(connection(&slice, totals, |lot| Cursor::Id(lot.id).into(), |lot| InTurn(PointsLotObject(lot))))
    }

    /// Points set aside, newest first, with what became of them.
    async fn holds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<PointsHoldConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = ctx.reader().get(HoldsOf(self.member_id, page)).await?;
        let totals = HoldTotals { member_id: self.member_id };
        Ok(connection(&slice, totals, |hold| Cursor::Id(hold.id).into(), |hold| InTurn(PointsHoldObject(hold))))
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

    /// The points that could be spent right after everything that had taken effect by a moment; 0 before the first. For
    /// a moment to come: what there will be if nothing happens but what is due by then.
    async fn balance_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The moment, included.")] time: DateTime,
    ) -> Result<i32> {
        let wallet = ctx.reader().find(WalletOf(self.member_id)).await?;
        if wallet.is_none_or(|wallet| time.0.micros() < wallet.effective_at) {
            let program_id = App::of(ctx).programs.id();
            let key = BalanceAt { member_id: self.member_id, program_id, moment: time.0 };
            return Ok(int(ctx.reader().find(key).await?.unwrap_or(0)));
        }
        let wallet = self.wallet_at(ctx, time.0).await?;
        Ok(wallet.map_or(0, |wallet| int(wallet.posted - wallet.held)))
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
