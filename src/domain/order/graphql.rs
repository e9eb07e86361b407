//! Orders in the schema.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};

use crate::app::App;
use crate::base::id::Id;
use crate::domain::catalog::graphql::ProductObject;
use crate::domain::catalog::query::ProductKey;
use crate::domain::member::entity::HandleKind;
use crate::domain::member::query::HandleKey;
use crate::domain::order::entity::{OrderStatus, PaymentMethod, PaymentStatus, line, order, payment};
use crate::domain::order::query::{LinesOf, OrderCount, OrderKey, PaymentsOf};
use crate::domain::order::rule::{MAX_LINES, MAX_QUANTITY, Rejection};
use crate::domain::order::service::{Cart, place_order};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::input::{idempotency_key, path, plain};
use crate::gql::language::Language;
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

/// How an order was paid.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "PaymentMethod", name = "PaymentMethod")]
pub enum PaymentMethodEnum {
    /// Taken by the shop itself, such as cash at a till, and captured at once. The only method there is for now: no
    /// payment provider is asked.
    Manual,
}

/// Where a payment stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "PaymentStatus", name = "PaymentStatus")]
pub enum PaymentStatusEnum {
    /// The money is the shop's.
    Captured,
}

/// Money taken for an order.
pub struct PaymentObject(Arc<payment::Model>);

/// Money taken for an order.
#[Object(name = "Payment")]
impl PaymentObject {
    /// How it was paid.
    async fn method(&self) -> PaymentMethodEnum {
        self.0.method.into()
    }

    /// Where it stands.
    async fn status(&self) -> PaymentStatusEnum {
        self.0.status.into()
    }

    /// How much.
    async fn amount(&self) -> MoneyObject {
        money(self.0.amount, &self.0.currency)
    }
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

    /// How it was paid.
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

    /// What was paid: subtotal less discount.
    async fn total(&self) -> MoneyObject {
        money(self.0.total, &self.0.currency)
    }

    /// Points it earned, by the rate on its total.
    async fn points_earned(&self) -> i32 {
        int(self.0.points_earned)
    }
}

/// One product of an order.
pub struct OrderLineObject {
    line: Arc<line::Model>,
    order: Arc<order::Model>,
}

/// One product of an order.
#[Object(name = "OrderLine")]
impl OrderLineObject {
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

    /// What was paid for this line.
    async fn total(&self) -> MoneyObject {
        money(self.line.total, &self.order.currency)
    }

    /// This line's share of the points the order earned.
    async fn points_earned(&self) -> i32 {
        int(self.line.points_earned)
    }
}

/// Beside the edges of a list of orders.
pub struct OrderTotals {
    pub member_id: Id,
}

/// Beside the edges of a list of orders.
#[Object]
impl OrderTotals {
    /// How many orders there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(OrderCount(self.member_id)).await?.unwrap_or(0)))
    }
}

pub type OrderConnection = Connection<crate::gql::connection::Opaque, InTurn<OrderObject>, OrderTotals>;

/// How to name one order.
#[derive(OneofObject)]
pub enum OrderBy {
    /// By its global id.
    Id(ID),
    /// By the number people see.
    Number(String),
}

#[derive(Default)]
pub struct OrderQuery;

#[Object]
impl OrderQuery {
    /// One order of the member who asks, and for staff of any member. Another member's order is null otherwise, as if
    /// there were none. `UNAUTHENTICATED` without a session.
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: OrderBy,
    ) -> Result<Option<OrderObject>> {
        let member = ctx.member()?;
        let key = match by {
            OrderBy::Id(id) => GlobalId::owned_row_of(NodeKind::Order, &id).map(|(owner, id)| OrderKey(owner, id)),
            OrderBy::Number(number) => {
                let name = ctx.reader().find(HandleKey(HandleKind::OrderNumber, plain(number)?)).await?;
                name.map(|name| OrderKey(name.member_id, name.subject_id))
            }
        };
        // The key carries the owner, so it finds nothing that is not theirs.
        let Some(key) = key.filter(|key| member.may_read(key.0)) else { return Ok(None) };
        Ok(ctx.reader().find(key).await?.map(OrderObject))
    }
}

/// A line of an order to be placed.
#[derive(InputObject)]
pub struct OrderLineInput {
    /// The product's global id.
    product_id: ID,
    /// Pieces, 1 to 10,000.
    quantity: i32,
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
}

