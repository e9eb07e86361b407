//! The ground floor: ideas every other room needs and that need nothing themselves.
//!
//! Nothing here knows a database, HTTP or GraphQL.

pub mod calendar;
pub mod clock;
pub mod error;
pub mod id;
pub mod money;
pub mod multiplier;
pub mod page;
pub mod planted;
pub mod points;
pub mod text;
