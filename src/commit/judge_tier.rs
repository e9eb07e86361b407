//! Judging a member's tier whose day has come, and nothing else. What the worker sends.

use std::convert::Infallible;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::commit::tier::{Tiers, want_tier};
use crate::domain::points::rule::By;
use crate::domain::tier::rule::career::State;

#[derive(Clone, Debug)]
pub struct JudgeTier {
    pub member_id: Id,
    /// The first id of its transactions.
    pub seed: Id,
}

impl Command for JudgeTier {
    /// Whether anything had to be written.
    type Done = bool;
    type Rejection = Infallible;

    fn wallet(&self) -> Id {
        self.member_id
    }

    fn rows(&self) -> usize {
        4
    }

    fn keys(&self, keys: &mut Keys) {
        want_tier(keys, self.member_id);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, bool), Stop<Infallible>> {
        let mut books = Books::new(rows, self.seed, now);
        let before = State::of(&books.open_own(self.member_id)?.wallet);
        let tiers = Tiers::open(rows, self.member_id, self.seed, now)?;
        // Another process may have been faster.
        if tiers.career.as_ref().is_none_or(|career| career.state == before) {
            return Ok((Changes::default(), false));
        }
        let tier = tiers.close(&mut books.of(self.member_id).wallet, By::SYSTEM, None);
        Ok((tier.among(Changes { books: books.close(), ..Changes::default() }), true))
    }
}
