//! What a shop sells, and how much of it is left.
//!
//! Invariants: `granted = remaining + used` for every stock, and never negative; a price is in the program's currency.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
