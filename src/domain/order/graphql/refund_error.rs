//! Why an order was not refunded, and the figures of a refund.

use async_graphql::{Enum, SimpleObject};

use crate::domain::order::graphql::take_back_words::{OWN_ORDER, field, words};
use crate::domain::order::rule::take_back::{Figures, Rejection};
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::{MoneyObject, int, money};

/// What a refund does.
#[derive(SimpleObject)]
pub struct RefundFigures {
    /// Money for the customer, after what is withheld.
    money: MoneyObject,
    /// Money withheld for earned points that are missing, where the program takes them off the refund.
    money_withheld: MoneyObject,
    /// Points the order was paid with, given back to the lots they came from.
    points_given_back: i32,
    /// Of these, points that are past their expiry and stay expired, since the program has no days of grace.
    points_forfeited: i32,
    /// Points the order had earned, taken back, whether or not they are still there.
    points_clawed_back: i32,
    /// Of these, points that are not there any more. What of them is neither written off nor settled will be owed.
    points_missing: i32,
    /// Of the missing points, those the shop gives up.
    points_written_off: i32,
    /// Of the missing points, those for which money is withheld.
    points_settled: i32,
    /// Points the member can spend after it.
    active_points: i32,
    /// Points the member owes after it.
    debt: i32,
}

impl RefundFigures {
    pub fn of(figures: &Figures, currency: &str) -> RefundFigures {
        RefundFigures {
            money: money(figures.money, currency),
            money_withheld: money(figures.money_withheld, currency),
            points_given_back: int(figures.points_given_back),
            points_forfeited: int(figures.points_forfeited),
            points_clawed_back: int(figures.clawback.demanded),
            points_missing: int(figures.clawback.missing),
            points_written_off: int(figures.clawback.written_off),
            points_settled: int(figures.clawback.settled),
            active_points: int(figures.active_after),
            debt: int(figures.debt_after),
        }
    }
}

/// Why an order was not refunded, or could not be.
#[derive(SimpleObject)]
pub struct RefundOrderUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments: `["input", "lines", "0", "quantity"]`.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: RefundOrderErrorCode,
    /// With `BAD_QUANTITY`: pieces that are left of the line.
    left_quantity: Option<i32>,
    /// With `PREVIEW_STALE`: what the refund would do now.
    figures: Option<RefundFigures>,
    /// With `PREVIEW_STALE`: the token of these figures.
    token: Option<String>,
}

/// Why an order was not refunded.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RefundOrderErrorCode {
    /// There is no such order.
    OrderUnknown,
    /// It was recorded by an import, without lines or payments.
    OrderImported,
    /// It is the caller's own: another member of staff has to refund it. A preview of it may be made.
    OwnOrder,
    /// Nothing is left of it.
    AlreadyReturned,
    /// The list of lines is empty. Leave it out to take back whatever is left.
    NoLines,
    /// The order has no line at this position.
    LineUnknown,
    /// A line is named twice.
    LineRepeated,
    /// Not between 1 and the pieces that are left; see `leftQuantity`.
    BadQuantity,
    /// A reason has at most 200 characters and no control characters.
    ReasonInvalid,
    /// The refund would no longer do what its preview said; see `figures` and `token`.
    PreviewStale,
    /// The member would have, or owe, more points than an account can hold.
    AccountFull,
    /// The idempotency key was used for another refund of this member's before.
    IdempotencyKeyConflict,
}

/// The code of a rejection, or `None` of one that only a cancellation can meet.
fn code(rejection: &Rejection) -> Option<RefundOrderErrorCode> {
    Some(match rejection {
        Rejection::OrderUnknown => RefundOrderErrorCode::OrderUnknown,
        Rejection::OrderImported => RefundOrderErrorCode::OrderImported,
        Rejection::AlreadyReturned => RefundOrderErrorCode::AlreadyReturned,
        Rejection::NoLines => RefundOrderErrorCode::NoLines,
        Rejection::LineUnknown { .. } => RefundOrderErrorCode::LineUnknown,
        Rejection::LineRepeated { .. } => RefundOrderErrorCode::LineRepeated,
        Rejection::BadQuantity { .. } => RefundOrderErrorCode::BadQuantity,
        Rejection::ReasonInvalid => RefundOrderErrorCode::ReasonInvalid,
        Rejection::PreviewStale { .. } => RefundOrderErrorCode::PreviewStale,
        Rejection::TooLarge => RefundOrderErrorCode::AccountFull,
        Rejection::IdempotencyKeyConflict => RefundOrderErrorCode::IdempotencyKeyConflict,
        Rejection::AlreadyDelivered => return None,
    })
}

/// Why staff did not refund an order of their own.
pub fn own_order(language: Language) -> RefundOrderUserError {
    RefundOrderUserError {
        message: language.say(OWN_ORDER.0, OWN_ORDER.1),
        path: path(&["orderId"]),
        code: RefundOrderErrorCode::OwnOrder,
        left_quantity: None,
        figures: None,
        token: None,
    }
}

/// `None` of a rejection that only a cancellation can meet.
pub fn user_error(rejection: &Rejection, language: Language, currency: &str) -> Option<RefundOrderUserError> {
    let (english, chinese) = words(rejection);
    let field = field(rejection);
    let field: Vec<&str> = field.iter().map(String::as_str).collect();
    let left_quantity = match rejection {
        Rejection::BadQuantity { left, .. } => Some(int(*left)),
        _ => None,
    };
    let (figures, token) = match rejection {
        Rejection::PreviewStale { figures, token } => (Some(RefundFigures::of(figures, currency)), Some(token.clone())),
        _ => (None, None),
    };
    Some(RefundOrderUserError {
        message: language.say(english, chinese),
        path: path(&field),
        code: code(rejection)?,
        left_quantity,
        figures,
        token,
    })
}
