//! The parts of a filter, each about one thing that is known of a member.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The most days that a part may look back or ahead: some ten years.
pub const MAX_DAYS: i64 = 3_660;

/// Why a filter cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It lists nothing, too much, or what cannot be.
    Values,
    /// It ends before it begins.
    Range,
    /// Not an amount or a number from 0 on.
    Amount,
    /// Not a number of days within [`MAX_DAYS`].
    Days,
    /// Too many parts, or nested too deep.
    TooLarge,
    /// It names a tier that the program does not have.
    Tier,
}

/// Both ends are included. An end that is left open has no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Range {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<i64>,
}

impl Range {
    pub fn flaw(self) -> Option<Flaw> {
        match (self.least, self.most) {
            (None, None) => Some(Flaw::Values),
            (least, most) if least.is_some_and(|end| end < 0) || most.is_some_and(|end| end < 0) => Some(Flaw::Amount),
            (Some(least), Some(most)) if most < least => Some(Flaw::Range),
            _ => None,
        }
    }
}

/// What is wrong with a number of days, which begins with `first`.
pub fn days_flaw(days: Option<i64>, first: i64) -> Option<Flaw> {
    days.filter(|days| !(first..=MAX_DAYS).contains(days)).map(|_| Flaw::Days)
}

/// So much, in all or since the day so many days ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sum {
    pub range: Range,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
}

impl Sum {
    pub fn flaw(self) -> Option<Flaw> {
        self.range.flaw().or(days_flaw(self.days, 1))
    }
}

/// When the member bought last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LastPurchase {
    /// Since the day so many days ago.
    WithinDays(i64),
    /// Before that day.
    BeforeDays(i64),
    Never,
}

impl LastPurchase {
    pub fn flaw(self) -> Option<Flaw> {
        match self {
            LastPurchase::WithinDays(days) | LastPurchase::BeforeDays(days) => days_flaw(Some(days), 1),
            LastPurchase::Never => None,
        }
    }
}

/// In which month the birthday is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Birthday {
    /// From January, 1, to December, 12.
    Months(BTreeSet<i8>),
    ThisMonth,
}

impl Birthday {
    pub fn flaw(&self) -> Option<Flaw> {
        match self {
            Birthday::ThisMonth => None,
            Birthday::Months(months) if months.is_empty() => Some(Flaw::Values),
            Birthday::Months(months) => (!months.iter().all(|month| (1..=12).contains(month))).then_some(Flaw::Range),
        }
    }

    /// The months, on a day.
    pub fn months(&self, today: Date) -> BTreeSet<i8> {
        match self {
            Birthday::Months(months) => months.clone(),
            Birthday::ThisMonth => BTreeSet::from([today.month()]),
        }
    }
}

/// At least so many points whose last day is within so many days from today on; 0 is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Expiring {
    pub days: i64,
    pub least: i64,
}

impl Expiring {
    pub fn flaw(self) -> Option<Flaw> {
        days_flaw(Some(self.days), 0).or((self.least < 1).then_some(Flaw::Amount))
    }
}

/// When the member registered: between two days, both included, or for how many days they have been a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Registered {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_days: Option<i64>,
}

impl Registered {
    pub fn flaw(self) -> Option<Flaw> {
        if self == Registered::default() {
            return Some(Flaw::Values);
        }
        let is_turned = self.from.zip(self.to).is_some_and(|(from, to)| to < from)
            || self.least_days.zip(self.most_days).is_some_and(|(least, most)| most < least);
        days_flaw(self.least_days, 0).or(days_flaw(self.most_days, 0)).or(is_turned.then_some(Flaw::Range))
    }
}
