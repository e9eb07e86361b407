//! Conditions in the schema: one field a kind, for the input and for what is shown. A new kind is a field in both.

use std::collections::BTreeSet;

use async_graphql::{ID, InputObject, OneofObject, SimpleObject};

use crate::base::id::Id;
use crate::base::money::{Currency, Money};
use crate::base::text::fold;
use crate::domain::earning::rule::change::Rejection;
use crate::domain::earning::rule::condition::attribute::{Attribute, Is};
use crate::domain::earning::rule::condition::channel::Channels;
use crate::domain::earning::rule::condition::dates::Dates;
use crate::domain::earning::rule::condition::first_order::FirstOrder;
use crate::domain::earning::rule::condition::hours::Hours;
use crate::domain::earning::rule::condition::outlet::Outlets;
use crate::domain::earning::rule::condition::products::Products;
use crate::domain::earning::rule::condition::quantity::Quantity;
use crate::domain::earning::rule::condition::segments::Segments;
use crate::domain::earning::rule::condition::spend::Spend;
use crate::domain::earning::rule::condition::tags::Tags;
use crate::domain::earning::rule::condition::tiers::Tiers;
use crate::domain::earning::rule::condition::weekdays::Weekdays;
use crate::domain::earning::rule::condition::{Condition, Flaw};
use crate::domain::order::entity::Channel;
use crate::domain::order::graphql::OrderChannel;
use crate::gql::id::{GlobalId, NodeKind, global};
use crate::gql::scalar::{Date, Decimal, LocalTime, int};

/// From one day of the program's time zone to another, both included. An end that is left out has no limit.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "LocalDates", input_name = "LocalDatesInput")]
pub struct LocalDates {
    /// The first day.
    from: Option<Date>,
    /// The last day.
    to: Option<Date>,
}

/// From one time of the day in the program's time zone until just before another. One that ends earlier than it begins
/// goes on after midnight.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "LocalHours", input_name = "LocalHoursInput")]
pub struct LocalHours {
    /// The first moment.
    from: LocalTime,
    /// The first moment after it.
    until: LocalTime,
}

/// Some products: whatever one of the lists names. At most 100 in all.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "ProductSelection", input_name = "ProductSelectionInput")]
pub struct ProductSelection {
    /// Global ids of products.
    #[graphql(default)]
    product_ids: Vec<ID>,
    /// Stock-keeping units of products there are, sold out or not.
    #[graphql(default)]
    skus: Vec<String>,
    /// Global ids of categories.
    #[graphql(default)]
    category_ids: Vec<ID>,
}

/// A basket from so many pieces on.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "LeastQuantity", input_name = "LeastQuantityInput")]
pub struct LeastQuantity {
    /// Pieces, 1 to 1,000,000.
    least: i32,
    /// Only the pieces of these products count; all, if it is left out.
    of: Option<ProductSelection>,
}

/// A basket from so much money on.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "LeastSpend", input_name = "LeastSpendInput")]
pub struct LeastSpend {
    /// An amount after discounts, in major units of the program's currency, above 0.
    least: Decimal,
    /// Only the lines of these products count; all, if it is left out.
    of: Option<ProductSelection>,
}

/// What is told of an event under a name. Give one of `oneOf`, `flag`, or an end of a range.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "AttributeTest", input_name = "AttributeTestInput")]
pub struct AttributeTest {
    /// The attribute's name.
    name: String,
    /// It is one of these texts.
    one_of: Option<Vec<String>>,
    /// It is no less than this number.
    least: Option<Decimal>,
    /// It is no more than this number.
    most: Option<Decimal>,
    /// It is so.
    flag: Option<bool>,
}

/// When a rule applies (条件). A condition on products picks lines of the basket, and the rule gives for these; all others are
/// about the whole. Nested up to 5 deep, 50 in all.
#[derive(OneofObject)]
pub enum EarningConditionInput {
    /// All of these hold; of an empty list, always.
    All(Vec<EarningConditionInput>),
    /// One of these holds; of an empty list, never.
    Any(Vec<EarningConditionInput>),
    /// This does not hold.
    Not(Box<EarningConditionInput>),
    /// It is between two days.
    Dates(LocalDates),
    /// It is one of these days of the week, from Monday, 1, to Sunday, 7.
    Weekdays(Vec<i32>),
    /// It is between two times of the day.
    Hours(LocalHours),
    /// Of these products. Not for events.
    Products(ProductSelection),
    /// From so many pieces on. Not for events.
    Quantity(LeastQuantity),
    /// From so much money on. Not for events.
    Spend(LeastSpend),
    /// Whether it is the member's first order (首单), not counting those that were taken back as a whole. Not for
    /// events.
    FirstOrder(bool),
    /// The member has one of these tags, each of 1 to 50 characters.
    Tags(Vec<String>),
    /// The member is in one of these segments (会员分群), by their global ids, when it is sent.
    Segments(Vec<ID>),
    /// The member is in one of these tiers (等级), by their global ids. The order that reaches a tier is still of the one before.
    Tiers(Vec<ID>),
    /// It came by one of these ways. Not for events.
    Channel(Vec<OrderChannel>),
    /// It was at one of these outlets, by their global ids. Not for events.
    Outlets(Vec<ID>),
    /// By what is told of an event.
    Attribute(AttributeTest),
}

