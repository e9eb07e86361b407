//! What staff set about a rule: which settings go together, and what a change makes of them.

use std::collections::BTreeMap;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::points::MAX_POINTS;
use crate::base::text::has_control;
use crate::domain::earning::entity::{RuleState, Stacking, earning_rule};
use crate::domain::earning::rule::cap::{self, Cap, CapFlaw};
use crate::domain::earning::rule::condition::attribute::AttributeKind;
use crate::domain::earning::rule::condition::{Condition, Flaw};
use crate::domain::earning::rule::effect::{Effect, EffectFlaw};
use crate::domain::earning::rule::terms::Terms;

/// The longest name and description, in characters.
pub const MAX_NAME: usize = 100;
pub const MAX_DESCRIPTION: usize = 1_000;
/// A priority lies between this and its negative.
pub const MAX_PRIORITY: i64 = 1_000;

/// The most rules that are in force or paused at a time.
pub const MAX_RULES: usize = 200;

/// What is told of events of a kind: the names of their attributes, and what each is.
pub type Attributes = BTreeMap<String, AttributeKind>;

/// Everything about a rule that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    pub description: String,
    pub event_type_id: Option<Id>,
    pub priority: i64,
    pub stacking: Stacking,
    pub starts_at: Option<Instant>,
    pub ends_at: Option<Instant>,
    pub terms: Terms,
    pub budget: Option<i64>,
}

/// A change of some of them. What is `None` stays; what may be empty is emptied by `Some(None)`.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub name: Option<String>,
    pub description: Option<String>,
    pub priority: Option<i64>,
    pub stacking: Option<Stacking>,
    pub starts_at: Option<Option<Instant>>,
    pub ends_at: Option<Option<Instant>>,
    pub condition: Option<Condition>,
    pub effect: Option<Effect>,
    pub caps: Option<Vec<Cap>>,
    pub budget: Option<Option<i64>>,
}

/// Why a rule is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    RuleUnknown,
    /// Somebody saved it in the meantime.
    RevisionConflict {
        current: i64,
    },
    NameInvalid,
    DescriptionInvalid,
    EventTypeUnknown,
    PriorityInvalid,
    /// It ends before it starts.
    PeriodInvalid,
    ConditionInvalid(Flaw),
    /// A condition names something by an id that is of nothing of its kind.
    ReferenceUnknown,
    /// It asks for something of an event that events of its kind do not tell.
    AttributeUnknown,
    EffectInvalid(EffectFlaw),
    CapInvalid(CapFlaw),
    BudgetInvalid,
    /// So many points of it are used already.
    BudgetBelowUsed {
        used: i64,
    },
    /// As many rules as there may be are in force.
    TooManyRules,
    /// From where the rule stands, it cannot be taken this step.
    StepImpossible,
}

impl Settings {
    /// A rule as it begins.
    pub fn blank(event_type_id: Option<Id>, effect: Effect) -> Settings {
        Settings {
            name: String::new(),
            description: String::new(),
            event_type_id,
            priority: 0,
            stacking: Stacking::Stack,
            starts_at: None,
            ends_at: None,
            terms: Terms { condition: Condition::always(), effect, caps: Vec::new() },
            budget: None,
        }
    }

    /// As a revision has them. Its budget stands in a row of its own.
    pub fn of(row: &earning_rule::Model, terms: Terms, budget: Option<i64>) -> Settings {
        Settings {
            name: row.name.clone(),
            description: row.description.clone(),
            event_type_id: row.event_type_id,
            priority: row.priority,
            stacking: row.stacking,
            starts_at: row.starts_at.map(Instant),
            ends_at: row.ends_at.map(Instant),
            terms,
            budget: budget.filter(|_| row.budgeted),
        }
    }

    /// With a change made, unchecked.
    pub fn changed(self, change: Change) -> Settings {
        Settings {
            name: change.name.map_or(self.name, |name| name.trim().to_owned()),
            description: change.description.map_or(self.description, |text| text.trim().to_owned()),
            event_type_id: self.event_type_id,
            priority: change.priority.unwrap_or(self.priority),
            stacking: change.stacking.unwrap_or(self.stacking),
            starts_at: change.starts_at.unwrap_or(self.starts_at),
            ends_at: change.ends_at.unwrap_or(self.ends_at),
            terms: Terms {
                condition: change.condition.unwrap_or(self.terms.condition),
                effect: change.effect.unwrap_or(self.terms.effect),
                caps: change.caps.unwrap_or(self.terms.caps),
            },
            budget: change.budget.unwrap_or(self.budget),
        }
    }

