//! Protecting a member's tier until a moment, or no longer.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::commit::tier::{Tiers, want_tier};
use crate::domain::points::rule::By;
use crate::domain::tier::rule::change::NotProtected;

#[derive(Clone, Debug)]
pub struct ProtectTier {
    pub member_id: Id,
    /// Empty is no longer.
    pub until: Option<Instant>,
    pub reason: String,
    pub staff_id: Id,
    /// Drawn beforehand: the first id of its transactions.
    pub seed: Id,
}

impl Command for ProtectTier {
    type Done = ();
    type Rejection = NotProtected;

    fn wallet(&self) -> Id {
        self.member_id
    }

    fn rows(&self) -> usize {
        5
    }

    fn keys(&self, keys: &mut Keys) {
        want_tier(keys, self.member_id);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, ()), Stop<NotProtected>> {
        let mut books = Books::new(rows, self.seed, now);
        books.open_own(self.member_id)?;
        let mut tiers = Tiers::open(rows, self.member_id, self.seed, now)?;
        let career = tiers.career.as_mut().ok_or(NotProtected::NoTiers)?;
        // Asked for again, it is done.
        if career.state.kept_until == career.kept_if(self.until) && career.steps.is_empty() {
            return Ok((Changes::default(), ()));
        }
        career.protect(self.until);
        let (by, wallet) = (By::staff(self.staff_id), &mut books.of(self.member_id).wallet);
        let tier = tiers.close(wallet, by, Some(&self.reason));
        Ok((tier.among(Changes { books: books.close(), ..Changes::default() }), ()))
    }
}
