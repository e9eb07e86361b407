//! Points set aside, in the schema.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, ID, Object};

use crate::base::id::Id;
use crate::domain::points::entity::hold;
use crate::domain::points::query::account::HoldCount;
use crate::gql::caller::RequestContext;
use crate::gql::connection::Opaque;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{DateTime, int};

/// Points set aside while a payment is open. `points` is the sum of `captured`, `released` and `open`.
pub struct PointsHoldObject(pub Arc<hold::Model>);

/// Points set aside while a payment is open. `points` is the sum of `captured`, `released` and `open`. Only its member
/// and staff may read it.
#[Object(name = "PointsHold")]
impl PointsHoldObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::PointsHold, self.0.member_id, self.0.id)
    }

    /// Points set aside in the beginning.
    async fn points(&self) -> i32 {
        int(self.0.amount)
    }

    /// Points spent of it.
    async fn captured(&self) -> i32 {
        int(self.0.captured)
    }

    /// Points given back.
    async fn released(&self) -> i32 {
        int(self.0.released)
    }

    /// Points still set aside.
    async fn open(&self) -> i32 {
        int(self.0.open)
    }

    /// What it is for.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// When it began.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }

    /// When what is still open of it goes back by itself.
    async fn expires_at(&self) -> DateTime {
        DateTime::of(self.0.expires_at)
    }
}

/// Beside the edges of a list of holds.
pub struct HoldTotals {
    pub member_id: Id,
}

/// Beside the edges of a list of holds.
#[Object]
impl HoldTotals {
    /// How many holds there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(HoldCount(self.member_id)).await?.unwrap_or(0)))
    }
}

pub type PointsHoldConnection = Connection<Opaque, InTurn<PointsHoldObject>, HoldTotals>;
