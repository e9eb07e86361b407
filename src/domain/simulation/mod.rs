//! What another program would have given: a draft, played over the orders of the past, beside what happened.
//!
//! A simulation is a row that waits for a worker. It reads, order by order, and writes nothing but how far it has come and
//! what came of it: the ledger is not touched.
//!
//! Verbs: `simulate_program`, `cancel_simulation`; `run` is the worker's.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
