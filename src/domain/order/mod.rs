//! Orders: what a member bought, when, and for how much.
//!
//! Invariants: `total = subtotal − discount`, for the order and for each line; the lines sum to the order, to the minor
//! unit and to the point; an order of the shop is paid, with money and with points, in the transaction that places it.
//! What is taken back of an order is never more than was paid for it, and the order, its lines and its returns agree
//! on it.
//!
//! Verbs: `place_order`, `import_order`; for staff `deliver_order`, `cancel_order`, `refund_order`, `preview_refund`.

pub mod entity;
pub mod graphql;
pub mod query;
pub mod rule;
pub mod service;
