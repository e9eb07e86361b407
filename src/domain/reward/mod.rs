//! What points are redeemed for: coupons (something off a later order), goods, donations and codes of a
//! partner.
//!
//! Invariants: a coupon is used by one order at the most; a code is given out once; a redemption's points equal its ledger transaction's; what was
//! redeemed keeps what it was worth, however its reward changes.
//!
//! Verbs: `redeem`, `cancel_redemption`, `create_reward`, `update_reward`, `end_reward`, `add_codes`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
