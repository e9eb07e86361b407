//! What the books mean for the shop's own.

mod deferral;
mod liability;
mod statistics;
