//! Orders: what a member bought, when, and for how much.
//!
//! Invariants: `total = subtotal − discount`, for the order and for each line; the lines sum to the order, to the minor
//! unit and to the point; an order of the shop is paid in the transaction that places it.
//!
//! Verbs: `place_order`, `import_order`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
