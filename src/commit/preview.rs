//! What a basket would earn, decided as [`place_order`](super::place_order) decides it, over rows that nobody has locked.

use std::convert::Infallible;

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::commit::command::Stop;
use crate::commit::earn::{Day, earn, left, uses_of};
use crate::commit::rows::{Keys, Rows};
use crate::domain::earning::rule::condition::Missing;
use crate::domain::earning::rule::condition::products::Products;
use crate::domain::earning::rule::more::lack;
use crate::domain::earning::rule::occasion::Occasion;
use crate::domain::earning::rule::reckon::{Earned, RuleId, match_of, matching, reckon};
use crate::domain::earning::rule::terms::{Rule, Rules};

/// The most rules of which it is said what is missing for them: those that come first.
pub const MAX_MORE: usize = 20;

/// A rule that would give something if there were more in the basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct More {
    pub rule: RuleId,
    /// What it would give of its own, by its caps and its budget.
    pub points: i64,
    pub missing: Missing,
    /// Of which products; of any, if none are named.
    pub of: Option<Products>,
}

/// Everything that rules for purchases may ask for at this moment, whether or not they apply yet.
pub fn want_all(keys: &mut Keys, member_id: Id, rules: &Rules, day: &Day) {
    for rule in rules.running(None, day.moment) {
        keys.budgets.extend(Some(rule.id()).filter(|_| rule.row.budgeted));
        keys.uses.extend(uses_of(member_id, rule, day));
    }
}

/// What the occasion earns by the rows that were read. `None` when it is more than a wallet can hold.
pub fn preview(rows: &Rows, member_id: Id, occasion: &Occasion) -> Result<Option<Earned>> {
    match earn::<Infallible>(rows, &rows.program, (member_id, Id::nil()), occasion) {
        Ok(gift) => Ok(gift.map(|gift| gift.earned)),
        Err(Stop::Rejected(never)) => match never {},
        Err(_) => Err(Error::internal("a rule asked for a budget or a count that was not read")),
    }
}

/// Rules that do not apply for the lack of one thing, each with what it would give if that were there.
pub fn more(rows: &Rows, member_id: Id, occasion: &Occasion) -> Vec<More> {
    let asleep = rows.rules.running(None, occasion.moment).filter(|rule| match_of(rule, occasion).is_none());
    let lacking = asleep.filter_map(|rule| Some((rule, lack(&rule.terms.condition, occasion)?))).take(MAX_MORE);
    let found = lacking.filter_map(|(rule, lack)| {
        let items: Vec<_> = occasion.items.iter().cloned().chain([lack.item()]).collect();
        let points = share_of(rows, member_id, rule, &Occasion { items: &items, ..*occasion })?;
        Some(More { rule: rule.revision(), points, missing: lack.missing, of: lack.of.cloned() })
    });
    found.collect()
}

/// What a rule would give for a larger basket, beside the others that apply to it.
fn share_of(rows: &Rows, member_id: Id, rule: &Rule, occasion: &Occasion) -> Option<i64> {
    let day = Day::of(occasion);
    let leaves = |rule: &Rule| left(rows, rule, uses_of(member_id, rule, &day));
    let earned = reckon(&rows.program, matching(&rows.rules, occasion), occasion, leaves)?;
    let share = earned.shares.iter().find(|share| share.rule == rule.revision())?;
    Some(share.points).filter(|points| *points > 0)
}
