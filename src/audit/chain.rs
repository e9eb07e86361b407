//! The hash chains, recomputed in one pass over all transactions by wallet and number.
//!
//! It is streamed: a batch of transactions with what belongs to them is in memory at a time, however large the ledger.

mod batch;
mod link;

use sea_orm::DatabaseTransaction;

use crate::audit::chain::batch::{Place, read_batch, read_empty_wallets};
use crate::audit::chain::link::Link;
use crate::audit::invariant::Bad;
use crate::audit::report::Outcome;
use crate::audit::scope::Scope;
use crate::audit::{Wanted, go_on};
use crate::base::error::Result;
use crate::domain::points::rule::hash;

/// What is asked of each transaction in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It can be read at all.
    Readable,
    /// Its number is the one after the last.
    Gapless,
    /// It takes effect no earlier than the last.
    Forward,
    /// Its hash before is the hash of the last, or of the wallet's beginning.
    Linked,
    /// Its balances are the last ones and its entries.
    Running,
    /// Its entries and allocations are numbered from 0.
    Numbered,
    /// Its hash is that of its content.
    Hashed,
    /// A wallet without transactions stands at its beginning.
    Fresh,
}

const CHECKS: [(Check, &str, &str); 8] = [
    (Check::Readable, "chain-is-readable", "Every transaction, and all that belongs to it, can be read."),
    (Check::Gapless, "chain-is-gapless", "A wallet's transactions are numbered from 1 without a gap."),
    (Check::Forward, "chain-goes-forward", "The moment at which transactions take effect never goes back."),
    (
        Check::Linked,
        "chain-is-linked",
        "Every transaction names the hash of the one before it, the first the wallet's.",
    ),
    (Check::Running, "balances-run", "The balances after a transaction are those before it and its entries."),
    (Check::Numbered, "parts-are-numbered", "Entries and allocations are numbered from 0 without a gap."),
    (
        Check::Hashed,
        "hash-is-of-content",
        "A transaction's hash is that of its content, entries, allocations and lots.",
    ),
    (Check::Fresh, "new-wallet-is-fresh", "A wallet without transactions has the hash and moment it began with."),
];

/// The first bad row of each check.
#[derive(Default)]
pub struct Findings([Option<Bad>; CHECKS.len()]);

impl Findings {
    /// Notes a bad row; only the first of each check is kept.
    fn note(&mut self, check: Check, bad: impl FnOnce() -> Bad) {
        let place = CHECKS.iter().position(|(known, ..)| *known == check).expect("every check is listed");
        self.0[place].get_or_insert_with(bad);
    }

    pub fn outcomes(self, transactions: i64, wallets: i64) -> Vec<Outcome> {
        let outcomes = CHECKS.into_iter().zip(self.0).map(|((check, name, meaning), first)| {
            let (over, checked) = if check == Check::Fresh { ("wallet", wallets) } else { ("txn", transactions) };
            Outcome { name, meaning, over, checked, first }
        });
        outcomes.collect()
    }
}

/// Walks every chain within the scope.
pub async fn walk(snapshot: &DatabaseTransaction, scope: Scope, wanted: Wanted<'_>) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut place = Place::start_of(scope);
    let mut link = None;
    while let Some(batch) = read_batch(snapshot, scope, &place, &mut findings).await? {
        go_on(wanted)?;
        for step in &batch.steps {
            let known = link.take().filter(|link: &Link| link.continues(&step.place));
            let before = known.unwrap_or_else(|| Link::first(&step.place));
            link = Some(before.follow(step, &mut findings));
        }
        place = batch.end;
    }
    let mut place = Place::start_of(scope);
    while let Some(wallets) = read_empty_wallets(snapshot, scope, &place).await? {
        go_on(wanted)?;
        for wallet in &wallets {
            let genesis = hash::genesis(wallet.member_id, wallet.program_id);
            if wallet.head_hash != genesis || wallet.effective_at != 0 {
                findings.note(Check::Fresh, || Bad {
                    member_id: Some(wallet.member_id),
                    number: None,
                    seq: Some(0),
                    id: Some(wallet.program_id),
                    expected: "the hash and the moment of a beginning".to_owned(),
                    found: format!("others (moment {})", wallet.effective_at),
                });
            }
            place = Place { member_id: wallet.member_id, program_id: wallet.program_id, seq: 0 };
        }
    }
    Ok(findings)
}
