//! Groups of settings of a program, and their words.

use async_graphql::{Enum, SimpleObject};

use crate::domain::points::entity;
use crate::gql::scalar::{MoneyObject, int, money};

/// How a fraction of a point is rounded. It happens once an order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::RoundingKind")]
pub enum Rounding {
    /// Down to the whole point.
    Floor,
    /// Half a point and more goes up.
    HalfUp,
    /// Up to the whole point.
    Ceil,
}

/// How long points are good, counted from the local day on which they can first be spent.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::ValidityKind")]
pub enum PointsValidityKind {
    /// For ever.
    None,
    /// So many days.
    Days,
    /// So many months. One month from 31 January ends with the last day of February.
    Months,
    /// So many months, and on to the end of the month that is reached.
    EndOfMonth,
    /// So many months, and on to the end of the quarter of the year.
    EndOfQuarter,
    /// So many months, and on to the end of the year.
    EndOfYear,
}

/// What becomes of points that should be taken back with a return, and are spent.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::ShortfallPolicy")]
pub enum ShortfallPolicy {
    /// The member owes them, and later points repay them first.
    AllowDebt,
    /// The shop gives them up.
    WriteOff,
    /// Their value comes off the money that is refunded.
    DeductFromRefund,
}

/// Who may give points to another member.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::TransferPolicy")]
pub enum TransferPolicy {
    /// No member.
    Nobody,
    /// Every member.
    Anybody,
}

/// So many points for, or worth, so much money.
#[derive(SimpleObject)]
pub struct PointsRate {
    /// Points.
    pub points: i32,
    /// The money that earns them, or that they are worth.
    pub money: MoneyObject,
}

impl PointsRate {
    pub fn of(points: i64, minor: i64, currency: &str) -> PointsRate {
        PointsRate { points: int(points), money: money(minor, currency) }
    }
}

/// Which parts of an order's price earn points beside the goods themselves.
#[derive(SimpleObject)]
pub struct EarnBasis {
    /// Tax.
    pub tax: bool,
    /// Shipping.
    pub shipping: bool,
    /// The part of the price that is paid with points.
    pub points_paid: bool,
}

/// How many points an order may be paid with.
#[derive(SimpleObject)]
pub struct RedemptionRules {
    /// The fewest points.
    pub minimum: i32,
    /// The points are a multiple of this.
    pub step: i32,
    /// The greatest share of an order's price that points may pay, in percent.
    pub payable_percent: i32,
}

/// How long points are good.
#[derive(SimpleObject)]
pub struct PointsValidity {
    /// What is counted.
    pub kind: PointsValidityKind,
    /// So many days or months, as the kind says; 0 when points do not expire.
    pub count: i32,
}

/// Giving points to another member.
#[derive(SimpleObject)]
pub struct TransferRules {
    /// Who may.
    pub policy: TransferPolicy,
    /// The fewest points at a time.
    pub minimum: i32,
    /// The most points a member may give away in a day of the program's time zone; null is without limit.
    pub daily_limit: Option<i32>,
}
