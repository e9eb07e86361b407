//! Idempotency keys: the same key and request give the stored result again, the same key with another request conflicts.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::command::Stop;
use crate::commit::rows::{Keys, Rows};
use crate::commit::{
    adjust, cancel_redemption, deliver_order, hold, place_order, redeem, reinstate, return_order, transfer,
};
use crate::domain::member::entity::idempotency;
use crate::domain::reward::rule;

/// Every operation whose keys are kept.
pub const OPERATIONS: [&str; 16] = [
    place_order::OPERATION,
    redeem::OPERATION,
    cancel_redemption::OPERATION,
    deliver_order::OPERATION,
    return_order::CANCEL,
    return_order::REFUND,
    hold::HOLD,
    hold::HOLD_BY_STAFF,
    hold::CAPTURE,
    hold::RELEASE,
    hold::RELEASE_BY_STAFF,
    transfer::OPERATION,
    adjust::ADJUST,
    adjust::DECIDE,
    reinstate::OPERATION,
    rule::code::OPERATION,
];

/// A client's key, in the scope of a member and an operation.
#[derive(Clone, Debug)]
pub struct Key {
    pub member_id: Id,
    /// The name of the mutation; with who asks, where members and staff both may.
    pub operation: &'static str,
    pub key: String,
    /// Covers what was asked for, not how the answer was selected.
    pub request_hash: Vec<u8>,
}

impl Key {
    /// Has the answer given before loaded.
    pub fn want(&self, keys: &mut Keys) {
        keys.replies.insert((self.member_id, self.operation.to_owned(), self.key.clone()));
    }

    /// What the key made before, or `conflict` if it was used for something else.
    pub fn replay<R>(&self, rows: &Rows, conflict: R) -> Result<Option<Id>, Stop<R>> {
        match rows.reply_to(self.member_id, self.operation, &self.key) {
            None => Ok(None),
            Some(_) if planted(Bug::ReplayDecided) => Ok(None),
            Some(reply) if reply.request_hash == self.request_hash => Ok(Some(reply.result_id)),
            Some(_) => Err(Stop::Rejected(conflict)),
        }
    }

    /// What is kept for the next time.
    pub fn reply(&self, result_id: Id, now: Instant) -> idempotency::Model {
        idempotency::Model {
            member_id: self.member_id,
            operation: self.operation.to_owned(),
            key: self.key.clone(),
            request_hash: self.request_hash.clone(),
            result_id,
            created_at: now.micros(),
        }
    }
}

/// What came of a command that bears a key.
#[derive(Clone, Debug)]
pub enum Made<T> {
    Now(T),
    /// The key was used before; this is what it made then.
    Before(Id),
}
