//! Members: registering, logging in, sessions, passwords, profiles.

mod guess;
mod merge;
mod password;
mod profile;
mod register;
mod session;
