//! Tiers, what counted for members, and what became of their tiers.

use std::collections::BTreeSet;
use std::sync::Arc;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::rows::Rows;
use jifen::domain::points::rule::program::zone;
use jifen::domain::tier::entity::qualifying;
use jifen::domain::tier::query::SumKey;
use jifen::domain::tier::rule::career::Career;
use jifen::domain::tier::rule::revisions::Revisions;
use jifen::domain::tier::rule::terms::{Measures, TierSet};
use jifen::domain::tier::rule::window::Window;

use super::Store;

impl Store {
    /// What `commit::load` knows of tiers, and sums. Here every revision is at hand.
    pub(super) fn load_tiers(&self, rows: &mut Rows, members: BTreeSet<Id>, mut wanted: BTreeSet<SumKey>, now: i64) {
        let mut told: Vec<Arc<TierSet>> = self.tiers.iter().map(|set| Arc::new(set.told(&self.program()))).collect();
        let Some(newest) = told.pop() else { return };
        let revisions = Revisions::new(told, newest);
        for member_id in members {
            let Some(ledger) = rows.ledgers.get(&member_id) else { continue };
            let career = Career::new(revisions.clone(), zone(&rows.program), &ledger.wallet, Instant(now));
            wanted.extend(career.likely().into_iter().map(|window| (member_id, window)));
        }
        rows.tiers = Some(revisions);
        rows.sums = wanted.into_iter().map(|key| (key, self.sum(key))).collect();
    }

    fn sum(&self, (member_id, window): (Id, Window)) -> Measures {
        let of_days = self.days.range((member_id, window.first)..=(member_id, window.last));
        of_days.fold(Measures::default(), |sum, (_, day)| sum + *day)
    }

    pub fn keep_qualifying(&mut self, entries: Vec<qualifying::Model>) {
        for row in entries {
            let day = self.days.entry((row.member_id, row.day)).or_default();
            *day = *day + Measures::of(&row);
            self.qualifying.push(row);
        }
    }

    /// What `commit::moved` does with what counted.
    pub(super) fn move_qualifying(&mut self, from: Id, into: Id) {
        self.days.retain(|(of, _), _| *of != from);
        let moved: Vec<_> = self.qualifying.extract_if(.., |row| row.member_id == from).collect();
        self.keep_qualifying(moved.into_iter().map(|row| qualifying::Model { member_id: into, ..row }).collect());
    }
}
