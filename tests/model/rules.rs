//! Earning rules and events in the words of scripts, and as the program is told of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jifen::base::id::Id;
use jifen::domain::earning::entity::{Period, RuleState, Stacking, earning_rule, event_type};
use jifen::domain::earning::rule::cap::Cap;
use jifen::domain::earning::rule::condition::attribute::{Attribute, Is, Value};
use jifen::domain::earning::rule::condition::channel::Channels;
use jifen::domain::earning::rule::condition::dates::Dates;
use jifen::domain::earning::rule::condition::first_order::FirstOrder;
use jifen::domain::earning::rule::condition::hours::Hours;
use jifen::domain::earning::rule::condition::products::Products;
use jifen::domain::earning::rule::condition::quantity::Quantity;
use jifen::domain::earning::rule::condition::spend::Spend;
use jifen::domain::earning::rule::condition::tags::Tags;
use jifen::domain::earning::rule::condition::tiers::Tiers;
use jifen::domain::earning::rule::condition::weekdays::Weekdays;
use jifen::domain::earning::rule::condition::{Condition, MAX_DEPTH};
use jifen::domain::earning::rule::effect::Effect;
use jifen::domain::earning::rule::occasion::Standing;
use jifen::domain::earning::rule::terms::Terms;
use jifen::domain::order::entity::Channel;
use jiff::ToSpan;
use jiff::civil::{Date, Time, date};
use rust_decimal::Decimal;

use crate::names::{Serial, Tag, id, salt};
use crate::tiers::tier_id;
use crate::world::{START, category_of, product_id};

/// A rule as a revision has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub state: RuleState,
    /// The kind of event it is for; none, for purchases.
    pub kind: Option<u32>,
    pub priority: i64,
    pub stacking: Stacking,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub condition: If,
    pub gives: Gives,
    pub caps: Vec<Most>,
    pub budget: Option<i64>,
}

/// A cap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Most {
    pub period: Period,
    pub points: Option<i64>,
    pub times: Option<i64>,
}

/// A condition. Products are named by their places; none of them means all. Days are counted from 1970, hours from
/// midnight, units in hundredths.
#[derive(Clone, Debug, PartialEq)]
pub enum If {
    All(Vec<If>),
    Any(Vec<If>),
    Not(Box<If>),
    Products(Vec<usize>),
    Category(usize),
    Spend {
        least: i64,
        of: Vec<usize>,
    },
    Quantity {
        least: i64,
        of: Vec<usize>,
    },
    First,
    By(Channel),
    Vip,
    /// By the names of tiers.
    Tier(Vec<Serial>),
    Weekdays(Vec<i8>),
    Hours(i8, i8),
    Days(i64, i64),
    Units {
        least: Option<i64>,
        most: Option<i64>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gives {
    /// In ten-thousandths.
    Times(i64),
    PerAmount {
        points: i64,
        minor: i64,
    },
    PerPiece(i64),
    Bonus(i64),
    PerUnit(i64),
}

/// By which way an order comes, and whether its member bears the tag.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Way {
    pub channel: Option<Channel>,
    pub vip: bool,
}

/// What is told of an event: its kind and key, how long ago it was, and how many hundredths of a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub kind: u32,
    pub key: u32,
    pub ago: i64,
    pub units: Option<i64>,
    pub vip: bool,
}

/// Kinds of events.
pub const KINDS: u32 = 2;
const UNITS: &str = "units";
const VIP: &str = "vip";

pub fn rule_id(rule: Serial) -> Id {
    id(Tag::Rule, rule)
}

pub fn kind_id(kind: u32) -> Id {
    id(Tag::Kind, 64_100 + kind)
}

pub fn kind_of_event(kind: u32) -> event_type::Model {
    event_type::Model {
        id: kind_id(kind),
        code: format!("KIND_{}_{kind}", salt()),
        name: format!("Kind {kind}"),
        attributes: "{\"units\":\"NUMBER\"}".to_owned(),
        created_at: START,
    }
}

pub fn standing(vip: bool) -> Standing {
    Standing { tags: tags().filter(|_| vip).collect(), ..Standing::default() }
}

fn tags() -> impl Iterator<Item = String> {
    std::iter::once(VIP.to_owned())
}

impl Told {
    pub fn attributes(&self) -> BTreeMap<String, Value> {
        self.units.map(|units| (UNITS.to_owned(), Value::Number(Decimal::new(units, 2)))).into_iter().collect()
    }
}

impl Rule {
    /// Sixty points for every order.
    pub fn sixty() -> Rule {
        Rule {
            state: RuleState::InForce,
            kind: None,
            priority: 0,
            stacking: Stacking::Stack,
            starts: None,
            ends: None,
            condition: If::All(Vec::new()),
            gives: Gives::Bonus(60),
            caps: Vec::new(),
            budget: None,
        }
    }

