//! Making and changing tiers, in the schema.

use async_graphql::{Context, Object, SimpleObject};

use crate::app::App;
use crate::domain::tier::graphql::error::{TierSetUserError, user_error};
use crate::domain::tier::graphql::input::{CreateTierSetInput, UpdateTierSetInput};
use crate::domain::tier::graphql::set::TierSetObject;
use crate::domain::tier::service::{Saved, create_tier_set, update_tier_set};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};

/// What became of tiers.
#[derive(SimpleObject)]
pub struct TierSetPayload {
    /// The tiers as they are now, or null if nothing was changed.
    tier_set: Option<TierSetObject>,
    /// Everything that is wrong.
    user_errors: Vec<TierSetUserError>,
}

fn payload(ctx: &Context<'_>, saved: Saved) -> Result<TierSetPayload> {
    ctx.reader().forget();
    let language = ctx.caller().language;
    Ok(match saved? {
        Ok(set) => TierSetPayload { tier_set: Some(TierSetObject(set)), user_errors: Vec::new() },
        Err(wrong) => {
            let user_errors = wrong.iter().map(|rejection| user_error(rejection, language)).collect();
            TierSetPayload { tier_set: None, user_errors }
        }
    })
}

#[derive(Default)]
pub struct SetMutation;

#[Object]
impl SetMutation {
    /// Makes the tiers of the program, which has one set. What members bought before counts at once. For staff only:
    /// `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn create_tier_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tiers.")] input: CreateTierSetInput,
    ) -> Result<TierSetPayload> {
        payload(ctx, create_tier_set(App::of(ctx), &ctx.caller().actor, input.read()).await)
    }

    /// Changes the tiers: a new revision, in force at once. What was overdue by then is judged by the tiers of before. Whoever
    /// reaches a higher tier rises with their next command or the next sweep; nobody falls before their tier is judged, unless
    /// it is no longer there, and only another window moves that day, never to an earlier one. Returns go on undoing what they
    /// did, unless the basis, the window or the threshold of the member's tier was changed. For staff only: `UNAUTHENTICATED`
    /// without a session, `FORBIDDEN` for other members.
    async fn update_tier_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be changed.")] input: UpdateTierSetInput,
    ) -> Result<TierSetPayload> {
        let (id, expected) = (GlobalId::row_of(NodeKind::TierSet, &input.id), input.expected_revision.into());
        payload(ctx, update_tier_set(App::of(ctx), &ctx.caller().actor, id, expected, input.read()).await)
    }
}
