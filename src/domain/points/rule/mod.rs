//! What a movement of points does to a wallet and its lots: plain functions, run by `commit` and by property tests.
//!
//! A [`Ledger`] is one wallet as far as it was loaded. A command takes a copy, settles what is due, and calls verbs on
//! it (`accrue`, `redeem`, `hold`, `claw_back`, …), each of which posts one transaction or is refused. The whole copy is
//! kept or dropped, so nothing is ever half done.
//!
//! | room | what is in it |
//! | --- | --- |
//! | `ledger` | the wallet in memory, and what came of a command |
//! | `posting` | one transaction in the making: entries, allocations, balances, hash |
//! | `shelf` | the lots, in the order in which they are spent |
//! | `settle` | what is due by a moment: activations, hold time-outs, expirations, and the repayment of debt |
//! | `earn`, `spend`, `hold`, `take_back`, `merge` | the verbs |
//! | `hash` | the bytes that a hash covers |
//! | `movement` | what members and staff may do with points, and why not |
//! | `purse` | whose points pay |
//! | `statement` | a period of a wallet, drawn up |
//! | `program` | which settings go together, and what they say of expiry and exchange |

mod earn;
pub mod hash;
mod hold;
mod ledger;
mod merge;
pub mod movement;
mod posting;
pub mod program;
pub mod purse;
mod settle;
mod shelf;
mod spend;
pub mod statement;
mod take_back;

pub use earn::{Lasting, Terms};
pub use hold::{OpenHold, Wish};
pub use ledger::{Ledger, Outcome, Refusal, open_wallet};
pub use merge::{Estate, MergeRejection};
pub use posting::{By, Event, Expired, Part, Posting, Unreversed, moved};
pub use shelf::Shelf;
pub use take_back::{Shortfall, TakenBack};

#[cfg(test)]
mod tests;
