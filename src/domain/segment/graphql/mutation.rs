//! What staff do with segments.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::segment::graphql::error::{SegmentUserError, user_errors};
use crate::domain::segment::graphql::filter::SegmentFilterInput;
use crate::domain::segment::graphql::segment::{SegmentObject, currency};
use crate::domain::segment::rule::change::{Change, Rejection};
use crate::domain::segment::service::{Saved, create_segment, delete_segment, update_segment};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind, global};

/// A segment as it begins.
#[derive(InputObject)]
pub struct CreateSegmentInput {
    /// What staff call it, 1 to 100 characters.
    name: String,
    /// What it is for, up to 1,000 characters.
    #[graphql(default)]
    description: String,
    /// What its members have in common.
    filter: SegmentFilterInput,
}

/// What is to be different about a segment. What is left out or null stays as it is.
#[derive(InputObject)]
pub struct UpdateSegmentInput {
    /// The segment's global id.
    id: ID,
    /// The revision this is a change of. If there is a newer one, nothing is changed.
    expected_revision: i32,
    /// What staff call it.
    name: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// What its members have in common, as a whole.
    filter: Option<SegmentFilterInput>,
}

/// A segment that is to go.
#[derive(InputObject)]
pub struct DeleteSegmentInput {
    /// The segment's global id.
    id: ID,
}

/// What became of a segment.
#[derive(SimpleObject)]
pub struct SegmentPayload {
    /// The segment as it is now, or null if nothing was changed.
    segment: Option<SegmentObject>,
    /// Everything that is wrong.
    user_errors: Vec<SegmentUserError>,
}

/// What came of deleting a segment.
#[derive(SimpleObject)]
pub struct DeleteSegmentPayload {
    /// The global id of the segment that is no more, or null if it is still there.
    deleted_segment_id: Option<ID>,
    /// Why it is still there.
    user_errors: Vec<SegmentUserError>,
}

fn payload(ctx: &Context<'_>, saved: Saved) -> Result<SegmentPayload> {
    ctx.reader().forget();
    Ok(match saved? {
        Ok(row) => SegmentPayload { segment: Some(SegmentObject(row)), user_errors: Vec::new() },
        Err(wrong) => SegmentPayload { segment: None, user_errors: user_errors(&wrong, ctx.caller().language) },
    })
}

#[derive(Default)]
pub struct SegmentMutation;

#[Object]
impl SegmentMutation {
    /// Saves a filter over members under a name; earning rules can name it from then on. For staff only: `UNAUTHENTICATED`
    /// without a session, `FORBIDDEN` for other members.
    async fn create_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The segment.")] input: CreateSegmentInput,
    ) -> Result<SegmentPayload> {
        ctx.caller().actor.staff()?;
        let filter = match input.filter.read(currency(ctx)) {
            Ok(filter) => filter,
            Err(flaw) => return payload(ctx, Ok(Err(vec![Rejection::FilterInvalid(flaw)]))),
        };
        let change = Change { name: Some(input.name), description: Some(input.description), filter: None };
        payload(ctx, create_segment(App::of(ctx), &ctx.caller().actor, filter, change).await)
    }

    /// Changes a segment. Rules that name it go by the new filter at once. For staff only: `UNAUTHENTICATED` without a
    /// session, `FORBIDDEN` for other members.
    async fn update_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The segment and what is to be different.")] input: UpdateSegmentInput,
    ) -> Result<SegmentPayload> {
        ctx.caller().actor.staff()?;
        let filter = match input.filter.map(|filter| filter.read(currency(ctx))).transpose() {
            Ok(filter) => filter,
            Err(flaw) => return payload(ctx, Ok(Err(vec![Rejection::FilterInvalid(flaw)]))),
        };
        let (id, expected) = (GlobalId::row_of(NodeKind::Segment, &input.id), input.expected_revision.into());
        let change = Change { name: input.name, description: input.description, filter };
        payload(ctx, update_segment(App::of(ctx), &ctx.caller().actor, id, expected, change).await)
    }

    /// Deletes a segment, unless a rule in force or paused names it. Returns of what was earned by it are reckoned as
    /// before. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn delete_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The segment.")] input: DeleteSegmentInput,
    ) -> Result<DeleteSegmentPayload> {
        let caller = ctx.caller();
        let id = GlobalId::row_of(NodeKind::Segment, &input.id);
        let deleted = delete_segment(App::of(ctx), &caller.actor, id).await?;
        ctx.reader().forget();
        Ok(match deleted {
            Ok(id) => DeleteSegmentPayload {
                deleted_segment_id: Some(global(NodeKind::Segment, id)),
                user_errors: Vec::new(),
            },
            Err(wrong) => {
                DeleteSegmentPayload { deleted_segment_id: None, user_errors: user_errors(&wrong, caller.language) }
            }
        })
    }
}
