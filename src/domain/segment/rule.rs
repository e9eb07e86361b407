//! What a filter may say, what it means on a day, and what staff may save.

pub mod change;
pub mod filter;
pub mod newcomer;
pub mod part;
pub mod today;

#[cfg(test)]
mod tests;
