//! Filters in the schema: one field a part, for the input and for what is shown. A new part is a field in both.

use async_graphql::{ID, OneofObject, SimpleObject};

use super::part::SegmentLastPurchaseInput;
use super::part::{
    SegmentExpiring, SegmentLastPurchase, SegmentOrders, SegmentPoints, SegmentRegistered, SegmentSpend,
};
use crate::base::money::Currency;
use crate::base::text::fold;
use crate::domain::segment::rule::filter::Filter;
use crate::domain::segment::rule::part::{Birthday, Flaw};
use crate::gql::id::{GlobalId, NodeKind, global};

/// What members of a segment have in common. Days are those of the program's time zone, and the last 30 days begin with the
/// day 30 days ago. Nested up to 5 deep, 50 parts in all.
#[derive(OneofObject)]
pub enum SegmentFilterInput {
    /// All of these hold; of none, everybody is in.
    All(Vec<SegmentFilterInput>),
    /// One of these holds; of none, nobody is in.
    Any(Vec<SegmentFilterInput>),
    /// This does not hold.
    Not(Box<SegmentFilterInput>),
    /// They have one of these tags (标签), 1 to 100.
    Tags(Vec<String>),
    /// They are in one of these tiers (等级), by their global ids, 1 to 100. Their tier is the one that was written last: of
    /// one that is overdue to be judged, the one of before, until the worker has judged it, mostly within a minute.
    Tiers(Vec<ID>),
    /// How much money they spent (消费金额).
    Spend(SegmentSpend),
    /// When they bought last (最近消费).
    LastPurchase(SegmentLastPurchaseInput),
    /// How often they bought (消费次数).
    Orders(SegmentOrders),
    /// Their birthday is in one of these months, from January, 1, to December, 12.
    BirthMonths(Vec<i32>),
    /// Whether their birthday is known and in this month (本月生日).
    BirthdayThisMonth(bool),
    /// Points of theirs expire soon (即将过期积分).
    PointsExpiring(SegmentExpiring),
    /// How many points they can spend (可用积分).
    Points(SegmentPoints),
    /// When they registered (注册时间).
    Registered(SegmentRegistered),
    /// Whether they came with an import and have not claimed their account.
    Imported(bool),
}

/// What members of a segment have in common. One of its fields is there.
#[derive(SimpleObject, Clone, Default)]
pub struct SegmentFilter {
    /// All of these hold.
    all: Option<Vec<SegmentFilter>>,
    /// One of these holds.
    any: Option<Vec<SegmentFilter>>,
    /// This does not hold.
    not: Option<Box<SegmentFilter>>,
    /// They have one of these tags.
    tags: Option<Vec<String>>,
    /// They are in one of these tiers, by their global ids.
    tiers: Option<Vec<ID>>,
    /// How much money they spent.
    spend: Option<SegmentSpend>,
    /// When they bought last.
    last_purchase: Option<SegmentLastPurchase>,
    /// How often they bought.
    orders: Option<SegmentOrders>,
    /// Their birthday is in one of these months.
    birth_months: Option<Vec<i32>>,
    /// Their birthday is in this month.
    birthday_this_month: Option<bool>,
    /// Points of theirs expire soon.
    points_expiring: Option<SegmentExpiring>,
    /// How many points they can spend.
    points: Option<SegmentPoints>,
    /// When they registered.
    registered: Option<SegmentRegistered>,
    /// They came with an import and have not claimed their account.
    imported: Option<bool>,
}

/// A part, or its contrary.
fn whether(holds: bool, part: Filter) -> Filter {
    if holds { part } else { Filter::Not(Box::new(part)) }
}

impl SegmentFilterInput {
    /// The filter, with its amounts in minor units of a currency.
    pub fn read(self, currency: Currency) -> Result<Filter, Flaw> {
        let parts = |parts: Vec<SegmentFilterInput>| -> Result<Vec<Filter>, Flaw> {
            parts.into_iter().map(|part| part.read(currency)).collect()
        };
        Ok(match self {
            Self::All(all) => Filter::All(parts(all)?),
            Self::Any(any) => Filter::Any(parts(any)?),
            Self::Not(part) => Filter::Not(Box::new(part.read(currency)?)),
            Self::Tags(tags) => Filter::Tags(tags.iter().map(|tag| fold(tag)).collect()),
            // An id that is not a tier's is answered like that of one that does not exist.
            Self::Tiers(tiers) => {
                let ids = tiers.iter().map(|id| GlobalId::row_of(NodeKind::Tier, id).unwrap_or_default());
                Filter::Tiers(ids.collect())
            }
            Self::Spend(spend) => Filter::Spend(spend.read(currency)?),
            Self::LastPurchase(last) => last.read(),
            Self::Orders(orders) => Filter::Orders(orders.read()),
            Self::BirthMonths(months) => {
                let months = months.iter().map(|month| i8::try_from(*month).unwrap_or(0));
                Filter::Birthday(Birthday::Months(months.collect()))
            }
            Self::BirthdayThisMonth(holds) => whether(holds, Filter::Birthday(Birthday::ThisMonth)),
            Self::PointsExpiring(expiring) => Filter::Expiring(expiring.read()),
            Self::Points(points) => Filter::Points(points.read()),
            Self::Registered(registered) => Filter::Registered(registered.read()),
            Self::Imported(holds) => whether(holds, Filter::Imported),
        })
    }
}

impl SegmentFilter {
    pub fn show(filter: &Filter, currency: Currency) -> SegmentFilter {
        let parts = |parts: &[Filter]| Some(parts.iter().map(|part| SegmentFilter::show(part, currency)).collect());
        let nothing = SegmentFilter::default();
        match filter {
            Filter::All(all) => SegmentFilter { all: parts(all), ..nothing },
            Filter::Any(any) => SegmentFilter { any: parts(any), ..nothing },
            Filter::Not(part) => SegmentFilter { not: Some(Box::new(SegmentFilter::show(part, currency))), ..nothing },
            Filter::Tags(tags) => SegmentFilter { tags: Some(tags.iter().cloned().collect()), ..nothing },
            Filter::Tiers(tiers) => {
                let ids = tiers.iter().map(|id| global(NodeKind::Tier, *id));
                SegmentFilter { tiers: Some(ids.collect()), ..nothing }
            }
            Filter::Spend(sum) => SegmentFilter { spend: Some(SegmentSpend::show(*sum, currency)), ..nothing },
            Filter::LastPurchase(last) => {
                SegmentFilter { last_purchase: Some(SegmentLastPurchase::show(*last)), ..nothing }
            }
            Filter::Orders(sum) => SegmentFilter { orders: Some(SegmentOrders::show(*sum)), ..nothing },
            Filter::Birthday(Birthday::Months(months)) => {
                SegmentFilter { birth_months: Some(months.iter().copied().map(i32::from).collect()), ..nothing }
            }
            Filter::Birthday(Birthday::ThisMonth) => SegmentFilter { birthday_this_month: Some(true), ..nothing },
            Filter::Expiring(expiring) => {
                SegmentFilter { points_expiring: Some(SegmentExpiring::show(*expiring)), ..nothing }
            }
            Filter::Points(range) => SegmentFilter { points: Some(SegmentPoints::show(*range)), ..nothing },
            Filter::Registered(registered) => {
                SegmentFilter { registered: Some(SegmentRegistered::show(*registered)), ..nothing }
            }
            Filter::Imported => SegmentFilter { imported: Some(true), ..nothing },
        }
    }
}