/// When a rule applies (条件). One of its fields is there.
#[derive(SimpleObject, Clone, Default)]
pub struct EarningCondition {
    /// All of these hold.
    all: Option<Vec<EarningCondition>>,
    /// One of these holds.
    any: Option<Vec<EarningCondition>>,
    /// This does not hold.
    not: Option<Box<EarningCondition>>,
    /// It is between two days.
    dates: Option<LocalDates>,
    /// It is one of these days of the week, from Monday, 1, to Sunday, 7.
    weekdays: Option<Vec<i32>>,
    /// It is between two times of the day.
    hours: Option<LocalHours>,
    /// Of these products.
    products: Option<ProductSelection>,
    /// From so many pieces on.
    quantity: Option<LeastQuantity>,
    /// From so much money on.
    spend: Option<LeastSpend>,
    /// It is the member's first order (首单).
    first_order: Option<bool>,
    /// The member has one of these tags.
    tags: Option<Vec<String>>,
    /// The member is in one of these segments, by their global ids.
    segments: Option<Vec<ID>>,
    /// The member is in one of these tiers, by their global ids.
    tiers: Option<Vec<ID>>,
    /// It came by one of these ways.
    channel: Option<Vec<OrderChannel>>,
    /// It was at one of these outlets, by their global ids.
    outlets: Option<Vec<ID>>,
    /// By what is told of an event.
    attribute: Option<AttributeTest>,
}

/// The rows that global ids of a kind lead to.
fn rows(kind: NodeKind, ids: &[ID]) -> Result<BTreeSet<Id>, Rejection> {
    let row = |id| GlobalId::row_of(kind, id).ok_or(Rejection::ReferenceUnknown);
    ids.iter().map(row).collect()
}

fn ids(kind: NodeKind, rows: &BTreeSet<Id>) -> Vec<ID> {
    rows.iter().map(|row| global(kind, *row)).collect()
}

impl ProductSelection {
    fn read(self) -> Result<Products, Rejection> {
        Ok(Products {
            product_ids: rows(NodeKind::Product, &self.product_ids)?,
            skus: self.skus.into_iter().collect(),
            category_ids: rows(NodeKind::Category, &self.category_ids)?,
        })
    }

    fn show(products: &Products) -> ProductSelection {
        ProductSelection {
            product_ids: ids(NodeKind::Product, &products.product_ids),
            skus: products.skus.iter().cloned().collect(),
            category_ids: ids(NodeKind::Category, &products.category_ids),
        }
    }
}

impl AttributeTest {
    fn read(self) -> Result<Attribute, Rejection> {
        let is = match (self.one_of, self.least, self.most, self.flag) {
            (Some(texts), None, None, None) => Is::OneOf(texts),
            (None, None, None, Some(flag)) => Is::Flag(flag),
            (None, least, most, None) => Is::Range { least: least.map(|end| end.0), most: most.map(|end| end.0) },
            _ => return Err(Rejection::ConditionInvalid(Flaw::Values)),
        };
        Ok(Attribute { name: self.name, is })
    }

    fn show(asked: &Attribute) -> AttributeTest {
        let nothing = AttributeTest { name: asked.name.clone(), one_of: None, least: None, most: None, flag: None };
        match &asked.is {
            Is::OneOf(texts) => AttributeTest { one_of: Some(texts.clone()), ..nothing },
            Is::Range { least, most } => {
                AttributeTest { least: least.map(Decimal), most: most.map(Decimal), ..nothing }
            }
            Is::Flag(flag) => AttributeTest { flag: Some(*flag), ..nothing },
        }
    }
}

