//! What points are redeemed for: coupons (money off a later order) and goods.
//!
//! Invariants: a coupon is used by one order at the most; a redemption's points equal its ledger transaction's.
//!
//! Verb: `redeem`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
