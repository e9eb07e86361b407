//! What the rest of an order still earns after a return: of the program's rate, the member's tier and every rule the lesser of what was
//! given then, and what it would give for what is left. Caps and budgets are not asked again, nor which rules give.

use crate::base::planted::{Bug, planted};
use crate::base::points::share;
use crate::domain::earning::entity::earned_share;
use crate::domain::earning::rule::occasion::Occasion;
use crate::domain::earning::rule::reckon::{Dues, Match, match_of};
use crate::domain::earning::rule::terms::Rule;
use crate::domain::points::entity::program;

/// What an order earned, and how much of it was demanded back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    pub points: i64,
    pub clawed: i64,
}

/// What a return demands back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Of the program's own rate.
    pub base: i64,
    /// Of each rule's share, in the order of the shares.
    pub shares: Vec<i64>,
}

impl Demand {
    pub fn points(&self) -> i64 {
        self.base + self.shares.iter().sum::<i64>()
    }

    /// How points that the shop gives up are spread over what is demanded, the base first.
    pub fn written_off(&self, points: i64) -> Vec<i64> {
        let weights: Vec<i64> = std::iter::once(self.base).chain(self.shares.iter().copied()).collect();
        share(points, &weights)[1..].to_vec()
    }
}

/// What is demanded back when `occasion` is what is left of an order. Each share comes with the revision it is of; without
/// it, nothing is left of it.
pub fn demand(
    program: &program::Model,
    occasion: &Occasion,
    base: Given,
    shares: &[(&earned_share::Model, Option<&Rule>)],
) -> Demand {
    let dues = Dues { program, occasion };
    let left_of_base = dues.base().unwrap_or(base.points);
    let found: Vec<Option<Match>> = shares.iter().map(|(_, rule)| match_of((*rule)?, occasion)).collect();
    let multiplier = occasion.standing.multiplier();
    let (of_tier, of_rules) = dues.together(left_of_base, multiplier, found.iter().flatten());
    let mut of_rules = of_rules.into_iter();
    let left = shares.iter().zip(&found).map(|((share, _), found)| match found {
        _ if share.of_tier && planted(Bug::TierShareKept) => share.points,
        _ if share.of_tier => of_tier,
        Some(_) => of_rules.next().unwrap_or(0),
        None => 0,
    });
    let demanded = |given: Given, left: i64| (given.points - left.min(given.points) - given.clawed).max(0);
    let shares = shares.iter().zip(left).map(|((share, _), left)| {
        let points = if planted(Bug::DueTakenBack) { share.due } else { share.points };
        demanded(Given { points, clawed: share.clawed }, left)
    });
    Demand { base: demanded(base, left_of_base), shares: shares.collect() }
}
