//! Cancelling an order that was not delivered yet.

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::commit::return_order::CANCEL;
use crate::domain::order::rule::take_back::Rejection;
use crate::domain::order::service::own::Refused;
use crate::domain::order::service::taken_back::{TakenBack, Wish, take_back};

/// Takes back whatever is left of an order, as long as it is not in the customer's hands. For staff, and not their own.
pub async fn cancel_order(app: &App, actor: &Actor, wish: Wish) -> Result<Result<TakenBack, Refused<Rejection>>> {
    let staff = actor.staff()?;
    take_back(app, staff.member_id, CANCEL, wish).await
}
