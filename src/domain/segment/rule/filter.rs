//! A filter over members: parts put together with *all*, *any* and *not*.
//!
//! A new part is its data in `part`, a variant below with its line in `flaw`, its SQL in `query::compile`, and a field of
//! `SegmentFilterInput`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::id::Id;
use crate::domain::member::rule::is_tag;
use crate::domain::segment::rule::part::{Birthday, Expiring, Flaw, LastPurchase, Range, Registered, Sum};

/// How deep filters may be nested, and how many parts there may be in one.
pub const MAX_DEPTH: usize = 5;
pub const MAX_PARTS: usize = 50;
/// The most values one part may list.
pub const MAX_VALUES: usize = 100;

/// What members of a segment have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    /// They bear one of these tags.
    Tags(BTreeSet<String>),
    /// They are in one of these tiers.
    Tiers(BTreeSet<Id>),
    /// Minor units that they paid for orders, less what was given back.
    Spend(Sum),
    LastPurchase(LastPurchase),
    /// Orders that were not taken back as a whole.
    Orders(Sum),
    Birthday(Birthday),
    Expiring(Expiring),
    /// Points that they can spend.
    Points(Range),
    Registered(Registered),
    /// They came with an import and have not claimed their account.
    Imported,
}

impl Filter {
    /// What is wrong with it or with a part of it.
    pub fn flaw(&self) -> Option<Flaw> {
        if self.depth() > MAX_DEPTH || self.count() > MAX_PARTS {
            return Some(Flaw::TooLarge);
        }
        self.first_flaw()
    }

    /// As it is written in a row. The same filter is always the same text.
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("a filter is plain data")
    }

    /// `None` for a filter that this build cannot read: something newer wrote it.
    pub fn read(text: &str) -> Option<Filter> {
        serde_json::from_str(text).ok()
    }

    /// The tiers that it names, or a part of it.
    pub fn tiers(&self) -> BTreeSet<Id> {
        match self {
            Filter::Tiers(tiers) => tiers.clone(),
            _ => self.parts().iter().flat_map(Filter::tiers).collect(),
        }
    }

    fn first_flaw(&self) -> Option<Flaw> {
        match self {
            Filter::All(parts) | Filter::Any(parts) => parts.iter().find_map(Filter::first_flaw),
            Filter::Not(part) => part.first_flaw(),
            Filter::Tags(tags) => tags_flaw(tags),
            Filter::Tiers(tiers) => (!(1..=MAX_VALUES).contains(&tiers.len())).then_some(Flaw::Values),
            Filter::Spend(sum) | Filter::Orders(sum) => sum.flaw(),
            Filter::LastPurchase(last) => last.flaw(),
            Filter::Birthday(birthday) => birthday.flaw(),
            Filter::Expiring(expiring) => expiring.flaw(),
            Filter::Points(range) => range.flaw(),
            Filter::Registered(registered) => registered.flaw(),
            Filter::Imported => None,
        }
    }

    fn parts(&self) -> &[Filter] {
        match self {
            Filter::All(parts) | Filter::Any(parts) => parts,
            Filter::Not(part) => std::slice::from_ref(part),
            _ => &[],
        }
    }

    fn depth(&self) -> usize {
        1 + self.parts().iter().map(Filter::depth).max().unwrap_or(0)
    }

    fn count(&self) -> usize {
        1 + self.parts().iter().map(Filter::count).sum::<usize>()
    }
}

fn tags_flaw(tags: &BTreeSet<String>) -> Option<Flaw> {
    let are_few = (1..=MAX_VALUES).contains(&tags.len());
    (!are_few || !tags.iter().all(|tag| is_tag(tag))).then_some(Flaw::Values)
}
