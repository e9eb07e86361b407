//! The books of the wallets a command touches: opened one by one, closed together.

use std::cmp::Reverse;

use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::{Id, Series};
use crate::base::planted::{Bug, planted};
use crate::commit::command::Stop;
use crate::commit::open::{open_with, want_lots};
use crate::commit::rows::{Keys, Rows};
use crate::domain::points::entity::{Cause, wallet};
use crate::domain::points::rule::{Event, Ledger, Outcome, Refusal};

pub struct Books<'a> {
    rows: &'a Rows,
    seed: Id,
    now: Instant,
    open: Vec<Ledger>,
}

/// A wallet and those that took it over since, one after the other.
pub struct Line(Vec<Id>);

impl Line {
    pub fn first(&self) -> Id {
        self.0[0]
    }

    /// The wallet that has everything now.
    pub fn keeper(&self) -> Id {
        self.0[self.0.len() - 1]
    }

    /// The wallets that were taken over.
    pub fn before(&self) -> &[Id] {
        &self.0[..self.0.len() - 1]
    }

    pub fn contains(&self, wallet_id: Id) -> bool {
        self.0.contains(&wallet_id)
    }
}

impl<'a> Books<'a> {
    /// None is open yet. Each takes its ids from a series of its own behind `seed`.
    pub fn new(rows: &'a Rows, seed: Id, now: Instant) -> Books<'a> {
        Books { rows, seed, now, open: Vec::new() }
    }

    /// Opens the books of the member on whose behalf a command runs, who must not have been merged into another: between
    /// the look-up and the lock that may have happened, and whoever asks again finds everything with the other.
    pub fn open_own<R>(&mut self, member_id: Id) -> Result<&mut Ledger, Stop<R>> {
        let wallet = self.wallet(member_id)?;
        if wallet.merged_into.is_some() {
            return Err(Stop::Failed(Error::unavailable()));
        }
        self.open(member_id)
    }

    /// Opens the books of a wallet and of those that took it over.
    pub fn open_line<R>(&mut self, wallet_id: Id) -> Result<Line, Stop<R>> {
        let mut line = Line(vec![wallet_id]);
        loop {
            let last = line.keeper();
            if !self.rows.ledgers.contains_key(&last) {
                return Err(missing(last));
            }
            self.open::<R>(last)?;
            match self.wallet::<R>(last)?.merged_into {
                Some(next) => line.0.push(next),
                None => return Ok(line),
            }
        }
    }

    /// The books of the household that a member earns into; `None` for a member of none.
    pub fn open_household<R>(&mut self, member_id: Id) -> Result<Option<Id>, Stop<R>> {
        let Some(household_id) = self.wallet::<R>(member_id)?.household_id else { return Ok(None) };
        if !self.rows.ledgers.contains_key(&household_id) {
            return Err(missing(household_id));
        }
        self.open::<R>(household_id)?;
        Ok(Some(household_id))
    }

    /// The wallet as it was locked.
    pub fn wallet<R>(&self, wallet_id: Id) -> Result<&'a wallet::Model, Stop<R>> {
        let ledger = self.rows.ledgers.get(&wallet_id);
        ledger.map(|ledger| &ledger.wallet).ok_or_else(|| Stop::Failed(Error::unauthenticated()))
    }

    /// Opens the books of a wallet, whether or not another has taken it over: whatever comes to it must be handed on.
    pub fn open<R>(&mut self, wallet_id: Id) -> Result<&mut Ledger, Stop<R>> {
        let place = match self.open.iter().position(|ledger| ledger.wallet.member_id == wallet_id) {
            Some(place) => place,
            None => {
                let ids = Series::new(self.seed).apart(self.open.len());
                self.open.push(open_with(self.rows, wallet_id, ids, self.now, self.now)?);
                self.open.len() - 1
            }
        };
        Ok(&mut self.open[place])
    }

    /// Books that are open.
    pub fn of(&mut self, wallet_id: Id) -> &mut Ledger {
        let place = self.open.iter().position(|ledger| ledger.wallet.member_id == wallet_id);
        let place = place.expect("a command opens books before it writes in them");
        &mut self.open[place]
    }

    /// What came back to wallets that were taken over goes on to those that took them over. What these owe is still to be
    /// repaid.
    pub fn hand_on(&mut self, event: &Event) -> Result<(), Refusal> {
        let mut merged: Vec<(Id, Id)> = self
            .open
            .iter()
            .filter_map(|ledger| Some((ledger.wallet.member_id, ledger.wallet.merged_into?)))
            .filter(|_| !planted(Bug::StaysWithMerged))
            .collect();
        // Whoever was taken over last hands on last, and so what came from those before as well.
        merged.sort_by_key(|(from, _)| Reverse(self.keepers(*from)));
        for (from, into) in merged {
            let ledger = self.of(from);
            // The wallet that was taken over is the source, as often as something comes back to it.
            let source_part = PARTS * (ledger.wallet.seq + 1);
            let event = Event { cause: Cause::Merger, source_id: from, source_part, ..event.clone() };
            let estate = ledger.hand_over(&event)?;
            self.of(into).take_over(&event, &estate, false)?;
        }
        Ok(())
    }

    /// How many wallets that are open have what this one had, one after the other.
    fn keepers(&self, wallet_id: Id) -> usize {
        let next = |id: &Id| self.open.iter().find(|ledger| ledger.wallet.member_id == *id)?.wallet.merged_into;
        std::iter::successors(next(&wallet_id), next).count()
    }

    /// How many transactions each wallet has by now, in the order in which they were opened.
    pub fn numbers(&self) -> impl Iterator<Item = i64> {
        self.open.iter().map(|ledger| ledger.wallet.seq)
    }

    /// Ends the command. The outcomes are in the order in which the books were opened.
    pub fn close(self) -> Vec<Outcome> {
        self.open.into_iter().map(Ledger::finish).collect()
    }
}

/// More than the parts of one handing over, so that those of the next differ.
const PARTS: i64 = 4;

fn missing<R>(wallet_id: Id) -> Stop<R> {
    let mut keys = Keys::default();
    want_lots(&mut keys, wallet_id);
    Stop::Missing(Box::new(keys))
}
