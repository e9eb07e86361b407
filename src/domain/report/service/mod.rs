//! The verbs: drawing up reports, saying what is expected, and counting events.

pub mod count;
pub mod estimate;
pub mod liability;
pub mod statistics;
