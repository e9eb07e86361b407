//! Earning, as pure functions of the program, its rules, and what was bought or done.
//!
//! | room | what is in it |
//! | --- | --- |
//! | `asked` | what conditions ask about a member that has to be looked up |
//! | `occasion` | what is judged: a basket or an event, when, where, and by whom |
//! | `condition` | when a rule applies, a file a kind |
//! | `effect` | what it gives then |
//! | `event` | custom events and their kinds |
//! | `cap` | how much of it a member may have in a period |
//! | `terms` | all three as they are kept |
//! | `reckon` | what an occasion earns: the program's rate and every rule's share of it |
//! | `change` | what staff set about a rule, and which steps it can be taken |
//! | `more` | what a basket lacks for a rule |
//! | `left` | what the rest of an order still earns after a return |

pub mod asked;
pub mod cap;
pub mod change;
pub mod condition;
pub mod effect;
pub mod event;
pub mod left;
pub mod more;
pub mod occasion;
pub mod reckon;
pub mod terms;

use crate::base::planted::{Bug, planted};
use crate::base::points::{EarnRate, Rounding};
use crate::domain::points::entity::{RoundingKind, program};

pub fn rounding(kind: RoundingKind) -> Rounding {
    match kind {
        RoundingKind::Floor => Rounding::Floor,
        RoundingKind::HalfUp => Rounding::HalfUp,
        RoundingKind::Ceil => Rounding::Ceil,
    }
}

/// P of a version.
pub fn earn_rate(program: &program::Model) -> EarnRate {
    EarnRate { points: program.earn_points, minor: program.earn_minor }
}

/// `I = P × Q` for an eligible amount in minor units: what an order earns without any rule. `None` when that is more than a
/// wallet can hold.
pub fn earn(program: &program::Model, eligible: i64) -> Option<i64> {
    let eligible = if planted(Bug::RoundedTwice) { eligible / 100 * 100 } else { eligible };
    earn_rate(program).earn(eligible, rounding(program.rounding))
}

#[cfg(test)]
mod tests;
