//! Lists of segments and of their members.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Object, SimpleObject};

use crate::app::App;
use crate::base::error::Error;
use crate::db::keyset::Cursor;
use crate::domain::member::graphql::MemberObject;
use crate::domain::segment::graphql::error::{SegmentUserError, argument_error};
use crate::domain::segment::graphql::filter::SegmentFilterInput;
use crate::domain::segment::graphql::segment::{SegmentObject, currency};
use crate::domain::segment::query::{FittingTotal, SegmentCount};
use crate::domain::segment::rule::filter::Filter;
use crate::domain::segment::service::{count_fitting, flaw_of, list_fitting, list_segments, today};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::scalar::int;

pub struct SegmentTotals;

/// Beside the edges of a list of segments.
#[Object(name = "SegmentTotals")]
impl SegmentTotals {
    /// How many segments there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(SegmentCount(App::of(ctx).programs.id())).await?.unwrap_or(0)))
    }
}

pub type SegmentConnection = Connection<Opaque, SegmentObject, SegmentTotals>;

pub struct SegmentMemberTotals(Arc<Filter>);

/// Beside the edges of a list of members who fit a filter.
#[Object(name = "SegmentMemberTotals")]
impl SegmentMemberTotals {
    /// How many members fit on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let key = FittingTotal { filter: self.0.clone(), today: today(App::of(ctx)) };
        Ok(int(ctx.reader().get(key).await?))
    }
}

pub type SegmentMemberConnection = Connection<Opaque, MemberObject, SegmentMemberTotals>;

/// A page of the members who fit a filter.
pub async fn members_page(ctx: &Context<'_>, filter: Arc<Filter>, page: PageArgs) -> Result<SegmentMemberConnection> {
    let (app, page) = (App::of(ctx), page.by_id()?);
    let slice = list_fitting(app, &ctx.caller().actor, ctx.reader(), filter.clone(), page).await?;
    Ok(connection(&slice, SegmentMemberTotals(filter), |id| Cursor::Id(*id).into(), |id| MemberObject(*id)))
}

/// What a filter would find.
#[derive(SimpleObject)]
pub struct PreviewSegmentPayload {
    /// How many members fit it now; null when there are user errors.
    member_count: Option<i32>,
    /// What is wrong with it.
    user_errors: Vec<SegmentUserError>,
}

#[derive(Default)]
pub struct SegmentQuery;

#[Object]
impl SegmentQuery {
    /// Every segment, the newest first. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn segments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<SegmentConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = list_segments(App::of(ctx), &ctx.caller().actor, page).await?;
        Ok(connection(&slice, SegmentTotals, |segment| Cursor::Id(segment.id).into(), SegmentObject))
    }

    /// How many members a filter would find, before it is saved. For staff only: `UNAUTHENTICATED` without a session,
    /// `FORBIDDEN` for other members.
    async fn preview_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they have in common.")] filter: SegmentFilterInput,
    ) -> Result<PreviewSegmentPayload> {
        let (app, caller) = (App::of(ctx), ctx.caller());
        caller.actor.staff()?;
        let counted = match filter.read(currency(ctx)) {
            Ok(filter) => count_fitting(app, &caller.actor, ctx.reader(), Arc::new(filter)).await?,
            Err(flaw) => Err(flaw),
        };
        Ok(match counted {
            Ok(members) => PreviewSegmentPayload { member_count: Some(int(members)), user_errors: Vec::new() },
            Err(flaw) => {
                PreviewSegmentPayload { member_count: None, user_errors: vec![argument_error(flaw, caller.language)] }
            }
        })
    }

    /// Members for staff, who registered last first: all of them, or those who fit a filter. A filter that cannot be is
    /// `BAD_USER_INPUT`. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where", desc = "What they have in common.")] filter: Option<SegmentFilterInput>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<SegmentMemberConnection> {
        ctx.caller().actor.staff()?;
        let filter = filter.map_or(Ok(Filter::All(Vec::new())), |filter| filter.read(currency(ctx)));
        let impossible = |_| Error::bad_input("This cannot be asked; previewSegment says why.");
        let filter = filter.map_err(impossible)?;
        flaw_of(App::of(ctx), &filter).await?.map_or(Ok(()), |flaw| Err(impossible(flaw)))?;
        members_page(ctx, Arc::new(filter), PageArgs { first, after, last, before }).await
    }
}
