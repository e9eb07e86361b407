//! The parts of a filter in the schema.

use async_graphql::{InputObject, OneofObject, SimpleObject};

use crate::base::money::{Currency, Money};
use crate::domain::segment::rule::filter::Filter;
use crate::domain::segment::rule::part::{Expiring, Flaw, LastPurchase, Range, Registered, Sum};
use crate::gql::scalar::{Date, Decimal, int};

/// How much money was spent: what was paid for orders by their date, less what points paid and what was given back. Both
/// ends are included; one that is left out has no limit.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "SegmentSpend", input_name = "SegmentSpendInput")]
pub struct SegmentSpend {
    /// At least this, in major units of the program's currency, from 0 on.
    least: Option<Decimal>,
    /// At most this, in major units of the program's currency.
    most: Option<Decimal>,
    /// Only in the last so many days, 1 to 3,660; in all, if it is left out.
    days: Option<i32>,
}

/// How many orders were placed that were not taken back as a whole. Both ends are included; one that is left out has no
/// limit.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "SegmentOrders", input_name = "SegmentOrdersInput")]
pub struct SegmentOrders {
    /// At least so many, from 0 on.
    least: Option<i32>,
    /// At most so many.
    most: Option<i32>,
    /// Only in the last so many days, 1 to 3,660; in all, if it is left out.
    days: Option<i32>,
}

/// When the last order was placed that was not taken back as a whole.
#[derive(OneofObject)]
pub enum SegmentLastPurchaseInput {
    /// In the last so many days, 1 to 3,660.
    WithinDays(i32),
    /// Before these days: there are orders, and the last is older, 1 to 3,660.
    BeforeDays(i32),
    /// Whether there never was one.
    Never(bool),
}

/// When the last order was placed that was not taken back as a whole. One of its fields is there.
#[derive(SimpleObject, Clone, Default)]
pub struct SegmentLastPurchase {
    /// In the last so many days.
    within_days: Option<i32>,
    /// There are orders, and the last is older than so many days.
    before_days: Option<i32>,
    /// There never was one.
    never: Option<bool>,
}

/// Points that expire soon, pending ones with a date included.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "SegmentExpiring", input_name = "SegmentExpiringInput")]
pub struct SegmentExpiring {
    /// Their last day is today or within so many days, 0 to 3,660.
    days: i32,
    /// At least so many points, 1 by default.
    #[graphql(default = 1)]
    least: i32,
}

/// Points that can be spent, as the account was last written: what expires or becomes active is written within a minute.
/// Both ends are included; one that is left out has no limit.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "SegmentPoints", input_name = "SegmentPointsInput")]
pub struct SegmentPoints {
    /// At least so many, from 0 on.
    least: Option<i32>,
    /// At most so many.
    most: Option<i32>,
}

/// When somebody registered. All that is given holds.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "SegmentRegistered", input_name = "SegmentRegisteredInput")]
pub struct SegmentRegistered {
    /// On this day or later.
    from: Option<Date>,
    /// On this day or earlier.
    to: Option<Date>,
    /// So many days ago or longer, 0 to 3,660.
    least_days: Option<i32>,
    /// At most so many days ago, 0 to 3,660.
    most_days: Option<i32>,
}

fn range(least: Option<i32>, most: Option<i32>) -> Range {
    Range { least: least.map(i64::from), most: most.map(i64::from) }
}

impl SegmentSpend {
    pub fn read(self, currency: Currency) -> Result<Sum, Flaw> {
        let minor = |amount: Option<Decimal>| {
            let money = amount.map(|amount| Money::from_decimal(amount.0, currency).map(|money| money.minor));
            money.transpose().map_err(|_| Flaw::Amount)
        };
        let range = Range { least: minor(self.least)?, most: minor(self.most)? };
        Ok(Sum { range, days: self.days.map(i64::from) })
    }

    pub fn show(sum: Sum, currency: Currency) -> SegmentSpend {
        let major = |minor: Option<i64>| minor.map(|minor| Decimal(Money::new(minor, currency).decimal()));
        SegmentSpend { least: major(sum.range.least), most: major(sum.range.most), days: sum.days.map(int) }
    }
}

impl SegmentOrders {
    pub fn read(self) -> Sum {
        Sum { range: range(self.least, self.most), days: self.days.map(i64::from) }
    }

    pub fn show(sum: Sum) -> SegmentOrders {
        let SegmentPoints { least, most } = SegmentPoints::show(sum.range);
        SegmentOrders { least, most, days: sum.days.map(int) }
    }
}

impl SegmentLastPurchaseInput {
    pub fn read(self) -> Filter {
        match self {
            Self::WithinDays(days) => Filter::LastPurchase(LastPurchase::WithinDays(days.into())),
            Self::BeforeDays(days) => Filter::LastPurchase(LastPurchase::BeforeDays(days.into())),
            Self::Never(true) => Filter::LastPurchase(LastPurchase::Never),
            Self::Never(false) => Filter::Not(Box::new(Filter::LastPurchase(LastPurchase::Never))),
        }
    }
}

impl SegmentLastPurchase {
    pub fn show(last: LastPurchase) -> SegmentLastPurchase {
        let nothing = SegmentLastPurchase::default();
        match last {
            LastPurchase::WithinDays(days) => SegmentLastPurchase { within_days: Some(int(days)), ..nothing },
            LastPurchase::BeforeDays(days) => SegmentLastPurchase { before_days: Some(int(days)), ..nothing },
            LastPurchase::Never => SegmentLastPurchase { never: Some(true), ..nothing },
        }
    }
}

impl SegmentExpiring {
    pub fn read(self) -> Expiring {
        Expiring { days: self.days.into(), least: self.least.into() }
    }

    pub fn show(expiring: Expiring) -> SegmentExpiring {
        SegmentExpiring { days: int(expiring.days), least: int(expiring.least) }
    }
}

impl SegmentPoints {
    pub fn read(self) -> Range {
        range(self.least, self.most)
    }

    pub fn show(range: Range) -> SegmentPoints {
        SegmentPoints { least: range.least.map(int), most: range.most.map(int) }
    }
}

impl SegmentRegistered {
    pub fn read(self) -> Registered {
        Registered {
            from: self.from.map(|day| day.0),
            to: self.to.map(|day| day.0),
            least_days: self.least_days.map(i64::from),
            most_days: self.most_days.map(i64::from),
        }
    }

    pub fn show(registered: Registered) -> SegmentRegistered {
        SegmentRegistered {
            from: registered.from.map(Date),
            to: registered.to.map(Date),
            least_days: registered.least_days.map(int),
            most_days: registered.most_days.map(int),
        }
    }
}
