//! What staff set about a segment, and what a change makes of it.

use crate::base::id::Id;
use crate::base::text::has_control;
use crate::domain::segment::rule::filter::Filter;
use crate::domain::segment::rule::part::Flaw;

/// The longest name and description, in characters.
pub const MAX_NAME: usize = 100;
pub const MAX_DESCRIPTION: usize = 1_000;
/// The most segments there may be.
pub const MAX_SEGMENTS: i64 = 200;

/// Everything about a segment that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    pub description: String,
    pub filter: Filter,
}

/// A change of some of it. What is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub name: Option<String>,
    pub description: Option<String>,
    pub filter: Option<Filter>,
}

/// Why a segment is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    SegmentUnknown,
    /// Somebody saved it in the meantime.
    RevisionConflict {
        current: i64,
    },
    NameInvalid,
    DescriptionInvalid,
    FilterInvalid(Flaw),
    /// There are as many as there may be.
    TooMany,
    /// Rules in force name it, or audiences of rewards.
    InUse {
        rules: Vec<Id>,
        rewards: Vec<Id>,
    },
}

impl Settings {
    /// With a change made, unchecked.
    pub fn changed(self, change: Change) -> Settings {
        Settings {
            name: change.name.map_or(self.name, |name| name.trim().to_owned()),
            description: change.description.map_or(self.description, |text| text.trim().to_owned()),
            filter: change.filter.unwrap_or(self.filter),
        }
    }

    /// Names all that is wrong. What is wrong with its filter may be known already.
    pub fn check(&self, flaw: Option<Flaw>) -> Result<(), Vec<Rejection>> {
        let wrong = [
            unless(is_text(&self.name, MAX_NAME) && !self.name.is_empty(), Rejection::NameInvalid),
            unless(is_text(&self.description, MAX_DESCRIPTION), Rejection::DescriptionInvalid),
            flaw.or(self.filter.flaw()).map(Rejection::FilterInvalid),
        ];
        let wrong: Vec<_> = wrong.into_iter().flatten().collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

fn unless(holds: bool, rejection: Rejection) -> Option<Rejection> {
    (!holds).then_some(rejection)
}

fn is_text(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !has_control(text)
}
