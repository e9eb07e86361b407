//! Merging a member into another: the points, what is owed, and everything else that bears the member's name.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::open::{refused, told, want_lots};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::commit::tier::{Tiers, want_tier};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::{Cause, merger as mergers};
use crate::domain::points::rule::{By, Estate, Event, MergeRejection as Rejection, Refusal};

#[derive(Clone, Debug)]
pub struct MergeMembers {
    pub from_id: Id,
    pub into_id: Id,
    pub reason: Option<String>,
    pub staff_id: Id,
    // Drawn beforehand:
    pub merger_id: Id,
    pub seed: Id,
    pub event_id: Id,
}

impl Command for MergeMembers {
    type Done = ();
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.into_id
    }

    fn rows(&self) -> usize {
        100
    }

    fn keys(&self, keys: &mut Keys) {
        keys.wallets.insert(self.from_id);
        keys.whole.insert(self.from_id);
        want_tier(keys, self.from_id);
        want_tier(keys, self.into_id);
        want_lots(keys, self.into_id);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, ()), Stop<Rejection>> {
        let wallet = |id| rows.ledgers.get(&id).map(|ledger| &ledger.wallet).ok_or(Rejection::MemberUnknown);
        // Asked for again, it is done.
        if wallet(self.from_id)?.merged_into == Some(self.into_id) {
            return Ok((Changes::default(), ()));
        }
        if wallet(self.from_id)?.merged_into.is_some() || wallet(self.into_id)?.merged_into.is_some() {
            return Err(Rejection::AlreadyMerged.into());
        }
        if [self.from_id, self.into_id].contains(&self.staff_id) {
            return Err(Rejection::OwnAccount.into());
        }
        if wallet(self.from_id)?.household_id.is_some() {
            return Err(Rejection::InHousehold.into());
        }
        let mut books = Books::new(rows, self.seed, now);
        books.open_own(self.into_id)?;
        // A hold that has timed out is released by now.
        if books.open_own(self.from_id)?.wallet.held > 0 {
            return Err(Rejection::HoldsOpen.into());
        }
        let mut tiers = Tiers::open(rows, self.into_id, self.seed, now)?;
        tiers.take_over(&Tiers::open(rows, self.from_id, self.seed, now)?)?;
        let by = By::staff(self.staff_id);
        let event = Event::once(Cause::Merger, self.merger_id, by, rows.program.version, now);
        let event = event.because(self.reason.clone());
        let estate = merged(&mut books, &event, self.from_id, self.into_id);
        let estate = estate.map_err(|refusal| refused(rows, self.into_id, refusal, |_| Rejection::AccountFull))?;
        let tier = tiers.close(&mut books.of(self.into_id).wallet, by, self.reason.as_deref());
        let books = books.close();
        let payload = serde_json::json!({ "fromId": self.from_id, "points": estate.points(), "debt": estate.debt });
        let changes = Changes {
            events: vec![told(&books[0], self.event_id, Topic::MembersMerged, payload, now)],
            books,
            merger: Some(merger(&event, self.from_id, self.into_id, &estate)),
            moved: Some((self.from_id, self.into_id)),
            ..Changes::default()
        };
        Ok((tier.among(changes), ()))
    }
}

/// Has a wallet take over another, for good.
pub fn merged(books: &mut Books, event: &Event, from: Id, into: Id) -> Result<Estate, Refusal> {
    let estate = books.of(from).hand_over(event)?;
    books.of(from).wallet.merged_into = Some(into);
    books.of(into).wallet.purchases += std::mem::take(&mut books.of(from).wallet.purchases);
    let spent = std::mem::take(&mut books.of(from).wallet.spent);
    books.of(into).wallet.spent = books.of(into).wallet.spent.saturating_add(spent);
    books.of(into).take_over(event, &estate, true)?;
    books.of(into).repay(event)?;
    Ok(estate)
}

/// What is kept of it.
pub fn merger(event: &Event, from: Id, into: Id, estate: &Estate) -> mergers::Model {
    mergers::Model {
        member_id: into,
        id: event.source_id,
        from_id: from,
        points: estate.points(),
        debt: estate.debt,
        reason: event.reason.clone(),
        actor: event.actor,
        actor_id: event.actor_id,
        created_at: event.recorded_at.micros(),
    }
}
