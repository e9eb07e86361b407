//! A segment in the schema.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use crate::app::App;
use crate::base::money::Currency;
use crate::domain::segment::entity::segment;
use crate::domain::segment::graphql::filter::SegmentFilter;
use crate::domain::segment::graphql::query::{SegmentMemberConnection, members_page};
use crate::domain::segment::query::{FittingTotal, filter_of};
use crate::domain::segment::service::today;
use crate::domain::tier::graphql::{TierObject, gone_of};
use crate::gql::caller::RequestContext;
use crate::gql::connection::PageArgs;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::scalar::{DateTime, int};

/// Members who have something in common.
pub struct SegmentObject(pub Arc<segment::Model>);

/// Members who have something in common (会员分群): a filter that is asked anew each time. For staff only.
#[Object(name = "Segment")]
impl SegmentObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::Segment, self.0.id)
    }

    /// How often it was saved.
    async fn revision(&self) -> i32 {
        int(self.0.revision)
    }

    /// What staff call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What its members have in common.
    async fn filter(&self, ctx: &Context<'_>) -> Result<SegmentFilter> {
        let filter = filter_of(&self.0)?;
        Ok(SegmentFilter::show(&filter, currency(ctx)))
    }

    /// The tiers that its filter names and that the program no longer has (已取消的等级), by what they were called last; of one
    /// that is gone nobody is a member, so the filter should be changed. Mostly empty.
    async fn gone_tiers(&self, ctx: &Context<'_>) -> Result<Vec<TierObject>> {
        gone_of(ctx, filter_of(&self.0)?.tiers()).await
    }

    /// How many members are in it now. Counted when it is selected.
    async fn member_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let key = FittingTotal { filter: filter_of(&self.0)?, today: today(App::of(ctx)) };
        Ok(int(ctx.reader().get(key).await?))
    }

    /// The members who are in it now, who registered last first.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<SegmentMemberConnection> {
        members_page(ctx, filter_of(&self.0)?, PageArgs { first, after, last, before }).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }

    /// When it was saved last.
    async fn updated_at(&self) -> DateTime {
        DateTime::of(self.0.updated_at)
    }
}

/// The currency of the program, which never changes.
pub fn currency(ctx: &Context<'_>) -> Currency {
    App::of(ctx).programs.latest().currency.parse().unwrap_or(Currency::Cny)
}
