//! What earning rules give, and what returns take back of it. What budgets and caps have left is not counted along: it is
//! added up, each time, from everything that rules ever gave.

use std::sync::Arc;

use jifen::domain::earning::entity::{Period, RuleState, Stacking};
use jifen::domain::points::entity::program;

use crate::names::{Serial, rank};
use crate::reference::calendar::start_of_period;
use crate::reference::condition::{Item, Occasion};
use crate::reference::order::Order;
use crate::reference::price::{earned, rounded, shared};
use crate::reference::tier::InTier;
use crate::reference::{Outcome, Reference};
use crate::rules::{Gives, Rule};
use crate::script::Answer;
use crate::world::MAX_POINTS;

/// What a rule gave of an order or an event, or the member's tier, and how much of that was demanded back, and given up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Or the name of the tier …
    pub rule: Serial,
    /// … in the revision with this number.
    pub revision: usize,
    pub due: i64,
    pub points: i64,
    pub clawed: i64,
    pub written_off: i64,
    pub of_tier: bool,
}

impl Share {
    /// What budgets and caps count of it.
    pub fn kept(&self) -> i64 {
        self.points - self.clawed + self.written_off
    }
}

/// A share, whose it is, and when and in which zone it was given.
pub struct Given<'a> {
    pub slot: usize,
    pub at: i64,
    pub zone: &'a str,
    pub share: &'a Share,
}

/// What an occasion earns.
pub struct Earned {
    pub points: i64,
    pub by_line: Vec<i64>,
    pub shares: Vec<Share>,
    /// Rules that apply and have nothing left.
    pub spent: Vec<Share>,
    /// For the diary.
    pub notes: Vec<&'static str>,
}

/// A rule that applies, and what it may give.
struct Found {
    rule: Arc<Rule>,
    name: (Serial, usize),
    lines: Vec<bool>,
    alone: i64,
    left: i64,
}

impl Found {
    fn worth(&self) -> i64 {
        self.alone.min(self.left)
    }

    fn share(&self, due: i64) -> Share {
        let (rule, revision) = self.name;
        Share { rule, revision, due, points: due.min(self.left), clawed: 0, written_off: 0, of_tier: false }
    }
}

impl Reference {
    /// A new revision of a rule, unless it would have less to give than it gave.
    pub(super) fn change_rule(&mut self, rule: Serial, is: &Rule) -> Outcome {
        if is.budget.is_some_and(|granted| granted < self.used(rule)) {
            return Err("BudgetBelowUsed".into());
        }
        if let Some(granted) = is.budget {
            self.granted.insert(rule, granted);
        }
        self.rules.entry(rule).or_default().push(Arc::new(is.clone()));
        self.next_version(self.program().clone());
        Ok(Answer::Done)
    }

