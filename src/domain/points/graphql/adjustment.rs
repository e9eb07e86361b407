//! Corrections by the shop, in the schema.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Object};

use crate::app::App;
use crate::domain::member::graphql::MemberObject;
use crate::domain::points::entity::{AdjustmentState, adjustment};
use crate::domain::points::query::adjustments::count_requested_adjustments;
use crate::domain::points::service::movement::may_see_staff;
use crate::gql::caller::RequestContext;
use crate::gql::connection::Opaque;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::scalar::{DateTime, int};

/// Where an adjustment stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "AdjustmentState", name = "PointsAdjustmentState")]
pub enum PointsAdjustmentStateEnum {
    /// It waits for a second member of staff; no points have moved.
    Requested,
    /// The points have moved.
    Booked,
    /// It was turned down; no points have moved.
    Rejected,
}

/// A correction of a member's points by the shop.
pub struct PointsAdjustmentObject(pub Arc<adjustment::Model>);

/// A correction of a member's points by the shop. Only its member and staff may read it.
#[Object(name = "PointsAdjustment")]
impl PointsAdjustmentObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::PointsAdjustment, self.0.member_id, self.0.id)
    }

    /// Whose points.
    async fn member(&self) -> MemberObject {
        MemberObject(self.0.member_id)
    }

    /// Points given (positive) or taken (negative).
    async fn points(&self) -> i32 {
        int(self.0.points)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Where it stands.
    async fn state(&self) -> PointsAdjustmentStateEnum {
        self.0.state.into()
    }

    /// The member of staff who asked for it. Null for everybody but staff.
    async fn requested_by(&self, ctx: &Context<'_>) -> Option<MemberObject> {
        may_see_staff(&ctx.caller().actor).then_some(MemberObject(self.0.requested_by))
    }

    /// The member of staff who approved or rejected it; null while it waits, of one that needed nobody else, and for
    /// everybody but staff.
    async fn decided_by(&self, ctx: &Context<'_>) -> Option<MemberObject> {
        self.0.decided_by.filter(|_| may_see_staff(&ctx.caller().actor)).map(MemberObject)
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }

    /// When it was booked or rejected.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime::of)
    }
}

/// Beside the edges of the list of those that wait.
pub struct AdjustmentTotals;

/// Beside the edges of the list of adjustments that wait.
#[Object]
impl AdjustmentTotals {
    /// How many wait on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(count_requested_adjustments(&App::of(ctx).db).await?))
    }
}

pub type PointsAdjustmentConnection = Connection<Opaque, PointsAdjustmentObject, AdjustmentTotals>;
