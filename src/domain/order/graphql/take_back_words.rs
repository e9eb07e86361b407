//! Why an order is not taken back, in words.

use crate::domain::order::rule::take_back::Rejection;
use crate::domain::points::rule::movement::MAX_REASON;

/// What is said to staff about an order of their own.
pub const OWN_ORDER: (&str, &str) =
    ("This is your own order: somebody else has to do this.", "这是您自己的订单，须由另一位员工处理。");

/// What is said to people, in English and in Chinese.
pub fn words(rejection: &Rejection) -> (String, String) {
    let plain = |english: &str, chinese: &str| (english.to_owned(), chinese.to_owned());
    match rejection {
        Rejection::OrderUnknown => plain("There is no such order.", "没有这个订单。"),
        Rejection::OrderImported => plain("An imported order cannot be taken back here.", "导入的订单不能在此退货。"),
        Rejection::AlreadyReturned => plain("Nothing is left of this order.", "这个订单已全部取消或退货。"),
        Rejection::AlreadyDelivered => {
            plain("This order has been delivered: refund it instead.", "这个订单已确认收货，请改为退货。")
        }
        Rejection::NoLines => plain("Say which pieces come back.", "请选择要退的商品。"),
        Rejection::LineUnknown { .. } => plain("The order has no such line.", "订单里没有这一行。"),
        Rejection::LineRepeated { .. } => plain("This line is named twice.", "这一行重复了。"),
        Rejection::BadQuantity { left, .. } => (
            format!("Between 1 piece and what is left can come back: {left}."),
            format!("退货数量至少为 1，最多为剩余的 {left} 件。"),
        ),
        Rejection::ReasonInvalid => (
            format!("A reason has at most {MAX_REASON} characters and no control characters."),
            format!("原因最多 {MAX_REASON} 个字符，且不能含控制字符。"),
        ),
        Rejection::PreviewStale { .. } => plain(
            "Something has changed since the preview: look at the new figures.",
            "预览之后情况有变，请查看新的金额和积分。",
        ),
        Rejection::TooLarge => {
            plain("The account cannot hold, or owe, so many points.", "积分账户已满，或欠分超出上限。")
        }
        Rejection::IdempotencyKeyConflict => {
            plain("This idempotency key was used for something else.", "这个幂等键已用于另一个请求。")
        }
    }
}

/// Where it stands in the input.
pub fn field(rejection: &Rejection) -> Vec<String> {
    let of_line = |line: &usize, field: &str| vec!["lines".to_owned(), line.to_string(), field.to_owned()];
    let plain = |field: &str| vec![field.to_owned()];
    match rejection {
        Rejection::OrderUnknown
        | Rejection::OrderImported
        | Rejection::AlreadyReturned
        | Rejection::AlreadyDelivered
        | Rejection::TooLarge => plain("orderId"),
        Rejection::NoLines => plain("lines"),
        Rejection::LineUnknown { line } | Rejection::LineRepeated { line } => of_line(line, "position"),
        Rejection::BadQuantity { line, .. } => of_line(line, "quantity"),
        Rejection::ReasonInvalid => plain("reason"),
        Rejection::PreviewStale { .. } => plain("previewToken"),
        Rejection::IdempotencyKeyConflict => plain("idempotencyKey"),
    }
}
