//! The lines of an order in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object};

use crate::domain::catalog::graphql::ProductObject;
use crate::domain::catalog::query::ProductKey;
use crate::domain::order::entity::{line, order};
use crate::domain::order::rule::tax_in;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{MoneyObject, int, money};

/// One product of an order.
pub struct OrderLineObject {
    pub line: Arc<line::Model>,
    pub order: Arc<order::Model>,
}

/// One product of an order.
#[Object(name = "OrderLine")]
impl OrderLineObject {
    /// Its place in the order, from 0 on, by which a refund names it.
    async fn position(&self) -> i32 {
        int(self.line.position)
    }

    /// The product.
    async fn product(&self, ctx: &Context<'_>) -> Result<InTurn<ProductObject>> {
        Ok(InTurn(ProductObject(ctx.reader().get(ProductKey(self.line.product_id)).await?)))
    }

    /// Pieces.
    async fn quantity(&self) -> i32 {
        int(self.line.quantity)
    }

    /// The price of one piece when the order was placed.
    async fn unit_price(&self) -> MoneyObject {
        money(self.line.unit_price, &self.order.currency)
    }

    /// This line's share of the order's discount.
    async fn discount(&self) -> MoneyObject {
        money(self.line.discount, &self.order.currency)
    }

    /// What this line cost, less its share of the discount. Of this, `pointsValue` was paid with points.
    async fn total(&self) -> MoneyObject {
        money(self.line.total, &self.order.currency)
    }

    /// The tax that is in its total, at the rate the product had when the order was placed.
    async fn tax(&self) -> MoneyObject {
        money(tax_in(self.line.total, self.line.tax_rate), &self.order.currency)
    }

    /// This line's share of the points the order earned.
    async fn points_earned(&self) -> i32 {
        int(self.line.points_earned)
    }

    /// This line's share of the points the order was paid with.
    async fn points_paid(&self) -> i32 {
        int(self.line.points_paid)
    }

    /// The part of its total that these points paid.
    async fn points_value(&self) -> MoneyObject {
        money(self.line.points_value, &self.order.currency)
    }

    /// Pieces that came back.
    async fn returned(&self) -> i32 {
        int(self.line.returned)
    }

    /// What had been paid with money for the pieces that came back.
    async fn money_returned(&self) -> MoneyObject {
        money(self.line.money_returned, &self.order.currency)
    }

    /// Points given back for them.
    async fn points_returned(&self) -> i32 {
        int(self.line.points_returned)
    }
}
