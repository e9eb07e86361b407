//! The database floor: connections, the two dialects, writing rows in sets, group commit and merged look-ups.
//!
//! `connect` and `dialect` are the only rooms that know which database they talk to.

pub mod connect;
pub mod dialect;
pub mod group;
pub mod keyset;
mod level;
pub mod loader;
pub mod lookup;
pub mod migrate;
pub mod reader;
pub mod rows;
pub mod write;

pub use connect::Db;
