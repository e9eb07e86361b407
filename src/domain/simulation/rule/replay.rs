//! Playing a draft over orders, the earlier first.
//!
//! Each order is asked the same questions as when it was placed, by [`reckon`]; budgets and caps begin whole and are used up on the
//! way. What came back of an order is taken back at once, by [`demand`], as its returns would. Members who were merged are two
//! until then, each with a tier, purchases and counts of their own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::domain::earning::entity::{Period, earned_share};
use crate::domain::earning::rule::cap::Cap;
use crate::domain::earning::rule::left::{Demand, Given as GivenThen, demand};
use crate::domain::earning::rule::occasion::{Item, MemberTier, Occasion, Standing};
use crate::domain::earning::rule::reckon::{Earned, Share, matching, reckon, share_rows};
use crate::domain::earning::rule::terms::{Rule, Rules};
use crate::domain::order::entity::{Channel, OrderStatus, line, order};
use crate::domain::order::rule::take_back::item_left;
use crate::domain::points::entity::program;
use crate::domain::simulation::rule::outcome::{Given, Outcome, Points, Source, Sums};
use crate::domain::tier::rule::terms::TierSet;

/// An order with its lines, and what rules and the member's tier gave for it.
#[derive(Clone, Debug)]
pub struct Past {
    pub order: order::Model,
    pub lines: Arc<Vec<Arc<line::Model>>>,
    pub shares: Arc<Vec<Arc<earned_share::Model>>>,
    /// Points that its returns demanded back and the shop gave up.
    pub given_up: i64,
}

/// What is known of a member, tags and segments as they are now.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub tags: BTreeSet<String>,
    pub segments: BTreeSet<Id>,
    /// Their tiers, each with the moment since when, the first one first. Before that it was the lowest.
    pub tiers: Vec<(i64, Option<Id>)>,
    /// Purchases so far, but for those that were taken back as a whole.
    pub purchases: i64,
}

/// A cap's count: the rule, and the period with its beginning.
type Use = (Id, Period, i64);

/// A draft that is being played.
#[derive(Debug)]
pub struct Replay {
    /// The program and its rules as they would be.
    pub program: program::Model,
    pub rules: Rules,
    pub zone: TimeZone,
    /// Tiers with the multipliers they would have.
    pub tiers: Option<TierSet>,
    /// What budgets have left.
    pub budgets: HashMap<Id, i64>,
    pub members: HashMap<Id, Known>,
    /// Who was merged into whom, by when, as far as it is to come.
    pub mergers: BTreeMap<(i64, Id), Id>,
    /// Points and times of each member.
    uses: HashMap<Id, HashMap<Use, (i64, i64)>>,
    sums: Sums,
}

impl Replay {
    pub fn new(program: program::Model, zone: TimeZone, rules: Rules, tiers: Option<TierSet>) -> Replay {
        let (budgets, members, mergers, uses) = (HashMap::new(), HashMap::new(), BTreeMap::new(), HashMap::new());
        Replay { program, rules, zone, tiers, budgets, members, mergers, uses, sums: Sums::default() }
    }

    /// What has come of it.
    pub fn close(self) -> Outcome {
        let place = |tier| self.tiers.as_ref().and_then(|set| set.place_of(tier)).unwrap_or(0);
        self.sums.close(place)
    }

    /// Plays one order. Orders come in the order of their dates.
    pub fn play(&mut self, past: &Past) {
        let order = &past.order;
        self.merge_before(order.placed_at);
        let buyer_id = self.buyer(order);
        let tier = self.tier_at(buyer_id, order.placed_at);
        let known = self.members.entry(buyer_id).or_default();
        let standing = Standing {
            purchases_before: Some(known.purchases),
            tags: known.tags.clone(),
            segments: known.segments.clone(),
            tier,
        };
        known.purchases += i64::from(!matches!(order.status, OrderStatus::Cancelled | OrderStatus::Returned));
        let given = self.give(past, buyer_id, &standing);
        let spent = order.total - order.points_value - order.money_returned;
        self.sums.add(order.member_id, tier.map(|tier| tier.id), spent, &what_happened(past), &given);
    }

