//! What an occasion earns.
//!
//! The program's rate and the multipliers on it, the one of the member's tier first, are one sum, rounded once; each multiplier's share is what the rounded sum
//! grows by with it. Other effects are whole points, or are rounded for themselves. What a rule gives is then cut to what
//! its caps and its budget leave.

use crate::base::id::Id;
use crate::base::multiplier::WHOLE;
use crate::base::planted::{Bug, planted};
use crate::base::points::{MAX_POINTS, Rounding, share};
use crate::domain::earning::entity::{Stacking, earned_share};
use crate::domain::earning::rule::effect::{Effect, TOO_MUCH};
use crate::domain::earning::rule::occasion::{Item, Occasion};
use crate::domain::earning::rule::terms::{Rule, Rules};
use crate::domain::earning::rule::{earn, earn_rate, rounding};
use crate::domain::points::entity::program;

/// What is earned, and each line's share of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earned {
    pub points: i64,
    pub by_line: Vec<i64>,
    /// What the program's own rate gives of it.
    pub base: i64,
    /// What the member's tier gives of it, then each rule, in the order in which they were applied.
    pub shares: Vec<Share>,
    /// Rules that apply and have nothing left to give.
    pub spent: Vec<Share>,
}

/// What one rule gives, or the member's tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub rule: RuleId,
    /// Without caps and budget.
    pub due: i64,
    pub points: i64,
    /// It is the tier's: then `rule` names that, in the revision of its set.
    pub of_tier: bool,
}

/// A row for each share.
pub fn share_rows(shares: &[Share], member_id: Id, source_id: Id) -> Vec<earned_share::Model> {
    let numbered = shares.iter().zip(0..).map(|(share, position)| earned_share::Model {
        member_id,
        source_id,
        position,
        rule_id: share.rule.id,
        revision: share.rule.revision,
        due: share.due,
        points: share.points,
        clawed: 0,
        written_off: 0,
        of_tier: share.of_tier,
    });
    numbered.collect()
}

/// A revision of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleId {
    pub id: Id,
    pub revision: i64,
}

/// A rule that applies, and to which lines.
#[derive(Clone, Debug)]
pub struct Match<'a> {
    pub rule: &'a Rule,
    lines: Vec<bool>,
}

/// The rules that apply, or while something is not known, could apply.
pub fn matching<'a>(rules: &'a Rules, occasion: &Occasion) -> Vec<Match<'a>> {
    let event_type = occasion.event.map(|(event_type, _)| event_type);
    rules.running(event_type, occasion.moment).filter_map(|rule| match_of(rule, occasion)).collect()
}

/// How a rule applies, whether or not it is running; `None` if it does not.
pub fn match_of<'a>(rule: &'a Rule, occasion: &Occasion) -> Option<Match<'a>> {
    let holds = |line| rule.terms.condition.holds(occasion, line) != Some(false);
    let lines: Vec<bool> = occasion.items.iter().map(|item| holds(Some(item))).collect();
    let applies = if occasion.event.is_some() { holds(None) } else { lines.contains(&true) };
    applies.then_some(Match { rule, lines })
}

impl Match<'_> {
    fn items<'a>(&'a self, occasion: &Occasion<'a>) -> impl Iterator<Item = &'a Item> {
        occasion.items.iter().zip(&self.lines).filter(|(_, is_in)| **is_in).map(|(item, _)| item)
    }

    fn basis(&self, occasion: &Occasion) -> i64 {
        self.items(occasion).map(|item| item.basis).sum()
    }
}

/// What an occasion earns by the program and the rules that apply. `left` says what a rule's caps and budget leave.
/// `None` when it is more than a wallet can hold.
pub fn reckon(
    program: &program::Model,
    matches: Vec<Match>,
    occasion: &Occasion,
    left: impl Fn(&Rule) -> i64,
) -> Option<Earned> {
    let dues = Dues { program, occasion };
    let (open, spent): (Vec<_>, Vec<_>) = matches
        .into_iter()
        .map(|found| (dues.alone(&found), left(found.rule), found))
        .filter(|(due, _, _)| *due > 0)
        .partition(|(_, left, found)| *left > 0 || planted(Bug::SpentExclusiveAlone) && found.rule.is_exclusive());
    let spent =
        spent.into_iter().map(|(due, _, found)| Share { rule: found.rule.revision(), due, points: 0, of_tier: false });
    let chosen = choose(open);
    let base = dues.base()?;
    let (of_tier, dues) = dues.together(base, occasion.standing.multiplier(), chosen.iter().map(|(found, _)| found));
    let everywhere = vec![true; occasion.items.len()];
    let of_tier = occasion.standing.tier.filter(|_| of_tier > 0).map(|tier| {
        let rule = RuleId { id: tier.id, revision: tier.revision };
        (Share { rule, due: of_tier, points: of_tier, of_tier: true }, everywhere.as_slice())
    });
    let shares = dues.into_iter().zip(&chosen).filter(|(due, _)| *due > 0).map(|(due, (found, left))| {
        let points = due.min(*left);
        (Share { rule: found.rule.revision(), due, points, of_tier: false }, found.lines.as_slice())
    });
    let (shares, lines): (Vec<Share>, Vec<&[bool]>) = of_tier.into_iter().chain(shares).unzip();
    let points = shares.iter().try_fold(base, |sum, share| sum.checked_add(share.points))?;
    let by_line = by_line(occasion.items, base, shares.iter().map(|share| share.points).zip(lines));
    let spent = spent.collect();
    Some(Earned { points, by_line, base, shares, spent }).filter(|_| points <= MAX_POINTS)
}

