//! Why an order was not placed.

use async_graphql::{Enum, SimpleObject};

use crate::domain::order::rule::{MAX_LINES, MAX_QUANTITY, Rejection};
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::{MoneyObject, int, money};

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
    /// would do. Empty when none would.
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
    /// The coupon's redemption was cancelled.
    CouponCancelled,
    /// The coupon is for a product that is not in the order.
    CouponProductMissing,
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
    /// The household's points were to pay, and the member is in no household.
    NoHousehold,
    /// The member earns for their household and may not spend its points.
    EarnsOnly,
    /// There is no such outlet.
    OutletUnknown,
    /// There is no such member. Only a preview names one.
    MemberUnknown,
    /// The order costs more than the system can hold.
    OrderTooLarge,
    /// The order would earn more points than an account can hold beside what is there: 2,147,483,647 in all.
    TooManyPoints,
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
            Rejection::CouponCancelled => PlaceOrderErrorCode::CouponCancelled,
            Rejection::CouponProductMissing { .. } => PlaceOrderErrorCode::CouponProductMissing,
            Rejection::CouponBelowMinimum { .. } => PlaceOrderErrorCode::CouponBelowMinimum,
            Rejection::PointsBelowMinimum { .. } => PlaceOrderErrorCode::PointsBelowMinimum,
            Rejection::PointsNotAStep { .. } => PlaceOrderErrorCode::PointsNotAStep,
            Rejection::PointsAboveShare { .. } => PlaceOrderErrorCode::PointsAboveShare,
            Rejection::NotEnoughPoints { .. } => PlaceOrderErrorCode::NotEnoughPoints,
            Rejection::NoHousehold => PlaceOrderErrorCode::NoHousehold,
            Rejection::EarnsOnly => PlaceOrderErrorCode::EarnsOnly,
            Rejection::OutletUnknown => PlaceOrderErrorCode::OutletUnknown,
            Rejection::MemberUnknown => PlaceOrderErrorCode::MemberUnknown,
            Rejection::TooLarge => PlaceOrderErrorCode::OrderTooLarge,
            Rejection::TooManyPoints => PlaceOrderErrorCode::TooManyPoints,
            Rejection::IdempotencyKeyConflict => PlaceOrderErrorCode::IdempotencyKeyConflict,
        }
    }
}

pub fn user_error(rejection: &Rejection, language: Language, currency: &str) -> PlaceOrderUserError {
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
        Rejection::CouponCancelled => ("This coupon was cancelled.".into(), "这张优惠券已取消。".into(), coupon()),
        Rejection::CouponProductMissing { .. } => (
            "This coupon is for a product that is not in the order.".into(),
            "订单中没有这张优惠券适用的商品。".into(),
            coupon(),
        ),
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
        Rejection::PointsAboveShare { most: 0 } => {
            ("This order cannot be paid with points.".into(), "本订单不能使用积分抵扣。".into(), path(&["points"]))
        }
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
        Rejection::NoHousehold => {
            ("You are in no household.".into(), "您尚未加入家庭账户。".into(), path(&["pointsFrom"]))
        }
        Rejection::EarnsOnly => (
            "You earn for your household and may not spend its points.".into(),
            "您只能为家庭账户累积积分，不能使用。".into(),
            path(&["pointsFrom"]),
        ),
        Rejection::OutletUnknown => ("There is no such outlet.".into(), "没有这家门店。".into(), path(&["outletId"])),
        Rejection::MemberUnknown => ("There is no such member.".into(), "没有这位会员。".into(), path(&["memberId"])),
        Rejection::TooLarge => ("This order is too large.".into(), "订单金额过大。".into(), path(&["lines"])),
        Rejection::TooManyPoints => (
            "This order would earn more points than the account can hold.".into(),
            "本订单可获得的积分超过账户可容纳的上限。".into(),
            path(&["lines"]),
        ),
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
        Rejection::PointsAboveShare { most } => Some(Some(int(*most)).filter(|most| *most > 0).into_iter().collect()),
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
