//! Setting points aside, capturing them in parts, and releasing them.

use crate::base::clock::{Instant, MINUTE};
use crate::base::id::Id;
use crate::commit::command::{Command, Stop};
use crate::commit::key::{Key, Made};
use crate::commit::open::{open, refused, told, want_lots};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::{ActorKind, Cause, hold};
use crate::domain::points::rule::movement::Rejection;
use crate::domain::points::rule::{By, Event, Ledger, Refusal, Wish};

/// The names under which idempotency keys of these commands are kept. The till's keys are not the member's: who guesses
/// one would have their own hold taken for the till's.
pub const HOLD: &str = "holdPoints";
pub const HOLD_BY_STAFF: &str = "holdPoints by staff";
pub const CAPTURE: &str = "captureHold";
pub const RELEASE: &str = "releaseHold";
pub const RELEASE_BY_STAFF: &str = "releaseHold by staff";

#[derive(Clone, Debug)]
pub struct HoldPoints {
    pub key: Key,
    pub points: i64,
    /// How long it may last; as long as the program allows when it is not said.
    pub minutes: Option<i64>,
    pub reason: Option<String>,
    pub by: By,
    // Drawn beforehand:
    pub hold_id: Id,
    pub seed: Id,
    pub event_id: Id,
}

impl Command for HoldPoints {
    type Done = Made<hold::Model>;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.key.member_id
    }

    fn rows(&self) -> usize {
        16
    }

    fn keys(&self, keys: &mut Keys) {
        self.key.want(keys);
        want_lots(keys, self.key.member_id);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Rejection>> {
        if let Some(id) = self.key.replay(rows, Rejection::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        let most = rows.program.hold_minutes;
        let minutes = self.minutes.unwrap_or(most);
        if minutes < 1 {
            return Err(Rejection::HoldTooShort { most }.into());
        }
        if minutes > most {
            return Err(Rejection::HoldTooLong { most }.into());
        }
        let mut ledger = open(rows, self.key.member_id, self.seed, now)?;
        let event = Event::once(Cause::Hold, self.hold_id, self.by, rows.program.version, now);
        let wish = Wish { id: self.hold_id, points: self.points, expires_at: now.plus(minutes * MINUTE) };
        ledger
            .hold(&event.because(self.reason.clone()), wish)
            .map_err(|refusal| refused(rows, self.key.member_id, refusal, Rejection::from))?;
        close(&self.key, ledger, self.hold_id, (self.event_id, Topic::PointsHeld), now)
    }
}

/// What is done with a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Takes points, or all that is open; with `finally`, the rest is released.
    Capture { points: Option<i64>, finally: bool },
    /// Gives points back, or all that is open.
    Release { points: Option<i64> },
}

#[derive(Clone, Debug)]
pub struct UseHold {
    pub key: Key,
    pub hold_id: Id,
    pub deed: Deed,
    pub reason: Option<String>,
    pub by: By,
    // Drawn beforehand:
    pub seed: Id,
    pub event_id: Id,
}

impl Command for UseHold {
    type Done = Made<hold::Model>;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.key.member_id
    }

    fn rows(&self) -> usize {
        20
    }

    fn keys(&self, keys: &mut Keys) {
        self.key.want(keys);
        keys.wallets.insert(self.key.member_id);
        keys.holds.insert((self.key.member_id, self.hold_id));
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Rejection>> {
        if let Some(id) = self.key.replay(rows, Rejection::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        // What timed out is released by now.
        let mut ledger = open(rows, self.key.member_id, self.seed, now)?;
        let hold = ledger.holds.get(&self.hold_id).ok_or(Rejection::HoldUnknown)?.row.clone();
        if !self.may_use(&hold) {
            return Err(Rejection::HoldUnknown.into());
        }
        if hold.open == 0 {
            return Err(Rejection::HoldClosed.into());
        }
        let event = Event::once(Cause::Hold, self.hold_id, self.by, rows.program.version, now);
        let event = event.because(self.reason.clone());
        let topic = self
            .carry_out(&mut ledger, &event, hold.open)?
            .map_err(|refusal| refused(rows, self.key.member_id, refusal, Rejection::from))?;
        close(&self.key, ledger, self.hold_id, (self.event_id, topic), now)
    }
}

impl UseHold {
    /// A member may release what they have set aside themselves, and nothing that the shop did.
    fn may_use(&self, hold: &hold::Model) -> bool {
        self.by.actor != ActorKind::Member || (hold.actor, hold.actor_id) == (self.by.actor, self.by.actor_id)
    }

    fn carry_out(&self, ledger: &mut Ledger, event: &Event, open: i64) -> Result<Result<Topic, Refusal>, Rejection> {
        let (Deed::Capture { points, .. } | Deed::Release { points }) = self.deed;
        let points = points.unwrap_or(open);
        if points < 1 {
            return Err(Rejection::BadPoints);
        }
        if points > open {
            return Err(Rejection::HoldTooSmall { open });
        }
        Ok(match self.deed {
            Deed::Release { .. } => ledger.release(event, self.hold_id, points).map(|_| Topic::PointsReleased),
            Deed::Capture { finally, .. } => ledger.capture(event, self.hold_id, points).and_then(|_| {
                if finally && open > points {
                    ledger.release(event, self.hold_id, open - points)?;
                }
                Ok(Topic::PointsCaptured)
            }),
        })
    }
}

fn close(
    key: &Key,
    ledger: Ledger,
    hold_id: Id,
    (event_id, topic): (Id, Topic),
    now: Instant,
) -> Result<(Changes, Made<hold::Model>), Stop<Rejection>> {
    let row = ledger.holds.get(&hold_id).ok_or(Rejection::HoldUnknown)?.row.clone();
    let books = ledger.finish();
    let payload = serde_json::json!({
        "holdId": row.id, "amount": row.amount, "captured": row.captured, "released": row.released, "open": row.open,
    });
    let changes = Changes {
        events: vec![told(&books, event_id, topic, payload, now)],
        books: vec![books],
        reply: Some(key.reply(hold_id, now)),
        ..Changes::default()
    };
    Ok((changes, Made::Now(row)))
}
