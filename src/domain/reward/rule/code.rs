//! Codes that are added to a reward: which of a list can be, and why the others cannot.

use std::collections::{HashMap, HashSet};

use crate::base::id::Id;
use crate::base::text::has_control;

/// The name under which idempotency keys of adding codes are kept.
pub const OPERATION: &str = "addCodes";
/// Codes that one call may bring.
pub const MAX_CODES: usize = 5_000;
/// The longest code, in characters.
pub const MAX_LENGTH: usize = 100;

/// Why no code of a list is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    RewardUnknown,
    /// It gives out something else.
    NotOfCodes,
    Ended,
    NoCodes,
    TooManyCodes,
    IdempotencyKeyConflict,
}

/// Why one code is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    Malformed,
    /// It stands further up in the list.
    Repeated,
    /// The reward has it already.
    Known,
    /// Another reward has it, or it is a coupon's.
    Taken,
}

/// A line of a list, counted from 1, that is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub line: u64,
    pub flaw: Flaw,
}

/// A code and the line it stands on.
pub type Line = (u64, String);

/// Trims the lines of a list and takes out those that could not be added to any reward.
pub fn sort_out(lines: impl IntoIterator<Item = Line>) -> (Vec<Line>, Vec<Skipped>) {
    let (mut good, mut skipped, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (line, text) in lines {
        let code = text.trim();
        if !is_code(code) {
            skipped.push(Skipped { line, flaw: Flaw::Malformed });
        } else if seen.insert(code.to_owned()) {
            good.push((line, code.to_owned()));
        } else {
            skipped.push(Skipped { line, flaw: Flaw::Repeated });
        }
    }
    (good, skipped)
}

/// Its letters are compared as they are: a partner may tell `a` from `A`.
fn is_code(code: &str) -> bool {
    (1..=MAX_LENGTH).contains(&code.chars().count()) && !has_control(code)
}

/// Whose a code is that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A reward's, which got it with a batch.
    Reward {
        reward_id: Id,
        batch_id: Id,
    },
    Coupon,
}

/// The lines that a reward does not have because of `owners`, who have these codes; what came with the batch itself is its own.
pub fn passed_over(lines: &[Line], owners: &HashMap<String, Owner>, ours: Id, batch: Id) -> Vec<Skipped> {
    let flaw = |owner: &Owner| match owner {
        Owner::Reward { batch_id, .. } if *batch_id == batch => None,
        Owner::Reward { reward_id, .. } if *reward_id == ours => Some(Flaw::Known),
        Owner::Reward { .. } | Owner::Coupon => Some(Flaw::Taken),
    };
    let found = lines.iter().filter_map(|(line, code)| {
        let flaw = flaw(owners.get(code)?)?;
        Some(Skipped { line: *line, flaw })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(codes: &[&str]) -> Vec<Line> {
        codes.iter().zip(1..).map(|(code, line)| (line, (*code).to_owned())).collect()
    }

    #[test]
    fn a_list_is_trimmed_and_what_cannot_be_is_named_by_its_line() {
        let long = "x".repeat(MAX_LENGTH + 1);
        let (good, skipped) = sort_out(lines(&[" A-1 ", "", "a-1", "A-1", "b\u{0}c", &long, "  ", "码"]));
        assert_eq!(good, vec![(1, "A-1".to_owned()), (3, "a-1".to_owned()), (8, "码".to_owned())]);
        let malformed = |line| Skipped { line, flaw: Flaw::Malformed };
        let repeated = Skipped { line: 4, flaw: Flaw::Repeated };
        assert_eq!(skipped, vec![malformed(2), repeated, malformed(5), malformed(6), malformed(7)]);
    }

    #[test]
    fn what_came_with_the_batch_itself_is_its_own() {
        let [ours, other, batch, before] = [1, 2, 3, 4].map(Id::from_u128);
        let of = |reward_id, batch_id| Owner::Reward { reward_id, batch_id };
        let owners = [("a", of(ours, batch)), ("b", of(ours, before)), ("c", of(other, before)), ("d", Owner::Coupon)];
        let owners = owners.map(|(code, owner)| (code.to_owned(), owner)).into();
        let skipped = passed_over(&lines(&["a", "b", "c", "d", "e"]), &owners, ours, batch);
        let flaws: Vec<_> = skipped.iter().map(|skipped| (skipped.line, skipped.flaw)).collect();
        assert_eq!(flaws, vec![(2, Flaw::Known), (3, Flaw::Taken), (4, Flaw::Taken)]);
    }
}
