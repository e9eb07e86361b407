//! What cancelling and refunding have in common: one command, and what is read again after it.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::commit::key::Key;
use crate::commit::return_order::{ReturnOrder, Returned};
use crate::domain::member::query::is_key_used;
use crate::domain::order::entity::{order, order_return};
use crate::domain::order::query::OrderReturnKey;
use crate::domain::order::rule::take_back::{Rejection, What, check_reason};
use crate::domain::order::service::named::{
    coupon_code_of, find_order, get_order, products_of, program_of, shares_of, wallets_of,
};
use crate::domain::order::service::own::{Refused, is_own};
use crate::domain::points::rule::By;

/// What staff asks for.
pub struct Wish {
    /// The order by its member and id; `None` is one we do not know.
    pub order: Option<(Id, Id)>,
    pub what: What,
    /// Whether the pieces go back to their stock.
    pub restock: bool,
    pub reason: Option<String>,
    /// What a preview gave: the return is made only if it would do exactly that.
    pub preview: Option<String>,
    pub idempotency_key: String,
}

/// An order as it is after a return, and the return.
pub struct TakenBack {
    pub order: Arc<order::Model>,
    pub order_return: Arc<order_return::Model>,
}

/// Takes an order back under a key of this operation.
pub async fn take_back(
    app: &App,
    staff_id: Id,
    operation: &'static str,
    wish: Wish,
) -> Result<Result<TakenBack, Refused<Rejection>>> {
    let command = match command(app, staff_id, operation, wish).await? {
        Ok(command) => command,
        Err(rejection) => return Ok(Err(rejection.into())),
    };
    if is_own(app, staff_id, &command.key).await? {
        return Ok(Err(Refused::OwnOrder));
    }
    let (member_id, order_id) = (command.key.member_id, command.order_id);
    let id = match app.committers.submit(command).await? {
        Ok(Returned::Now { id, .. } | Returned::Before(id)) => id,
        Ok(Returned::Preview { .. }) => return Err(Error::internal("a return was only previewed")),
        Err(rejection) => return Ok(Err(rejection.into())),
    };
    let order = get_order(app, member_id, order_id).await?;
    // Whose they are now: the member may have been merged into another meanwhile.
    let order_return = app.hub.find(OrderReturnKey(order.member_id, id)).await?;
    let order_return = order_return.ok_or_else(|| Error::internal("a return that was made is missing"))?;
    Ok(Ok(TakenBack { order, order_return }))
}

/// The command, with all it must know beforehand.
pub async fn command(
    app: &App,
    staff_id: Id,
    operation: &'static str,
    wish: Wish,
) -> Result<Result<ReturnOrder, Rejection>> {
    let Some(order) = find_order(app, wish.order).await? else {
        return Ok(Err(Rejection::OrderUnknown));
    };
    let member_id = order.member_id;
    let request_hash = request_hash(order.id, &wish);
    let Wish { what, restock, preview, idempotency_key: key, .. } = wish;
    let reason = match check_reason(wish.reason) {
        Ok(reason) => reason,
        // What nobody may write was not asked for with this key before.
        Err(rejection) => {
            let is_used = is_key_used(&app.db, member_id, operation, &key).await?;
            return Ok(Err(if is_used { Rejection::IdempotencyKeyConflict } else { rejection }));
        }
    };
    Ok(Ok(ReturnOrder {
        key: Key { member_id, operation, key, request_hash },
        order_id: order.id,
        what,
        is_preview: false,
        preview,
        restock,
        reason,
        by: By::staff(staff_id),
        program: program_of(app, &order).await?,
        rules: app.rules.get(&app.db.read, order.program_version).await?,
        placed_at: Instant(order.placed_at),
        shares: shares_of(app, &order).await?,
        wallets: wallets_of(app, &order).await?,
        products: products_of(app, &order).await?,
        coupon_code: coupon_code_of(app, &order).await?,
        return_id: app.ids.next(),
        seed: app.ids.next(),
        event_id: app.ids.next(),
    }))
}

/// Covers what is asked for, not how the answer is selected.
fn request_hash(order_id: Id, wish: &Wish) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(order_id);
    match &wish.what {
        What::Cancellation => hash.update(b"cancellation"),
        What::Everything => hash.update(b"everything"),
        What::Pieces(pieces) => {
            hash.update(b"pieces");
            hash.update((pieces.len() as u64).to_be_bytes());
            for piece in pieces {
                hash.update(piece.position.to_be_bytes());
                hash.update(piece.quantity.to_be_bytes());
            }
        }
    }
    hash.update([u8::from(wish.restock)]);
    for text in [&wish.reason, &wish.preview] {
        hash.update(text.as_ref().map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
        hash.update(text.as_deref().unwrap_or_default());
    }
    hash.finalize().to_vec()
}
