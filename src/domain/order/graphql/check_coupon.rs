//! Whether a coupon would do for a basket, in the schema.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::order::graphql::place_order::OrderLineInput;
use crate::domain::order::graphql::place_order_error::{PlaceOrderUserError, user_error};
use crate::domain::order::rule::PricedLine;
use crate::domain::order::service::{CheckedCoupon, check_coupon};
use crate::domain::reward::graphql::CouponObject;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::input::plain;
use crate::gql::scalar::{MoneyObject, int, money};

/// A coupon, and a basket that it may be used for.
#[derive(InputObject)]
pub struct CheckCouponInput {
    /// The coupon's code.
    coupon_code: String,
    /// The basket, 1 to 100 lines.
    lines: Vec<OrderLineInput>,
}

/// A line of a basket with what a coupon would take off it.
#[derive(SimpleObject)]
pub struct CouponCheckLine {
    /// The product's global id.
    product_id: ID,
    /// Pieces.
    quantity: i32,
    /// Its share of the discount.
    discount: MoneyObject,
    /// Its price after the discount.
    total: MoneyObject,
}

/// What a coupon would take off a basket (优惠券试算).
#[derive(SimpleObject)]
pub struct CouponCheck {
    /// The coupon.
    coupon: CouponObject,
    /// The basket's price without it.
    subtotal: MoneyObject,
    /// What it would take off.
    discount: MoneyObject,
    /// The basket's price with it.
    total: MoneyObject,
    /// The lines, in their order.
    lines: Vec<CouponCheckLine>,
}

/// What a coupon would take off a basket, or why it would not do.
#[derive(SimpleObject)]
pub struct CheckCouponPayload {
    /// What it would take off; null when there are user errors.
    check: Option<CouponCheck>,
    /// Why it would not do, or why the basket could not be ordered.
    user_errors: Vec<PlaceOrderUserError>,
}

fn show(found: CheckedCoupon) -> CouponCheck {
    let CheckedCoupon { coupon, priced } = found;
    let currency = coupon.currency.clone();
    let amount = |minor| money(minor, &currency);
    let line = |line: &PricedLine| CouponCheckLine {
        product_id: global(NodeKind::Product, line.item.product_id),
        quantity: int(line.item.quantity),
        discount: amount(line.discount),
        total: amount(line.item.net),
    };
    CouponCheck {
        subtotal: amount(priced.subtotal),
        discount: amount(priced.discount),
        total: amount(priced.total),
        lines: priced.lines.iter().map(line).collect(),
        coupon: CouponObject(coupon),
    }
}

#[derive(Default)]
pub struct CheckCouponQuery;

#[Object]
impl CheckCouponQuery {
    /// Whether a coupon would do for a basket now and what it would take off, or why not: exactly as `placeOrder` decides,
    /// but whether or not the pieces are in stock. Nothing is written. For coupons of the member who asks, and for staff of
    /// any member; another's is answered like one that does not exist. `UNAUTHENTICATED` without a session.
    async fn check_coupon(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The coupon and the basket.")] input: CheckCouponInput,
    ) -> Result<CheckCouponPayload> {
        let (app, caller) = (App::of(ctx), ctx.caller());
        let code = plain(input.coupon_code.trim().to_uppercase())?;
        let lines: Vec<_> = input.lines.iter().map(OrderLineInput::row).collect();
        Ok(match check_coupon(app, &caller.actor, code, &lines).await? {
            Ok(found) => CheckCouponPayload { check: Some(show(found)), user_errors: Vec::new() },
            Err(rejection) => {
                let error = user_error(&rejection, caller.language, &app.programs.latest().currency);
                CheckCouponPayload { check: None, user_errors: vec![error] }
            }
        })
    }
}
