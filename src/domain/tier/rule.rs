//! Tiers, as pure functions of their set, the sums of days, and a member's state.
//!
//! | room | what is in it |
//! | --- | --- |
//! | `terms` | a set of tiers as it is reckoned with |
//! | `window` | over which days is summed, and when a tier is judged |
//! | `revisions` | how far back in their history a decision looks |
//! | `career` | a member's tier: how it rises, is undone and protected |
//! | `settle` | how it is brought up to now: through other tiers, and each day of judgement |
//! | `keep` | what is missing for it to be kept, and until when |
//! | `change` | what staff set about tiers |

pub mod career;
pub mod change;
pub mod keep;
pub mod revisions;
mod settle;
pub mod terms;
pub mod window;

#[cfg(test)]
mod tests;
