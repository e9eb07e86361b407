//! jifen: membership and loyalty points for shops, as one GraphQL server.
//!
//! The folders are floors, and imports only go down:
//!
//! ```text
//! base → db → access → gql → domain (entity, rule, query) → commit → audit → app
//!      → domain/service → domain/graphql → schema, http, worker, cli → main
//! ```
//!
//! `docs/ARCHITECTURE.md` tells what each floor is for; `tests/it/laws` holds the house to it.

pub mod access;
pub mod app;
pub mod audit;
pub mod base;
pub mod cli;
pub mod commit;
pub mod config;
pub mod db;
pub mod domain;
pub mod gql;
pub mod http;
pub mod schema;
pub mod worker;