    /// Everything that rules ever gave.
    pub fn given(&self) -> impl Iterator<Item = Given<'_>> {
        let of_orders = self.orders.values().flat_map(|order| {
            let given = |share| Given { slot: order.slot, at: order.placed_at, zone: &order.program.time_zone, share };
            order.shares.iter().filter(|share| !share.of_tier).map(given)
        });
        let of_events = self.events.values().flat_map(|event| {
            let given = |share| Given { slot: event.slot, at: event.at, zone: &event.program.time_zone, share };
            event.shares.iter().filter(|share| !share.of_tier).map(given)
        });
        of_orders.chain(of_events)
    }

    pub fn revision(&self, rule: Serial, revision: usize) -> &Arc<Rule> {
        &self.rules[&rule][revision]
    }

    /// What a rule's budget has given, by revisions that had one.
    pub fn used(&self, rule: Serial) -> i64 {
        let of_rule = self.given().filter(|given| given.share.rule == rule);
        let budgeted = of_rule.filter(|given| self.revision(rule, given.share.revision).budget.is_some());
        budgeted.map(|given| given.share.kept()).sum()
    }

    /// The points and times that a rule gave a member in a period, by revisions that bounded it.
    fn had(&self, slot: usize, rule: Serial, (period, start): (Period, i64)) -> (i64, i64) {
        let had = self.given().filter(|given| (given.slot, given.share.rule) == (slot, rule));
        let had = had.filter(|given| {
            let revision = self.revision(rule, given.share.revision);
            let is_counted = revision.caps.iter().any(|most| most.period == period);
            is_counted && start_of_period(given.zone, period, given.at) == start
        });
        had.fold((0, 0), |(points, times), given| {
            (points + given.share.kept(), times + i64::from(given.share.kept() > 0))
        })
    }

    /// What a rule has left for a member: of its budget, and of its caps.
    fn left(&self, slot: usize, rule: Serial, is: &Rule, occasion: &Occasion) -> (i64, i64) {
        let budget = if is.budget.is_some() { self.granted[&rule] - self.used(rule) } else { i64::MAX };
        let of_cap = |most: &crate::rules::Most| {
            let start = start_of_period(occasion.zone, most.period, occasion.at);
            let (points, times) = self.had(slot, rule, (most.period, start));
            if most.times.is_some_and(|most| times >= most) {
                return 0;
            }
            most.points.map_or(i64::MAX, |most| (most - points).max(0))
        };
        (budget, is.caps.iter().map(of_cap).min().unwrap_or(i64::MAX))
    }

    /// Those that run at the moment, the larger priority first, then as their names sort.
    fn running(&self, occasion: &Occasion) -> Vec<(Serial, usize, Arc<Rule>)> {
        let newest = self.rules.iter().map(|(rule, of)| (*rule, of.len() - 1, of[of.len() - 1].clone()));
        let kind = occasion.event.map(|told| told.kind);
        let mut running: Vec<_> = newest
            .filter(|(_, _, is)| is.kind == kind && is.state == RuleState::InForce)
            .filter(|(_, _, is)| is.starts.is_none_or(|starts| starts <= occasion.at))
            .filter(|(_, _, is)| is.ends.is_none_or(|ends| occasion.at < ends))
            .collect();
        running.sort_by_key(|(rule, _, is)| (-is.priority, rank(*rule)));
        running
    }

    /// What an occasion earns a member.
    pub(super) fn reckon(&self, slot: usize, program: &program::Model, occasion: &Occasion) -> Outcome<Earned> {
        let (mut open, mut spent, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for (rule, revision, is) in self.running(occasion) {
            let Some(lines) = occasion.meets(&is.condition) else { continue };
            let alone = dues(program, occasion, 10_000, &[(&is, &lines)]).1[0];
            let (budget, caps) = self.left(slot, rule, &is, occasion);
            let found = Found { rule: is, name: (rule, revision), lines, alone, left: budget.min(caps) };
            if alone == 0 {
                continue;
            }
            notes.extend(ends(&found, budget, caps));
            notes.extend(self.told_of(slot, rule, occasion));
            if found.left > 0 { open.push(found) } else { spent.push(found) }
        }
        let chosen = chosen(open, &spent, &mut notes);
        let rules: Vec<_> = chosen.iter().map(|found| (&*found.rule, &*found.lines)).collect();
        let (of_tier, dues) = dues(program, occasion, multiplier_of(occasion), &rules);
        let base = earned(program, occasion.items.iter().map(|item| item.basis).sum());
        let given: Vec<(Share, &Found)> = dues
            .iter()
            .zip(&chosen)
            .filter(|(due, _)| **due > 0)
            .map(|(due, found)| (found.share(*due), found))
            .collect();
        let of_tier = occasion.tier.filter(|_| of_tier > 0).map(|tier| tier.share(of_tier));
        let from_tier = of_tier.map_or(0, |share| share.points);
        let points = base + from_tier + given.iter().map(|(share, _)| share.points).sum::<i64>();
        if points > MAX_POINTS {
            return Err("TooManyPoints".into());
        }
        notes.extend(given.iter().filter_map(|(share, found)| {
            let is_apart = matches!(found.rule.gives, Gives::Times(_)) && share.due != found.alone;
            is_apart.then_some("multipliers rounded together")
        }));
        notes.extend((from_tier > 0).then_some("a tier multiplies"));
        let is_multiplied = given.iter().any(|(_, found)| matches!(found.rule.gives, Gives::Times(_)));
        notes.extend((from_tier > 0 && is_multiplied).then_some("a tier multiplies beside a rule"));
        let by_line = by_line(&occasion.items, base + from_tier, &given);
        let shares = of_tier.into_iter().chain(given.iter().map(|(share, _)| *share)).collect();
        let spent = spent.iter().map(|found| found.share(found.alone)).collect();
        Ok(Earned { points, by_line, shares, spent, notes })
    }

    /// What is worth telling of a rule that applies, apart from what it gives.
    fn told_of(&self, slot: usize, rule: Serial, occasion: &Occasion) -> Vec<&'static str> {
        let is = &self.rules[&rule];
        let Some(is) = is.last() else { return Vec::new() };
        let is_foreign = |most: &crate::rules::Most| {
            let start = |zone| start_of_period(zone, most.period, occasion.at);
            start(occasion.zone) != start("UTC")
        };
        let has_first = occasion.is_first && format!("{:?}", is.condition).contains("First");
        let came_back = |order: &Order| order.slot == slot && order.is_over();
        let again = has_first && self.orders.values().any(came_back);
        let told = [
            (is.caps.iter().any(is_foreign), "a period that began at a local midnight"),
            (has_first, "a first order"),
            (again, "a first order once more"),
            (occasion.event.is_some() && occasion.at < self.now, "an event told late"),
        ];
        told.into_iter().filter(|told| told.0).map(|told| told.1).collect()
    }

    /// What a return demands back when only this is left of an order: of the program's own rate, and of each share. Of each
    /// what was given, as far as the uncapped rule does not give it for what is left.
    pub(super) fn demanded(&self, order: &Order, left: Vec<Item>) -> Vec<i64> {
        let program = &*order.program;
        let occasion = Occasion {
            at: order.placed_at,
            zone: &program.time_zone,
            items: left,
            way: order.way,
            is_first: order.is_first,
            tier: order.tier,
            event: None,
        };
        let of_rules = order.shares.iter().filter(|share| !share.of_tier);
        let revisions: Vec<&Arc<Rule>> = of_rules.map(|share| self.revision(share.rule, share.revision)).collect();
        let lines: Vec<Option<Vec<bool>>> = revisions.iter().map(|is| occasion.meets(&is.condition)).collect();
        let apply: Vec<(&Rule, &[bool])> =
            revisions.iter().zip(&lines).filter_map(|(is, lines)| Some((&***is, lines.as_deref()?))).collect();
        let (of_tier, dues) = dues(program, &occasion, multiplier_of(&occasion), &apply);
        let mut dues = dues.into_iter();
        let of_rules = lines.iter().map(|lines| if lines.is_some() { dues.next().unwrap_or(0) } else { 0 });
        // The tier's comes first.
        let is_there = order.shares.first().is_some_and(|share| share.of_tier);
        let still = Some(of_tier).filter(|_| is_there).into_iter().chain(of_rules);
        let base = earned(program, occasion.items.iter().map(|item| item.basis).sum());
        let lost = |given: i64, still: i64, clawed: i64| (given - still.min(given) - clawed).max(0);
        let of_base = lost(order.base, base, order.base_clawed);
        let of_shares = order.shares.iter().zip(still).map(|(share, still)| lost(share.points, still, share.clawed));
        std::iter::once(of_base).chain(of_shares).collect()
    }
}

