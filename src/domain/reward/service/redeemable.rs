//! Whether a member could redeem a reward now, and for how much. Whatever is asked of the rewards of a list is looked up for
//! all of them together, so it goes through the request's reader.

use std::sync::Arc;

use futures_util::try_join;

use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::reader::Reader;
use crate::domain::catalog::entity::stock;
use crate::domain::catalog::query::StockKey;
use crate::domain::earning::query::UseOf;
use crate::domain::earning::service::tier_by_now;
use crate::domain::points::query::WalletOf;
use crate::domain::points::query::account::active_by;
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::purse::{NotYours, Purse};
use crate::domain::reward::entity::reward;
use crate::domain::reward::query::price::tier_prices_of;
use crate::domain::reward::rule::Rejection;
use crate::domain::reward::rule::offer::{Chance, obstacles};
use crate::domain::reward::rule::price::Price;
use crate::domain::reward::service::standing::is_for_reader;

/// What a piece costs a member, by their tier now.
pub async fn price_for(app: &App, reader: &Reader, member_id: Id, reward: &reward::Model) -> Result<Price> {
    let prices = tier_prices_of(reader, reward).await?;
    if prices.is_empty() {
        return Ok(Price::of(reward, &[], None));
    }
    let now = reader.moment(|| app.clock.now());
    let tier = tier_by_now(app, reader, Some(member_id), now).await?;
    Ok(Price::of(reward, prices.iter(), tier.map(|tier| tier.id)))
}

/// All that stands in the way of a member who would redeem so many pieces now; nothing, where they can.
pub async fn why_not(
    app: &App,
    reader: &Reader,
    member_id: Id,
    reward: &reward::Model,
    quantity: i64,
    purse: Purse,
) -> Result<Vec<Rejection>> {
    let now = reader.moment(|| app.clock.now());
    let (price, is_for, had, pile, funds) = try_join!(
        price_for(app, reader, member_id, reward),
        is_for_reader(app, reader, member_id, reward, now),
        had(app, reader, member_id, reward, now),
        pile(reader, reward),
        funds(reader, member_id, purse, now),
    )?;
    let chance = Chance { is_for, had, pile: pile.as_deref(), funds };
    Ok(match price.times(quantity) {
        Ok(cost) => obstacles(reward, quantity, cost, &chance, now),
        Err(rejection) => vec![rejection],
    })
}

/// Pieces that a member has had in the present period of the reward's limit.
async fn had(app: &App, reader: &Reader, member_id: Id, reward: &reward::Model, now: Instant) -> Result<i64> {
    let Some(period) = reward.limit_period else { return Ok(0) };
    let from = period.start(now, &zone(&app.programs.latest())).micros();
    let found = reader.find(UseOf((member_id, reward.id, period, from))).await?;
    Ok(found.map_or(0, |row| row.times))
}

async fn pile(reader: &Reader, reward: &reward::Model) -> Result<Option<Arc<stock::Model>>> {
    let Some(stock_id) = reward.stock_id else { return Ok(None) };
    reader.find(StockKey(stock_id)).await
}

/// The points there are to pay with.
async fn funds(
    reader: &Reader,
    member_id: Id,
    purse: Purse,
    now: Instant,
) -> Result<std::result::Result<i64, NotYours>> {
    let own = reader.find(WalletOf(member_id)).await?;
    let own = own.ok_or_else(|| Error::internal("a member has no wallet"))?;
    Ok(match purse.wallet(&own) {
        Ok(pays) => Ok(active_by(reader, pays, now).await?),
        Err(refusal) => Err(refusal),
    })
}
