//! Orders that were taken back, in the schema.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use crate::base::error::Error;
use crate::domain::order::entity::{order_return, return_line};
use crate::domain::order::graphql::line::OrderLineObject;
use crate::domain::order::graphql::order::OrderObject;
use crate::domain::order::graphql::payment::PaymentMethodEnum;
use crate::domain::order::query::{LinesOf, OrderKey, ReturnLinesOf};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{DateTime, MoneyObject, int, money};

/// An order taken back, in part or whole, once.
pub struct OrderReturnObject(pub Arc<order_return::Model>);

/// An order taken back, in part or whole, once: a cancellation or a refund. Only the order's member and staff may read it.
#[Object(name = "OrderReturn")]
impl OrderReturnObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::OrderReturn, self.0.member_id, self.0.id)
    }

    /// The order.
    async fn order(&self, ctx: &Context<'_>) -> Result<OrderObject> {
        Ok(OrderObject(ctx.reader().get(OrderKey(self.0.member_id, self.0.order_id)).await?))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }

    /// What came back.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<InTurn<OrderReturnLineObject>>> {
        let lines = ctx.reader().get(ReturnLinesOf(self.0.member_id, self.0.id)).await?;
        let of =
            |line: &Arc<return_line::Model>| OrderReturnLineObject { line: line.clone(), order_return: self.0.clone() };
        Ok(lines.iter().map(|line| InTurn(of(line))).collect())
    }

    /// Money given back, less what was withheld.
    async fn money(&self) -> MoneyObject {
        money(self.0.money, &self.0.currency)
    }

    /// Money withheld for earned points that were missing, where the program takes them off the refund.
    async fn money_withheld(&self) -> MoneyObject {
        money(self.0.money_withheld, &self.0.currency)
    }

    /// How the money was given back.
    async fn method(&self) -> PaymentMethodEnum {
        self.0.method.into()
    }

    /// Points the order was paid with, given back to the lots they came from.
    async fn points_given_back(&self) -> i32 {
        int(self.0.points_given_back)
    }

    /// Of these, points that were past their expiry and stay expired, since the program has no days of grace.
    async fn points_forfeited(&self) -> i32 {
        int(self.0.points_forfeited)
    }

    /// Points the order had earned, taken back, whether or not they were still there.
    async fn points_clawed_back(&self) -> i32 {
        int(self.0.points_clawed)
    }

    /// Of these, points that were not there any more. What of them was neither written off nor settled is owed.
    async fn points_missing(&self) -> i32 {
        int(self.0.points_missing)
    }

    /// Of the missing points, those the shop gave up.
    async fn points_written_off(&self) -> i32 {
        int(self.0.points_written_off)
    }

    /// Of the missing points, those for which money was withheld.
    async fn points_settled(&self) -> i32 {
        int(self.0.points_settled)
    }

    /// Whether the pieces went back to their stock.
    async fn restocked(&self) -> bool {
        self.0.restocked
    }

    /// Why, in the words of whoever made it; null if they gave none.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// What a return took back of one line.
pub struct OrderReturnLineObject {
    line: Arc<return_line::Model>,
    order_return: Arc<order_return::Model>,
}

/// What a return took back of one line of the order.
#[Object(name = "OrderReturnLine")]
impl OrderReturnLineObject {
    /// The line's place in its order, from 0 on.
    async fn position(&self) -> i32 {
        int(self.line.position)
    }

    /// The line, as it is now.
    async fn order_line(&self, ctx: &Context<'_>) -> Result<InTurn<OrderLineObject>> {
        let (member_id, order_id) = (self.line.member_id, self.order_return.order_id);
        let lines = ctx.reader().get(LinesOf(member_id, order_id)).await?;
        let line = lines.iter().find(|line| line.position == self.line.position).cloned();
        let line = line.ok_or_else(|| Error::internal("a return is of a line that is missing"))?;
        Ok(InTurn(OrderLineObject { line, order: ctx.reader().get(OrderKey(member_id, order_id)).await? }))
    }

    /// Pieces that came back.
    async fn quantity(&self) -> i32 {
        int(self.line.quantity)
    }

    /// What had been paid for them with money; what is withheld of it is told for the return as a whole.
    async fn money(&self) -> MoneyObject {
        money(self.line.money, &self.order_return.currency)
    }

    /// Points that had paid for them, given back.
    async fn points(&self) -> i32 {
        int(self.line.points)
    }
}
