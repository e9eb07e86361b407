//! Where a shop sells: its outlets, at which orders are placed and to which earning rules can be bound.
//!
//! Invariant: an outlet's code is unique and never changes. Verbs: `create_outlet`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
