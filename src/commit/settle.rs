//! Settling a wallet: writing what is due in it, and nothing else. What the worker sends.

use std::convert::Infallible;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::command::{Command, Stop};
use crate::commit::open::open;
use crate::commit::rows::{Changes, Keys, Rows};

#[derive(Clone, Debug)]
pub struct Settle {
    pub member_id: Id,
    /// The first id of its transactions.
    pub seed: Id,
}

impl Command for Settle {
    /// How many transactions were due.
    type Done = usize;
    type Rejection = Infallible;

    fn wallet(&self) -> Id {
        self.member_id
    }

    fn rows(&self) -> usize {
        20
    }

    fn keys(&self, keys: &mut Keys) {
        keys.wallets.insert(self.member_id);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, usize), Stop<Infallible>> {
        let before = rows.ledgers.get(&self.member_id).and_then(|ledger| ledger.wallet.next_due);
        // Another process may have been faster.
        if before.is_none_or(|due| due > now.micros()) {
            return Ok((Changes::default(), 0));
        }
        let books = open(rows, self.member_id, self.seed, now)?.finish();
        let posted = books.postings.len();
        Ok((Changes { books: vec![books], ..Changes::default() }, posted))
    }
}
