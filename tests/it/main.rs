//! The integration tests: one binary that mirrors the domains. Every story is told twice, on SQLite and on PostgreSQL.
//!
//! `world` speaks the business, `laws` hold the house to its rules, `http` is the door on a toy schema. The import, the
//! books' `verify` and the ledger's model have binaries of their own: `tests/import.rs`, `tests/verify.rs` and
//! `tests/ledger_model.rs`.

mod world;

mod http;
mod laws;

mod canary;
mod hangups;
mod main_path;
