//! What conditions ask about a member that has to be looked up for them. What nobody asks for is not.

use std::collections::BTreeSet;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::domain::earning::rule::condition::Condition;
use crate::domain::earning::rule::terms::Rules;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub tags: bool,
    pub segments: BTreeSet<Id>,
}

impl Asked {
    /// By rules that something may earn by which is told at a moment.
    pub fn by_rules(rules: &Rules, moment: Instant) -> Asked {
        Asked::by(rules.giving(moment).map(|rule| &rule.terms.condition))
    }

    pub fn by<'a>(conditions: impl IntoIterator<Item = &'a Condition>) -> Asked {
        conditions.into_iter().fold(Asked::default(), |mut asked, condition| {
            asked.tags |= condition.has(|part| matches!(part, Condition::Tags(_)));
            asked.segments.extend(condition.segments());
            asked
        })
    }

    /// Whether it asks for all that others ask for.
    pub fn covers(&self, others: &Asked) -> bool {
        (self.tags || !others.tags) && others.segments.is_subset(&self.segments)
    }
}
