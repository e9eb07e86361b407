//! Kinds of events, and recording what members did.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::commit::key::Made;
use crate::commit::record_event::RecordEvent;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::earning::entity::{event, event_type};
use crate::domain::earning::query::{EventKey, EventTypeByCode, list_event_types};
use crate::domain::earning::rule::change::Attributes;
use crate::domain::earning::rule::condition::attribute::{AttributeKind, Value};
use crate::domain::earning::rule::event::{
    MAX_TYPES, Rejection, TypeRejection, by_name, by_value, check, check_type, read, write_attributes,
};
use crate::domain::earning::service::submit;
use crate::domain::member::query::MemberKey;
use crate::domain::points::query::keeper_of;
use crate::domain::points::rule::By;

/// What is told of an event.
pub struct Told {
    /// A member that is `None` is one we do not know.
    pub member_id: Option<Id>,
    /// The code of its kind.
    pub type_code: String,
    pub unique_key: String,
    pub attributes: Vec<(String, Value)>,
    pub occurred_at: Option<Instant>,
}

/// Makes a kind of event.
pub async fn create_event_type(
    app: &App,
    actor: &Actor,
    code: String,
    name: String,
    attributes: Vec<(String, AttributeKind)>,
) -> Result<Result<Arc<event_type::Model>, TypeRejection>> {
    actor.staff()?;
    let name = name.trim().to_owned();
    let Ok(attributes) = by_name(attributes) else { return Ok(Err(TypeRejection::AttributesInvalid)) };
    if let Err(rejection) = check_type(&code, &name, &attributes) {
        return Ok(Err(rejection));
    }
    if list_event_types(&app.db).await?.len() >= MAX_TYPES {
        return Ok(Err(TypeRejection::TooMany));
    }
    let attributes = serde_json::to_string(&attributes).map_err(Error::internal)?;
    let row = event_type::Model { id: app.ids.next(), code, name, attributes, created_at: app.clock.now().micros() };
    let work = move |tx: Tx| {
        let row = row.clone();
        async move {
            let inserted = rows::insert_if_absent::<event_type::Entity>(&*tx, vec![row.clone()]).await?;
            if !inserted.is_empty() {
                return Ok(Ok(row));
            }
            // Our own from an attempt before, whose COMMIT succeeded but whose reply was lost.
            let there = rows::by_ids::<event_type::Entity>(&*tx, event_type::Column::Id, [row.id]).await?;
            Ok(there.into_iter().next().ok_or(TypeRejection::CodeTaken))
        }
    };
    Ok(app.db.write(work).await?.map(Arc::new))
}

/// Every kind of event, by code.
pub async fn list_types(app: &App, actor: &Actor) -> Result<Vec<Arc<event_type::Model>>> {
    actor.staff()?;
    Ok(list_event_types(&app.db).await?.into_iter().map(Arc::new).collect())
}

/// What became of each of some events.
pub type Recorded = Vec<std::result::Result<Arc<event::Model>, Rejection>>;

/// Records what members did, each for itself: one that is refused keeps no other from being recorded.
pub async fn record_events(app: &App, actor: &Actor, told: Vec<Told>) -> Result<Recorded> {
    let staff = actor.staff()?;
    let recorded = join_all(told.into_iter().map(|told| record(app, staff.member_id, told))).await;
    recorded.into_iter().collect()
}

async fn record(app: &App, staff_id: Id, told: Told) -> Result<std::result::Result<Arc<event::Model>, Rejection>> {
    let (member_id, event_type, attributes) = match find(app, staff_id, &told).await? {
        Ok(found) => found,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let request_hash = hash_of(&by_value(&attributes), told.occurred_at);
    let hash_of_before = hash_of(&attributes, told.occurred_at);
    let make = |outlook, standing| RecordEvent {
        member_id,
        request_hash: request_hash.clone(),
        hash_of_before: hash_of_before.clone(),
        unique_key: told.unique_key.clone(),
        attributes: attributes.clone(),
        occurred_at: told.occurred_at,
        by: By::staff(staff_id),
        event_type: event_type.clone(),
        standing,
        outlook,
        event_id: app.ids.next(),
        seed: app.ids.next(),
        outbox_id: app.ids.next(),
    };
    Ok(match submit(app, member_id, make).await? {
        Ok(Made::Now(event)) => Ok(Arc::new(event)),
        Ok(Made::Before(id)) => {
            let found = app.hub.find(EventKey(member_id, id)).await?;
            Ok(found.ok_or_else(|| Error::internal("an event that was recorded is missing"))?)
        }
        Err(rejection) => Err(rejection),
    })
}

/// Whose event it is, of which kind, and what is told of it.
type Found = (Id, Arc<event_type::Model>, BTreeMap<String, Value>);

/// Whose event it is and of which kind, if it can be one.
async fn find(app: &App, staff_id: Id, told: &Told) -> Result<std::result::Result<Found, Rejection>> {
    let Some(event_type) = app.hub.find(EventTypeByCode(told.type_code.clone())).await? else {
        return Ok(Err(Rejection::TypeUnknown));
    };
    let Some(member_id) = find_member(app, told.member_id).await? else {
        return Ok(Err(Rejection::MemberUnknown));
    };
    if member_id == staff_id {
        return Ok(Err(Rejection::OwnEvent));
    }
    let attributes = match by_name(told.attributes.clone()) {
        Ok(attributes) => attributes,
        Err(name) => return Ok(Err(Rejection::AttributeRepeated { name })),
    };
    let known: Attributes = read(&event_type.attributes);
    Ok(check(&known, &told.unique_key, &attributes).map(|()| (member_id, event_type, attributes)))
}

/// The member, or who has everything of them by now.
async fn find_member(app: &App, named: Option<Id>) -> Result<Option<Id>> {
    let Some(id) = named else { return Ok(None) };
    let keeper = keeper_of(&app.hub, id).await?.unwrap_or(id);
    Ok(app.hub.find(MemberKey(keeper)).await?.map(|member| member.id))
}

/// Covers what was told.
fn hash_of(attributes: &BTreeMap<String, Value>, occurred_at: Option<Instant>) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(write_attributes(attributes));
    hash.update(occurred_at.map_or(i64::MIN, Instant::micros).to_be_bytes());
    hash.finalize().to_vec()
}
