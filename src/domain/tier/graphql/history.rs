//! The history of a member's tier in the schema.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, Object};

use crate::base::id::Id;
use crate::db::keyset::Cursor;
use crate::domain::points::query::WalletOf;
use crate::domain::tier::entity::{Why, tier_change};
use crate::domain::tier::graphql::set::TierObject;
use crate::domain::tier::query::{ChangesOf, TierKey};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::scalar::{DateTime, int};

/// Why a member's tier changed, or was kept.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Why", name = "TierChangeReason")]
pub enum TierChangeReason {
    /// The member reached a threshold, 升级.
    Qualified,
    /// It was judged on its day, 到期考核.
    Judged,
    /// What reached it was returned, 退货撤销.
    Returned,
    /// The tiers themselves were changed.
    TiersChanged,
    /// The higher tier of a member who was merged into this one.
    Merged,
    /// Staff protected it, or no longer do, 保级.
    Protected,
}

/// A step of the history of a member's tier.
pub struct TierChangeObject(Arc<tier_change::Model>);

/// A step of the history of a member's tier (等级变更). Only the member and staff may read it.
#[Object(name = "TierChange")]
impl TierChangeObject {
    /// The tier of before, as it is called now; null for the lowest.
    async fn from(&self, ctx: &Context<'_>) -> Result<Option<TierObject>> {
        tier(ctx, self.0.from_id).await
    }

    /// The tier of after; null for the lowest. When it was only protected, the same as before.
    async fn to(&self, ctx: &Context<'_>) -> Result<Option<TierObject>> {
        tier(ctx, self.0.to_id).await
    }

    /// Why.
    async fn why(&self) -> TierChangeReason {
        self.0.why.into()
    }

    /// From when on it held. What was overdue holds from the day on which it was due.
    async fn effective_at(&self) -> DateTime {
        DateTime::of(self.0.effective_at)
    }

    /// When it was written down.
    async fn recorded_at(&self) -> DateTime {
        DateTime::of(self.0.recorded_at)
    }

    /// Until when the tier was protected after it; null when it was not.
    async fn protected_until(&self) -> Option<DateTime> {
        self.0.kept_until.filter(|until| *until > self.0.effective_at).map(DateTime::of)
    }

    /// What staff gave as the reason. For staff only; null for everybody else.
    async fn reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.reason.as_deref().filter(|_| ctx.caller().actor.staff().is_ok())
    }
}

async fn tier(ctx: &Context<'_>, id: Option<Id>) -> Result<Option<TierObject>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.reader().find(TierKey(id)).await?.map(TierObject))
}

/// Beside the edges of a list of steps.
pub struct TierChangeTotals(Id);

/// Beside the edges of a list of steps.
#[Object]
impl TierChangeTotals {
    /// How many steps there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        // They are numbered from 1 without a gap.
        Ok(int(ctx.reader().find(WalletOf(self.0)).await?.map_or(0, |wallet| wallet.tier_changes)))
    }
}

pub type TierChangeConnection = Connection<Opaque, TierChangeObject, TierChangeTotals>;

/// A page of the history of a member's tier.
pub async fn history_of(ctx: &Context<'_>, member_id: Id, args: PageArgs) -> Result<TierChangeConnection> {
    let slice = ctx.reader().get(ChangesOf(member_id, args.by_number()?)).await?;
    let totals = TierChangeTotals(member_id);
    Ok(connection(&slice, totals, |row| Cursor::Number(row.position).into(), TierChangeObject))
}
