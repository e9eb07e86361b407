//! Making, changing and ending rewards. Every save is a new revision; what was redeemed keeps what it was worth then.

use std::sync::Arc;

use sea_orm::DatabaseTransaction;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::dialect::Held;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::catalog::query::{ProductKey, grant_pieces};
use crate::domain::reward::entity::{RewardKind, RewardState, past_reward, reward, tier_price};
use crate::domain::reward::query::RewardKey;
use crate::domain::reward::query::price::tier_prices_of;
use crate::domain::reward::rule::audience;
use crate::domain::reward::rule::change::{
    Change, Rejection, TierPrice, changed, check, check_tier_prices, is_of_product, past, pile_of, price_rows,
};
use crate::domain::reward::rule::offer::is_over;
use crate::domain::segment::query::keep_segments;
use crate::domain::tier::service::gone_tiers;

/// What became of a reward.
pub type Saved = Result<std::result::Result<Arc<reward::Model>, Vec<Rejection>>>;

/// Makes a reward: a draft, unless the change says that it is to be on offer.
pub async fn create_reward(
    app: &App,
    actor: &Actor,
    kind: RewardKind,
    product_id: Option<Id>,
    change: Change,
) -> Saved {
    actor.staff()?;
    let is_known = match product_id {
        Some(id) => is_of_product(kind) && app.hub.find(ProductKey(id)).await?.is_some(),
        None => !is_of_product(kind),
    };
    let blank = reward::Model {
        id: app.ids.next(),
        state: RewardState::Draft,
        product_id,
        created_at: app.clock.now().micros(),
        ..reward::Model::blank(kind, &app.programs.latest().currency)
    };
    let reward = changed(&blank, &change);
    let mut wrong = check(&reward, change.stock).err().unwrap_or_default();
    wrong.extend((!is_known).then_some(Rejection::ProductUnknown));
    if !wrong.contains(&Rejection::PeriodInvalid) && is_over(&reward, app.clock.now()) {
        wrong.push(Rejection::PeriodInvalid);
    }
    let prices = change.tier_prices.unwrap_or_default();
    wrong.extend(check_prices(app, &prices).await?);
    wrong.extend(check_audience(app, &reward).await?);
    if !wrong.is_empty() {
        return Ok(Err(wrong));
    }
    // The pile of codes grows with them.
    let pieces = if kind == RewardKind::Code { Some(0) } else { change.stock.flatten() };
    let reward = reward::Model { stock_id: pile_of(&reward, pieces), ..reward };
    let prices = price_rows(&reward, &prices);
    let work = move |tx: Tx| {
        let (reward, prices) = (reward.clone(), prices.clone());
        async move {
            if !are_segments_kept(&tx, &reward).await? {
                return Ok(Err(vec![Rejection::SegmentUnknown]));
            }
            // Its id is new, so one that is there is our own from an attempt before, whose reply was lost.
            if !rows::insert_if_absent::<reward::Entity>(&*tx, vec![reward.clone()]).await?.is_empty() {
                // A pile that is new is as large as is asked for.
                if let Some(granted) = pieces {
                    let _ = grant_pieces(&tx, reward.id, granted).await?;
                }
                rows::insert::<tier_price::Entity>(&*tx, prices).await?;
            }
            Ok(Ok(reward))
        }
    };
    Ok(app.db.write(work).await?.map(Arc::new))
}

/// What is wrong with prices by tier. Where there are none nothing is looked up.
async fn check_prices(app: &App, prices: &[TierPrice]) -> Result<Vec<Rejection>> {
    let gone = gone_tiers(app, prices.iter().filter_map(|price| price.tier_id).collect()).await?;
    Ok(check_tier_prices(prices, &gone))
}

/// Whether the audience names a tier that there is not now.
async fn check_audience(app: &App, reward: &reward::Model) -> Result<Option<Rejection>> {
    let gone = gone_tiers(app, audience::tiers_of(reward)).await?;
    Ok((!gone.is_empty()).then_some(Rejection::AudienceTierUnknown))
}

/// Keeps the segments that its audience names until it is written, or says that one is gone. A reward that is over may name
/// what is no more.
async fn are_segments_kept(tx: &DatabaseTransaction, reward: &reward::Model) -> Result<bool> {
    if reward.state == RewardState::Ended {
        return Ok(true);
    }
    let segments = audience::segments_of(reward);
    Ok(keep_segments(tx, &segments).await? == segments)
}

