//! Earning rules and events in the schema.

mod condition;
mod effect;
mod error;
mod event;
mod event_error;
mod explained;
mod mutation;
mod query;
mod record_event;
mod rule;
mod share;
mod words;

use async_graphql::MergedObject;

pub use condition::{EarningCondition, EarningConditionInput};
pub use effect::PeriodEnum;
pub use error::EarningRuleUserError;
pub use event::{EventTotals, EventTypeObject, MemberEventConnection, MemberEventObject};
pub use event_error::{CreateEventTypeUserError, RecordEventUserError};
pub use explained::{explain, explain_tier, names_in, tell};
pub use query::EarningRuleConnection;
pub use rule::EarningRuleObject;
pub use share::{PointsShareObject, shares_of};
pub use words::{Names, Teller};

#[derive(MergedObject, Default)]
pub struct EarningQuery(query::RuleQuery, record_event::EventQuery);

#[derive(MergedObject, Default)]
pub struct EarningMutation(mutation::RuleMutation, record_event::EventMutation);
