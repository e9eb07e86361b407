//! Placing an order: the input, the payload and the mutation.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::base::id::Id;
use crate::domain::order::graphql::order::{OrderChannel, OrderObject};
use crate::domain::order::graphql::place_order_error::{PlaceOrderUserError, user_error};
use crate::domain::order::service::{Cart, place_order};
use crate::domain::points::graphql::PointsPurse;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::{idempotency_key, plain};

/// A line of an order to be placed.
#[derive(InputObject)]
pub struct OrderLineInput {
    /// The product's global id.
    product_id: ID,
    /// Pieces, 1 to 10,000.
    quantity: i32,
}

impl OrderLineInput {
    /// The product it names, if it is one's id at all, and pieces.
    pub fn row(&self) -> (Option<Id>, i64) {
        (GlobalId::row_of(NodeKind::Product, &self.product_id), i64::from(self.quantity))
    }
}

/// An order to be placed.
#[derive(InputObject)]
pub struct PlaceOrderInput {
    /// Drawn by the client, new for each order. Sent again, it gives the same order again instead of a second one.
    idempotency_key: String,
    /// 1 to 100 lines.
    lines: Vec<OrderLineInput>,
    /// One of the member's own coupons.
    coupon_code: Option<String>,
    /// Points to pay part of the order with, at the program's exchange rate and within its limits; the rest is paid with
    /// money. None if it is left out.
    points: Option<i32>,
    /// Whose points these are.
    #[graphql(default)]
    points_from: PointsPurse,
    /// By which way it came, as the client tells; earning rules may ask for it.
    channel: Option<OrderChannel>,
    /// The outlet where it was placed; earning rules may ask for it.
    outlet_id: Option<ID>,
}

/// What came of placing an order.
#[derive(SimpleObject)]
pub struct PlaceOrderPayload {
    /// The order; null when there are user errors.
    order: Option<OrderObject>,
    /// Why it was not placed. Then nothing was changed.
    user_errors: Vec<PlaceOrderUserError>,
}

#[derive(Default)]
pub struct PlaceOrderMutation;

#[Object]
impl PlaceOrderMutation {
    /// Places an order for the member who asks: takes its stock, applies a coupon, takes the payment by the one method
    /// there is (`MANUAL`, captured at once, as cash at a till) and books the points, all or nothing. `UNAUTHENTICATED`
    /// without a session; `UNAVAILABLE` and `TIMEOUT` may be sent again with the same key.
    async fn place_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] input: PlaceOrderInput,
    ) -> Result<PlaceOrderPayload> {
        let app = App::of(ctx);
        let caller = ctx.caller();
        let lines = input.lines.iter().map(OrderLineInput::row);
        let cart = Cart {
            lines: lines.collect(),
            // Codes are printed in capitals; nobody should have to type them so.
            coupon_code: input.coupon_code.map(|code| plain(code.trim().to_uppercase())).transpose()?,
            points: i64::from(input.points.unwrap_or(0)),
            purse: input.points_from.into(),
            channel: input.channel.map(Into::into),
            outlet_id: input.outlet_id.map(|id| GlobalId::row_of(NodeKind::Outlet, &id)),
            idempotency_key: idempotency_key(input.idempotency_key)?,
        };
        let placed = place_order(app, &caller.actor, cart).await?;
        ctx.reader().forget();
        Ok(match placed {
            Ok(order) => PlaceOrderPayload { order: Some(OrderObject(Arc::new(order))), user_errors: Vec::new() },
            Err(rejection) => PlaceOrderPayload {
                order: None,
                user_errors: vec![user_error(&rejection, caller.language, &app.programs.latest().currency)],
            },
        })
    }
}
