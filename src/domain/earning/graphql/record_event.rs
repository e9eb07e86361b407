//! Making kinds of events, and recording events one at a time or in a batch.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::base::error::Error;
use crate::domain::earning::entity::event;
use crate::domain::earning::graphql::event::{
    EventAttributeInput, EventAttributeType, EventTypeObject, MemberEventObject, types, values,
};
use crate::domain::earning::graphql::event_error::{
    CreateEventTypeUserError, RecordEventUserError, type_error, user_error,
};
use crate::domain::earning::rule::event::Rejection;
use crate::domain::earning::service::events::{Told, create_event_type, list_types, record_events};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::plain;
use crate::gql::language::Language;
use crate::gql::scalar::DateTime;

/// Events of one batch.
const MAX_BATCH: usize = 100;

/// A kind of event.
#[derive(InputObject)]
pub struct CreateEventTypeInput {
    /// Its word for programs, such as `CHECK_IN`: a capital letter, then capitals, digits and underscores, up to 50.
    code: String,
    /// What people call it, 1 to 100 characters.
    name: String,
    /// What may be told of such an event, up to 30, each name once.
    #[graphql(default)]
    attributes: Vec<EventAttributeType>,
}

/// What became of a kind of event.
#[derive(SimpleObject)]
pub struct CreateEventTypePayload {
    /// The kind of event, or null if it was not made.
    event_type: Option<EventTypeObject>,
    /// Why it was not made.
    user_errors: Vec<CreateEventTypeUserError>,
}

/// Something a member did.
#[derive(InputObject)]
pub struct RecordEventInput {
    /// The code of its type.
    #[graphql(name = "type")]
    kind: String,
    /// The member's global id.
    member_id: ID,
    /// The sender's name for it, 1 to 200 characters. Sent again with the same, the event is not recorded a second time.
    unique_key: String,
    /// What is told of it, each attribute once.
    #[graphql(default)]
    attributes: Vec<EventAttributeInput>,
    /// When it happened, up to 31 days ago; now, if it is left out. Rules on days and hours, and caps, go by it.
    occurred_at: Option<DateTime>,
}

/// What became of an event.
#[derive(SimpleObject)]
pub struct RecordEventPayload {
    /// The event, with what it earned; null when there are user errors.
    event: Option<MemberEventObject>,
    /// Why it was not recorded. Then nothing was changed.
    user_errors: Vec<RecordEventUserError>,
}

/// Things that members did.
#[derive(InputObject)]
pub struct RecordEventsInput {
    /// 1 to 100 events, of any members.
    events: Vec<RecordEventInput>,
}

/// What became of a batch of events.
#[derive(SimpleObject)]
pub struct RecordEventsPayload {
    /// One for each event, in their order: null for one that was refused.
    events: Vec<Option<MemberEventObject>>,
    /// Why some were not recorded; the path names which. The others were.
    user_errors: Vec<RecordEventUserError>,
}

impl RecordEventInput {
    fn told(self) -> Result<Told> {
        Ok(Told {
            member_id: GlobalId::row_of(NodeKind::Member, &self.member_id),
            type_code: plain(self.kind)?,
            unique_key: self.unique_key,
            attributes: values(self.attributes),
            occurred_at: self.occurred_at.map(|moment| moment.0),
        })
    }
}

/// An event as it is shown, or what is said of why it is not there.
fn shown(
    recorded: Result<Arc<event::Model>, Rejection>,
    language: Language,
    at: &[&str],
) -> (Option<MemberEventObject>, Vec<RecordEventUserError>) {
    match recorded {
        Ok(event) => (Some(MemberEventObject(event)), Vec::new()),
        Err(rejection) => (None, vec![user_error(&rejection, language, at)]),
    }
}

#[derive(Default)]
pub struct EventQuery;

#[Object]
impl EventQuery {
    /// Every kind of event, by code; there are at most 200. For staff only: `UNAUTHENTICATED` without a session,
    /// `FORBIDDEN` for other members.
    async fn event_types(&self, ctx: &Context<'_>) -> Result<Vec<EventTypeObject>> {
        let found = list_types(App::of(ctx), &ctx.caller().actor).await?;
        Ok(found.into_iter().map(EventTypeObject).collect())
    }
}

#[derive(Default)]
pub struct EventMutation;

#[Object]
impl EventMutation {
    /// Makes a kind of event, by which earning rules can then give points. For staff only: `UNAUTHENTICATED` without a
    /// session, `FORBIDDEN` for other members.
    async fn create_event_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The kind of event.")] input: CreateEventTypeInput,
    ) -> Result<CreateEventTypePayload> {
        let caller = ctx.caller();
        let made =
            create_event_type(App::of(ctx), &caller.actor, input.code, input.name, types(input.attributes)).await?;
        ctx.reader().forget();
        Ok(match made {
            Ok(row) => CreateEventTypePayload { event_type: Some(EventTypeObject(row)), user_errors: Vec::new() },
            Err(rejection) => {
                CreateEventTypePayload { event_type: None, user_errors: vec![type_error(rejection, caller.language)] }
            }
        })
    }

    /// Records something a member did, and books what it earns. For staff only: `UNAUTHENTICATED` without a session,
    /// `FORBIDDEN` for other members; `UNAVAILABLE` and `TIMEOUT` may be sent again with the same key.
    async fn record_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was done.")] input: RecordEventInput,
    ) -> Result<RecordEventPayload> {
        let caller = ctx.caller();
        let mut recorded = record_events(App::of(ctx), &caller.actor, vec![input.told()?]).await?;
        ctx.reader().forget();
        let recorded = recorded.pop().ok_or_else(|| Error::internal("an event was not answered"))?;
        let (event, user_errors) = shown(recorded, caller.language, &[]);
        Ok(RecordEventPayload { event, user_errors })
    }

    /// Records up to 100 events, each for itself: one that is refused keeps no other from being recorded, and a batch that
    /// is sent again records what is missing. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other
    /// members; `UNAVAILABLE` and `TIMEOUT` may be sent again with the same keys.
    async fn record_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was done.")] input: RecordEventsInput,
    ) -> Result<RecordEventsPayload> {
        let caller = ctx.caller();
        if input.events.is_empty() || input.events.len() > MAX_BATCH {
            return Err(Error::bad_input(format!("A batch has 1 to {MAX_BATCH} events.")).into());
        }
        let told = input.events.into_iter().map(RecordEventInput::told).collect::<Result<Vec<_>>>()?;
        let recorded = record_events(App::of(ctx), &caller.actor, told).await?;
        ctx.reader().forget();
        let numbered = recorded.into_iter().enumerate();
        let shown = numbered.map(|(at, event)| shown(event, caller.language, &["events", &at.to_string()]));
        let (events, user_errors): (Vec<_>, Vec<_>) = shown.unzip();
        Ok(RecordEventsPayload { events, user_errors: user_errors.into_iter().flatten().collect() })
    }
}