    /// Who placed an order: its member, or one who has been merged into them since, whose wallet it went through. Where it
    /// went through none it cannot be told any more, and is its member's.
    fn buyer(&self, order: &order::Model) -> Id {
        let is_merged = |wallet: &Id| self.members.contains_key(wallet);
        order.other_wallet().filter(is_merged).unwrap_or(order.member_id)
    }

    /// Merges whoever was merged before a moment: what was counted of the two counts together from then on.
    fn merge_before(&mut self, moment: i64) {
        while let Some(merger) = self.mergers.first_entry().filter(|merger| merger.key().0 < moment) {
            let ((_, from_id), into_id) = merger.remove_entry();
            let purchases = self.members.get(&from_id).map_or(0, |known| known.purchases);
            self.members.entry(into_id).or_default().purchases += purchases;
            let theirs = self.uses.remove(&from_id).unwrap_or_default();
            let uses = self.uses.entry(into_id).or_default();
            for (key, (points, times)) in theirs {
                let count = uses.entry(key).or_default();
                *count = (count.0 + points, count.1 + times);
            }
        }
    }

    /// A member's tier just before a moment: an order that reaches a tier does not earn by it yet.
    fn tier_at(&self, member_id: Id, moment: i64) -> Option<MemberTier> {
        let set = self.tiers.as_ref()?;
        let steps = self.members.get(&member_id).map_or(&[][..], |known| &known.tiers);
        let id = steps.iter().rev().find(|(since, _)| *since < moment).and_then(|(_, id)| *id);
        // A tier that is no more was taken for the lowest when it went.
        let tier = &set.tiers.get(set.place_of(id).unwrap_or(0))?.row;
        Some(MemberTier { id: tier.id, revision: tier.revision, multiplier: tier.multiplier })
    }

    /// What the draft gives for an order, budgets and caps taken into account, less what comes back.
    fn give(&mut self, past: &Past, member_id: Id, standing: &Standing) -> Given {
        let (whole, left) = self.items(past);
        let zone = self.zone.clone();
        let order = &past.order;
        let occasion = Occasion {
            moment: Instant(order.placed_at),
            zone: &zone,
            items: &whole,
            channel: order.channel.map(Channel::word),
            outlet_id: order.outlet_id,
            event: None,
            standing,
        };
        let matches = matching(&self.rules, &occasion);
        // More than a wallet holds would be refused: it gives nothing.
        let left_of = |rule: &Rule| self.left_of(member_id, rule, occasion.moment);
        let earned = reckon(&self.program, matches, &occasion, left_of).unwrap_or_default();
        let back = match left {
            None => Demand { base: 0, shares: vec![0; earned.shares.len()] },
            Some(items) => self.taken_back(past, &earned, &Occasion { items: &items, ..occasion }),
        };
        let given_up = back.written_off(given_up_of(past, back.points()));
        let freed: Vec<i64> = back.shares.iter().zip(given_up).map(|(back, given_up)| back - given_up).collect();
        self.use_up(member_id, &earned.shares, &freed, occasion.moment);
        let mut given = Given::from([(Source::Rate, Points { issued: earned.base, taken_back: back.base })]);
        for (share, back) in earned.shares.iter().zip(&back.shares) {
            let source = if share.of_tier { Source::Tiers } else { Source::Rule(share.rule.id) };
            given.insert(source, Points { issued: share.points, taken_back: *back });
        }
        given
    }

