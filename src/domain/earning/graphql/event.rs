//! Custom events in the schema.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};

use crate::base::id::Id;
use crate::domain::earning::entity::{event, event_type};
use crate::domain::earning::graphql::share::{PointsShareObject, shares_of};
use crate::domain::earning::query::{EventCount, EventTypeKey};
use crate::domain::earning::rule::change::Attributes;
use crate::domain::earning::rule::condition::attribute::{AttributeKind, Value};
use crate::domain::earning::rule::event::read;
use crate::gql::caller::RequestContext;
use crate::gql::connection::Opaque;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{DateTime, Decimal, int};

/// What an attribute of an event is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "AttributeKind", name = "EventAttributeKind")]
pub enum AttributeKindEnum {
    /// A text of up to 200 characters.
    Text,
    /// A number, exact to the last digit.
    Number,
    /// Yes or no.
    Flag,
}

/// An attribute that events of a type may have.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "EventAttributeType", input_name = "EventAttributeTypeInput")]
pub struct EventAttributeType {
    /// A letter, then letters, digits and underscores, up to 50.
    name: String,
    /// What it is.
    kind: AttributeKindEnum,
}

/// What an attributes's value is.
#[derive(OneofObject, Clone)]
pub enum EventValueInput {
    /// A text of up to 200 characters.
    Text(String),
    /// A number.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
}

/// What is told of an event.
#[derive(InputObject, Clone)]
pub struct EventAttributeInput {
    /// The attribute's name.
    name: String,
    /// Its value.
    value: EventValueInput,
}

/// What was told of an event. One of the values is there.
#[derive(SimpleObject)]
pub struct EventAttribute {
    /// The attribute's name.
    name: String,
    /// A text.
    text: Option<String>,
    /// A number.
    number: Option<Decimal>,
    /// Yes or no.
    flag: Option<bool>,
}

/// The attributes of a type, as they are given.
pub fn types(given: Vec<EventAttributeType>) -> Vec<(String, AttributeKind)> {
    given.into_iter().map(|attribute| (attribute.name, attribute.kind.into())).collect()
}

pub fn values(given: Vec<EventAttributeInput>) -> Vec<(String, Value)> {
    let value = |value| match value {
        EventValueInput::Text(text) => Value::Text(text),
        EventValueInput::Number(number) => Value::Number(number.0),
        EventValueInput::Flag(flag) => Value::Flag(flag),
    };
    given.into_iter().map(|attribute| (attribute.name, value(attribute.value))).collect()
}

/// A kind of event by which members may earn points.
pub struct EventTypeObject(pub Arc<event_type::Model>);

/// A kind of event (事件类型) by which members may earn points, such as a check-in (签到). Anybody may read it.
#[Object(name = "EventType")]
impl EventTypeObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::EventType, self.0.id)
    }

    /// Its word for programs, such as `CHECK_IN`, unique.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What may be told of such an event.
    async fn attributes(&self) -> Vec<EventAttributeType> {
        let known: Attributes = read(&self.0.attributes);
        known.into_iter().map(|(name, kind)| EventAttributeType { name, kind: kind.into() }).collect()
    }
}

/// Something a member did.
pub struct MemberEventObject(pub Arc<event::Model>);

/// Something a member did (自定义事件), such as a check-in. Only the member and staff may read it.
#[Object(name = "MemberEvent")]
impl MemberEventObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::Event, self.0.member_id, self.0.id)
    }

    /// Its kind.
    #[graphql(name = "type")]
    async fn kind(&self, ctx: &Context<'_>) -> Result<EventTypeObject> {
        Ok(EventTypeObject(ctx.reader().get(EventTypeKey(self.0.type_id)).await?))
    }

    /// The sender's name for it, unique for the member and the kind.
    async fn unique_key(&self) -> &str {
        &self.0.unique_key
    }

    /// What was told of it.
    async fn attributes(&self) -> Vec<EventAttribute> {
        let told: BTreeMap<String, Value> = read(&self.0.attributes);
        let show = |(name, value)| {
            let nothing = EventAttribute { name, text: None, number: None, flag: None };
            match value {
                Value::Text(text) => EventAttribute { text: Some(text), ..nothing },
                Value::Number(number) => EventAttribute { number: Some(Decimal(number)), ..nothing },
                Value::Flag(flag) => EventAttribute { flag: Some(flag), ..nothing },
            }
        };
        told.into_iter().map(show).collect()
    }

    /// Points it earned; 0 if no rule applied, or those that did had nothing left to give.
    async fn points_earned(&self) -> i32 {
        int(self.0.points)
    }

    /// What each rule gave. One that applied and had nothing left to give, by its cap or its budget, is there with 0 points.
    async fn points_shares(&self, ctx: &Context<'_>) -> Result<Vec<InTurn<PointsShareObject>>> {
        shares_of(ctx, self.0.member_id, self.0.id).await
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime {
        DateTime::of(self.0.occurred_at)
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime {
        DateTime::of(self.0.recorded_at)
    }
}

/// Beside the edges of a list of events: whose it is.
pub struct EventTotals(pub Id);

/// Beside the edges of a list of events.
#[Object]
impl EventTotals {
    /// How many events there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(EventCount(self.0)).await?.unwrap_or(0)))
    }
}

pub type MemberEventConnection = Connection<Opaque, MemberEventObject, EventTotals>;
