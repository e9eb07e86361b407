//! Households: members who earn points into one wallet, and spend them by role.
//!
//! Invariants: nobody is in two households; while there are members, one of them is an owner; a member's wallet knows the
//! household and the role that the list of members says. The household's wallet is like a member's and bears the
//! household's id. When the last member leaves, their wallet takes over the household's.
//!
//! Verbs: `create_household`, `invite_to_household`, `join_household`, `leave_household`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
