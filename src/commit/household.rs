//! Households: a wallet of their own, and who belongs to them. Everything about a household is decided under the lock of
//! its wallet, and a member's part of it under that of their own.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::merge::{merged, merger};
use crate::commit::open::{open, refused, told};
use crate::commit::rows::{Changes, Keys, NewHousehold, Rows};
use crate::domain::household::entity::{household, household_member};
use crate::domain::household::rule::{Rejection, check_program, founder, invite, join, leave, role_of};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::{Cause, HouseholdRole, merger as mergers};
use crate::domain::points::rule::{By, Event, open_wallet};

/// Makes a household, with the member who asks as its owner.
#[derive(Clone, Debug)]
pub struct CreateHousehold {
    pub member_id: Id,
    pub name: String,
    // Drawn beforehand:
    pub household_id: Id,
    pub seed: Id,
    pub event_id: Id,
}

impl Command for CreateHousehold {
    type Done = ();
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.member_id
    }

    fn rows(&self) -> usize {
        6
    }

    fn keys(&self, keys: &mut Keys) {
        keys.wallets.extend([self.member_id, self.household_id]);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, ()), Stop<Rejection>> {
        // The wallet is there when an earlier COMMIT succeeded but its reply was lost.
        if rows.ledgers.contains_key(&self.household_id) {
            return Ok((Changes::default(), ()));
        }
        check_program(&rows.program)?;
        let mut own = open(rows, self.member_id, self.seed, now)?;
        if own.wallet.household_id.is_some() {
            return Err(Rejection::AlreadyInHousehold.into());
        }
        own.wallet.household_id = Some(self.household_id);
        own.wallet.household_role = Some(HouseholdRole::Owner);
        let books = own.finish();
        let household = household::Model {
            id: self.household_id,
            name: self.name.clone(),
            created_by: self.member_id,
            created_at: now.micros(),
        };
        let changes = Changes {
            events: vec![told(&books, self.event_id, Topic::HouseholdJoined, payload(self.household_id), now)],
            books: vec![books],
            new_household: Some(NewHousehold { household, wallet: open_wallet(self.household_id, &rows.program) }),
            household_members: Some((self.household_id, vec![founder(self.household_id, self.member_id, now)])),
            ..Changes::default()
        };
        Ok((changes, ()))
    }
}

/// What is done to a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// An owner asks a member, or gives one another role.
    Invite(HouseholdRole),
    Join,
    /// A member leaves or declines, or an owner sends one away.
    Leave,
}

/// Changes who belongs to a household, and as what.
#[derive(Clone, Debug)]
pub struct ChangeHousehold {
    pub household_id: Id,
    /// Who asks for it, and whom it is about.
    pub by_id: Id,
    pub member_id: Id,
    pub deed: Deed,
    // Drawn beforehand:
    pub merger_id: Id,
    pub seed: Id,
    pub event_id: Id,
}

impl Command for ChangeHousehold {
    type Done = ();
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.household_id
    }

    fn rows(&self) -> usize {
        40
    }

    fn keys(&self, keys: &mut Keys) {
        keys.wallets.extend([self.household_id, self.by_id, self.member_id]);
        keys.households.insert(self.household_id);
        if self.deed == Deed::Leave {
            keys.whole.insert(self.household_id);
        }
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, ()), Stop<Rejection>> {
        let before = rows.households.get(&self.household_id).ok_or(Rejection::HouseholdUnknown)?;
        let after = self.list(rows, before, now)?;
        if after == *before {
            return Ok((Changes::default(), ()));
        }
        let mut books = Books::new(rows, self.seed, now);
        if self.deed == Deed::Leave && self.by_id != self.member_id {
            // Somebody who was asked may have been merged into another since: the invitation is taken back all the same.
            books.open(self.member_id)?;
        } else {
            books.open_own(self.member_id)?;
        }
        let wallet = &mut books.of(self.member_id).wallet;
        let role = role_of(&after, self.member_id);
        if role.is_some() && wallet.household_id.is_some_and(|id| id != self.household_id) {
            return Err(Rejection::AlreadyInHousehold.into());
        }
        if wallet.household_id == Some(self.household_id) || role.is_some() {
            wallet.household_id = role.map(|_| self.household_id);
            wallet.household_role = role;
        }
        let dissolved = if after.is_empty() { Some(self.dissolve(&mut books, rows, now)?) } else { None };
        let books = books.close();
        let topic = if self.deed == Deed::Leave { Topic::HouseholdLeft } else { Topic::HouseholdJoined };
        let told = told(&books[0], self.event_id, topic, payload(self.household_id), now);
        let changes = Changes {
            events: if matches!(self.deed, Deed::Invite(_)) { Vec::new() } else { vec![told] },
            books,
            merger: dissolved,
            household_members: Some((self.household_id, after)),
            ..Changes::default()
        };
        Ok((changes, ()))
    }
}

impl ChangeHousehold {
    fn list(
        &self,
        rows: &Rows,
        before: &[household_member::Model],
        now: Instant,
    ) -> Result<Vec<household_member::Model>, Rejection> {
        match self.deed {
            Deed::Invite(role) => {
                invite(&rows.program, before, (self.household_id, self.by_id), (self.member_id, role), now)
            }
            Deed::Join => join(&rows.program, before, self.member_id, now),
            Deed::Leave => leave(before, self.by_id, self.member_id),
        }
    }

    /// The last who leaves takes everything along.
    fn dissolve(&self, books: &mut Books, rows: &Rows, now: Instant) -> Result<mergers::Model, Stop<Rejection>> {
        let by = By::member(self.by_id);
        let event = Event::once(Cause::Merger, self.merger_id, by, rows.program.version, now);
        books.open_line(self.household_id)?;
        let estate = merged(books, &event, self.household_id, self.member_id);
        let estate = estate.map_err(|refusal| refused(rows, self.member_id, refusal, |_| Rejection::AccountFull))?;
        Ok(merger(&event, self.household_id, self.member_id, &estate))
    }
}

fn payload(household_id: Id) -> serde_json::Value {
    serde_json::json!({ "householdId": household_id })
}
