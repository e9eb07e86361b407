//! Delivering an order.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::deliver_order::{DeliverOrder, OPERATION};
use crate::commit::key::{Key, Made};
use crate::domain::order::entity::order;
use crate::domain::order::rule::Undeliverable;
use crate::domain::order::service::named::{find_order, get_order, program_of, wallets_of};
use crate::domain::order::service::own::{Refused, is_own};

/// What staff asks for.
pub struct Delivery {
    /// The order by its member and id; `None` is one we do not know.
    pub order: Option<(Id, Id)>,
    pub idempotency_key: String,
}

/// Notes that an order has reached its customer, and begins its return window. For staff, and not their own.
pub async fn deliver_order(
    app: &App,
    actor: &Actor,
    delivery: Delivery,
) -> Result<Result<Arc<order::Model>, Refused<Undeliverable>>> {
    let staff_id = actor.staff()?.member_id;
    let Some(order) = find_order(app, delivery.order).await? else {
        return Ok(Err(Undeliverable::OrderUnknown.into()));
    };
    let member_id = order.member_id;
    let request_hash = Sha256::digest(order.id).to_vec();
    let key = Key { member_id, operation: OPERATION, key: delivery.idempotency_key, request_hash };
    if is_own(app, staff_id, &key).await? {
        return Ok(Err(Refused::OwnOrder));
    }
    let command = DeliverOrder {
        key,
        order_id: order.id,
        program: program_of(app, &order).await?,
        wallets: wallets_of(app, &order).await?,
        seed: app.ids.next(),
        event_id: app.ids.next(),
    };
    match app.committers.submit(command).await? {
        Ok(Made::Now(order)) => Ok(Ok(Arc::new(order))),
        Ok(Made::Before(id)) => get_order(app, member_id, id).await.map(Ok),
        Err(rejection) => Ok(Err(rejection.into())),
    }
}
