//! What a basket would earn.

use std::sync::Arc;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::commit::earn::Day;
use crate::commit::preview::{More, more, preview, want_all};
use crate::commit::rows::{Keys, Rows};
use crate::domain::catalog::query::WithPile;
use crate::domain::earning::query::{GroundsOf, key_of, no_use};
use crate::domain::earning::rule::asked::Asked;
use crate::domain::earning::rule::occasion::Occasion;
use crate::domain::earning::rule::reckon::Earned;
use crate::domain::earning::rule::terms::Rules;
use crate::domain::earning::service::standing_with;
use crate::domain::member::query::MemberKey;
use crate::domain::order::entity::Channel;
use crate::domain::order::rule::{Priced, Rejection, Shop, check_cart, price};
use crate::domain::order::service::place_order::known_lines;
use crate::domain::outlet::query::OutletKey;
use crate::domain::points::entity::program;
use crate::domain::points::query::account::active_by;
use crate::domain::points::query::{WalletOf, keeper_of};
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::purse::Purse;
use crate::domain::reward::entity::coupon;
use crate::domain::reward::query::CouponByCode;

/// What is in a basket, and how it would be paid.
pub struct Basket {
    pub lines: Vec<(Option<Id>, i64)>,
    pub coupon_code: Option<String>,
    /// Points to pay with.
    pub points: i64,
    /// Whose these are.
    pub purse: Purse,
    pub channel: Option<Channel>,
    /// Where it would be. One that is `None` within is one we do not know.
    pub outlet_id: Option<Option<Id>>,
    /// For whom, if not for whoever asks.
    pub member_id: Option<Option<Id>>,
    /// Whether it is asked what would earn more: that is reckoned once for each rule that lacks something.
    pub asks_for_more: bool,
}

/// What a basket would earn.
pub struct EarnPreview {
    pub program: Arc<program::Model>,
    pub rules: Arc<Rules>,
    pub priced: Priced,
    pub earned: Earned,
    pub more: Vec<More>,
}

