//! Members: who a customer is, how they prove it, and the names that are theirs alone.
//!
//! Invariants: a user name, an e-mail address and a telephone number belong to one member each (`handle`); a password is
//! kept only as an argon2id hash; a session's tokens are kept only as hashes, and its row says whether it still holds.
//!
//! Verbs: `register`, `login`, `refresh_token`, `logout`, `logout_everywhere`, `update_profile`, `change_password`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
