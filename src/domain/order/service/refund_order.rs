//! Refunding an order, in part or whole.

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::commit::return_order::REFUND;
use crate::domain::order::rule::take_back::Rejection;
use crate::domain::order::service::own::Refused;
use crate::domain::order::service::taken_back::{TakenBack, Wish, take_back};

/// Takes back pieces of an order, or whatever is left of it. For staff, and not their own.
pub async fn refund_order(app: &App, actor: &Actor, wish: Wish) -> Result<Result<TakenBack, Refused<Rejection>>> {
    let staff = actor.staff()?;
    take_back(app, staff.member_id, REFUND, wish).await
}
