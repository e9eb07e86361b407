//! Orders that staff name, with what a command must know of them before it is queued.

use std::sync::Arc;

use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::domain::earning::entity::earned_share;
use crate::domain::earning::query::SharesOf;
use crate::domain::order::entity::order;
use crate::domain::order::query::{LinesOf, OrderKey};
use crate::domain::points::entity::program;
use crate::domain::points::query::{keeper_of, line_of};
use crate::domain::reward::query::CouponKey;

/// An order by its member and id, any member's. An id that is not an order's is answered like that of an order that does
/// not exist.
pub async fn find_order(app: &App, named: Option<(Id, Id)>) -> Result<Option<Arc<order::Model>>> {
    let Some((member_id, id)) = named else { return Ok(None) };
    if let Some(order) = app.hub.find(OrderKey(member_id, id)).await? {
        return Ok(Some(order));
    }
    // Its member may have been merged into another since the id was given out.
    match keeper_of(&app.hub, member_id).await? {
        Some(keeper) => app.hub.find(OrderKey(keeper, id)).await,
        None => Ok(None),
    }
}

/// The wallets whose points it earned and was paid with, and those that took them over since. A member's own, which has
/// not been taken over as long as it has orders, needs no look-up.
pub async fn wallets_of(app: &App, order: &order::Model) -> Result<Vec<Id>> {
    let mut wallets = Vec::new();
    for wallet_id in [order.earned_in, order.spent_from].into_iter().flatten() {
        wallets.extend(line_of(&app.hub, wallet_id).await?);
    }
    Ok(wallets)
}

/// The order of a verb that was just carried out, or of a replayed key, read anew.
pub async fn get_order(app: &App, member_id: Id, id: Id) -> Result<Arc<order::Model>> {
    let order = find_order(app, Some((member_id, id))).await?;
    order.ok_or_else(|| Error::internal("an order that was changed is missing"))
}

/// The version of the program with which it was decided, and by which it is delivered and taken back.
pub async fn program_of(app: &App, order: &order::Model) -> Result<Arc<program::Model>> {
    Ok(app.programs.get(&app.db.read, order.program_version).await?)
}

/// The products of its lines by position. Lines are never added or taken away.
pub async fn products_of(app: &App, order: &order::Model) -> Result<Vec<(i64, Id)>> {
    let lines = app.hub.find(LinesOf(order.member_id, order.id)).await?.unwrap_or_default();
    Ok(lines.iter().map(|line| (line.position, line.product_id)).collect())
}

/// What each earning rule gave for it. Nothing is looked up if none did.
pub async fn shares_of(app: &App, order: &order::Model) -> Result<Vec<Arc<earned_share::Model>>> {
    if order.standing.is_none() {
        return Ok(Vec::new());
    }
    let shares = app.hub.find(SharesOf(order.member_id, order.id)).await?;
    Ok(shares.map(|shares| (*shares).clone()).unwrap_or_default())
}

/// The code of the coupon it used.
pub async fn coupon_code_of(app: &App, order: &order::Model) -> Result<Option<String>> {
    let Some(coupon_id) = order.coupon_id else { return Ok(None) };
    let coupon = app.hub.find(CouponKey(order.member_id, coupon_id)).await?;
    Ok(coupon.map(|coupon| coupon.code.clone()))
}
