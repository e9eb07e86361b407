//! Finding orders: of one member, but for what is read of all of them by when it was placed.

mod placed;

use crate::db::keyset::OwnedList;
use crate::db::lookup::{count_of_member, page_of_member, row_of_member, rows_of_member};
use crate::domain::order::entity::{line, order, order_return, payment, return_line};

pub use placed::{count_placed, count_purchases, list_placed, place_of};

/// Newest first: an order's id sorts by when it was placed.
pub const ORDERS: OwnedList<order::Entity> =
    OwnedList { owner: order::Column::MemberId, order: order::Column::Id, scope: "" };

row_of_member!(
    /// An order by its member and id.
    OrderKey: order by Id
);
page_of_member!(
    /// A page of a member's orders, newest first.
    OrdersOf: order, ORDERS
);
count_of_member!(
    /// How many orders a member has.
    OrderCount: "\"order\""
);
rows_of_member!(
    /// The lines of an order, by its member and id.
    LinesOf: line by OrderId, ordered by "position"
);
rows_of_member!(
    /// The payments of an order, by its member and id.
    PaymentsOf: payment by OrderId, ordered by "position"
);
row_of_member!(
    /// A return by its member and id.
    OrderReturnKey: order_return by Id
);
rows_of_member!(
    /// The returns of an order, by its member and id, in the order in which they were made.
    ReturnsOf: order_return by OrderId, ordered by "revision"
);
rows_of_member!(
    /// What a return took back, by its member and id, a line each.
    ReturnLinesOf: return_line by ReturnId, ordered by "position"
);
