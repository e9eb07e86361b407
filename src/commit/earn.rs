//! What the earning rules give for an order or an event: their budgets and a member's counts, under the lock.

use std::fmt;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::command::Stop;
use crate::commit::rows::{Keys, Rows};
use crate::domain::earning::entity::{Period, budget, earned_share, rule_use};
use crate::domain::earning::query::UseKey;
use crate::domain::earning::rule::asked::Asked;
use crate::domain::earning::rule::occasion::{Occasion, Standing};
use crate::domain::earning::rule::reckon::{Earned, Match, matching, reckon, share_rows};
use crate::domain::earning::rule::terms::{Rule, Rules};
use crate::domain::points::entity::program;

/// The rules and the moment when a command is sent. It is decided by those of the moment at which its wallet is locked.
#[derive(Clone, Debug)]
pub struct Outlook {
    pub rules: Arc<Rules>,
    pub moment: Instant,
    pub zone: TimeZone,
    /// What was looked up of the member.
    pub asked: Asked,
}

impl Default for Outlook {
    /// Without any rule there is nothing to ask for.
    fn default() -> Outlook {
        Outlook { rules: Arc::default(), moment: Instant::default(), zone: TimeZone::UTC, asked: Asked::default() }
    }
}

impl Outlook {
    /// Fails when rules that another process has made in the meantime ask what was not looked up of the member. Nothing can
    /// look it up under the lock; whoever sends the command does, and sends it anew.
    pub fn must_cover<R>(&self, rules: &Arc<Rules>) -> Result<(), Stop<R>> {
        if Arc::ptr_eq(&self.rules, rules) || self.asked.covers(&Asked::by_rules(rules, self.moment)) {
            return Ok(());
        }
        Err(Stop::Failed(Error::unavailable().with_source(Outdated)))
    }
}

/// Why a command could not be decided: by now rules ask more about the member than was looked up.
#[derive(Debug)]
pub struct Outdated;

impl fmt::Display for Outdated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rules that are newer ask more about the member")
    }
}

impl std::error::Error for Outdated {}

/// What is earned, and the rows that say so.
#[derive(Clone, Debug, Default)]
pub struct Gift {
    pub earned: Earned,
    /// What was known of the member, if rules gave anything by it.
    pub standing: Option<Standing>,
    pub shares: Vec<earned_share::Model>,
    pub budgets: Vec<budget::Model>,
    pub uses: Vec<rule_use::Model>,
}

/// Asks for the budgets and counts of rules that could apply, as far as that is known before anything is locked.
pub fn want_rules(keys: &mut Keys, member_id: Id, rules: &Rules, occasion: &Occasion) {
    let day = Day::of(occasion);
    for Match { rule, .. } in matching(rules, occasion) {
        keys.budgets.extend(Some(rule.id()).filter(|_| rule.row.budgeted));
        keys.uses.extend(uses_of(member_id, rule, &day));
    }
}

/// The counts that bound a rule for a member.
pub(super) fn uses_of<'a>(member_id: Id, rule: &'a Rule, day: &'a Day) -> impl Iterator<Item = UseKey> + 'a {
    let start = |period: Period| period.start(day.moment, &day.zone).micros();
    rule.terms.caps.iter().map(move |cap| (member_id, rule.id(), cap.period, start(cap.period)))
}

