//! The commands of the program. stdout carries results only; everything else goes to stderr.

pub mod demo;
pub mod failure;
pub mod log;
pub mod migrate;
pub mod open;
pub mod schema;
pub mod serve;
pub mod verify;

pub use failure::Failure;