impl EarningConditionInput {
    /// The condition, with its amounts in minor units of a currency.
    pub fn read(self, currency: Currency) -> Result<Condition, Rejection> {
        let parts = |parts: Vec<EarningConditionInput>| -> Result<Vec<Condition>, Rejection> {
            parts.into_iter().map(|part| part.read(currency)).collect()
        };
        let of = |of: Option<ProductSelection>| of.map(ProductSelection::read).transpose();
        Ok(match self {
            Self::All(all) => Condition::All(parts(all)?),
            Self::Any(any) => Condition::Any(parts(any)?),
            Self::Not(part) => Condition::Not(Box::new(part.read(currency)?)),
            Self::Dates(dates) => {
                Condition::Dates(Dates { from: dates.from.map(|day| day.0), to: dates.to.map(|day| day.0) })
            }
            Self::Weekdays(days) => {
                Condition::Weekdays(Weekdays(days.iter().map(|day| i8::try_from(*day).unwrap_or(0)).collect()))
            }
            Self::Hours(hours) => Condition::Hours(Hours { from: hours.from.0, until: hours.until.0 }),
            Self::Products(products) => Condition::Products(products.read()?),
            Self::Quantity(sum) => Condition::Quantity(Quantity { least: sum.least.into(), of: of(sum.of)? }),
            Self::Spend(sum) => {
                // What is no amount of the currency is none.
                let least = Money::from_decimal(sum.least.0, currency).map_or(0, |money| money.minor);
                Condition::Spend(Spend { least, of: of(sum.of)? })
            }
            Self::FirstOrder(true) => Condition::FirstOrder(FirstOrder {}),
            Self::FirstOrder(false) => Condition::Not(Box::new(Condition::FirstOrder(FirstOrder {}))),
            Self::Tags(tags) => Condition::Tags(Tags(tags.iter().map(|tag| fold(tag)).collect())),
            Self::Segments(segments) => Condition::Segments(Segments(rows(NodeKind::Segment, &segments)?)),
            Self::Tiers(tiers) => Condition::Tiers(Tiers(rows(NodeKind::Tier, &tiers)?)),
            Self::Channel(channels) => {
                let words = channels.into_iter().map(|channel| Channel::from(channel).word().to_owned());
                Condition::Channel(Channels(words.collect()))
            }
            Self::Outlets(outlets) => Condition::Outlet(Outlets(rows(NodeKind::Outlet, &outlets)?)),
            Self::Attribute(asked) => Condition::Attribute(asked.read()?),
        })
    }
}

impl EarningCondition {
    pub fn show(condition: &Condition, currency: Currency) -> EarningCondition {
        let parts = |parts: &[Condition]| parts.iter().map(|part| EarningCondition::show(part, currency)).collect();
        let of = |of: &Option<Products>| of.as_ref().map(ProductSelection::show);
        let nothing = EarningCondition::default();
        match condition {
            Condition::All(all) => EarningCondition { all: Some(parts(all)), ..nothing },
            Condition::Any(any) => EarningCondition { any: Some(parts(any)), ..nothing },
            Condition::Not(part) => {
                EarningCondition { not: Some(Box::new(EarningCondition::show(part, currency))), ..nothing }
            }
            Condition::Dates(Dates { from, to }) => {
                EarningCondition { dates: Some(LocalDates { from: from.map(Date), to: to.map(Date) }), ..nothing }
            }
            Condition::Weekdays(Weekdays(days)) => {
                EarningCondition { weekdays: Some(days.iter().copied().map(i32::from).collect()), ..nothing }
            }
            Condition::Hours(Hours { from, until }) => {
                let hours = LocalHours { from: LocalTime(*from), until: LocalTime(*until) };
                EarningCondition { hours: Some(hours), ..nothing }
            }
            Condition::Products(products) => {
                EarningCondition { products: Some(ProductSelection::show(products)), ..nothing }
            }
            Condition::Quantity(sum) => {
                let quantity = LeastQuantity { least: int(sum.least), of: of(&sum.of) };
                EarningCondition { quantity: Some(quantity), ..nothing }
            }
            Condition::Spend(sum) => {
                let least = Money::new(sum.least, currency).decimal();
                EarningCondition { spend: Some(LeastSpend { least: Decimal(least), of: of(&sum.of) }), ..nothing }
            }
            Condition::FirstOrder(_) => EarningCondition { first_order: Some(true), ..nothing },
            Condition::Tags(Tags(tags)) => EarningCondition { tags: Some(tags.iter().cloned().collect()), ..nothing },
            Condition::Segments(Segments(segments)) => {
                EarningCondition { segments: Some(ids(NodeKind::Segment, segments)), ..nothing }
            }
            Condition::Tiers(Tiers(tiers)) => EarningCondition { tiers: Some(ids(NodeKind::Tier, tiers)), ..nothing },
            Condition::Channel(Channels(words)) => {
                let channels = words.iter().filter_map(|word| Channel::of(word)).map(OrderChannel::from);
                EarningCondition { channel: Some(channels.collect()), ..nothing }
            }
            Condition::Outlet(Outlets(outlets)) => {
                EarningCondition { outlets: Some(ids(NodeKind::Outlet, outlets)), ..nothing }
            }
            Condition::Attribute(asked) => EarningCondition { attribute: Some(AttributeTest::show(asked)), ..nothing },
        }
    }
}
