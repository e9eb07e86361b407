//! What a rule is asked about: a basket or an event, when and where it was, and what is known of the member.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::multiplier::WHOLE;
use crate::domain::earning::rule::condition::attribute::Value;

/// Something that may earn points.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// When it was in business, by the clock of the program's zone.
    pub moment: Instant,
    pub zone: &'a TimeZone,
    /// What was bought; nothing, for an event.
    pub items: &'a [Item],
    /// Where, by its word.
    pub channel: Option<&'a str>,
    pub outlet_id: Option<Id>,
    /// The kind of event, and what is told of it.
    pub event: Option<(Id, &'a BTreeMap<String, Value>)>,
    pub standing: &'a Standing,
}

/// A line of a basket, as far as it was not taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub product_id: Id,
    pub sku: String,
    pub category_id: Option<Id>,
    pub quantity: i64,
    /// Its price after discounts, in minor units.
    pub net: i64,
    /// The part of it that earns.
    pub basis: i64,
}

/// What is known of a member. What is `None` is not known yet: some of it only the lock of their wallet tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// Purchases before this one, not counting those that were taken back as a whole.
    pub purchases_before: Option<i64>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Those that rules in force asked for and the member was in.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub segments: BTreeSet<Id>,
    /// Their tier, which only the lock of their wallet tells; nothing where the program has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<MemberTier>,
}

/// A member's tier, in a revision of its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberTier {
    pub id: Id,
    pub revision: i64,
    /// Of the program's rate, in ten-thousandths.
    pub multiplier: i64,
}

impl Standing {
    /// As it is kept with an order. The same is always the same text.
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("a standing is plain data")
    }

    /// The program's rate so many ten-thousandths times, by the member's tier.
    pub fn multiplier(&self) -> i64 {
        self.tier.map_or(WHOLE, |tier| tier.multiplier)
    }

    /// Somebody who is no member yet: as they would stand after registering.
    pub fn visitor() -> Standing {
        Standing { purchases_before: Some(0), ..Standing::default() }
    }
}