/// What came of placing an order.
#[derive(SimpleObject)]
pub struct PlaceOrderPayload {
    /// The order; null when there are user errors.
    order: Option<OrderObject>,
    /// Why it was not placed. Then nothing was changed.
    user_errors: Vec<PlaceOrderUserError>,
}

/// Why an order was not placed.
#[derive(SimpleObject)]
pub struct PlaceOrderUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments: `["input", "lines", "0", "quantity"]`.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: PlaceOrderErrorCode,
    /// With `NOT_ENOUGH_STOCK`: pieces that could be ordered.
    available_quantity: Option<i32>,
    /// With `COUPON_BELOW_MINIMUM`: the subtotal from which the coupon applies.
    minimum_spend: Option<MoneyObject>,
    /// With `POINTS_BELOW_MINIMUM`, `POINTS_NOT_A_STEP` and `POINTS_ABOVE_SHARE`: the nearest numbers of points that
    /// would do.
    valid_points: Option<Vec<i32>>,
    /// With `NOT_ENOUGH_POINTS`: the points the member has.
    active_points: Option<i32>,
}

/// Why an order was not placed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PlaceOrderErrorCode {
    /// There are no lines.
    NoLines,
    /// There are more than 100 lines.
    TooManyLines,
    /// A quantity is not between 1 and 10,000.
    BadQuantity,
    /// There is no such product.
    ProductUnknown,
    /// Fewer pieces are left; see `availableQuantity`.
    NotEnoughStock,
    /// The member has no coupon with this code.
    CouponNotYours,
    /// The coupon was used before.
    CouponUsed,
    /// The coupon's time is over.
    CouponExpired,
    /// The subtotal is too small for the coupon; see `minimumSpend`.
    CouponBelowMinimum,
    /// Fewer points than the program lets an order be paid with; see `validPoints`.
    PointsBelowMinimum,
    /// Points are spent in steps; see `validPoints`.
    PointsNotAStep,
    /// Points may pay less of this order; see `validPoints`.
    PointsAboveShare,
    /// The member has fewer points; see `activePoints`.
    NotEnoughPoints,
    /// The order, or the points it would earn, is larger than the system can hold.
    OrderTooLarge,
    /// The idempotency key was used for another order before.
    IdempotencyKeyConflict,
}

impl Rejection {
    pub fn code(&self) -> PlaceOrderErrorCode {
        match self {
            Rejection::NoLines => PlaceOrderErrorCode::NoLines,
            Rejection::TooManyLines => PlaceOrderErrorCode::TooManyLines,
            Rejection::BadQuantity { .. } => PlaceOrderErrorCode::BadQuantity,
            Rejection::ProductUnknown { .. } => PlaceOrderErrorCode::ProductUnknown,
            Rejection::NotEnoughStock { .. } => PlaceOrderErrorCode::NotEnoughStock,
            Rejection::CouponNotYours => PlaceOrderErrorCode::CouponNotYours,
            Rejection::CouponUsed => PlaceOrderErrorCode::CouponUsed,
            Rejection::CouponExpired => PlaceOrderErrorCode::CouponExpired,
            Rejection::CouponBelowMinimum { .. } => PlaceOrderErrorCode::CouponBelowMinimum,
            Rejection::PointsBelowMinimum { .. } => PlaceOrderErrorCode::PointsBelowMinimum,
            Rejection::PointsNotAStep { .. } => PlaceOrderErrorCode::PointsNotAStep,
            Rejection::PointsAboveShare { .. } => PlaceOrderErrorCode::PointsAboveShare,
            Rejection::NotEnoughPoints { .. } => PlaceOrderErrorCode::NotEnoughPoints,
            Rejection::TooLarge => PlaceOrderErrorCode::OrderTooLarge,
            Rejection::IdempotencyKeyConflict => PlaceOrderErrorCode::IdempotencyKeyConflict,
        }
    }
}

