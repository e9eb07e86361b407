//! The integration tests: one binary that mirrors the domains. Every story is told twice, on SQLite and on PostgreSQL.
//!
//! `world` speaks the business, `laws` hold the house to its rules, `http` is the door on a toy schema, and `ledger` goes
//! below GraphQL: random histories against a reckoning, planted alterations against `verify`, defects in commands.

mod log;
mod world;

mod http;
mod laws;

mod canary;
mod catalog;
mod earning;
mod hangups;
mod household;
mod import;
mod ledger;
mod main_path;
mod member;
mod order;
mod paging;
mod points;
mod pool;
mod program;
mod report;
mod reward;
mod segment;
mod simulation;
mod site;
mod staff;
mod statement;
mod stories;
mod tier;
mod verify;
