//! The HTTP door on a toy schema: every rule of it, and the public audits of GraphQL over HTTP.

mod answers;
mod audit;
mod door;
mod logs;
mod rules;
pub mod toy;