/// Decides what an occasion earns. `None` when it is more than a wallet can hold.
pub fn earn<R>(
    rows: &Rows,
    program: &program::Model,
    (member_id, source_id): (Id, Id),
    occasion: &Occasion,
) -> Result<Option<Gift>, Stop<R>> {
    let (matches, day) = (matching(&rows.rules, occasion), Day::of(occasion));
    let mut missing = Keys::default();
    for Match { rule, .. } in &matches {
        missing.budgets.extend(Some(rule.id()).filter(|id| rule.row.budgeted && !rows.budgets.contains_key(id)));
        missing.uses.extend(uses_of(member_id, rule, &day).filter(|key| !rows.uses.contains_key(key)));
    }
    if !missing.budgets.is_empty() || !missing.uses.is_empty() {
        return Err(Stop::Missing(Box::new(missing)));
    }
    let left = |rule: &Rule| left(rows, rule, uses_of(member_id, rule, &day));
    let Some(earned) = reckon(program, matches, occasion, left) else { return Ok(None) };
    let standing = Some(occasion.standing.clone()).filter(|_| !earned.shares.is_empty());
    let mut gift = Gift { standing, shares: share_rows(&earned.shares, member_id, source_id), ..Gift::default() };
    let given = earned.shares.iter().filter_map(|share| Some((share.points, rows.rules.get(share.rule.id)?)));
    for (points, rule) in given.filter(|(points, _)| *points > 0) {
        gift.budgets.extend(budget_of(rows, rule).map(|budget| spent(budget, points)));
        let used = uses_of(member_id, rule, &day).filter_map(|key| rows.uses.get(&key));
        gift.uses.extend(used.map(|row| rule_use::Model {
            points: row.points + points,
            times: row.times + 1,
            ..row.clone()
        }));
    }
    Ok(Some(Gift { earned, ..gift }))
}

/// What a rule's budget and its caps leave.
pub(super) fn left(rows: &Rows, rule: &Rule, uses: impl Iterator<Item = UseKey>) -> i64 {
    let budget = budget_of(rows, rule).map_or(i64::MAX, |budget| budget.remaining);
    let caps = rule.terms.caps.iter().zip(uses).filter_map(|(cap, key)| {
        let used = rows.uses.get(&key)?;
        Some(cap.left(used.points, used.times))
    });
    caps.fold(budget, i64::min)
}

/// The budget of a rule that has one.
fn budget_of<'a>(rows: &'a Rows, rule: &Rule) -> Option<&'a budget::Model> {
    rows.budgets.get(&rule.id()).filter(|_| rule.row.budgeted)
}

fn spent(budget: &budget::Model, points: i64) -> budget::Model {
    budget::Model { remaining: budget.remaining - points, used: budget.used + points, ..budget.clone() }
}

/// The moment of a purchase, and the zone by whose days it counted.
#[derive(Clone, Debug)]
pub struct Day {
    pub moment: Instant,
    pub zone: TimeZone,
}

impl Day {
    pub(super) fn of(occasion: &Occasion) -> Day {
        Day { moment: occasion.moment, zone: occasion.zone.clone() }
    }
}

/// Asks for the budgets and counts that get something back when an order is returned.
pub fn want_freed<'a>(
    keys: &mut Keys,
    shares: impl Iterator<Item = &'a earned_share::Model>,
    rules: &Rules,
    day: &Day,
) {
    for (share, rule) in shares.filter_map(|share| Some((share, rules.get(share.rule_id)?))) {
        keys.budgets.extend(Some(rule.id()).filter(|_| rule.row.budgeted));
        keys.uses.extend(uses_of(share.member_id, rule, day));
    }
}

/// What goes back to the budgets and to the periods of the purchase: all points that a return demands of a rule's share, but
/// for those that the shop gives up. A rule of whose share nothing is left was not used at all.
pub fn freed(
    rows: &Rows,
    rules: &Rules,
    before: &[earned_share::Model],
    after: &[earned_share::Model],
    day: &Day,
) -> (Vec<budget::Model>, Vec<rule_use::Model>) {
    let (mut budgets, mut uses) = (Vec::new(), Vec::new());
    for (before, after) in before.iter().zip(after) {
        let points = kept(before) - kept(after);
        let Some(rule) = rules.get(after.rule_id).filter(|_| points > 0 && !planted(Bug::FreedLost)) else { continue };
        budgets.extend(budget_of(rows, rule).map(|budget| spent(budget, -points)));
        let used = uses_of(after.member_id, rule, day).filter_map(|key| rows.uses.get(&key));
        uses.extend(used.map(|row| rule_use::Model {
            points: row.points - points.min(row.points),
            times: row.times - i64::from(kept(after) == 0).min(row.times),
            ..row.clone()
        }));
    }
    (budgets, uses)
}

/// What a rule's budget still counts of a share.
fn kept(share: &earned_share::Model) -> i64 {
    share.points - share.clawed + if planted(Bug::GivenUpFreed) { 0 } else { share.written_off }
}
