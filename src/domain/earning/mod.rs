//! What members earn points by: the program's own rate, `I = P × Q`, and the earning rules that a shop sets beside it.
//!
//! A rule has a condition and an effect, holds for a while, and may have caps for each member and a budget for all of them.
//! Every save is a revision that stays; the ones in force bear the version of the program that brought them, so the
//! version with which an order was decided names the rules of that day too, and its return is reckoned with the same.
//!
//! Never: a budget overspent, a cap exceeded, or a share that no revision explains. Verbs: `create_rule`, `update_rule`,
//! `publish_rule`, `pause_rule`, `resume_rule`, `end_rule`, `record_event`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
