//! Points given to another member, in the schema.

use std::sync::Arc;

use async_graphql::{ID, Object};

use crate::domain::points::entity::transfer;
use crate::gql::id::{NodeKind, owned};
use crate::gql::scalar::{DateTime, int};

/// Points that a member gave to another.
pub struct PointsTransferObject(pub Arc<transfer::Model>);

/// Points that a member gave to another. Only its sender and staff may read it.
#[Object(name = "PointsTransfer")]
impl PointsTransferObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::PointsTransfer, self.0.member_id, self.0.id)
    }

    /// Points.
    async fn points(&self) -> i32 {
        int(self.0.points)
    }

    /// When.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }
}
