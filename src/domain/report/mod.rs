//! What the books mean for the shop's own: what it owes its members, and how its program does.
//!
//! Nothing here changes a point. The liability report is drawn up from the ledger itself, by the day on which things were
//! recorded, in one snapshot; so a day that is over never changes. The share of points that will be redeemed is reckoned
//! from how older points expired, unless staff has said what it is. Statistics are added up from events, each of which is
//! counted once; reading them never reads the ledger.
//!
//! Verbs: `liability_report`, `set_expected_redemption`, `program_statistics`, `count_some`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
