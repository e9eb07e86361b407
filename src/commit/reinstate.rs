//! Giving expired points again, within the program's window.

use crate::base::calendar::end_of_window;
use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::key::{Key, Made};
use crate::commit::open::{refused, told};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::Cause;
use crate::domain::points::rule::movement::Rejection;
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::{By, Event, Expired, Lasting};

/// The name under which idempotency keys of this command are kept.
pub const OPERATION: &str = "reinstateExpired";

#[derive(Clone, Debug)]
pub struct ReinstateExpired {
    pub key: Key,
    /// The expiration, and when it took effect.
    pub txn_id: Id,
    pub expired_at: Instant,
    pub reason: Option<String>,
    pub staff_id: Id,
    // Drawn beforehand:
    pub seed: Id,
    pub event_id: Id,
}

impl Command for ReinstateExpired {
    /// The transaction that gave them again.
    type Done = Made<Id>;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.key.member_id
    }

    fn rows(&self) -> usize {
        16
    }

    fn keys(&self, keys: &mut Keys) {
        self.key.want(keys);
        keys.wallets.extend([self.key.member_id, self.staff_id]);
        keys.txns.insert((self.key.member_id, self.txn_id));
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Rejection>> {
        if let Some(id) = self.key.replay(rows, Rejection::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        if self.key.member_id == self.staff_id {
            return Err(Rejection::OwnPoints.into());
        }
        let unreversed = rows.unreversed.get(&(self.key.member_id, self.txn_id)).ok_or(Rejection::ExpirationUnknown)?;
        let days = rows.program.reinstatement_days;
        if now >= end_of_window(self.expired_at, days, &zone(&rows.program)) {
            return Err(Rejection::TooLate { days }.into());
        }
        let mut books = Books::new(rows, self.seed, now);
        books.wallet::<Rejection>(self.key.member_id)?;
        let line = books.open_line(self.key.member_id)?;
        let home = rows.ledgers.get(&self.staff_id).and_then(|ledger| ledger.wallet.household_id);
        if line.contains(self.staff_id) || home.is_some_and(|home| line.contains(home)) {
            return Err(Rejection::OwnPoints.into());
        }
        let ledger = books.of(self.key.member_id);
        let expired: Vec<Expired> = unreversed
            .parts
            .iter()
            .filter_map(|part| {
                let lot = ledger.shelf.get(part.lot_id)?;
                // A return may have taken back what had expired.
                let points = part.points.min(lot.expired - lot.reinstated);
                (points > 0).then_some(Expired { origin: (self.txn_id, part.position), lot_id: part.lot_id, points })
            })
            .collect();
        if expired.is_empty() {
            return Err(Rejection::NothingToReinstate.into());
        }
        let event = Event::once(Cause::Lot, self.txn_id, By::staff(self.staff_id), rows.program.version, now);
        // The same expiration may have something to give again more than once; its allocations say how much. So any number
        // that is new will do.
        let event = Event { source_part: ledger.wallet.seq + 1, ..event.because(self.reason.clone()) };
        let lasting = Lasting::of(&rows.program);
        let reinstated = ledger.reinstate(&event, &expired, &lasting).and_then(|points| {
            books.hand_on(&event)?;
            books.of(line.keeper()).repay(&event)?;
            Ok(points)
        });
        let points = reinstated.map_err(|refusal| refused(rows, self.key.member_id, refusal, Rejection::from))?;
        let txn_id = books
            .of(self.key.member_id)
            .postings()
            .iter()
            .rev()
            .find(|posting| posting.txn.reverses == Some(self.txn_id));
        let txn_id = txn_id.map_or(self.txn_id, |posting| posting.txn.id);
        let books = books.close();
        let payload = serde_json::json!({ "entryId": txn_id, "points": points });
        let changes = Changes {
            events: vec![told(&books[0], self.event_id, Topic::PointsReinstated, payload, now)],
            books,
            reply: Some(self.key.reply(txn_id, now)),
            ..Changes::default()
        };
        Ok((changes, Made::Now(txn_id)))
    }
}
