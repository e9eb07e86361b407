//! Finding orders: one of them, and lists.

use async_graphql::connection::Connection;
use async_graphql::{Context, ID, Object, OneofObject};

use crate::app::App;
use crate::base::id::Id;
use crate::domain::member::entity::HandleKind;
use crate::domain::member::query::HandleKey;
use crate::domain::order::graphql::order::OrderObject;
use crate::domain::order::query::{OrderCount, OrderKey};
use crate::domain::points::query::keeper_of;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::in_turn::InTurn;
use crate::gql::input::plain;
use crate::gql::scalar::int;

/// Beside the edges of a list of orders.
pub struct OrderTotals {
    pub member_id: Id,
}

/// Beside the edges of a list of orders.
#[Object]
impl OrderTotals {
    /// How many orders there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(OrderCount(self.member_id)).await?.unwrap_or(0)))
    }
}

pub type OrderConnection = Connection<crate::gql::connection::Opaque, InTurn<OrderObject>, OrderTotals>;

/// How to name one order.
#[derive(OneofObject)]
pub enum OrderBy {
    /// By its global id.
    Id(ID),
    /// By the number people see.
    Number(String),
}

#[derive(Default)]
pub struct FindOrderQuery;

#[Object]
impl FindOrderQuery {
    /// One order of the member who asks, and for staff of any member. Another member's order is null otherwise, as if
    /// there were none. `UNAUTHENTICATED` without a session.
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: OrderBy,
    ) -> Result<Option<OrderObject>> {
        let member = ctx.member()?;
        let key = match by {
            OrderBy::Id(id) => GlobalId::owned_row_of(NodeKind::Order, &id).map(|(owner, id)| OrderKey(owner, id)),
            OrderBy::Number(number) => {
                let name = ctx.reader().find(HandleKey(HandleKind::OrderNumber, plain(number)?)).await?;
                name.map(|name| OrderKey(name.member_id, name.subject_id))
            }
        };
        // The key carries the owner, so it finds nothing that is not theirs.
        let Some(OrderKey(owner, id)) = key else { return Ok(None) };
        if member.may_read(owner)
            && let Some(order) = ctx.reader().find(OrderKey(owner, id)).await?
        {
            return Ok(Some(OrderObject(order)));
        }
        // Its member may have been merged into another since the id was given out.
        match keeper_of(&App::of(ctx).hub, owner).await? {
            Some(keeper) if member.may_read(keeper) => {
                Ok(ctx.reader().find(OrderKey(keeper, id)).await?.map(OrderObject))
            }
            _ => Ok(None),
        }
    }
}
