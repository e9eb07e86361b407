//! Placing an order.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::key::{Key, Made};
use crate::commit::place_order::{OPERATION, PlaceOrder};
use crate::domain::catalog::query::ProductKey;
use crate::domain::earning::service::submit;
use crate::domain::member::query::is_key_used;
use crate::domain::order::entity::{Channel, order};
use crate::domain::order::rule::{CartLine, Rejection, check_cart};
use crate::domain::order::service::named::get_order;
use crate::domain::order::service::preview_earn::is_outlet_known;
use crate::domain::points::rule::purse::Purse;

/// What a member asks for. A product that is `None` is one we do not know.
pub struct Cart {
    pub lines: Vec<(Option<Id>, i64)>,
    pub coupon_code: Option<String>,
    /// Points to pay with.
    pub points: i64,
    /// Whose these are.
    pub purse: Purse,
    pub channel: Option<Channel>,
    /// Where it was. One that is `None` within is one we do not know.
    pub outlet_id: Option<Option<Id>>,
    pub idempotency_key: String,
}

/// Places an order for the member who asks, takes its stock, its payment and its coupon, and books its points.
pub async fn place_order(app: &App, actor: &Actor, cart: Cart) -> Result<Result<order::Model, Rejection>> {
    let member_id = actor.member()?.member_id;
    let request_hash = request_hash(&cart);
    let lines = known_lines(&cart.lines).and_then(|lines| check_cart(&lines, cart.points).map(|()| lines));
    let lines = match lines {
        Ok(_) if !is_outlet_known(app, cart.outlet_id).await? => Err(Rejection::OutletUnknown),
        checked => checked,
    };
    let lines = match lines {
        Ok(lines) => lines,
        // What cannot be an order at all was not asked for with this key before.
        Err(rejection) => {
            let is_used = is_key_used(&app.db, member_id, OPERATION, &cart.idempotency_key).await?;
            return Ok(Err(if is_used { Rejection::IdempotencyKeyConflict } else { rejection }));
        }
    };
    let found = app.hub.find_all(lines.iter().map(|line| ProductKey(line.product_id))).await?;
    let products: HashMap<_, _> = lines
        .iter()
        .filter_map(|line| Some((line.product_id, found.get(&ProductKey(line.product_id))?.clone())))
        .collect();
    let key = Key { member_id, operation: OPERATION, key: cart.idempotency_key, request_hash };
    let make = |outlook, standing| PlaceOrder {
        key: key.clone(),
        lines: lines.clone(),
        coupon_code: cart.coupon_code.clone(),
        points: cart.points,
        purse: cart.purse,
        channel: cart.channel,
        outlet_id: cart.outlet_id.flatten(),
        standing,
        outlook,
        products: products.clone(),
        order_id: app.ids.next(),
        number: app.ids.number(app.clock.now()),
        seed: app.ids.next(),
        event_id: app.ids.next(),
    };
    match submit(app, member_id, make).await? {
        Ok(Made::Now(order)) => Ok(Ok(order)),
        Ok(Made::Before(id)) => Ok(Ok((*get_order(app, member_id, id).await?).clone())),
        Err(rejection) => Ok(Err(rejection)),
    }
}

/// An id that is not a product's is answered like the id of a product that does not exist.
pub(super) fn known_lines(lines: &[(Option<Id>, i64)]) -> Result<Vec<CartLine>, Rejection> {
    let lines = lines.iter().enumerate().map(|(line, (product, quantity))| match product {
        Some(product_id) => Ok(CartLine { product_id: *product_id, quantity: *quantity }),
        None => Err(Rejection::ProductUnknown { line }),
    });
    lines.collect()
}

/// Covers what is asked for, not how the answer is selected.
fn request_hash(cart: &Cart) -> Vec<u8> {
    let mut hash = Sha256::new();
    for (product, quantity) in &cart.lines {
        hash.update(product.unwrap_or_default().as_bytes());
        hash.update(quantity.to_be_bytes());
    }
    if let Some(code) = &cart.coupon_code {
        hash.update(b"coupon");
        hash.update(code.as_bytes());
    }
    if cart.points != 0 {
        hash.update(b"points");
        hash.update(cart.points.to_be_bytes());
        hash.update(cart.purse.covered());
    }
    if let Some(channel) = cart.channel {
        hash.update(b"channel");
        hash.update(channel.word());
    }
    if let Some(outlet_id) = cart.outlet_id {
        hash.update(b"outlet");
        hash.update(outlet_id.unwrap_or_default());
    }
    hash.finalize().to_vec()
}
