//! The invariants, by what they are about. Adding a table means adding its invariants here.
//!
//! A query names its bad rows in five columns: `member_id`, `seq`, `id`, `expected`, `found`. None reads the clock, and
//! each is written once for both databases: a sum is cast to text before it is compared by people, flags are used as
//! conditions, and an absent column is `CAST(NULL AS …)`, so that every branch of a UNION has its type.

mod code;
mod earning;
mod hold;
mod house;
mod household;
mod lot;
mod member;
mod movement;
mod order;
mod orphan;
mod program;
mod returns;
mod reward;
mod segment;
mod tier;
mod txn;
mod wallet;
mod word;

use crate::audit::invariant::Invariant;

/// All invariants that are queries, in the order in which they are told: a row that cannot be understood first, since
/// it explains what is broken after it.
pub fn all() -> Vec<Invariant> {
    let mut all = word::invariants();
    all.extend(orphan::INVARIANTS);
    all.extend(program::INVARIANTS);
    all.extend(txn::INVARIANTS);
    all.extend(wallet::INVARIANTS);
    all.extend(lot::INVARIANTS);
    all.extend(hold::INVARIANTS);
    all.extend(movement::INVARIANTS);
    all.extend(house::INVARIANTS);
    all.extend(order::INVARIANTS);
    all.extend(returns::INVARIANTS);
    all.extend(reward::INVARIANTS);
    all.extend(code::INVARIANTS);
    all.extend(member::INVARIANTS);
    all.extend(household::INVARIANTS);
    all.extend(earning::INVARIANTS);
    all.extend(segment::INVARIANTS);
    all.extend(tier::INVARIANTS);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_say_something() {
        let all = all();
        let mut names: Vec<_> = all.iter().map(|invariant| invariant.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        for invariant in &all {
            assert!(invariant.meaning.ends_with('.') && invariant.name.len() <= 28, "{}", invariant.name);
        }
    }
}
