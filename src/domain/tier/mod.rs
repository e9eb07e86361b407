//! Tiers, and what qualifies for them.
//!
//! What a member buys and does counts towards a tier on its day, in an append-only ledger of its own: points, money and
//! visits at once, none of which is ever spent. A return takes off again what the purchase counted, on the day of the
//! purchase. A program has one set of tiers, in revisions that come in force with a version of the program as earning rules
//! do. A member rises with the command that reaches a threshold, and falls only on the day on which the tier is judged.
//!
//! Never: a tier that its history does not end in, or a day that is not the sum of its entries. Verbs: `create_tier_set`,
//! `update_tier_set`, `preview_tier_set`, `protect_tier`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
