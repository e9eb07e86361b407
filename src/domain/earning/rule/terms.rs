//! A rule as it is reckoned with, and its terms as they are kept.

use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::earning::entity::{RuleState, Stacking, earning_rule};
use crate::domain::earning::rule::cap::Cap;
use crate::domain::earning::rule::condition::Condition;
use crate::domain::earning::rule::effect::Effect;
use crate::domain::earning::rule::event::MAX_AGE;

/// What a revision says: when the rule applies, what it gives, and how much of it a member may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub condition: Condition,
    pub effect: Effect,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<Cap>,
}

impl Terms {
    /// As they are written in a row. The same terms are always the same text.
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("terms are plain data")
    }
}

/// A revision of a rule with its terms read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub row: earning_rule::Model,
    pub terms: Terms,
}

impl Rule {
    /// `None` for terms that this build cannot read: something newer wrote them.
    pub fn read(row: earning_rule::Model) -> Option<Rule> {
        let terms = serde_json::from_str(&row.terms).ok()?;
        Some(Rule { row, terms })
    }

    pub fn id(&self) -> Id {
        self.row.id
    }

    /// Whether members earn by it at a moment.
    pub fn is_running(&self, moment: Instant) -> bool {
        standing_of(&self.row, moment) == RuleStanding::Running
    }

    /// Whether it is for purchases, or for a kind of event.
    pub fn is_for(&self, event_type: Option<Id>) -> bool {
        self.row.event_type_id == event_type
    }

    pub fn is_exclusive(&self) -> bool {
        self.row.stacking == Stacking::Exclusive
    }
}

/// Where a rule stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleStanding {
    Draft,
    Scheduled,
    Running,
    Paused,
    Ended,
}

pub fn standing_of(row: &earning_rule::Model, moment: Instant) -> RuleStanding {
    let is_over = row.ends_at.is_some_and(|end| end <= moment.micros());
    match row.state {
        RuleState::Draft => RuleStanding::Draft,
        RuleState::Ended => RuleStanding::Ended,
        RuleState::Paused | RuleState::InForce if is_over => RuleStanding::Ended,
        RuleState::Paused if !planted(Bug::PausedRuleGives) => RuleStanding::Paused,
        RuleState::InForce if row.starts_at.is_some_and(|start| moment.micros() < start) => RuleStanding::Scheduled,
        RuleState::Paused | RuleState::InForce => RuleStanding::Running,
    }
}

/// The rules of a version of the program, the ones that come first in front. Those that are for nothing any more are not
/// among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    pub fn new(mut rules: Vec<Rule>) -> Rules {
        rules.sort_by_key(|rule| (std::cmp::Reverse(rule.row.priority), rule.row.id));
        Rules(rules)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn all(&self) -> &[Rule] {
        &self.0
    }

    pub fn get(&self, id: Id) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.row.id == id)
    }

    /// Those that are not over at a moment, by their end.
    pub fn open(&self, moment: Instant) -> impl Iterator<Item = &Rule> {
        self.0.iter().filter(move |rule| standing_of(&rule.row, moment) != RuleStanding::Ended)
    }

    /// Those by which something may earn that is told at a moment or later: an event may be told long after it happened.
    pub fn giving(&self, moment: Instant) -> impl Iterator<Item = &Rule> {
        let late = |rule: &Rule| if rule.is_for(None) { 0 } else { MAX_AGE };
        self.0.iter().filter(move |rule| standing_of(&rule.row, moment.plus(-late(rule))) != RuleStanding::Ended)
    }

    /// Those by which purchases, or events of a kind, earn at a moment.
    pub fn running(&self, event_type: Option<Id>, moment: Instant) -> impl Iterator<Item = &Rule> {
        self.0.iter().filter(move |rule| rule.is_for(event_type) && rule.is_running(moment))
    }
}
