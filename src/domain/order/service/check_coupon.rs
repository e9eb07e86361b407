//! Whether a coupon would do for a basket, and what it would take off.

use std::collections::HashMap;
use std::sync::Arc;

use crate::access::actor::{Actor, MemberActor};
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::domain::catalog::query::ProductKey;
use crate::domain::member::entity::HandleKind;
use crate::domain::member::query::HandleKey;
use crate::domain::order::rule::{Priced, Rejection, Shop, check_cart, price};
use crate::domain::order::service::place_order::known_lines;
use crate::domain::reward::entity::coupon;
use crate::domain::reward::query::{CouponByCode, CouponKey};

/// A coupon that would do, and the basket priced with it.
pub struct CheckedCoupon {
    pub coupon: Arc<coupon::Model>,
    pub priced: Priced,
}

/// Prices a basket with a coupon as an order would be, whether or not its pieces are there. Nothing is written.
pub async fn check_coupon(
    app: &App,
    actor: &Actor,
    code: String,
    lines: &[(Option<Id>, i64)],
) -> Result<std::result::Result<CheckedCoupon, Rejection>> {
    let member = actor.member()?;
    let lines = match known_lines(lines).and_then(|lines| check_cart(&lines, 0).map(|()| lines)) {
        Ok(lines) => lines,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let Some(coupon) = find_coupon(app, member, code).await? else { return Ok(Err(Rejection::CouponNotYours)) };
    let products = app.hub.find_all(lines.iter().map(|line| ProductKey(line.product_id))).await?;
    let products: HashMap<_, _> = products.iter().map(|(key, product)| (key.0, product.clone())).collect();
    let program = app.programs.refresh(&app.db).await?;
    let shop = Shop { program: &program, products: &products, stock: None };
    let priced = price(&lines, &shop, Some(&coupon), 0, app.clock.now());
    Ok(priced.map(|priced| CheckedCoupon { coupon, priced }))
}

/// One's own coupon, and for staff anybody's. Another member's is answered like one that does not exist, so that nobody
/// learns of codes by guessing.
async fn find_coupon(app: &App, member: MemberActor, code: String) -> Result<Option<Arc<coupon::Model>>> {
    if !member.staff {
        return app.hub.find(CouponByCode(member.member_id, code)).await;
    }
    match app.hub.find(HandleKey(HandleKind::CouponCode, code)).await? {
        Some(name) => app.hub.find(CouponKey(name.member_id, name.subject_id)).await,
        None => Ok(None),
    }
}