    /// As members are to earn by it: from a moment on, this one if staff named none. What they did before, and is told only
    /// later, does not earn. Of one that has begun `since`, the beginning can be left out, but not be put off by that.
    pub fn begun(self, since: Option<Instant>, now: Instant) -> Settings {
        let begins = since.map_or(now, |since| since.min(now));
        Settings { starts_at: self.starts_at.or(Some(begins)), ..self }
    }

    /// A revision with these settings.
    pub fn row(&self, of: Revision) -> earning_rule::Model {
        earning_rule::Model {
            id: of.id,
            revision: of.revision,
            program_id: of.program_id,
            version: None,
            state: of.state,
            name: self.name.clone(),
            description: self.description.clone(),
            event_type_id: self.event_type_id,
            priority: self.priority,
            stacking: self.stacking,
            starts_at: self.starts_at.map(Instant::micros),
            ends_at: self.ends_at.map(Instant::micros),
            terms: self.terms.write(),
            budgeted: self.budget.is_some(),
            author_id: of.author_id,
            created_at: of.created_at.micros(),
        }
    }
}

/// What a revision is besides its settings.
#[derive(Clone, Copy, Debug)]
pub struct Revision {
    pub id: Id,
    pub revision: i64,
    pub program_id: Id,
    pub state: RuleState,
    pub author_id: Id,
    pub created_at: Instant,
}

/// Checks everything and names all that is wrong. `attributes` are those of the event type the rule is for; `None` when
/// there is no such type.
pub fn check(settings: &Settings, attributes: Option<&Attributes>) -> Result<(), Vec<Rejection>> {
    let none = Attributes::new();
    let is_for_event = settings.event_type_id.is_some();
    let known = attributes.unwrap_or(&none);
    let named = known.iter().map(|(name, kind)| (name.as_str(), *kind));
    let Settings { terms, .. } = settings;
    let is_over = settings.starts_at.zip(settings.ends_at).is_some_and(|(starts, ends)| ends <= starts);
    let wrong = [
        unless(is_text(&settings.name, MAX_NAME) && !settings.name.is_empty(), Rejection::NameInvalid),
        unless(is_text(&settings.description, MAX_DESCRIPTION), Rejection::DescriptionInvalid),
        unless(!is_for_event || attributes.is_some(), Rejection::EventTypeUnknown),
        unless((-MAX_PRIORITY..=MAX_PRIORITY).contains(&settings.priority), Rejection::PriorityInvalid),
        unless(!is_over, Rejection::PeriodInvalid),
        terms.condition.flaw().map(Rejection::ConditionInvalid),
        unless(!is_for_event || !terms.condition.is_of_orders(), Rejection::ConditionInvalid(Flaw::NotForEvents)),
        unless(terms.condition.asks_only_for(known), Rejection::AttributeUnknown),
        terms.effect.flaw(is_for_event, named).map(Rejection::EffectInvalid),
        cap::flaw(&terms.caps).map(Rejection::CapInvalid),
        unless(settings.budget.is_none_or(|budget| (1..=MAX_BUDGET).contains(&budget)), Rejection::BudgetInvalid),
    ];
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// A budget is of all members together: a thousand full wallets.
pub const MAX_BUDGET: i64 = 1_000 * MAX_POINTS;

fn unless(holds: bool, rejection: Rejection) -> Option<Rejection> {
    (!holds).then_some(rejection)
}

fn is_text(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !has_control(text)
}

/// What staff do with a rule besides changing its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Publish,
    Pause,
    Resume,
    End,
}

/// Where a rule stands after a step.
pub fn step(state: RuleState, step: Step) -> Result<RuleState, Rejection> {
    match (state, step) {
        (RuleState::Draft, Step::Publish) | (RuleState::Paused, Step::Resume) => Ok(RuleState::InForce),
        (RuleState::InForce, Step::Pause) => Ok(RuleState::Paused),
        (RuleState::Draft | RuleState::InForce | RuleState::Paused, Step::End) => Ok(RuleState::Ended),
        _ => Err(Rejection::StepImpossible),
    }
}
