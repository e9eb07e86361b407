//! What came of a simulation, in the schema.

use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};

use crate::base::id::Id;
use crate::base::points::ExchangeRate;
use crate::domain::earning::graphql::EarningRuleObject;
use crate::domain::earning::query::NewestRevision;
use crate::domain::simulation::rule::outcome::{Outcome, Points, Sides, Source, TierRow};
use crate::domain::tier::graphql::TierObject;
use crate::domain::tier::query::TierKey;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::scalar::{BigInt, MoneyObject, int, money};

/// What came of a simulation.
pub struct SimulationResult {
    pub outcome: Outcome,
    /// What points are worth in the program, and in the draft.
    pub was: ExchangeRate,
    pub would_be: ExchangeRate,
    pub currency: String,
}

/// What a draft would have given, beside what was given (模拟结果).
#[Object]
impl SimulationResult {
    /// All orders together.
    async fn total(&self) -> SimulationFigures {
        self.figures(self.outcome.total())
    }

    /// By the tier that members held just before each order.
    async fn by_tier(&self) -> Vec<SimulationTierRow> {
        let rows = self.outcome.tiers.iter();
        rows.map(|row| SimulationTierRow { id: row.tier, figures: self.figures(*row) }).collect()
    }

    /// By what gave the points: the program's own rate, the tiers' multipliers, then each rule.
    async fn by_source(&self) -> Vec<SimulationSourceRow> {
        let rows = self.outcome.sources.iter().map(|row| {
            let (actual, simulated) = self.sides(row.sides);
            let (source, rule) = match row.source {
                Source::Rate => (SimulationSource::EarnRate, None),
                Source::Tiers => (SimulationSource::Tiers, None),
                Source::Rule(id) => (SimulationSource::Rule, Some(id)),
            };
            SimulationSourceRow { id: rule, source, actual, simulated }
        });
        rows.collect()
    }

    /// Members with orders in these days.
    async fn members(&self) -> i32 {
        int(self.outcome.members)
    }

    /// Members who would have more points of their orders.
    async fn members_gaining(&self) -> i32 {
        int(self.outcome.gaining)
    }

    /// Members who would have fewer.
    async fn members_losing(&self) -> i32 {
        int(self.outcome.losing)
    }
}

impl SimulationResult {
    fn figures(&self, row: TierRow) -> SimulationFigures {
        let (actual, simulated) = self.sides(row.sides);
        SimulationFigures { orders: int(row.orders), spent: money(row.spent, &self.currency), actual, simulated }
    }

    fn sides(&self, sides: Sides) -> (SimulationPoints, SimulationPoints) {
        (self.points(sides.actual, &self.was), self.points(sides.simulated, &self.would_be))
    }

    fn points(&self, points: Points, worth: &ExchangeRate) -> SimulationPoints {
        SimulationPoints {
            issued: BigInt(points.issued),
            taken_back: BigInt(points.taken_back),
            net: BigInt(points.net()),
            cost: money(worth.floor_value(points.net().max(0)), &self.currency),
        }
    }
}

/// Points of some orders.
#[derive(SimpleObject)]
pub struct SimulationPoints {
    /// Points given (发放).
    issued: BigInt,
    /// Points demanded back for what was returned (扣回).
    taken_back: BigInt,
    /// What is left of them.
    net: BigInt,
    /// What these are worth by the exchange rate, rounded down: what the shop owes if all are redeemed (成本).
    cost: MoneyObject,
}

/// Some orders, and both sides of them.
#[derive(SimpleObject)]
pub struct SimulationFigures {
    /// Orders placed, returned ones too.
    orders: i32,
    /// Money paid for them and not given back.
    spent: MoneyObject,
    /// What happened (实际).
    actual: SimulationPoints,
    /// What would have (模拟).
    simulated: SimulationPoints,
}

/// The orders of members who were in a tier.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SimulationTierRow {
    #[graphql(skip)]
    id: Option<Id>,
    /// Their orders.
    figures: SimulationFigures,
}

#[ComplexObject]
impl SimulationTierRow {
    /// The tier; null where the program has none.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<TierObject>> {
        let Some(id) = self.id else { return Ok(None) };
        Ok(ctx.reader().find(TierKey(id)).await?.map(TierObject))
    }
}

/// What gives points.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SimulationSource {
    /// The program's own rate.
    EarnRate,
    /// Tiers' multipliers.
    Tiers,
    /// An earning rule.
    Rule,
}

/// What one source gave.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SimulationSourceRow {
    #[graphql(skip)]
    id: Option<Id>,
    /// What gave them.
    source: SimulationSource,
    /// What happened.
    actual: SimulationPoints,
    /// What would have.
    simulated: SimulationPoints,
}

#[ComplexObject]
impl SimulationSourceRow {
    /// The rule; null unless the source is one.
    async fn rule(&self, ctx: &Context<'_>) -> Result<Option<EarningRuleObject>> {
        let Some(id) = self.id else { return Ok(None) };
        Ok(ctx.reader().find(NewestRevision(id)).await?.map(EarningRuleObject))
    }
}
