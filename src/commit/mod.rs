//! The write path: commands that wait are locked, decided and written as one group, in one transaction.
//!
//! ```text
//! submit → queue → claim names → lock wallets, coupons, stock → load lots and replies
//!        → decide each command in plain Rust → one statement a table → one commit → answer everybody
//! ```
//!
//! A command is data, so it can be tried again for free. `decide` is pure: it reads [`rows::Rows`] and returns
//! [`rows::Changes`], which are applied only when it succeeds, so a rejected command leaves no trace and never fails its
//! neighbours. The lock order is written in one place, [`load`].

pub mod adjust;
pub mod books;
pub mod cancel_redemption;
pub mod command;
pub mod committer;
pub mod deliver_order;
pub mod earn;
pub mod hold;
pub mod household;
pub mod import_order;
pub mod judge_tier;
pub mod key;
pub mod load;
pub mod merge;
pub mod moved;
pub mod open;
pub mod place_order;
pub mod preview;
pub mod protect_tier;
pub mod record_event;
pub mod redeem;
pub mod register;
pub mod reinstate;
pub mod return_order;
pub mod rows;
pub mod settle;
mod tell;
pub mod tier;
pub mod transfer;
pub mod write;

pub use command::{Command, Stop};
pub use committer::Committers;
