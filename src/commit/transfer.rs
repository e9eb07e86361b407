//! Giving points to another member: out of one wallet and into another, in one commit.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::command::{Command, Stop};
use crate::commit::key::{Key, Made};
use crate::commit::open::{open, refused, told, want_lots};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::{Cause, transfer};
use crate::domain::points::rule::movement::{Rejection, check_transfer};
use crate::domain::points::rule::{By, Event};

/// The name under which idempotency keys of this command are kept.
pub const OPERATION: &str = "transferPoints";

#[derive(Clone, Debug)]
pub struct TransferPoints {
    pub key: Key,
    pub to_member_id: Id,
    pub points: i64,
    pub message: Option<String>,
    // Drawn beforehand:
    pub transfer_id: Id,
    pub seed: Id,
    pub seed_of_receiver: Id,
    pub event_ids: [Id; 2],
}

impl Command for TransferPoints {
    type Done = Made<transfer::Model>;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.key.member_id
    }

    fn rows(&self) -> usize {
        24
    }

    fn keys(&self, keys: &mut Keys) {
        self.key.want(keys);
        want_lots(keys, self.key.member_id);
        keys.wallets.insert(self.to_member_id);
        keys.sent_today.insert(self.key.member_id);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Rejection>> {
        if let Some(id) = self.key.replay(rows, Rejection::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        let sent_today = rows.sent.get(&self.key.member_id).copied().unwrap_or(0);
        check_transfer(&rows.program, self.points, sent_today)?;
        if !rows.ledgers.contains_key(&self.to_member_id) {
            return Err(Rejection::ReceiverUnknown.into());
        }
        let by = By::member(self.key.member_id);
        let event = Event::once(Cause::Transfer, self.transfer_id, by, rows.program.version, now);
        let mut sender = open(rows, self.key.member_id, self.seed, now)?;
        let parts = sender
            .send(&event, self.points)
            .map_err(|refusal| refused(rows, self.key.member_id, refusal, Rejection::from))?;
        let mut receiver = open(rows, self.to_member_id, self.seed_of_receiver, now)?;
        let received = receiver.receive(&event, &parts).and_then(|()| receiver.repay(&event));
        received.map_err(|refusal| refused(rows, self.to_member_id, refusal, |_| Rejection::ReceiverFull))?;
        let transfer = transfer::Model {
            member_id: self.key.member_id,
            id: self.transfer_id,
            to_member_id: self.to_member_id,
            points: self.points,
            created_at: now.micros(),
        };
        let (sent, received) = (sender.finish(), receiver.finish());
        let payload = serde_json::json!({ "transferId": transfer.id, "points": transfer.points });
        let changes = Changes {
            events: vec![
                told(&sent, self.event_ids[0], Topic::PointsSent, payload.clone(), now),
                told(&received, self.event_ids[1], Topic::PointsReceived, payload, now),
            ],
            books: vec![sent, received],
            transfer: Some(transfer.clone()),
            reply: Some(self.key.reply(self.transfer_id, now)),
            ..Changes::default()
        };
        Ok((changes, Made::Now(transfer)))
    }
}
