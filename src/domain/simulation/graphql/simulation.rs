//! A simulation in the schema.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use crate::app::App;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::domain::earning::graphql::EarningRuleObject;
use crate::domain::earning::query::NewestRevision;
use crate::domain::earning::rule::earn_rate;
use crate::domain::points::graphql::PointsRate;
use crate::domain::points::rule::program::exchange_rate;
use crate::domain::simulation::entity::{SimulationState, simulation};
use crate::domain::simulation::graphql::result::SimulationResult;
use crate::domain::simulation::rule::draft::Draft;
use crate::domain::simulation::rule::outcome::Outcome;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::scalar::{Date, DateTime, int};

/// Where a simulation stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "SimulationState")]
pub enum SimulationStatus {
    /// It waits for a worker (排队中).
    Queued,
    /// It is being played (进行中).
    Running,
    /// It is over, and has a result (已完成).
    Done,
    /// It was given up after three attempts; the server's log says why (失败).
    Failed,
    /// It was called off by staff (已取消).
    Cancelled,
}

/// A draft that is played over past orders.
pub struct SimulationObject(pub Arc<simulation::Model>);

impl SimulationObject {
    fn draft(&self) -> Result<Draft> {
        let draft = Draft::read(&self.0.draft);
        Ok(draft.ok_or_else(|| Error::internal("this build cannot read a draft"))?)
    }
}

/// A draft of the program, played over the orders of some days (方案模拟). For staff only.
#[Object(name = "Simulation")]
impl SimulationObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::Simulation, self.0.id)
    }

    /// Where it stands.
    async fn status(&self) -> SimulationStatus {
        self.0.state.into()
    }

    /// The first day.
    async fn from(&self) -> Result<Date> {
        Ok(Date(self.draft()?.first))
    }

    /// The last day, included.
    async fn to(&self) -> Result<Date> {
        Ok(Date(self.draft()?.last))
    }

    /// The version of the program that the draft is a change of.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// P as the draft has it: points for an amount.
    async fn earn_rate(&self, ctx: &Context<'_>) -> Result<PointsRate> {
        let program = self.draft()?.settings.in_place_of(&App::of(ctx).programs.latest());
        let rate = earn_rate(&program);
        Ok(PointsRate::of(rate.points, rate.minor, &program.currency))
    }

    /// R as the draft has it: points worth an amount.
    async fn exchange_rate(&self, ctx: &Context<'_>) -> Result<PointsRate> {
        let program = self.draft()?.settings.in_place_of(&App::of(ctx).programs.latest());
        let rate = exchange_rate(&program);
        Ok(PointsRate::of(rate.points, rate.minor, &program.currency))
    }

    /// Rules that give on all of the days.
    async fn with_rules(&self, ctx: &Context<'_>) -> Result<Vec<EarningRuleObject>> {
        rules(ctx, self.draft()?.with).await
    }

    /// Rules in force that do not give.
    async fn without_rules(&self, ctx: &Context<'_>) -> Result<Vec<EarningRuleObject>> {
        rules(ctx, self.draft()?.without).await
    }

    /// Orders in these days when it was asked for.
    async fn orders(&self) -> i32 {
        int(self.0.orders)
    }

    /// Orders that have been played; told about once a second.
    async fn orders_done(&self) -> i32 {
        int(self.0.done)
    }

    /// How much of it is done, 0 to 100 percent.
    async fn progress_percent(&self) -> i32 {
        match self.0.state {
            SimulationState::Done => 100,
            _ => int(self.0.done.saturating_mul(100) / self.0.orders.max(1)).clamp(0, 99),
        }
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }

    /// When it was over; null before.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime::of)
    }

    /// What came of it, when it is `DONE`.
    async fn result(&self, ctx: &Context<'_>) -> Result<Option<SimulationResult>> {
        let Some(text) = &self.0.outcome else { return Ok(None) };
        let outcome =
            Outcome::read(text).ok_or_else(|| Error::internal("this build cannot read what came of a simulation"))?;
        let app = App::of(ctx);
        let was = app.programs.get(&app.db.read, self.0.version).await.map_err(Error::from)?;
        let would_be = self.draft()?.settings.in_place_of(&was);
        Ok(Some(SimulationResult {
            outcome,
            was: exchange_rate(&was),
            would_be: exchange_rate(&would_be),
            currency: was.currency.clone(),
        }))
    }
}

async fn rules(ctx: &Context<'_>, ids: BTreeSet<Id>) -> Result<Vec<EarningRuleObject>> {
    let found = ids.into_iter().map(|id| ctx.reader().find(NewestRevision(id)));
    let found = futures_util::future::try_join_all(found).await?;
    Ok(found.into_iter().flatten().map(EarningRuleObject).collect())
}