fn user_error(rejection: &Rejection, language: Language, currency: &str) -> PlaceOrderUserError {
    let line_path = |line: &usize, field: &str| path(&["lines", &line.to_string(), field]);
    let coupon = || path(&["couponCode"]);
    let (english, chinese, path): (String, String, _) = match rejection {
        Rejection::NoLines => {
            ("An order needs at least one line.".into(), "订单至少要有一行商品。".into(), path(&["lines"]))
        }
        Rejection::TooManyLines => (
            format!("An order has at most {MAX_LINES} lines."),
            format!("一个订单最多 {MAX_LINES} 行。"),
            path(&["lines"]),
        ),
        Rejection::BadQuantity { line } => (
            format!("A quantity is between 1 and {MAX_QUANTITY}."),
            format!("数量须在 1 到 {MAX_QUANTITY} 之间。"),
            line_path(line, "quantity"),
        ),
        Rejection::ProductUnknown { line } => {
            ("There is no such product.".into(), "没有这个商品。".into(), line_path(line, "productId"))
        }
        Rejection::NotEnoughStock { line, available } => {
            (format!("Only {available} are left."), format!("库存只剩 {available} 件。"), line_path(line, "quantity"))
        }
        Rejection::CouponNotYours => {
            ("You have no coupon with this code.".into(), "您没有这张优惠券。".into(), coupon())
        }
        Rejection::CouponUsed => ("This coupon has been used.".into(), "这张优惠券已使用。".into(), coupon()),
        Rejection::CouponExpired => ("This coupon has expired.".into(), "这张优惠券已过期。".into(), coupon()),
        Rejection::CouponBelowMinimum { minimum } => {
            let minimum = money(*minimum, currency).in_words();
            (
                format!("This coupon applies from a subtotal of {minimum}."),
                format!("商品金额满 {minimum} 才能使用这张优惠券。"),
                coupon(),
            )
        }
        Rejection::PointsBelowMinimum { minimum } => (
            format!("An order is paid with {minimum} points or more."),
            format!("每单至少使用 {minimum} 积分。"),
            path(&["points"]),
        ),
        Rejection::PointsNotAStep { below, above } => (
            format!("Points are spent in steps: {below} or {above} would do."),
            format!("积分须按步长使用：可用 {below} 或 {above} 积分。"),
            path(&["points"]),
        ),
        Rejection::PointsAboveShare { most } => (
            format!("At most {most} points may pay for this order."),
            format!("本订单最多可用 {most} 积分抵扣。"),
            path(&["points"]),
        ),
        Rejection::NotEnoughPoints { required, active } => (
            format!("This takes {required} points, and you have {active}."),
            format!("需要 {required} 积分，您有 {active} 积分。"),
            path(&["points"]),
        ),
        Rejection::TooLarge => ("This order is too large.".into(), "订单金额过大。".into(), path(&["lines"])),
        Rejection::IdempotencyKeyConflict => (
            "This idempotency key was used for another order.".into(),
            "这个幂等键已用于另一个订单。".into(),
            path(&["idempotencyKey"]),
        ),
    };
    let available_quantity = match rejection {
        Rejection::NotEnoughStock { available, .. } => Some(int(*available)),
        _ => None,
    };
    let minimum_spend = match rejection {
        Rejection::CouponBelowMinimum { minimum } => Some(money(*minimum, currency)),
        _ => None,
    };
    let valid_points = match rejection {
        Rejection::PointsBelowMinimum { minimum } => Some(vec![int(*minimum)]),
        Rejection::PointsNotAStep { below, above } => Some(vec![int(*below), int(*above)]),
        Rejection::PointsAboveShare { most } => Some(vec![int(*most)]),
        _ => None,
    };
    let active_points = match rejection {
        Rejection::NotEnoughPoints { active, .. } => Some(int(*active)),
        _ => None,
    };
    let message: String = language.say(english, chinese);
    let code = rejection.code();
    PlaceOrderUserError { message, path, code, available_quantity, minimum_spend, valid_points, active_points }
}

#[derive(Default)]
pub struct OrderMutation;

#[Object]
impl OrderMutation {
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
        let lines = input
            .lines
            .iter()
            .map(|line| (GlobalId::row_of(NodeKind::Product, &line.product_id), i64::from(line.quantity)));
        let cart = Cart {
            lines: lines.collect(),
            // Codes are printed in capitals; nobody should have to type them so.
            coupon_code: input.coupon_code.map(|code| plain(code.trim().to_uppercase())).transpose()?,
            points: i64::from(input.points.unwrap_or(0)),
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
