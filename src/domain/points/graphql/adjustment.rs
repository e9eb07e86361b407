//! Corrections by the shop, in the schema.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object};

use crate::domain::points::entity::{AdjustmentState, adjustment};
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

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }

    /// When it was booked or rejected.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime::of)
    }
}
