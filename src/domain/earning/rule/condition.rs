//! When a rule applies: conditions of one file each, put together with *all*, *any* and *not*.
//!
//! A condition is asked for every line of a basket, so that one on products picks lines: what a rule gives, it gives for
//! the lines that its condition holds for. For an event it is asked once, without a line. Before the wallet is locked some
//! things are not known; then the answer may be `None`, and a rule that could apply is reckoned with.
//!
//! A new kind is a file here with its data and a [`Test`], a variant below with its line in [`Condition::test`], and a field
//! of `EarningConditionInput`.

pub mod attribute;
pub mod channel;
pub mod dates;
pub mod first_order;
pub mod hours;
pub mod named;
pub mod outlet;
pub mod products;
pub mod quantity;
pub mod segments;
mod simple;
pub mod spend;
pub mod tags;
pub mod tiers;
pub mod weekdays;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::earning::rule::condition::attribute::AttributeKind;
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// How deep conditions may be nested, and how many there may be in a rule.
pub const MAX_DEPTH: usize = 5;
pub const MAX_CONDITIONS: usize = 50;
/// The most values one condition may list.
pub const MAX_VALUES: usize = 100;

/// When a rule applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Dates(dates::Dates),
    Weekdays(weekdays::Weekdays),
    Hours(hours::Hours),
    Products(products::Products),
    Quantity(quantity::Quantity),
    Spend(spend::Spend),
    FirstOrder(first_order::FirstOrder),
    Tags(tags::Tags),
    Segments(segments::Segments),
    Tiers(tiers::Tiers),
    Channel(channel::Channels),
    Outlet(outlet::Outlets),
    Attribute(attribute::Attribute),
}

/// What every kind of condition can say.
pub trait Test {
    /// Whether it holds; `line` is the one it is asked for. `None` while that is not known.
    fn holds(&self, occasion: &Occasion, line: Option<&Item>) -> Option<bool>;

    /// What is wrong with how it was set.
    fn flaw(&self) -> Option<Flaw>;

    /// What would make it hold, for a basket for which it does not.
    fn missing(&self, _occasion: &Occasion) -> Option<Missing> {
        None
    }
}

/// Why a condition cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It lists nothing or too much, or something that cannot be listed.
    Values,
    /// It ends before it begins, or outside of a day.
    Range,
    /// Not an amount or a number above 0.
    Amount,
    /// Too many conditions, or nested too deep.
    TooLarge,
    /// It holds for nothing.
    Never,
    /// It asks of an event what only an order has.
    NotForEvents,
}

/// What a basket lacks for a rule to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// So many minor units more.
    Spend(i64),
    /// So many pieces more.
    Quantity(i64),
}

impl Condition {
    /// A rule without a condition.
    pub fn always() -> Condition {
        Condition::All(Vec::new())
    }

    pub fn holds(&self, occasion: &Occasion, line: Option<&Item>) -> Option<bool> {
        match self {
            Condition::All(parts) => every(parts.iter().map(|part| part.holds(occasion, line)), true),
            Condition::Any(parts) => every(parts.iter().map(|part| part.holds(occasion, line)), false),
            Condition::Not(part) => part.holds(occasion, line).map(|holds| !holds),
            _ => self.test()?.holds(occasion, line),
        }
    }

    /// What is wrong with it or with a part of it.
    pub fn flaw(&self) -> Option<Flaw> {
        if self.depth() > MAX_DEPTH || self.count() > MAX_CONDITIONS {
            return Some(Flaw::TooLarge);
        }
        self.first_flaw().or(self.never_holds().then_some(Flaw::Never))
    }

    /// Whether it, or a part of it, is about an order, so that no event can fulfil it.
    pub fn is_of_orders(&self) -> bool {
        match self {
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {
                self.parts().iter().any(Condition::is_of_orders)
            }
            Condition::Products(_)
            | Condition::Quantity(_)
            | Condition::Spend(_)
            | Condition::FirstOrder(_)
            | Condition::Channel(_)
            | Condition::Outlet(_) => true,
            Condition::Dates(_)
            | Condition::Weekdays(_)
            | Condition::Hours(_)
            | Condition::Tags(_)
            | Condition::Segments(_)
            | Condition::Tiers(_)
            | Condition::Attribute(_) => false,
        }
    }

    /// What would make it hold, if one thing does.
    pub fn missing(&self, occasion: &Occasion) -> Option<Missing> {
        match self {
            Condition::All(parts) => {
                let mut failing = parts.iter().filter(|part| !part.holds_anywhere(occasion));
                let first = failing.next()?;
                if failing.next().is_some() { None } else { first.missing(occasion) }
            }
            Condition::Any(parts) => parts.iter().filter_map(|part| part.missing(occasion)).min(),
            Condition::Not(_) => None,
            _ => self.test()?.missing(occasion),
        }
    }

    /// Whether it holds for a line, or for an event.
    pub fn holds_anywhere(&self, occasion: &Occasion) -> bool {
        let holds = |line| self.holds(occasion, line) == Some(true);
        if occasion.event.is_some() { holds(None) } else { occasion.items.iter().any(|item| holds(Some(item))) }
    }

    /// Whether all that it asks for of an event is told of events with these attributes.
    pub fn asks_only_for(&self, attributes: &BTreeMap<String, AttributeKind>) -> bool {
        let is_told = match self {
            Condition::Attribute(asked) => attributes.get(&asked.name) == Some(&asked.kind()),
            _ => true,
        };
        is_told && self.parts().iter().all(|part| part.asks_only_for(attributes))
    }

    /// Whether it, or a part of it, is of a kind.
    pub fn has(&self, is_kind: fn(&Condition) -> bool) -> bool {
        is_kind(self) || self.parts().iter().any(|part| part.has(is_kind))
    }

    /// Every kind but those that put others together.
    fn test(&self) -> Option<&dyn Test> {
        Some(match self {
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => return None,
            Condition::Dates(test) => test,
            Condition::Weekdays(test) => test,
            Condition::Hours(test) => test,
            Condition::Products(test) => test,
            Condition::Quantity(test) => test,
            Condition::Spend(test) => test,
            Condition::FirstOrder(test) => test,
            Condition::Tags(test) => test,
            Condition::Segments(test) => test,
            Condition::Tiers(test) => test,
            Condition::Channel(test) => test,
            Condition::Outlet(test) => test,
            Condition::Attribute(test) => test,
        })
    }

    fn parts(&self) -> &[Condition] {
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts,
            Condition::Not(part) => std::slice::from_ref(part),
            _ => &[],
        }
    }

    fn depth(&self) -> usize {
        1 + self.parts().iter().map(Condition::depth).max().unwrap_or(0)
    }

    fn count(&self) -> usize {
        1 + self.parts().iter().map(Condition::count).sum::<usize>()
    }

    fn first_flaw(&self) -> Option<Flaw> {
        match self.test() {
            Some(test) => test.flaw(),
            None => self.parts().iter().find_map(Condition::first_flaw),
        }
    }
}

/// All of them hold, if `wanted`; or else, one of them does. Something unknown leaves it open unless another decides it.
fn every(parts: impl Iterator<Item = Option<bool>>, wanted: bool) -> Option<bool> {
    let mut answer = Some(wanted);
    for part in parts {
        match part {
            Some(holds) if holds != wanted => return Some(!wanted),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}

/// A list that names something, and not too much.
pub fn list_flaw<T>(values: impl IntoIterator<Item = T>) -> Option<Flaw> {
    let count = values.into_iter().count();
    (count == 0 || count > MAX_VALUES).then_some(Flaw::Values)
}
