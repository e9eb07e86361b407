//! What scripts come to: how often each act is done or rejected, and what the ledger books.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Result};

use crate::reference::Reference;
use crate::run::moment;
use crate::script::{Answer, Script};

#[derive(Default)]
pub struct Tally(BTreeMap<String, u64>);

/// What must happen now and then, or the scripts test less than they seem to.
const WANTED: [&str; 74] = [
    "Accrual",
    "Activation",
    "Hold",
    "Release",
    "Redemption",
    "Refund",
    "Expiration",
    "Reinstatement",
    "Clawback",
    "DebtRepayment",
    "WriteOff",
    "MoneySettlement",
    "TransferOut",
    "TransferIn",
    "Adjustment",
    "Capture: done",
    "Decide: done",
    "Reinstate: done",
    "Return: stale",
    "Import: done",
    "Register: done",
    "Place: before",
    "Household: done",
    "Invite: done",
    "Invite: HouseholdFull",
    "Join: done",
    "Leave: done",
    "Leave: LastOwner",
    "Merge: done",
    "Merge: HoldsOpen",
    "Place: EarnsOnly",
    "a household dissolved",
    "a debt merged",
    "handed on by a merged wallet",
    "a delivery elsewhere",
    "points given back elsewhere",
    "points clawed back elsewhere",
    "Rule: done",
    "Rule: BudgetBelowUsed",
    "Event: done",
    "Event: before",
    "Event: UniqueKeyConflict",
    "Place: TooManyPoints",
    "a budget is spent",
    "a budget ends in the middle",
    "a cap is reached",
    "a cap ends in the middle",
    "a rule ends in a group in which it gave before",
    "a period that began at a local midnight",
    "a first order",
    "a first order once more",
    "multipliers rounded together",
    "the best of several",
    "the best is not the one that is due most",
    "an exclusive rule beside others",
    "a spent exclusive rule gives way",
    "a return frees a budget",
    "a return frees a cap",
    "a return by rules that have changed since",
    "a return of what a rule gave in part",
    "a share is written off",
    "an event of no points",
    "an event told late",
    "Tiers: done",
    "Protect: done",
    "Judge: done",
    "a tier multiplies",
    "a tier multiplies beside a rule",
    "a tier is reached",
    "a tier is judged",
    "a tier is undone",
    "a tier is protected",
    "a tier by other tiers",
    "a tier of a merged member",
];

impl Tally {
    /// Adds what the reference makes of a script.
    pub fn add(&mut self, script: &Script) {
        let mut reference = Reference::new();
        for group in &script.groups {
            reference.now = moment(&reference, group.wait);
            for step in &group.steps {
                reference.target(step);
                let answer = reference.apply(step);
                let act = format!("{:?}", step.act);
                let act = act.split([' ', '(']).next().unwrap_or_default();
                self.count(format!("{act}: {}", said(&answer)));
            }
            reference.end_group();
        }
        let booked = reference.wallets.values().flat_map(|wallet| &wallet.log);
        booked.for_each(|booked| self.count(format!("{:?}", booked.kind)));
        for (what, times) in reference.diary {
            *self.0.entry(what.to_owned()).or_default() += times;
        }
    }

    fn count(&mut self, what: String) {
        *self.0.entry(what).or_default() += 1;
    }

    /// What should have happened and did not.
    pub fn never(&self) -> Vec<String> {
        WANTED.iter().filter(|what| !self.0.contains_key(**what)).map(|what| (*what).to_owned()).collect()
    }
}

fn said(answer: &Answer) -> &str {
    match answer {
        Answer::Done | Answer::Figures(_) | Answer::Points(_) => "done",
        Answer::Before(_) => "before",
        Answer::Stale(_) => "stale",
        Answer::Skipped => "skipped",
        Answer::Failed(_) => "failed",
        Answer::Rejected(why) => why.split(' ').next().unwrap_or_default(),
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.iter().try_for_each(|(what, times)| writeln!(f, "{times:>8} {what}"))
    }
}
