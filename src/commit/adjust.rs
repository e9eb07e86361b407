//! Correcting a member's points. A large correction waits until a second, different member of staff approves.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::key::{Key, Made};
use crate::commit::open::{refused, told, want_lots};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::{AdjustmentState, Cause, adjustment};
use crate::domain::points::rule::movement::{Rejection, check_adjustment};
use crate::domain::points::rule::{By, Event, Lasting, Outcome, Terms};

/// The names under which idempotency keys of these commands are kept.
pub const ADJUST: &str = "adjustPoints";
pub const DECIDE: &str = "decideAdjustment";

#[derive(Clone, Debug)]
pub struct AdjustPoints {
    pub key: Key,
    /// Positive to give, negative to take.
    pub points: i64,
    pub reason: String,
    pub staff_id: Id,
    // Drawn beforehand:
    pub adjustment_id: Id,
    pub seed: Id,
    pub event_id: Id,
}

impl Command for AdjustPoints {
    type Done = Made<adjustment::Model>;
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
        check_adjustment(self.points, self.key.member_id, self.staff_id)?;
        let waits = self.points.abs() > rows.program.approval_threshold;
        let row = adjustment::Model {
            member_id: self.key.member_id,
            id: self.adjustment_id,
            points: self.points,
            reason: self.reason.clone(),
            state: if waits { AdjustmentState::Requested } else { AdjustmentState::Booked },
            requested_by: self.staff_id,
            decided_by: None,
            created_at: now.micros(),
            decided_at: (!waits).then_some(now.micros()),
        };
        let reply = Some(self.key.reply(row.id, now));
        if waits {
            let changes = Changes { new_adjustment: Some(row.clone()), reply, ..Changes::default() };
            return Ok((changes, Made::Now(row)));
        }
        let books = book(rows, &row, self.staff_id, self.seed, now)?;
        let changes = Changes {
            events: vec![told(&books[0], self.event_id, Topic::PointsAdjusted, payload(&row), now)],
            books,
            new_adjustment: Some(row.clone()),
            reply,
            ..Changes::default()
        };
        Ok((changes, Made::Now(row)))
    }
}

/// The second member of staff approves or rejects.
#[derive(Clone, Debug)]
pub struct DecideAdjustment {
    pub key: Key,
    pub adjustment_id: Id,
    pub approve: bool,
    pub staff_id: Id,
    // Drawn beforehand:
    pub seed: Id,
    pub event_id: Id,
}

impl Command for DecideAdjustment {
    type Done = Made<adjustment::Model>;
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
        keys.adjustments.insert((self.key.member_id, self.adjustment_id));
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Rejection>> {
        if let Some(id) = self.key.replay(rows, Rejection::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        let known = rows.adjustments.get(&(self.key.member_id, self.adjustment_id));
        let known = known.ok_or(Rejection::AdjustmentUnknown)?;
        if known.state != AdjustmentState::Requested {
            return Err(Rejection::AdjustmentDecided.into());
        }
        if self.approve && known.requested_by == self.staff_id && !planted(Bug::SelfApproval) {
            return Err(Rejection::SecondApproverNeeded.into());
        }
        check_adjustment(known.points, self.key.member_id, self.staff_id)?;
        let row = adjustment::Model {
            state: if self.approve { AdjustmentState::Booked } else { AdjustmentState::Rejected },
            decided_by: Some(self.staff_id),
            decided_at: Some(now.micros()),
            ..known.clone()
        };
        let mut changes = Changes { reply: Some(self.key.reply(row.id, now)), ..Changes::default() };
        if self.approve {
            let books = book(rows, &row, self.staff_id, self.seed, now)?;
            changes.events.push(told(&books[0], self.event_id, Topic::PointsAdjusted, payload(&row), now));
            changes.books = books;
        }
        changes.changed_adjustment = Some(row.clone());
        Ok((changes, Made::Now(row)))
    }
}

fn book(
    rows: &Rows,
    row: &adjustment::Model,
    staff_id: Id,
    seed: Id,
    now: Instant,
) -> Result<Vec<Outcome>, Stop<Rejection>> {
    let mut books = Books::new(rows, seed, now);
    books.wallet::<Rejection>(row.member_id)?;
    // Whose points they are may have been merged into another since, and these are no more to be touched by their owner.
    let line = books.open_line(row.member_id)?;
    if line.contains(staff_id) || line.contains(row.requested_by) {
        return Err(Rejection::OwnPoints.into());
    }
    let ledger = books.of(row.member_id);
    let event = Event::once(Cause::Adjustment, row.id, By::staff(staff_id), rows.program.version, now);
    let event = event.because(Some(row.reason.clone()));
    let booked = if row.points > 0 {
        let lasting = Lasting::of(&rows.program);
        ledger.adjust_up(&event, row.points, Terms::AtOnce(&lasting)).map(|_| ())
    } else {
        ledger.adjust_down(&event, -row.points)
    };
    let booked = booked.and_then(|()| books.hand_on(&event)).and_then(|()| books.of(line.keeper()).repay(&event));
    booked.map_err(|refusal| refused(rows, row.member_id, refusal, Rejection::from))?;
    Ok(books.close())
}

fn payload(row: &adjustment::Model) -> serde_json::Value {
    serde_json::json!({ "adjustmentId": row.id, "points": row.points })
}