/// What bounds a rule, if anything does.
fn ends(found: &Found, budget: i64, caps: i64) -> Option<&'static str> {
    match found.left {
        0 if budget == 0 => Some("a budget is spent"),
        0 => Some("a cap is reached"),
        left if left >= found.alone => None,
        left if left == budget => Some("a budget ends in the middle"),
        _ if caps > 0 => Some("a cap ends in the middle"),
        _ => None,
    }
}

/// The first exclusive rule alone; or else those that stack, and the best of the others.
fn chosen(mut open: Vec<Found>, spent: &[Found], notes: &mut Vec<&'static str>) -> Vec<Found> {
    if !open.is_empty() && spent.iter().any(|found| found.rule.stacking == Stacking::Exclusive) {
        notes.push("a spent exclusive rule gives way");
    }
    if let Some(at) = open.iter().position(|found| found.rule.stacking == Stacking::Exclusive) {
        notes.extend((open.len() > 1).then_some("an exclusive rule beside others"));
        return vec![open.remove(at)];
    }
    let of_best = |found: &&Found| found.rule.stacking == Stacking::Best;
    let Some(most) = open.iter().filter(of_best).map(Found::worth).max() else { return open };
    let best = open.iter().position(|found| of_best(&found) && found.worth() == most);
    if open.iter().filter(of_best).count() > 1 {
        notes.push("the best of several");
        let by_due = open.iter().filter(of_best).max_by_key(|found| found.alone).map(Found::worth);
        notes.extend((by_due != Some(most)).then_some("the best is not the one that is due most"));
    }
    let mut at = 0;
    open.retain(|found| {
        at += 1;
        found.rule.stacking != Stacking::Best || Some(at - 1) == best
    });
    open
}