/// Decides what an order of this basket would earn if it were placed now. Nothing is locked and nothing is written.
pub async fn preview_earn(app: &App, actor: &Actor, basket: Basket) -> Result<Result<EarnPreview, Rejection>> {
    let member_id = match shopper(app, actor, basket.member_id).await? {
        Ok(member_id) => member_id,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let lines = match known_lines(&basket.lines).and_then(|lines| check_cart(&lines, basket.points).map(|()| lines)) {
        Ok(lines) => lines,
        Err(rejection) => return Ok(Err(rejection)),
    };
    if !is_outlet_known(app, basket.outlet_id).await? {
        return Ok(Err(Rejection::OutletUnknown));
    }
    let now = app.clock.now();
    // A visitor has been given nothing yet, and no member's id is nil.
    let of = member_id.unwrap_or_default();
    let (found, (rows, purchases), coupon) = tokio::try_join!(
        app.hub.find_all(lines.iter().map(|line| WithPile(line.product_id))),
        read(app, of, now),
        coupon(app, member_id, basket.coupon_code),
    )?;
    let products = found.iter().map(|(key, (product, _))| (key.0, product.clone())).collect();
    let piles = found.iter().filter_map(|(key, (_, pile))| Some((key.0, pile.clone()?))).collect();
    let coupon = match coupon {
        Ok(coupon) => coupon,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let shop = Shop { program: &rows.program, products: &products, stock: Some(&piles) };
    let priced = match price(&lines, &shop, coupon.as_deref(), basket.points, now) {
        Ok(priced) => priced,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let asked = Asked::by_rules(&rows.rules, now);
    let standing = standing_with(app, &*app.hub, member_id, purchases, asked, now).await?;
    let day = Day { moment: now, zone: zone(&rows.program) };
    let items = priced.items();
    let occasion = Occasion {
        moment: now,
        zone: &day.zone,
        items: &items,
        channel: basket.channel.map(Channel::word),
        outlet_id: basket.outlet_id.flatten(),
        event: None,
        standing: &standing,
    };
    let Some(earned) = preview(&rows, of, &occasion)? else { return Ok(Err(Rejection::TooManyPoints)) };
    let more = if basket.asks_for_more { more(&rows, of, &occasion) } else { Vec::new() };
    if basket.points > 0
        && let Err(rejection) = can_pay(app, member_id, basket.purse, basket.points, now).await?
    {
        return Ok(Err(rejection));
    }
    Ok(Ok(EarnPreview { program: rows.program, rules: rows.rules, priced, earned, more }))
}

/// Whose basket it is; nobody's yet, for a visitor.
async fn shopper(app: &App, actor: &Actor, named: Option<Option<Id>>) -> Result<Result<Option<Id>, Rejection>> {
    let Some(named) = named else { return Ok(Ok(actor.find_member().map(|member| member.member_id))) };
    let me = actor.member()?;
    if named == Some(me.member_id) {
        return Ok(Ok(named));
    }
    actor.staff()?;
    let Some(id) = named else { return Ok(Err(Rejection::MemberUnknown)) };
    let keeper = keeper_of(&app.hub, id).await?.unwrap_or(id);
    let member = app.hub.find(MemberKey(keeper)).await?;
    Ok(member.map(|member| Some(member.id)).ok_or(Rejection::MemberUnknown))
}

/// Whether an outlet that is named is one of the shop's.
pub async fn is_outlet_known(app: &App, named: Option<Option<Id>>) -> Result<bool> {
    Ok(match named {
        None => true,
        Some(None) => false,
        Some(Some(id)) => app.hub.find(OutletKey(id)).await?.is_some(),
    })
}

async fn coupon(
    app: &App,
    member_id: Option<Id>,
    code: Option<String>,
) -> Result<Result<Option<Arc<coupon::Model>>, Rejection>> {
    let Some(code) = code else { return Ok(Ok(None)) };
    let Some(member_id) = member_id else { return Ok(Err(Rejection::CouponNotYours)) };
    let found = app.hub.find(CouponByCode(member_id, code)).await?;
    Ok(found.map(Some).ok_or(Rejection::CouponNotYours))
}

/// The newest version of the program with the budgets and counts of all its rules for purchases, and how often the member
/// has bought. It is asked by the newest version that this process knows, and asked again if the answer is that there is a
/// newer one: so it is one statement, but for once after a change.
async fn read(app: &App, member_id: Id, now: Instant) -> Result<(Rows, Option<i64>)> {
    loop {
        let program = app.programs.latest();
        let rules = app.rules.get(&app.db.read, program.version).await?;
        let mut keys = Keys::default();
        want_all(&mut keys, member_id, &rules, &Day { moment: now, zone: zone(&program) });
        let uses: Vec<_> = keys.uses.into_iter().collect();
        let asked = GroundsOf { program_id: program.id, member_id, budgets: keys.budgets, uses: uses.clone() };
        let grounds =
            app.hub.find(asked).await?.ok_or_else(|| Error::internal("what a basket is reckoned on is missing"))?;
        if grounds.newest_version > program.version {
            app.programs.get(&app.db.read, grounds.newest_version).await?;
            continue;
        }
        let mut rows = Rows { rules, ..Rows::new(program) };
        rows.budgets.extend(grounds.budgets.iter().map(|row| (row.id, row.clone())));
        rows.uses.extend(uses.into_iter().map(|key| (key, no_use(key))));
        rows.uses.extend(grounds.uses.iter().map(|row| (key_of(row), row.clone())));
        return Ok((rows, grounds.purchases));
    }
}

/// Whether a member, or their household, has points to pay with.
async fn can_pay(
    app: &App,
    member_id: Option<Id>,
    purse: Purse,
    points: i64,
    now: Instant,
) -> Result<Result<(), Rejection>> {
    let nothing = Rejection::NotEnoughPoints { required: points, active: 0 };
    let Some(member_id) = member_id else { return Ok(Err(nothing)) };
    let own = app.hub.find(WalletOf(member_id)).await?;
    let own = own.ok_or_else(|| Error::internal("a member has no wallet"))?;
    let pays = match purse.wallet(&own) {
        Ok(pays) => pays,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    let active = active_by(&*app.hub, pays, now).await?;
    let refused = Rejection::NotEnoughPoints { required: points, active };
    Ok(if active < points { Err(refused) } else { Ok(()) })
}
