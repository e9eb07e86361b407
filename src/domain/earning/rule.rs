//! The earning rule, as a pure function of the program and what was bought.

use crate::base::planted::{Bug, planted};
use crate::base::points::{EarnRate, Rounding, share};
use crate::domain::points::entity::{RoundingKind, program};

/// What an order earns, and each line's share of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earned {
    pub points: i64,
    pub by_line: Vec<i64>,
}

/// `I = P × Q` over the net amounts of the lines in minor units: summed, rounded once, shared out by largest remainder.
/// `None` when the points are more than a wallet can hold.
pub fn earn(program: &program::Model, net_of_lines: &[i64]) -> Option<Earned> {
    let rate = EarnRate { points: program.earn_points, minor: program.earn_minor };
    let eligible = net_of_lines.iter().try_fold(0_i64, |sum, net| sum.checked_add(*net))?;
    let eligible = if planted(Bug::RoundedTwice) { eligible / 100 * 100 } else { eligible };
    let points = rate.earn(eligible, rounding(program.rounding))?;
    Some(Earned { points, by_line: share(points, net_of_lines) })
}

pub fn rounding(kind: RoundingKind) -> Rounding {
    match kind {
        RoundingKind::Floor => Rounding::Floor,
        RoundingKind::HalfUp => Rounding::HalfUp,
        RoundingKind::Ceil => Rounding::Ceil,
    }
}

#[cfg(test)]
mod tests;
