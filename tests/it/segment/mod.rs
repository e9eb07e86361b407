//! Segments: whom a filter finds, saving them, and rules that name them.

mod filter;
mod many;
mod mixed;
mod rule;
mod save;
mod tier;