fn multiplier_of(occasion: &Occasion) -> i64 {
    occasion.tier.map_or(10_000, |tier| tier.multiplier)
}

impl InTier {
    fn share(self, due: i64) -> Share {
        let InTier { name: rule, revision, .. } = self;
        Share { rule, revision: revision as usize, due, points: due, clawed: 0, written_off: 0, of_tier: true }
    }
}

/// What the member's tier and rules give together, without caps and budgets: each multiplier what the sum grows by with it,
/// which is rounded as a whole. The tier's is the first, and multiplies everything.
fn dues(program: &program::Model, occasion: &Occasion, of_tier: i64, rules: &[(&Rule, &[bool])]) -> (i64, Vec<i64>) {
    let too_much = i128::from(MAX_POINTS) + 1;
    let at_rate = |parts: i128| {
        let parts = parts * i128::from(program.earn_points);
        rounded(program, parts, i128::from(program.earn_minor) * 10_000)
    };
    let basis: i128 = occasion.items.iter().map(|item| i128::from(item.basis)).sum();
    let mut parts = basis * i128::from(of_tier);
    let of_tier = at_rate(parts) - at_rate(basis * 10_000);
    let mut dues = Vec::new();
    for (is, lines) in rules {
        let items = || occasion.items.iter().zip(lines.iter()).filter(|(_, is_in)| **is_in).map(|(item, _)| item);
        let basis: i128 = items().map(|item| i128::from(item.basis)).sum();
        let pieces: i128 = items().map(|item| i128::from(item.quantity)).sum();
        let due = match is.gives {
            Gives::Times(times) => {
                let before = at_rate(parts);
                parts += basis * i128::from(times - 10_000);
                at_rate(parts) - before
            }
            Gives::PerAmount { points, minor } => rounded(program, basis * i128::from(points), minor.into()),
            Gives::PerPiece(points) => pieces * i128::from(points),
            Gives::Bonus(points) => points.into(),
            Gives::PerUnit(points) => {
                let units = occasion.event.and_then(|told| told.units).unwrap_or(0).max(0);
                rounded(program, i128::from(units) * i128::from(points), 100)
            }
        };
        dues.push(due.min(too_much) as i64);
    }
    (of_tier.min(too_much) as i64, dues)
}

/// The points of each line: what is for the same lines is shared out over them as one sum, by what of them earns.
fn by_line(items: &[Item], base: i64, given: &[(Share, &Found)]) -> Vec<i64> {
    let mut sums = vec![(vec![true; items.len()], base)];
    for (share, found) in given {
        match sums.iter().position(|(lines, _)| *lines == found.lines) {
            Some(at) => sums[at].1 += share.points,
            None => sums.push((found.lines.clone(), share.points)),
        }
    }
    let mut by_line = vec![0; items.len()];
    for (lines, points) in sums {
        let places: Vec<usize> = (0..items.len()).filter(|at| lines[*at]).collect();
        let weights: Vec<i64> = places.iter().map(|at| items[*at].basis).collect();
        for (part, at) in shared(points, &weights).into_iter().zip(places) {
            by_line[at] += part;
        }
    }
    by_line
}
