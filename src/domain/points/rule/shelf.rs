//! The lots of a wallet, in the order in which they are spent.
//!
//! A wallet may have very many lots, so a group loads the first of them and those it needs by name. The shelf knows how
//! far it can be trusted: up to its frontier, it holds every lot with points remaining.

use std::collections::BTreeMap;

use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::{LotState, lot};

/// Earliest expiry, earliest activation, id. Lots without dates, which are pending, come last.
pub type SpendKey = (i64, i64, Id);

/// The key of the order in which lots are spent.
pub fn spend_key(lot: &lot::Model) -> SpendKey {
    let expires_at = lot.expires_at.filter(|_| !planted(Bug::OldestFirst));
    (expires_at.unwrap_or(i64::MAX), lot.activates_at.unwrap_or(i64::MAX), lot.id)
}

/// Before every lot, and after every lot.
const NOWHERE: SpendKey = (i64::MIN, i64::MIN, Id::nil());
const EVERYWHERE: SpendKey = (i64::MAX, i64::MAX, Id::max());

/// The lots at hand.
#[derive(Clone, Debug)]
pub struct Shelf {
    lots: BTreeMap<Id, lot::Model>,
    /// Of the lots with points remaining, those up to here are all at hand.
    frontier: SpendKey,
}

impl Default for Shelf {
    fn default() -> Shelf {
        Shelf { lots: BTreeMap::new(), frontier: NOWHERE }
    }
}

impl Shelf {
    /// A shelf with every lot there is.
    pub fn full(lots: impl IntoIterator<Item = lot::Model>) -> Shelf {
        Shelf { lots: lots.into_iter().map(|lot| (lot.id, lot)).collect(), frontier: EVERYWHERE }
    }

    /// Takes in the first lots of the wallet in spend order. There may be more when there are `limit` of them.
    pub fn stock(&mut self, first: Vec<lot::Model>, limit: usize) {
        self.frontier = match first.last() {
            Some(last) if first.len() >= limit => spend_key(last),
            _ => EVERYWHERE,
        };
        first.into_iter().for_each(|lot| self.add(lot));
    }

    /// Takes in a lot that is needed for itself. One that is at hand stays as it is.
    pub fn add(&mut self, lot: lot::Model) {
        self.lots.entry(lot.id).or_insert(lot);
    }

    pub fn get(&self, id: Id) -> Option<&lot::Model> {
        self.lots.get(&id)
    }

    pub fn put(&mut self, lot: lot::Model) {
        self.lots.insert(lot.id, lot);
    }

    pub fn iter(&self) -> impl Iterator<Item = &lot::Model> {
        self.lots.values()
    }

    /// How many lots are at hand.
    pub fn len(&self) -> usize {
        self.lots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lots.is_empty()
    }

    /// The active lots from which `points` are to be taken, in spend order, and how many from each. `available` is what
    /// the wallet says is there; `None` when more lots must be loaded first.
    pub fn pick(&self, points: i64, available: i64) -> Option<Vec<(Id, i64)>> {
        let mut spendable: Vec<&lot::Model> = self.lots.values().filter(|lot| is_spendable(lot)).collect();
        // When all that the wallet has is at hand, there is nothing beyond the frontier.
        let at_hand: i64 = spendable.iter().map(|lot| lot.remaining).sum();
        let all_at_hand = at_hand == available || planted(Bug::ShelfTrusted);
        let frontier = if all_at_hand { EVERYWHERE } else { self.frontier };
        spendable.sort_unstable_by_key(|lot| spend_key(lot));
        let mut missing = points;
        let mut picked = Vec::new();
        for lot in spendable {
            if missing == 0 || spend_key(lot) > frontier {
                break;
            }
            let taken = lot.remaining.min(missing);
            picked.push((lot.id, taken));
            missing -= taken;
        }
        (missing == 0).then_some(picked)
    }
}

fn is_spendable(lot: &lot::Model) -> bool {
    lot.state == LotState::Active && lot.remaining > 0
}
