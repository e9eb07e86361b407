//! Looking at simulations.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, ID, Object};

use crate::app::App;
use crate::db::keyset::Cursor;
use crate::domain::simulation::graphql::simulation::SimulationObject;
use crate::domain::simulation::service::{find_simulation, list_simulations};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};

pub type SimulationConnection = Connection<Opaque, SimulationObject>;

#[derive(Default)]
pub struct SimulationQuery;

#[Object]
impl SimulationQuery {
    /// A simulation: how far it has come, and what came of it. Null when there is none with this id. For staff only:
    /// `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn simulation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The simulation's global id.")] id: ID,
    ) -> Result<Option<SimulationObject>> {
        let id = GlobalId::row_of(NodeKind::Simulation, &id);
        let found = find_simulation(App::of(ctx), &ctx.caller().actor, id).await?;
        Ok(found.map(SimulationObject))
    }

    /// Every simulation, the newest first. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other
    /// members.
    async fn simulations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<SimulationConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = list_simulations(App::of(ctx), &ctx.caller().actor, page).await?;
        Ok(connection(&slice, EmptyFields, |row| Cursor::Id(row.id).into(), SimulationObject))
    }
}
