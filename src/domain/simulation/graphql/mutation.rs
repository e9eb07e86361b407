//! Asking for a simulation, and calling one off.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::base::multiplier::in_parts;
use crate::domain::points::graphql::{EarnBasisInput, PointsRateInput, Rounding};
use crate::domain::points::rule::program::change::Change;
use crate::domain::simulation::graphql::error::{SimulationUserError, user_error};
use crate::domain::simulation::graphql::simulation::SimulationObject;
use crate::domain::simulation::service::{Answer, Wish, cancel_simulation, simulate_program};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::scalar::{Date, Decimal};

/// A draft of the program, and the days over whose orders it is played. What is left out is as it is now.
#[derive(InputObject)]
pub struct SimulateProgramInput {
    /// The first day, in the program's zone.
    from: Date,
    /// The last day, included: at most 3,700 in all.
    to: Date,
    /// P: points for an amount.
    earn_rate: Option<PointsRateInput>,
    /// Which parts of an order's price earn points.
    earn_basis: Option<EarnBasisInput>,
    /// R: points worth an amount, which says what points cost.
    exchange_rate: Option<PointsRateInput>,
    /// How a fraction of a point is rounded, once an order.
    rounding: Option<Rounding>,
    /// Earning rules for purchases by their global ids, drafts and paused ones too, that give on all of these days, whatever
    /// their own dates. Rules in force that are not named give by their dates.
    #[graphql(default)]
    with_rules: Vec<ID>,
    /// Earning rules in force that do not give, by their global ids.
    #[graphql(default)]
    without_rules: Vec<ID>,
    /// Tiers with other multipliers.
    #[graphql(default)]
    tier_multipliers: Vec<TierMultiplierInput>,
}

/// A tier with another multiplier.
#[derive(InputObject)]
pub struct TierMultiplierInput {
    /// The tier's global id.
    tier_id: ID,
    /// Times the program's rate, 1 to 100 with up to four decimals.
    multiplier: Decimal,
}

/// A simulation that is to be called off.
#[derive(InputObject)]
pub struct CancelSimulationInput {
    /// The simulation's global id.
    id: ID,
}

/// What became of a simulation.
#[derive(SimpleObject)]
pub struct SimulationPayload {
    /// The simulation, or null if nothing was changed.
    simulation: Option<SimulationObject>,
    /// Why not.
    user_errors: Vec<SimulationUserError>,
}

impl SimulateProgramInput {
    fn wish(self) -> Wish {
        let basis = self.earn_basis.unwrap_or_default();
        let rules = |ids: &[ID]| ids.iter().map(|id| GlobalId::row_of(NodeKind::EarningRule, id)).collect();
        let tier = |given: &TierMultiplierInput| {
            (GlobalId::row_of(NodeKind::Tier, &given.tier_id), in_parts(given.multiplier.0))
        };
        Wish {
            days: (self.from.0, self.to.0),
            with: rules(&self.with_rules),
            without: rules(&self.without_rules),
            multipliers: self.tier_multipliers.iter().map(tier).collect(),
            change: Change {
                earn: self.earn_rate.map(Into::into),
                exchange: self.exchange_rate.map(Into::into),
                rounding: self.rounding.map(Into::into),
                earn_on_tax: basis.tax,
                earn_on_shipping: basis.shipping,
                earn_on_points: basis.points_paid,
                ..Change::default()
            },
        }
    }
}

fn payload(ctx: &Context<'_>, answer: Answer) -> Result<SimulationPayload> {
    ctx.reader().forget();
    Ok(match answer? {
        Ok(row) => SimulationPayload { simulation: Some(SimulationObject(row)), user_errors: Vec::new() },
        Err(rejection) => {
            let error = user_error(&rejection, ctx.caller().language);
            SimulationPayload { simulation: None, user_errors: vec![error] }
        }
    })
}

#[derive(Default)]
pub struct SimulationMutation;

#[Object]
impl SimulationMutation {
    /// Plays a draft of the program over the orders of some days (方案模拟): what they would have earned, beside what they
    /// did. It is carried out in the background; `simulation` tells how far it has come, and what came of it. The ledger is
    /// not touched. Budgets and caps begin whole; tags and segments are those of now, tiers those of then; what came back
    /// of an order is taken back at once. Events are not played. For staff only: `UNAUTHENTICATED` without a session,
    /// `FORBIDDEN` for other members.
    async fn simulate_program(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft and the days.")] input: SimulateProgramInput,
    ) -> Result<SimulationPayload> {
        payload(ctx, simulate_program(App::of(ctx), &ctx.caller().actor, input.wish()).await)
    }

    /// Calls off a simulation that is waiting or running. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN`
    /// for other members.
    async fn cancel_simulation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The simulation.")] input: CancelSimulationInput,
    ) -> Result<SimulationPayload> {
        let id = GlobalId::row_of(NodeKind::Simulation, &input.id);
        payload(ctx, cancel_simulation(App::of(ctx), &ctx.caller().actor, id).await)
    }
}
