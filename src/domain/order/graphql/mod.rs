//! Orders in the schema.

mod cancel_order;
mod check_coupon;
mod deliver_order;
mod find;
mod line;
mod order;
mod order_return;
mod payment;
mod place_order;
mod place_order_error;
mod preview_earn;
mod refund_error;
mod refund_order;
mod take_back_words;

use async_graphql::MergedObject;

pub use cancel_order::CancelOrderUserError;
pub use deliver_order::DeliverOrderUserError;
pub use find::{OrderConnection, OrderTotals};
pub use order::{OrderChannel, OrderObject};
pub use order_return::OrderReturnObject;
pub use place_order_error::PlaceOrderUserError;
pub use refund_error::RefundOrderUserError;

#[derive(MergedObject, Default)]
pub struct OrderQuery(
    find::FindOrderQuery,
    refund_order::RefundQuery,
    preview_earn::PreviewEarnQuery,
    check_coupon::CheckCouponQuery,
);

#[derive(MergedObject, Default)]
pub struct OrderMutation(
    place_order::PlaceOrderMutation,
    deliver_order::DeliverOrderMutation,
    cancel_order::CancelOrderMutation,
    refund_order::RefundOrderMutation,
);
