//! One wallet in memory: what a command works on, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::clock::Instant;
use crate::base::id::{Id, Series};
use crate::base::planted::{Bug, planted};
use crate::base::points::MAX_POINTS;
use crate::domain::points::entity::{LotState, TxnKind, hold, lot, program, wallet};
use crate::domain::points::rule::hash;
use crate::domain::points::rule::hold::OpenHold;
use crate::domain::points::rule::posting::{Draft, Event, Posting};
use crate::domain::points::rule::shelf::Shelf;

/// Why a movement cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotEnoughPoints {
        required: i64,
        active: i64,
    },
    /// The wallet would hold or owe more than [`MAX_POINTS`].
    WalletFull,
    /// The lots at hand do not cover what the wallet says is there: load more of them and ask again.
    MoreLots,
}

/// A wallet as registration or a new household makes it. It begins before every date, since an import may bring purchases older than it.
pub fn open_wallet(member_id: Id, program: &program::Model) -> wallet::Model {
    wallet::Model {
        member_id,
        program_id: program.id,
        posted: 0,
        pending: 0,
        held: 0,
        debt: 0,
        lifetime: 0,
        seq: 0,
        head_hash: hash::genesis(member_id, program.id),
        effective_at: 0,
        next_due: None,
        household_id: None,
        household_role: None,
        merged_into: None,
        purchases: 0,
        spent: 0,
        tier_id: None,
        tier_since: None,
        tier_due: None,
        tier_kept_until: None,
        tier_before: None,
        tier_basis_from: None,
        tier_basis_to: None,
        tier_revision: 0,
        tier_changes: 0,
        joined_at: 0,
    }
}

/// A wallet as far as it was loaded, and what a command has done to it so far.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub wallet: wallet::Model,
    pub shelf: Shelf,
    pub holds: BTreeMap<Id, OpenHold>,
    /// Of what was not loaded, nothing is due before this moment.
    pub later_due: Option<i64>,
    pub(super) ids: Series,
    postings: Vec<Posting>,
    touched_lots: BTreeSet<Id>,
    touched_holds: BTreeSet<Id>,
    new_lots: BTreeSet<Id>,
    new_holds: BTreeSet<Id>,
}

/// What a command did to a wallet: the rows to add and to change, and the wallet for the next command.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub ledger: Ledger,
    pub postings: Vec<Posting>,
    pub new_lots: Vec<lot::Model>,
    pub changed_lots: Vec<lot::Model>,
    pub new_holds: Vec<hold::Model>,
    pub changed_holds: Vec<hold::Model>,
}

impl Ledger {
    /// Until more is known of what was not loaded, nothing of it is due before the wallet says that something is.
    pub fn new(wallet: wallet::Model, shelf: Shelf) -> Ledger {
        Ledger {
            later_due: wallet.next_due,
            wallet,
            shelf,
            holds: BTreeMap::new(),
            ids: Series::new(Id::nil()),
            postings: Vec::new(),
            touched_lots: BTreeSet::new(),
            touched_holds: BTreeSet::new(),
            new_lots: BTreeSet::new(),
            new_holds: BTreeSet::new(),
        }
    }

    /// A copy for one command, whose transactions and lots take their ids from `ids`.
    pub fn copy(&self, ids: Series) -> Ledger {
        Ledger { ids, ..self.clone() }
    }

    /// Points that can be spent, once what is due has been settled.
    pub fn active(&self) -> i64 {
        let held = if planted(Bug::HeldSpendable) { 0 } else { self.wallet.held };
        self.wallet.posted - held
    }

    /// True when a command has not changed anything.
    pub fn is_untouched(&self) -> bool {
        self.postings.is_empty() && self.touched_lots.is_empty() && self.touched_holds.is_empty()
    }

    /// The transactions posted so far.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// Where the ids go on.
    pub fn ids(&self) -> Series {
        self.ids
    }

    /// Ends a command.
    pub fn finish(mut self) -> Outcome {
        let postings = std::mem::take(&mut self.postings);
        let (new_lots, changed_lots) =
            split(&mut self.touched_lots, &mut self.new_lots, |id| self.shelf.get(id).cloned());
        let row = |id| self.holds.get(&id).map(|hold| hold.row.clone());
        let (new_holds, changed_holds) = split(&mut self.touched_holds, &mut self.new_holds, row);
        Outcome { ledger: self, postings, new_lots, changed_lots, new_holds, changed_holds }
    }

    pub(super) fn draft(&mut self, event: &Event, kind: TxnKind) -> Draft {
        Draft::new(&self.wallet, event, self.ids.next(), kind)
    }

    /// Posts a finished transaction. Refused when a balance would be more than a wallet can hold; pending points count
    /// with the others, so that their activation is never refused.
    pub(super) fn post(&mut self, draft: Draft, lots: &[&lot::Model]) -> Result<Id, Refusal> {
        let wallet = &draft.wallet;
        if wallet.posted + wallet.pending > MAX_POINTS || wallet.debt > MAX_POINTS {
            return Err(Refusal::WalletFull);
        }
        let (wallet, posting) = draft.close(lots);
        let id = posting.txn.id;
        self.wallet = wallet;
        self.postings.push(posting);
        Ok(id)
    }

    pub(super) fn open_lot(&mut self, lot: lot::Model) {
        self.new_lots.insert(lot.id);
        self.put_lot(lot);
    }

    /// Puts a changed lot back. If it has points, it will have to be looked at when its time comes.
    pub(super) fn put_lot(&mut self, lot: lot::Model) {
        self.touched_lots.insert(lot.id);
        let next = match lot.state {
            LotState::Pending => lot.activates_at,
            // What is over by now is written by the verb that put it back.
            LotState::Active => lot.expires_at.filter(|end| *end > self.wallet.effective_at),
        };
        if let Some(moment) = next.filter(|_| lot.remaining > 0) {
            self.due_at(moment);
        }
        self.shelf.put(lot);
    }

    pub(super) fn open_hold(&mut self, hold: OpenHold) {
        self.new_holds.insert(hold.row.id);
        self.put_hold(hold);
    }

    pub(super) fn put_hold(&mut self, hold: OpenHold) {
        self.touched_holds.insert(hold.row.id);
        self.holds.insert(hold.row.id, hold);
    }

    /// Something will be due at a moment.
    pub(super) fn due_at(&mut self, moment: i64) {
        if moment < Instant::NEVER.micros() {
            self.wallet.next_due = Some(self.wallet.next_due.map_or(moment, |due| due.min(moment)));
        }
    }
}

/// The rows that are new, and those that only changed.
fn split<T>(touched: &mut BTreeSet<Id>, new: &mut BTreeSet<Id>, row: impl Fn(Id) -> Option<T>) -> (Vec<T>, Vec<T>) {
    let new = std::mem::take(new);
    let (fresh, changed): (Vec<Id>, Vec<Id>) = std::mem::take(touched).into_iter().partition(|id| new.contains(id));
    (fresh.into_iter().filter_map(&row).collect(), changed.into_iter().filter_map(&row).collect())
}
