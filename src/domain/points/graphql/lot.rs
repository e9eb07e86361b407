//! Lots in the schema, and how an entry moved their points.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Object};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::domain::order::graphql::OrderObject;
use crate::domain::points::entity::{Bucket, LotState, allocation, lot};
use crate::domain::points::graphql::entry::PointsEntryObject;
use crate::domain::points::graphql::purchase::order_of_lot;
use crate::domain::points::query::TxnKey;
use crate::domain::points::query::account::{LotCount, LotKey};
use crate::gql::caller::RequestContext;
use crate::gql::connection::Opaque;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{DateTime, int};

/// Whether a lot's points can be spent yet.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "LotState", name = "PointsLotState")]
pub enum PointsLotStateEnum {
    /// Not yet, 待生效.
    Pending,
    /// Yes, as far as they are still there, 已生效.
    Active,
}

/// Where points of a lot are.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Bucket", name = "PointsLotBucket")]
pub enum PointsLotBucketEnum {
    /// Still there.
    Remaining,
    /// Set aside.
    Held,
    /// Spent, given away, or used to repay a debt.
    Consumed,
    /// Past their validity.
    Expired,
    /// Taken back with a return.
    Revoked,
}

/// The points of one accrual, with their own validity. `granted` is the sum of the five other numbers.
pub struct PointsLotObject(pub Arc<lot::Model>);

/// The points of one accrual, with their own validity. `granted` is the sum of the five other numbers. Only its member,
/// those of its household, and staff may read it.
#[Object(name = "PointsLot")]
impl PointsLotObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::PointsLot, self.0.member_id, self.0.id)
    }

    /// Whether its points can be spent yet.
    async fn state(&self) -> PointsLotStateEnum {
        self.0.state.into()
    }

    /// Points it began with.
    async fn granted(&self) -> i32 {
        int(self.0.granted)
    }

    /// Points still there.
    async fn remaining(&self) -> i32 {
        int(self.0.remaining)
    }

    /// Points set aside.
    async fn held(&self) -> i32 {
        int(self.0.held)
    }

    /// Points spent, given away, or used to repay a debt.
    async fn consumed(&self) -> i32 {
        int(self.0.consumed)
    }

    /// Points past their validity.
    async fn expired(&self) -> i32 {
        int(self.0.expired)
    }

    /// Points taken back with a return.
    async fn revoked(&self) -> i32 {
        int(self.0.revoked)
    }

    /// From when on they can be spent; null while their order is not delivered.
    async fn activates_at(&self) -> Option<DateTime> {
        self.0.activates_at.map(DateTime::of)
    }

    /// The first moment at which they cannot be spent any more. Null while their order is not delivered, and for points
    /// that never expire.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.filter(|end| *end < Instant::NEVER.micros()).map(DateTime::of)
    }

    /// The order that earned them, wherever they were taken over to since; null for points that no order earned. Of a lot
    /// that is or was a household's, null for those who did not place the order, but for staff.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<InTurn<OrderObject>>> {
        Ok(order_of_lot(ctx, &self.0).await?.map(|order| InTurn(OrderObject(order))))
    }

    /// The entry that granted them in this account: the purchase, or the one by which they were taken over from another.
    async fn entry(&self, ctx: &Context<'_>) -> Result<PointsEntryObject> {
        Ok(PointsEntryObject(ctx.reader().get(TxnKey(self.0.member_id, self.0.txn_id)).await?))
    }
}

/// Points of a lot that an entry moved.
pub struct PointsEntryLotObject(pub Arc<allocation::Model>);

/// Points of a lot that an entry moved.
#[Object(name = "PointsEntryLot")]
impl PointsEntryLotObject {
    /// Points.
    async fn points(&self) -> i32 {
        int(self.0.points)
    }

    /// Where they were; null for points that the entry granted.
    async fn taken_from(&self) -> Option<PointsLotBucketEnum> {
        self.0.taken_from.map(Into::into)
    }

    /// Where they are since.
    async fn given_to(&self) -> PointsLotBucketEnum {
        self.0.given_to.into()
    }

    /// The lot.
    async fn lot(&self, ctx: &Context<'_>) -> Result<InTurn<PointsLotObject>> {
        Ok(InTurn(PointsLotObject(ctx.reader().get(LotKey(self.0.member_id, self.0.lot_id)).await?)))
    }
}

/// Beside the edges of a list of lots.
pub struct LotTotals {
    pub member_id: Id,
}

/// Beside the edges of a list of lots.
#[Object]
impl LotTotals {
    /// How many lots the member has in all. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(LotCount(self.member_id)).await?.unwrap_or(0)))
    }
}

pub type PointsLotConnection = Connection<Opaque, InTurn<PointsLotObject>, LotTotals>;
