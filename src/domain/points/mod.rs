//! The points ledger: wallets, lots, and a hash-chained journal in double entry.
//!
//! Invariants (each is a query in `audit`): the entries of a transaction sum to zero; a wallet is the sum of its
//! accounts' entries and of its lots; a lot is the sum of its allocations; sequence numbers have no gaps, and each
//! transaction's hash covers the one before it. An entry carries a cause and never knows what an order is.
//!
//! Verbs: `accrue`, `redeem`, both pure and run by `commit`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
