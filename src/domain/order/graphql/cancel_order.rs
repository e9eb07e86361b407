//! Cancelling an order: the input, the payload, its errors and the mutation.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::base::error::Error;
use crate::domain::order::graphql::order::OrderObject;
use crate::domain::order::graphql::order_return::OrderReturnObject;
use crate::domain::order::graphql::take_back_words::{OWN_ORDER, field, words};
use crate::domain::order::rule::take_back::{Rejection, What};
use crate::domain::order::service::{Refused, Wish, cancel_order};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::{idempotency_key, path};
use crate::gql::language::Language;

/// An order to be cancelled.
#[derive(InputObject)]
pub struct CancelOrderInput {
    /// Drawn by the client, new for each cancellation. Sent again, it gives the same answer again.
    idempotency_key: String,
    /// The order's global id.
    order_id: ID,
    /// Why, at most 200 characters. Its member can read it.
    reason: Option<String>,
}

/// What came of cancelling an order.
#[derive(SimpleObject)]
pub struct CancelOrderPayload {
    /// The order as it is now; null when there are user errors.
    order: Option<OrderObject>,
    /// What went back; null when there are user errors.
    #[graphql(name = "return")]
    order_return: Option<OrderReturnObject>,
    /// Why it was not cancelled. Then nothing was changed.
    user_errors: Vec<CancelOrderUserError>,
}

/// Why an order was not cancelled.
#[derive(SimpleObject)]
pub struct CancelOrderUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: CancelOrderErrorCode,
}

/// Why an order was not cancelled.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CancelOrderErrorCode {
    /// There is no such order.
    OrderUnknown,
    /// It was recorded by an import, without lines or payments.
    OrderImported,
    /// It is the caller's own: another member of staff has to cancel it.
    OwnOrder,
    /// Nothing is left of it.
    AlreadyReturned,
    /// It is in the customer's hands: use `refundOrder`.
    AlreadyDelivered,
    /// A reason has at most 200 characters and no control characters.
    ReasonInvalid,
    /// The member would have, or owe, more points than an account can hold.
    AccountFull,
    /// The idempotency key was used for another cancellation of this member's before.
    IdempotencyKeyConflict,
}

/// The code of a rejection, or `None` of one that has to do with pieces or a preview, of which a cancellation has none.
fn code(rejection: &Rejection) -> Option<CancelOrderErrorCode> {
    Some(match rejection {
        Rejection::OrderUnknown => CancelOrderErrorCode::OrderUnknown,
        Rejection::OrderImported => CancelOrderErrorCode::OrderImported,
        Rejection::AlreadyReturned => CancelOrderErrorCode::AlreadyReturned,
        Rejection::AlreadyDelivered => CancelOrderErrorCode::AlreadyDelivered,
        Rejection::ReasonInvalid => CancelOrderErrorCode::ReasonInvalid,
        Rejection::TooLarge => CancelOrderErrorCode::AccountFull,
        Rejection::IdempotencyKeyConflict => CancelOrderErrorCode::IdempotencyKeyConflict,
        Rejection::NoLines
        | Rejection::LineUnknown { .. }
        | Rejection::LineRepeated { .. }
        | Rejection::BadQuantity { .. }
        | Rejection::PreviewStale { .. } => return None,
    })
}

fn user_error(refused: &Refused<Rejection>, language: Language) -> Result<CancelOrderUserError> {
    let Refused::Rule(rejection) = refused else {
        let message = language.say(OWN_ORDER.0, OWN_ORDER.1);
        return Ok(CancelOrderUserError { message, path: path(&["orderId"]), code: CancelOrderErrorCode::OwnOrder });
    };
    let code = code(rejection).ok_or_else(|| Error::internal("a cancellation was refused for its pieces"))?;
    let (english, chinese) = words(rejection);
    let field = field(rejection);
    let field: Vec<&str> = field.iter().map(String::as_str).collect();
    Ok(CancelOrderUserError { message: language.say(english, chinese), path: path(&field), code })
}

#[derive(Default)]
pub struct CancelOrderMutation;

#[Object]
impl CancelOrderMutation {
    /// Takes back whatever is left of an order that was not delivered yet: the points and the money it was paid with go
    /// back, the points it earned are taken back, its pieces return to their stock, and its coupon can be used again
    /// while it is valid. All or nothing. For staff only, of any member's order but their own: `UNAUTHENTICATED` without a session,
    /// `FORBIDDEN` for other members; `UNAVAILABLE` and `TIMEOUT` may be sent again with the same key.
    async fn cancel_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] input: CancelOrderInput,
    ) -> Result<CancelOrderPayload> {
        let caller = ctx.caller();
        let wish = Wish {
            order: GlobalId::owned_row_of(NodeKind::Order, &input.order_id),
            what: What::Cancellation,
            restock: true,
            reason: input.reason,
            preview: None,
            idempotency_key: idempotency_key(input.idempotency_key)?,
        };
        let cancelled = cancel_order(App::of(ctx), &caller.actor, wish).await?;
        ctx.reader().forget();
        Ok(match cancelled {
            Ok(taken) => CancelOrderPayload {
                order: Some(OrderObject(taken.order)),
                order_return: Some(OrderReturnObject(taken.order_return)),
                user_errors: Vec::new(),
            },
            Err(refused) => CancelOrderPayload {
                order: None,
                order_return: None,
                user_errors: vec![user_error(&refused, caller.language)?],
            },
        })
    }
}