    /// What was bought, and what is left of it, if anything came back. A purchase that was imported has no lines: then it
    /// is a line without a product.
    fn items(&self, past: &Past) -> (Vec<Item>, Option<Vec<Item>>) {
        let Past { order, lines, .. } = past;
        if order.imported {
            let (net, quantity) = (order.total, order.pieces.max(1));
            let item = Item { product_id: Id::nil(), sku: String::new(), category_id: None, quantity, net, basis: net };
            return (vec![item], None);
        }
        let as_bought = |line: &line::Model| line::Model { returned: 0, money_returned: 0, ..line.clone() };
        let whole = lines.iter().map(|line| item_left(&self.program, &as_bought(line))).collect();
        let is_left = |line: &&Arc<line::Model>| line.returned < line.quantity;
        let came_back = lines.iter().any(|line| line.returned > 0);
        let left = came_back.then(|| lines.iter().filter(is_left).map(|line| item_left(&self.program, line)).collect());
        (whole, left)
    }

    /// What a rule's budget and its caps leave.
    fn left_of(&self, member_id: Id, rule: &Rule, moment: Instant) -> i64 {
        let budget = self.budgets.get(&rule.id()).copied().filter(|_| rule.row.budgeted).unwrap_or(i64::MAX);
        let caps = rule.terms.caps.iter().map(|cap| {
            let key = use_of(rule, cap, moment, &self.zone);
            let (points, times) =
                self.uses.get(&member_id).and_then(|uses| uses.get(&key)).copied().unwrap_or_default();
            cap.left(points, times)
        });
        caps.fold(budget, i64::min)
    }

    /// What is demanded back of the rate and of each share, when `occasion` is all that is left.
    fn taken_back(&self, past: &Past, earned: &Earned, occasion: &Occasion) -> Demand {
        let rows = share_rows(&earned.shares, past.order.member_id, past.order.id);
        let rule_of = |row: &earned_share::Model| self.rules.get(row.rule_id).filter(|_| !row.of_tier);
        let shares: Vec<_> = rows.iter().map(|row| (row, rule_of(row))).collect();
        demand(&self.program, occasion, GivenThen { points: earned.base, clawed: 0 }, &shares)
    }

    /// Notes what was given, but for what came back and was freed, in budgets and caps.
    fn use_up(&mut self, member_id: Id, shares: &[Share], freed: &[i64], moment: Instant) {
        let uses = self.uses.entry(member_id).or_default();
        for (share, freed) in shares.iter().zip(freed) {
            let kept = share.points - freed;
            let Some(rule) = self.rules.get(share.rule.id).filter(|_| kept > 0 && !share.of_tier) else { continue };
            if let Some(left) = self.budgets.get_mut(&rule.id()) {
                *left -= kept;
            }
            for cap in &rule.terms.caps {
                let (points, times) = uses.entry(use_of(rule, cap, moment, &self.zone)).or_default();
                *points += kept;
                *times += 1;
            }
        }
    }
}

fn use_of(rule: &Rule, cap: &Cap, moment: Instant, zone: &TimeZone) -> Use {
    (rule.id(), cap.period, cap.period.start(moment, zone).micros())
}

/// How much the shop gives up of what the draft demands back: as large a part as it gave up of what was demanded.
fn given_up_of(past: &Past, demanded: i64) -> i64 {
    let (given_up, then) = (i128::from(past.given_up), i128::from(past.order.points_clawed));
    if then <= 0 {
        return 0;
    }
    let part = (2 * i128::from(demanded) * given_up + then) / (2 * then);
    i64::try_from(part).map_or(demanded, |part| part.min(demanded))
}

/// What an order gave when it was placed, and what its returns demanded back.
fn what_happened(past: &Past) -> Given {
    let Past { order, shares, .. } = past;
    let mut rate = Points { issued: order.points_earned, taken_back: order.points_clawed };
    let mut given = Given::new();
    for share in shares.iter() {
        (rate.issued, rate.taken_back) = (rate.issued - share.points, rate.taken_back - share.clawed);
        let source = if share.of_tier { Source::Tiers } else { Source::Rule(share.rule_id) };
        let points = given.entry(source).or_default();
        (points.issued, points.taken_back) = (points.issued + share.points, points.taken_back + share.clawed);
    }
    given.insert(Source::Rate, rate);
    given
}
