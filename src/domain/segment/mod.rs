//! Segments: saved, named filters over members. Whoever fits one is found when it is asked for, so that nobody has to be put
//! in or taken out; earning rules name segments as they name tags.
//!
//! Never: a member who was merged into another, or a segment deleted that a rule in force names. Verbs: `create_segment`,
//! `update_segment`, `delete_segment`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
