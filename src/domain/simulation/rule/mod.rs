//! Drafts, and playing them over the past, as pure functions.

pub mod draft;
pub mod outcome;
pub mod replay;