impl Rule {
    pub fn revision(&self) -> RuleId {
        RuleId { id: self.row.id, revision: self.row.revision }
    }
}

/// Which rules give: the first exclusive one alone; or else all that stack, and the best of those of which one does.
fn choose(mut open: Vec<(i64, i64, Match)>) -> Vec<(Match, i64)> {
    let worth = |(due, left, _): &(i64, i64, Match)| if planted(Bug::BestByDue) { *due } else { *due.min(left) };
    let is_alone = |found: &Match| found.rule.is_exclusive() && !planted(Bug::ExclusiveBesideOthers);
    if let Some(alone) = open.iter().position(|(_, _, found)| is_alone(found)) {
        let (_, left, found) = open.swap_remove(alone);
        return vec![(found, left)];
    }
    let is_best = |found: &Match| found.rule.row.stacking == Stacking::Best && !planted(Bug::BestOfAllGiven);
    // Of equal ones, the first.
    let best = open.iter().enumerate().filter(|(_, (_, _, found))| is_best(found)).rev();
    let best = best.max_by_key(|(_, candidate)| worth(candidate)).map(|(at, _)| at);
    let chosen = open.into_iter().enumerate().filter(|(at, (_, _, found))| !is_best(found) || Some(*at) == best);
    chosen.map(|(_, (_, left, found))| (found, left)).collect()
}

/// What rules give without caps and budget.
#[derive(Clone, Copy)]
pub(super) struct Dues<'a> {
    pub program: &'a program::Model,
    pub occasion: &'a Occasion<'a>,
}

impl Dues<'_> {
    fn rounding(self) -> Rounding {
        rounding(self.program.rounding)
    }

    /// What the program's own rate gives. `None` when a wallet cannot hold it.
    pub fn base(self) -> Option<i64> {
        let basis = self.occasion.items.iter().try_fold(0_i64, |sum, item| sum.checked_add(item.basis))?;
        earn(self.program, basis)
    }

    /// What a rule gives if it is the only one.
    fn alone(self, found: &Match) -> i64 {
        self.base().map_or(0, |base| self.together(base, WHOLE, std::iter::once(found)).1[0])
    }

    /// What a tier's multiplier gives, and each of some rules. The multipliers are rounded together with the base.
    pub fn together<'a>(
        self,
        base: i64,
        multiplier: i64,
        rules: impl Iterator<Item = &'a Match<'a>>,
    ) -> (i64, Vec<i64>) {
        let whole = |basis: i64| i128::from(basis) * i128::from(WHOLE);
        let mut basis: i128 = self.occasion.items.iter().map(|item| whole(item.basis)).sum();
        let mut sum = base;
        if multiplier > WHOLE && !planted(Bug::TierGivesNothing) {
            basis = basis / i128::from(WHOLE) * i128::from(multiplier);
            sum = self.rounded(basis).max(base);
        }
        let of_tier = sum - base;
        if planted(Bug::TierRoundedApart) {
            (basis, sum) = (basis / i128::from(multiplier) * i128::from(WHOLE), base);
        }
        let of_rules = rules
            .map(|found| match found.rule.terms.effect {
                Effect::Multiplier(times) => {
                    let more = i128::from(found.basis(self.occasion)) * i128::from(times - WHOLE);
                    basis += more;
                    let before = sum;
                    let is_apart = planted(Bug::EachMultiplierRounded);
                    sum = if is_apart { before + self.rounded(more) } else { self.rounded(basis).max(before) };
                    sum - before
                }
                ref effect => effect.points(self.occasion, found.items(self.occasion), self.rounding()).unwrap_or(0),
            })
            .collect();
        (of_tier, of_rules)
    }

    /// The points of a basis in ten-thousandths of a minor unit.
    fn rounded(self, basis: i128) -> i64 {
        let rate = earn_rate(self.program);
        let (product, divisor) = (basis.saturating_mul(rate.points.into()), i128::from(rate.minor) * i128::from(WHOLE));
        let points = match self.rounding() {
            Rounding::Floor => product / divisor,
            Rounding::HalfUp => (product.saturating_mul(2) + divisor) / (2 * divisor),
            Rounding::Ceil => product.saturating_add(divisor - 1) / divisor,
        };
        i64::try_from(points).map_or(TOO_MUCH, |points| points.min(TOO_MUCH))
    }
}

/// Spreads the points over the lines they are for. What is for the same lines is spread together, so that nothing is lost
/// to rounding that one sum would keep.
fn by_line<'a>(items: &[Item], base: i64, shares: impl Iterator<Item = (i64, &'a [bool])>) -> Vec<i64> {
    let everywhere = vec![true; items.len()];
    let mut sums: Vec<(Vec<bool>, i64)> = vec![(everywhere, base)];
    for (points, lines) in shares {
        match sums.iter_mut().find(|(known, _)| known == lines || planted(Bug::PointsOnAllLines)) {
            Some((_, sum)) => *sum += points,
            None => sums.push((lines.to_vec(), points)),
        }
    }
    let mut by_line = vec![0; items.len()];
    for (lines, points) in sums {
        let places: Vec<usize> = (0..items.len()).filter(|at| lines[*at]).collect();
        let weights: Vec<i64> = places.iter().map(|at| items[*at].basis).collect();
        for (at, points) in places.into_iter().zip(share(points, &weights)) {
            by_line[at] += points;
        }
    }
    by_line
}
