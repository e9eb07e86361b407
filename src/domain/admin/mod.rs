//! The staff: members who may use what is for those who run the shop.
//!
//! Invariants: whoever has the role is a member; a session counts as staff only if it was opened by somebody who had the
//! role, and it ends when the role is taken away.
//!
//! Verbs: `grant`, `revoke`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod service;