/// Changes a reward from the revision that whoever asks has seen. It is on offer in its new form at once.
pub async fn update_reward(app: &App, actor: &Actor, id: Option<Id>, expected: i64, change: Change) -> Saved {
    actor.staff()?;
    let prices = change.tier_prices.clone();
    let wrong = check_prices(app, prices.as_deref().unwrap_or_default()).await?;
    if !wrong.is_empty() {
        return Ok(Err(wrong));
    }
    save(app, id, expected, (change.stock, prices), move |before| changed(before, &change)).await
}

/// Ends a reward for good. Its coupons stay good.
pub async fn end_reward(app: &App, actor: &Actor, id: Option<Id>, expected: i64) -> Saved {
    actor.staff()?;
    let ended = |before: &reward::Model| reward::Model { state: RewardState::Ended, ..before.clone() };
    save(app, id, expected, (None, None), ended).await
}

async fn save(
    app: &App,
    id: Option<Id>,
    expected: i64,
    (stock, prices): (Option<Option<i64>>, Option<Vec<TierPrice>>),
    change: impl Fn(&reward::Model) -> reward::Model,
) -> Saved {
    let found = match id {
        Some(id) => app.hub.find(RewardKey(id)).await?,
        None => None,
    };
    let Some(before) = found else { return Ok(Err(vec![Rejection::RewardUnknown])) };
    if before.revision != expected {
        return Ok(Err(vec![Rejection::RevisionConflict { current: before.revision }]));
    }
    if before.state == RewardState::Ended {
        return Ok(Err(vec![Rejection::Ended]));
    }
    let after = change(&before);
    // Whatever is wrong with a reward by now, it can be ended.
    if after.state != RewardState::Ended
        && let Err(wrong) = check(&after, stock)
    {
        return Ok(Err(wrong));
    }
    let comes = before.state == RewardState::Draft && after.state == RewardState::Offered;
    if (comes || after.ends_at != before.ends_at) && is_over(&after, app.clock.now()) {
        return Ok(Err(vec![Rejection::PeriodInvalid]));
    }
    // A tier that went since the audience was saved is in nobody's way, until the reward comes into the shop.
    if (comes || after.audience != before.audience)
        && let Some(wrong) = check_audience(app, &after).await?
    {
        return Ok(Err(vec![wrong]));
    }
    let after = match stock {
        Some(pieces) => reward::Model { stock_id: pile_of(&after, pieces), ..after },
        None => after,
    };
    let known = tier_prices_of(&*app.hub, &before).await?;
    let same = prices.as_deref().is_none_or(|prices| price_rows(&before, prices) == *known);
    if after == *before && same && stock.flatten().is_none() {
        return Ok(Ok(before));
    }
    let after = reward::Model { revision: before.revision + 1, ..after };
    let prices = match prices {
        Some(prices) => price_rows(&after, &prices),
        None => known.iter().map(|row| tier_price::Model { revision: after.revision, ..row.clone() }).collect(),
    };
    let work = move |tx: Tx| {
        let (before, after, prices) = (before.clone(), after.clone(), prices.clone());
        async move { write(&tx, &before, after, prices, stock.flatten()).await }
    };
    Ok(app.db.write(work).await?.map(Arc::new).map_err(|rejection| vec![rejection]))
}

/// Writes a revision over the one before, of which its terms are kept. The pile is locked last, as redemptions do, which
/// lock no reward.
async fn write(
    tx: &DatabaseTransaction,
    before: &reward::Model,
    after: reward::Model,
    prices: Vec<tier_price::Model>,
    pieces: Option<i64>,
) -> Result<std::result::Result<reward::Model, Rejection>> {
    let there = rows::lock_by_ids::<reward::Entity>(tx, reward::Column::Id, [before.id], Held::Awaited).await?.pop();
    let Some(there) = there else { return Ok(Err(Rejection::RewardUnknown)) };
    // Our own from an attempt before, whose COMMIT succeeded but whose reply was lost.
    if there == after {
        return Ok(Ok(after));
    }
    if there != *before {
        return Ok(Err(Rejection::RevisionConflict { current: there.revision }));
    }
    if !are_segments_kept(tx, &after).await? {
        return Ok(Err(Rejection::SegmentUnknown));
    }
    if let Some(granted) = pieces
        && let Err(used) = grant_pieces(tx, before.id, granted).await?
    {
        return Ok(Err(Rejection::StockBelowUsed { used }));
    }
    rows::insert::<past_reward::Entity>(tx, vec![past(before)]).await?;
    rows::insert::<tier_price::Entity>(tx, prices).await?;
    rows::update::<reward::Entity>(tx, vec![after.clone()]).await?;
    Ok(Ok(after))
}
