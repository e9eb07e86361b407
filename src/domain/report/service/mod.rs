//! The verbs: drawing up reports, and saying what is expected.

pub mod estimate;
pub mod liability;
