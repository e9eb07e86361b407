//! The domains, in the order in which they may know each other: each only those above it.

pub mod admin;
pub mod catalog;
pub mod earning;
pub mod household;
pub mod member;
pub mod order;
pub mod outbox;
pub mod outlet;
pub mod points;
pub mod report;
pub mod reward;
pub mod segment;
pub mod simulation;
pub mod tier;
