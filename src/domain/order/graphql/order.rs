//! An order in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use crate::domain::earning::graphql::{PointsShareObject, shares_of};
use crate::domain::order::entity::{Channel, OrderStatus, order};
use crate::domain::order::graphql::line::OrderLineObject;
use crate::domain::order::graphql::order_return::OrderReturnObject;
use crate::domain::order::graphql::payment::PaymentObject;
use crate::domain::order::query::{LinesOf, PaymentsOf, ReturnsOf};
use crate::domain::order::rule::tax_in;
use crate::domain::outlet::graphql::OutletObject;
use crate::domain::outlet::query::OutletKey;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{DateTime, MoneyObject, int, money};

/// Where an order stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "OrderStatus", name = "OrderStatus")]
pub enum OrderStatusEnum {
    /// Placed and paid in full.
    Paid,
    /// In the customer's hands.
    Delivered,
    /// Taken back before it was delivered.
    Cancelled,
    /// Taken back as a whole.
    Returned,
    /// A purchase of the past, recorded by an import.
    Completed,
}

/// By which way an order came.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Channel", name = "OrderChannel")]
pub enum OrderChannel {
    /// A shop's website.
    Web,
    /// An app.
    App,
    /// A small program within another app (小程序).
    MiniProgram,
    /// At a till.
    InStore,
}

/// One purchase.
pub struct OrderObject(pub Arc<order::Model>);

/// One purchase. Only its member and staff may read it.
#[Object(name = "Order")]
impl OrderObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::Order, self.0.member_id, self.0.id)
    }

    /// The number people see, such as `20261123-7Q2M4XK0ZT`.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// Where it stands.
    async fn status(&self) -> OrderStatusEnum {
        self.0.status.into()
    }

    /// When it was placed; for an imported one the day of the purchase.
    async fn placed_at(&self) -> DateTime {
        DateTime::of(self.0.placed_at)
    }

    /// True when it was recorded by an import; it has no lines then.
    async fn imported(&self) -> bool {
        self.0.imported
    }

    /// Pieces in all.
    async fn pieces(&self) -> i32 {
        int(self.0.pieces)
    }

    /// What was bought.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<InTurn<OrderLineObject>>> {
        if self.0.imported {
            return Ok(Vec::new());
        }
        let lines = ctx.reader().get(LinesOf(self.0.member_id, self.0.id)).await?;
        Ok(lines.iter().map(|line| InTurn(OrderLineObject { line: line.clone(), order: self.0.clone() })).collect())
    }

    /// How it was paid with money. What points paid is not among it.
    async fn payments(&self, ctx: &Context<'_>) -> Result<Vec<InTurn<PaymentObject>>> {
        if self.0.imported {
            return Ok(Vec::new());
        }
        let payments = ctx.reader().get(PaymentsOf(self.0.member_id, self.0.id)).await?;
        Ok(payments.iter().map(|payment| InTurn(PaymentObject(payment.clone()))).collect())
    }

    /// The lines' prices together.
    async fn subtotal(&self) -> MoneyObject {
        money(self.0.subtotal, &self.0.currency)
    }

    /// What the coupon took off.
    async fn discount(&self) -> MoneyObject {
        money(self.0.discount, &self.0.currency)
    }

    /// What it cost: subtotal less discount. Of this, `pointsValue` was paid with points and the rest with money.
    async fn total(&self) -> MoneyObject {
        money(self.0.total, &self.0.currency)
    }

    /// The tax that is in the total: the sum of its lines'. 0 for an order that an import recorded.
    async fn tax(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        let lines = ctx.reader().find(LinesOf(self.0.member_id, self.0.id)).await?.unwrap_or_default();
        let tax = lines.iter().map(|line| tax_in(line.total, line.tax_rate)).sum();
        Ok(money(tax, &self.0.currency))
    }

    /// Points it earned, by the rate on what was paid for it with money, and on what points paid and on tax if the program
    /// says so.
    /// What a return takes back of them is in `pointsClawedBack`.
    async fn points_earned(&self) -> i32 {
        int(self.0.points_earned)
    }

    /// What each earning rule gave of these points; the rest is the program's own rate.
    async fn points_shares(&self, ctx: &Context<'_>) -> Result<Vec<InTurn<PointsShareObject>>> {
        // An order of which no rule gave anything needs no look-up.
        if self.0.standing.is_none() {
            return Ok(Vec::new());
        }
        shares_of(ctx, self.0.member_id, self.0.id).await
    }

    /// By which way it came, as far as the client told.
    async fn channel(&self) -> Option<OrderChannel> {
        self.0.channel.map(Into::into)
    }

    /// The outlet where it was placed (门店), as far as the client told.
    async fn outlet(&self, ctx: &Context<'_>) -> Result<Option<OutletObject>> {
        let Some(id) = self.0.outlet_id else { return Ok(None) };
        Ok(ctx.reader().find(OutletKey(id)).await?.map(OutletObject))
    }

    /// Points it was paid with.
    async fn points_paid(&self) -> i32 {
        int(self.0.points_paid)
    }

    /// The part of its total that these points paid.
    async fn points_value(&self) -> MoneyObject {
        money(self.0.points_value, &self.0.currency)
    }

    /// When it reached the customer, which is when its return window began; null before that.
    async fn delivered_at(&self) -> Option<DateTime> {
        self.0.delivered_at.map(DateTime::of)
    }

    /// What had been paid with money for the pieces that came back. What was withheld of it, each return says.
    async fn money_returned(&self) -> MoneyObject {
        money(self.0.money_returned, &self.0.currency)
    }

    /// Of the points it was paid with, those given back.
    async fn points_returned(&self) -> i32 {
        int(self.0.points_returned)
    }

    /// Of the points it earned, those taken back, whether or not they were still there.
    async fn points_clawed_back(&self) -> i32 {
        int(self.0.points_clawed)
    }

    /// How it was taken back, in the order in which that happened.
    async fn returns(&self, ctx: &Context<'_>) -> Result<Vec<InTurn<OrderReturnObject>>> {
        // An order that was never changed has none.
        if self.0.revision == 0 {
            return Ok(Vec::new());
        }
        let returns = ctx.reader().get(ReturnsOf(self.0.member_id, self.0.id)).await?;
        Ok(returns.iter().map(|found| InTurn(OrderReturnObject(found.clone()))).collect())
    }
}
