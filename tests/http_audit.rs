//! The HTTP door on a toy schema: every rule of it, and the public audits of GraphQL over HTTP.

#[path = "http/answers.rs"]
mod answers;
#[path = "http/audit.rs"]
mod audit;
#[path = "http/door.rs"]
mod door;
#[path = "http/logs.rs"]
mod logs;
#[path = "http/rules.rs"]
mod rules;
#[path = "http/toy.rs"]
mod toy;
