//! Refunding an order and asking what a refund would do: the inputs, the payloads, the mutation and the query.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::base::error::Error;
use crate::domain::order::graphql::order::OrderObject;
use crate::domain::order::graphql::order_return::OrderReturnObject;
use crate::domain::order::graphql::refund_error::{RefundFigures, RefundOrderUserError, own_order, user_error};
use crate::domain::order::rule::take_back::{Piece, Rejection, What};
use crate::domain::order::service::{Refused, Wish, preview_refund, refund_order};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::idempotency_key;

/// Pieces of one line that come back.
#[derive(InputObject)]
pub struct RefundLineInput {
    /// The line's `position` in its order.
    position: i32,
    /// Pieces, from 1 to what is left of the line.
    quantity: i32,
}

/// A refund.
#[derive(InputObject)]
pub struct RefundOrderInput {
    /// Drawn by the client, new for each refund. Sent again, it gives the same answer again.
    idempotency_key: String,
    /// The order's global id.
    order_id: ID,
    /// The pieces that come back; whatever is left of the order when it is left out.
    lines: Option<Vec<RefundLineInput>>,
    /// Whether the pieces go back to their stock.
    #[graphql(default = true)]
    restock: bool,
    /// Why, at most 200 characters. The order's member can read it.
    reason: Option<String>,
    /// What `previewRefund` gave: the refund is made only if it still does exactly what the preview said. Without it, it
    /// is decided anew.
    preview_token: Option<String>,
}

/// A refund to be looked at first. Whether pieces are restocked, and why they come back, changes no figure.
#[derive(InputObject)]
pub struct PreviewRefundInput {
    /// The order's global id.
    order_id: ID,
    /// The pieces that would come back; whatever is left of the order when it is left out.
    lines: Option<Vec<RefundLineInput>>,
}

/// What came of refunding an order.
#[derive(SimpleObject)]
pub struct RefundOrderPayload {
    /// The order as it is now; null when there are user errors.
    order: Option<OrderObject>,
    /// What went back; null when there are user errors.
    #[graphql(name = "return")]
    order_return: Option<OrderReturnObject>,
    /// Why it was not refunded. Then nothing was changed.
    user_errors: Vec<RefundOrderUserError>,
}

/// What a refund would do.
#[derive(SimpleObject)]
pub struct RefundPreview {
    /// What `refundOrder` would do if it were sent now; null when there are user errors.
    figures: Option<RefundFigures>,
    /// To be sent along with `refundOrder`. It is good until anything moves the member's points or changes the order.
    token: Option<String>,
    /// Why the order could not be refunded so.
    user_errors: Vec<RefundOrderUserError>,
}

fn what(lines: Option<Vec<RefundLineInput>>) -> What {
    let piece =
        |line: RefundLineInput| Piece { position: i64::from(line.position), quantity: i64::from(line.quantity) };
    match lines {
        None => What::Everything,
        Some(lines) => What::Pieces(lines.into_iter().map(piece).collect()),
    }
}

fn told(ctx: &Context<'_>, rejection: &Rejection) -> Result<Vec<RefundOrderUserError>> {
    let currency = &App::of(ctx).programs.latest().currency;
    let error = user_error(rejection, ctx.caller().language, currency);
    Ok(vec![error.ok_or_else(|| Error::internal("a refund was refused as a cancellation"))?])
}

#[derive(Default)]
pub struct RefundOrderMutation;

#[Object]
impl RefundOrderMutation {
    /// Takes pieces of an order back, or whatever is left of it. First the points it was paid with go back to where they
    /// came from, then the points it no longer earns are taken back, then the money follows, and with the last piece its
    /// coupon can be used again while it is valid. All or nothing. For staff only, of any member's order but their own:
    /// `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members; `UNAVAILABLE` and `TIMEOUT` may be sent again
    /// with the same key.
    async fn refund_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What comes back.")] input: RefundOrderInput,
    ) -> Result<RefundOrderPayload> {
        let wish = Wish {
            order: GlobalId::owned_row_of(NodeKind::Order, &input.order_id),
            what: what(input.lines),
            restock: input.restock,
            reason: input.reason,
            preview: input.preview_token,
            idempotency_key: idempotency_key(input.idempotency_key)?,
        };
        let refunded = refund_order(App::of(ctx), &ctx.caller().actor, wish).await?;
        ctx.reader().forget();
        Ok(match refunded {
            Ok(taken) => RefundOrderPayload {
                order: Some(OrderObject(taken.order)),
                order_return: Some(OrderReturnObject(taken.order_return)),
                user_errors: Vec::new(),
            },
            Err(refused) => {
                let user_errors = match &refused {
                    Refused::OwnOrder => vec![own_order(ctx.caller().language)],
                    Refused::Rule(rejection) => told(ctx, rejection)?,
                };
                RefundOrderPayload { order: None, order_return: None, user_errors }
            }
        })
    }
}

#[derive(Default)]
pub struct RefundQuery;

#[Object]
impl RefundQuery {
    /// What `refundOrder` would do if it were sent now, to the point and the minor unit. Nothing is changed. For staff
    /// only, of any member's order: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn preview_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What would come back.")] input: PreviewRefundInput,
    ) -> Result<RefundPreview> {
        let wish = Wish {
            order: GlobalId::owned_row_of(NodeKind::Order, &input.order_id),
            what: what(input.lines),
            restock: false,
            reason: None,
            preview: None,
            idempotency_key: String::new(),
        };
        Ok(match preview_refund(App::of(ctx), &ctx.caller().actor, wish).await? {
            Ok(preview) => RefundPreview {
                figures: Some(RefundFigures::of(&preview.figures, &preview.currency)),
                token: Some(preview.token),
                user_errors: Vec::new(),
            },
            Err(rejection) => RefundPreview { figures: None, token: None, user_errors: told(ctx, &rejection)? },
        })
    }
}
