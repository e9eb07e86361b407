//! Asking for a simulation, and calling one off.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::keyset::Cursor;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::earning::entity::RuleState;
use crate::domain::earning::query::NewestRevision;
use crate::domain::earning::rule::terms::{Rule, Rules};
use crate::domain::order::query::count_placed;
use crate::domain::points::entity::program;
use crate::domain::points::rule::program::change::Change;
use crate::domain::points::rule::program::{Rejection as Flaw, check, zone};
use crate::domain::simulation::entity::{SimulationState, simulation};
use crate::domain::simulation::query::{SimulationKey, SimulationList, cancel, count_open};
use crate::domain::simulation::rule::draft::{Draft, MAX_OPEN, Rejection, Settings};

/// What is to be different, and over the orders of which days. An id that is `None` is one we do not know.
#[derive(Clone, Debug)]
pub struct Wish {
    pub days: (Date, Date),
    pub change: Change,
    pub with: Vec<Option<Id>>,
    pub without: Vec<Option<Id>>,
    /// Tiers and their multipliers, in ten-thousandths.
    pub multipliers: Vec<(Option<Id>, i64)>,
}

/// What became of a simulation.
pub type Answer = Result<std::result::Result<Arc<simulation::Model>, Rejection>>;

/// Puts a simulation among those that wait for a worker. Staff only.
pub async fn simulate_program(app: &App, actor: &Actor, wish: Wish) -> Answer {
    let author = actor.staff()?;
    let program = app.programs.refresh(&app.db).await?;
    let rules = app.rules.get(&app.db.read, program.version).await?;
    let tiers = app.tiers.get(&app.db.read, program.version).await?;
    let draft = match draft_of(app, wish, &program, &rules).await? {
        Ok(draft) => draft,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let zone = zone(&program);
    if let Err(rejection) = draft.check(&zone, tiers.as_deref()) {
        return Ok(Err(rejection));
    }
    let Some(bounds) = draft.bounds(&zone) else { return Ok(Err(Rejection::DaysInvalid)) };
    if count_open(&app.db.read, program.id).await? >= MAX_OPEN {
        return Ok(Err(Rejection::TooManyOpen));
    }
    let row = simulation::Model {
        id: app.ids.next(),
        program_id: program.id,
        version: program.version,
        draft: draft.write(),
        state: SimulationState::Queued,
        orders: count_placed(&app.db.read, bounds).await?,
        done: 0,
        attempts: 0,
        worker_id: None,
        held_until: None,
        outcome: None,
        author_id: author.member_id,
        created_at: app.clock.now().micros(),
        finished_at: None,
    };
    let kept = Arc::new(row.clone());
    let work = move |tx: Tx| {
        let row = row.clone();
        async move {
            // There already, it is our own from an attempt before, whose COMMIT succeeded but whose reply was lost.
            rows::insert_if_absent::<simulation::Entity>(&*tx, vec![row]).await?;
            Ok(())
        }
    };
    app.db.write(work).await?;
    Ok(Ok(kept))
}

async fn draft_of(
    app: &App,
    wish: Wish,
    program: &program::Model,
    in_force: &Rules,
) -> Result<Result<Draft, Rejection>> {
    let changed = wish.change.applied_to(program);
    if let Err(wrong) = check(&changed) {
        let told = wrong.iter().find_map(|flaw| match flaw {
            Flaw::EarnRateInvalid => Some(Rejection::EarnRateInvalid),
            Flaw::ExchangeRateInvalid => Some(Rejection::ExchangeRateInvalid),
            Flaw::PointsEarnThemselves => Some(Rejection::PointsEarnThemselves),
            // Of what a draft does not change, such as a step of redemption that no longer fits the rate, nothing is asked.
            _ => None,
        });
        if let Some(rejection) = told {
            return Ok(Err(rejection));
        }
    }
    let with = match known(app, &wish.with, is_playable).await? {
        Ok(with) => with,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let without = match known(app, &wish.without, |rule| in_force.get(rule.id()).is_some()).await? {
        Ok(without) => without,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let mut multipliers = BTreeMap::new();
    for (tier, multiplier) in wish.multipliers {
        let Some(tier) = tier else { return Ok(Err(Rejection::TierUnknown)) };
        multipliers.insert(tier, multiplier);
    }
    let (first, last) = wish.days;
    Ok(Ok(Draft { first, last, settings: Settings::of(&changed), with, without, multipliers }))
}

/// Only purchases are played, and what is over for good never comes again.
fn is_playable(rule: &Rule) -> bool {
    rule.is_for(None) && rule.row.state != RuleState::Ended
}

async fn known(
    app: &App,
    named: &[Option<Id>],
    fits: impl Fn(&Rule) -> bool,
) -> Result<Result<BTreeSet<Id>, Rejection>> {
    let found = app.hub.find_all(named.iter().flatten().map(|id| NewestRevision(*id))).await?;
    let unknown = named.iter().find(|id| {
        let rule = id.and_then(|id| found.get(&NewestRevision(id)));
        !rule.is_some_and(|rule| fits(rule))
    });
    Ok(match unknown {
        Some(rule) => Err(Rejection::RuleUnknown { rule: *rule }),
        None => Ok(named.iter().flatten().copied().collect()),
    })
}

/// Calls off a simulation that is not finished. Staff only.
pub async fn cancel_simulation(app: &App, actor: &Actor, id: Option<Id>) -> Answer {
    actor.staff()?;
    let Some(id) = id else { return Ok(Err(Rejection::SimulationUnknown)) };
    if app.hub.find(SimulationKey(id)).await?.is_none() {
        return Ok(Err(Rejection::SimulationUnknown));
    }
    let now = app.clock.now();
    app.db.write_statement(move |pool| async move { Ok(cancel(&pool, id, now).await?) }).await?;
    let after = app.hub.find(SimulationKey(id)).await?;
    let after = after.ok_or_else(|| Error::internal("a simulation is gone"))?;
    // Sent twice, the first one's answer may have been lost: it is called off all the same.
    Ok(if after.state == SimulationState::Cancelled { Ok(after) } else { Err(Rejection::AlreadyFinished) })
}

/// A simulation by its id. Staff only.
pub async fn find_simulation(app: &App, actor: &Actor, id: Option<Id>) -> Result<Option<Arc<simulation::Model>>> {
    actor.staff()?;
    let Some(id) = id else { return Ok(None) };
    app.hub.find(SimulationKey(id)).await
}

/// A page of the simulations, the newest first. Staff only.
pub async fn list_simulations(app: &App, actor: &Actor, page: Page<Cursor>) -> Result<Arc<Slice<simulation::Model>>> {
    actor.staff()?;
    let found = app.hub.find(SimulationList(app.programs.id(), page)).await?;
    found.ok_or_else(|| Error::internal("a list of simulations was not answered"))
}
