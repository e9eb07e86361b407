//! Effects and caps in the schema.

use async_graphql::{Enum, InputObject, OneofObject, SimpleObject};

use crate::base::money::{Currency, Money};
use crate::base::multiplier;
use crate::domain::earning::entity::{Period, Stacking};
use crate::domain::earning::rule::cap::Cap;
use crate::domain::earning::rule::effect::Effect;
use crate::gql::scalar::{Decimal, int};

/// Points for an amount of money.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "PointsPerAmount", input_name = "PointsPerAmountInput")]
pub struct PointsPerAmount {
    /// Points, 1 to 1,000,000,000, and at most 100 for each of the currency's smallest units: 10,000 for CNY 1.00.
    points: i32,
    /// For every such amount, in major units of the program's currency, above 0.
    amount: Decimal,
}

/// Points for each unit of a number that is told of an event.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "PointsPerUnit", input_name = "PointsPerUnitInput")]
pub struct PointsPerUnit {
    /// Points, 1 to 1,000,000.
    points: i32,
    /// The attribute's name; it is a number.
    attribute: String,
}

/// What a rule gives (奖励方式), beside what the program's own rate gives.
#[derive(OneofObject)]
pub enum EarningEffectInput {
    /// The program's rate so many times, such as `"1.5"`: more than 1, at most 100, with up to four decimals. Both are
    /// rounded together, once.
    Multiplier(Decimal),
    /// More points for an amount, of the lines that the rule applies to; rounded for itself.
    PerAmount(PointsPerAmount),
    /// Points for each piece of the lines that the rule applies to, 1 to 1,000,000.
    PerPiece(i32),
    /// Points for the order or the event, 1 to 1,000,000.
    Bonus(i32),
    /// Points for each unit of a number; for events only.
    PerUnit(PointsPerUnit),
}

/// What a rule gives (奖励方式), beside what the program's own rate gives. One of its fields is there.
#[derive(SimpleObject, Clone, Default)]
pub struct EarningEffect {
    /// The program's rate so many times.
    multiplier: Option<Decimal>,
    /// More points for an amount.
    per_amount: Option<PointsPerAmount>,
    /// Points for each piece.
    per_piece: Option<i32>,
    /// Points for the order or the event.
    bonus: Option<i32>,
    /// Points for each unit of a number that is told of an event.
    per_unit: Option<PointsPerUnit>,
}

impl EarningEffectInput {
    /// The effect, with amounts in minor units. What is no amount, or has more decimals than are kept, becomes 0, which no
    /// check lets pass.
    pub fn read(self, currency: Currency) -> Effect {
        match self {
            Self::Multiplier(times) => Effect::Multiplier(multiplier::in_parts(times.0)),
            Self::PerAmount(PointsPerAmount { points, amount }) => {
                let minor = Money::from_decimal(amount.0, currency).map_or(0, |money| money.minor);
                Effect::PerAmount { points: points.into(), minor }
            }
            Self::PerPiece(points) => Effect::PerPiece { points: points.into() },
            Self::Bonus(points) => Effect::Bonus { points: points.into() },
            Self::PerUnit(PointsPerUnit { points, attribute }) => Effect::PerUnit { attribute, points: points.into() },
        }
    }
}

impl EarningEffect {
    pub fn show(effect: &Effect, currency: Currency) -> EarningEffect {
        let nothing = EarningEffect::default();
        match effect {
            Effect::Multiplier(times) => {
                EarningEffect { multiplier: Some(Decimal(multiplier::as_decimal(*times))), ..nothing }
            }
            Effect::PerAmount { points, minor } => {
                let amount = Decimal(Money::new(*minor, currency).decimal());
                EarningEffect { per_amount: Some(PointsPerAmount { points: int(*points), amount }), ..nothing }
            }
            Effect::PerPiece { points } => EarningEffect { per_piece: Some(int(*points)), ..nothing },
            Effect::Bonus { points } => EarningEffect { bonus: Some(int(*points)), ..nothing },
            Effect::PerUnit { attribute, points } => {
                let per_unit = PointsPerUnit { points: int(*points), attribute: attribute.clone() };
                EarningEffect { per_unit: Some(per_unit), ..nothing }
            }
        }
    }
}

/// How a rule goes with others that apply at the same time (叠加方式).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Stacking", name = "EarningRuleStacking")]
pub enum StackingEnum {
    /// It gives beside all others.
    Stack,
    /// Of all rules of this kind that apply, only the one that gives most does.
    Best,
    /// It gives alone. Of several, the one of the highest priority; while it has nothing left to give, the others do.
    Exclusive,
}

/// A time for which a cap holds, in the program's time zone.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Period", name = "CapPeriod")]
pub enum PeriodEnum {
    /// For good.
    Ever,
    /// A day.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A month of the calendar.
    Month,
}

/// The most that a rule gives one member in a period (会员上限). At least one of the two bounds.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "EarningCap", input_name = "EarningCapInput")]
pub struct EarningCap {
    /// In each of which periods.
    period: PeriodEnum,
    /// So many points; the last time may give a part.
    points: Option<i32>,
    /// So often.
    times: Option<i32>,
}

impl From<EarningCap> for Cap {
    fn from(cap: EarningCap) -> Cap {
        Cap { period: cap.period.into(), points: cap.points.map(i64::from), times: cap.times.map(i64::from) }
    }
}

impl From<&Cap> for EarningCap {
    fn from(cap: &Cap) -> EarningCap {
        EarningCap { period: cap.period.into(), points: cap.points.map(int), times: cap.times.map(int) }
    }
}
