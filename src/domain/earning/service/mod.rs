//! What staff do with earning rules, and what a command is told of them before it is sent.

pub mod events;
mod outlook;
pub mod rules;

pub use outlook::{standing_by_now, standing_found, standing_with, submit, tier_by_now};