    /// A revision, by the number it has among those of its rule.
    pub fn row(&self, rule: Serial, revision: i64, version: i64, program_id: Id) -> earning_rule::Model {
        let caps =
            self.caps.iter().map(|most| Cap { period: most.period, points: most.points, times: most.times }).collect();
        let terms = Terms { condition: self.condition.told(), effect: self.gives.told(), caps };
        debug_assert_eq!(terms.condition.flaw(), None, "{terms:?}");
        earning_rule::Model {
            id: rule_id(rule),
            revision,
            program_id,
            version: Some(version),
            state: self.state,
            name: format!("Rule {rule}"),
            description: String::new(),
            event_type_id: self.kind.map(kind_id),
            priority: self.priority,
            stacking: self.stacking,
            starts_at: self.starts,
            ends_at: self.ends,
            terms: terms.write(),
            budgeted: self.budget.is_some(),
            author_id: id(Tag::Staff, 61_000),
            created_at: START,
        }
    }
}

impl Gives {
    fn told(self) -> Effect {
        match self {
            Gives::Times(times) => Effect::Multiplier(times),
            Gives::PerAmount { points, minor } => Effect::PerAmount { points, minor },
            Gives::PerPiece(points) => Effect::PerPiece { points },
            Gives::Bonus(points) => Effect::Bonus { points },
            Gives::PerUnit(points) => Effect::PerUnit { attribute: UNITS.to_owned(), points },
        }
    }
}

impl If {
    /// Deeper conditions are refused, and are never made.
    pub const DEPTH: usize = MAX_DEPTH - 2;

    fn told(&self) -> Condition {
        let all = |parts: &[If]| parts.iter().map(If::told).collect();
        let number = |hundredths: Option<i64>| hundredths.map(|units| Decimal::new(units, 2));
        match self {
            If::All(parts) => Condition::All(all(parts)),
            If::Any(parts) => Condition::Any(all(parts)),
            If::Not(part) => Condition::Not(Box::new(part.told())),
            If::Products(places) => Condition::Products(products(places)),
            If::Category(category) => {
                let category_ids = category_of(*category).into_iter().collect();
                Condition::Products(Products { category_ids, ..Products::default() })
            }
            If::Spend { least, of } => Condition::Spend(Spend { least: *least, of: some(of) }),
            If::Quantity { least, of } => Condition::Quantity(Quantity { least: *least, of: some(of) }),
            If::First => Condition::FirstOrder(FirstOrder {}),
            If::By(channel) => Condition::Channel(Channels(BTreeSet::from([channel.word().to_owned()]))),
            If::Vip => Condition::Tags(Tags(tags().collect())),
            If::Tier(names) => Condition::Tiers(Tiers(names.iter().map(|name| tier_id(*name)).collect())),
            If::Weekdays(days) => Condition::Weekdays(Weekdays(days.clone())),
            If::Hours(from, until) => Condition::Hours(Hours { from: hour(*from), until: hour(*until) }),
            If::Days(from, to) => Condition::Dates(Dates { from: Some(day(*from)), to: Some(day(*to)) }),
            If::Units { least, most } => Condition::Attribute(Attribute {
                name: UNITS.to_owned(),
                is: Is::Range { least: number(*least), most: number(*most) },
            }),
        }
    }
}

fn some(places: &[usize]) -> Option<Products> {
    if places.is_empty() { None } else { Some(products(places)) }
}

/// Half of them by id, half by their stock-keeping unit.
fn products(places: &[usize]) -> Products {
    let (by_sku, by_id): (Vec<usize>, Vec<usize>) = places.iter().partition(|place| **place % 2 == 1);
    Products {
        product_ids: by_id.into_iter().map(product_id).collect(),
        skus: by_sku.into_iter().map(|place| crate::world::product(place).sku.clone()).collect(),
        category_ids: BTreeSet::new(),
    }
}

fn hour(hour: i8) -> Time {
    Time::constant(hour, 0, 0, 0)
}

fn day(day: i64) -> Date {
    date(1970, 1, 1).saturating_add(day.days())
}

/// The rules of a version as the program has them.
pub fn rules_of(revisions: &[earning_rule::Model], version: i64) -> Arc<jifen::domain::earning::rule::terms::Rules> {
    use jifen::domain::earning::rule::terms::{Rule, Rules};
    let mut newest: BTreeMap<Id, &earning_rule::Model> = BTreeMap::new();
    for row in revisions.iter().filter(|row| row.version.is_some_and(|of| of <= version)) {
        newest.insert(row.id, row);
    }
    let there = newest.into_values().filter(|row| row.state != RuleState::Ended);
    let read = there.map(|row| Rule::read(row.clone()).expect("terms that were just written"));
    Arc::new(Rules::new(read.collect()))
}
