//! Delivering an order: the input, the payload, its errors and the mutation.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::order::graphql::order::OrderObject;
use crate::domain::order::graphql::take_back_words::OWN_ORDER;
use crate::domain::order::rule::Undeliverable;
use crate::domain::order::service::{Delivery, Refused, deliver_order};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::{idempotency_key, path};
use crate::gql::language::Language;

/// An order that has reached its customer.
#[derive(InputObject)]
pub struct DeliverOrderInput {
    /// Drawn by the client, new for each delivery. Sent again, it gives the same answer again.
    idempotency_key: String,
    /// The order's global id.
    order_id: ID,
}

/// What came of delivering an order.
#[derive(SimpleObject)]
pub struct DeliverOrderPayload {
    /// The order as it is now; null when there are user errors.
    order: Option<OrderObject>,
    /// Why nothing was changed.
    user_errors: Vec<DeliverOrderUserError>,
}

/// Why an order was not delivered.
#[derive(SimpleObject)]
pub struct DeliverOrderUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: DeliverOrderErrorCode,
}

/// Why an order was not delivered.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum DeliverOrderErrorCode {
    /// There is no such order.
    OrderUnknown,
    /// It is the caller's own: another member of staff has to deliver it.
    OwnOrder,
    /// It was recorded by an import, and is complete.
    OrderImported,
    /// It was delivered before.
    AlreadyDelivered,
    /// It was taken back as a whole.
    AlreadyReturned,
    /// The idempotency key was used for another order of this member before.
    IdempotencyKeyConflict,
}

impl Undeliverable {
    pub fn code(&self) -> DeliverOrderErrorCode {
        match self {
            Undeliverable::OrderUnknown => DeliverOrderErrorCode::OrderUnknown,
            Undeliverable::OrderImported => DeliverOrderErrorCode::OrderImported,
            Undeliverable::AlreadyDelivered => DeliverOrderErrorCode::AlreadyDelivered,
            Undeliverable::AlreadyReturned => DeliverOrderErrorCode::AlreadyReturned,
            Undeliverable::IdempotencyKeyConflict => DeliverOrderErrorCode::IdempotencyKeyConflict,
        }
    }
}

fn user_error(refused: Refused<Undeliverable>, language: Language) -> DeliverOrderUserError {
    let Refused::Rule(rejection) = refused else {
        let message = language.say(OWN_ORDER.0, OWN_ORDER.1);
        return DeliverOrderUserError { message, path: path(&["orderId"]), code: DeliverOrderErrorCode::OwnOrder };
    };
    let (english, chinese, field) = match rejection {
        Undeliverable::OrderUnknown => ("There is no such order.", "没有这个订单。", "orderId"),
        Undeliverable::OrderImported => ("An imported order is complete.", "导入的订单已经完成。", "orderId"),
        Undeliverable::AlreadyDelivered => ("This order has been delivered.", "这个订单已确认收货。", "orderId"),
        Undeliverable::AlreadyReturned => ("This order has been taken back.", "这个订单已取消或退货。", "orderId"),
        Undeliverable::IdempotencyKeyConflict => {
            ("This idempotency key was used for another order.", "这个幂等键已用于另一个订单。", "idempotencyKey")
        }
    };
    DeliverOrderUserError { message: language.say(english, chinese), path: path(&[field]), code: rejection.code() }
}

#[derive(Default)]
pub struct DeliverOrderMutation;

#[Object]
impl DeliverOrderMutation {
    /// Notes that an order has reached its customer. Its return window begins; at the end of it, the points it earned
    /// become spendable. For staff only, of any member's order but their own: `UNAUTHENTICATED` without a session, `FORBIDDEN` for
    /// other members; `UNAVAILABLE` and `TIMEOUT` may be sent again with the same key.
    async fn deliver_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] input: DeliverOrderInput,
    ) -> Result<DeliverOrderPayload> {
        let caller = ctx.caller();
        let delivery = Delivery {
            order: GlobalId::owned_row_of(NodeKind::Order, &input.order_id),
            idempotency_key: idempotency_key(input.idempotency_key)?,
        };
        let delivered = deliver_order(App::of(ctx), &caller.actor, delivery).await?;
        ctx.reader().forget();
        Ok(match delivered {
            Ok(order) => DeliverOrderPayload { order: Some(OrderObject(order)), user_errors: Vec::new() },
            Err(rejection) => {
                DeliverOrderPayload { order: None, user_errors: vec![user_error(rejection, caller.language)] }
            }
        })
    }
}
