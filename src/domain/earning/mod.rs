//! What a purchase earns: `I = P × Q`, rounded once an order and shared out over its lines.
//!
//! Campaigns, tiers and events will live here; today there is the program’s own rate.

pub mod rule;
