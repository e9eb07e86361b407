//! The verbs: drawing up reports, saying what is expected, closing days, and counting events.

mod books;
pub mod close;
pub mod count;
pub mod estimate;
pub mod liability;
pub mod statistics;
