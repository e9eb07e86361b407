//! The commands of the program. stdout carries results only; everything else goes to stderr.

pub mod admin;
pub mod demo;
pub mod failure;
pub mod import;
pub mod log;
pub mod migrate;
pub mod open;
pub mod schema;
pub mod serve;
pub mod verify;

pub use failure::Failure;
