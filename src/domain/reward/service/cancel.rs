//! Cancelling redemptions.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::commit::cancel_redemption::{CancelRedemption, OPERATION};
use crate::commit::key::Key;
use crate::domain::member::query::is_key_used;
use crate::domain::points::query::{keeper_of, line_of};
use crate::domain::points::rule::By;
use crate::domain::points::rule::movement::is_reason;
use crate::domain::reward::entity::{RewardKind, redemption};
use crate::domain::reward::query::{CouponsOfRedemption, RedemptionKey, RewardKey};
use crate::domain::reward::rule::Uncancellable;

/// What staff asks for.
pub struct Wish {
    /// The redemption by its member and id; `None` is one we do not know.
    pub redemption: Option<(Id, Id)>,
    pub reason: Option<String>,
    pub idempotency_key: String,
}

/// Why staff did not cancel a redemption.
pub enum Refused {
    /// It is their own.
    OwnRedemption,
    Rule(Uncancellable),
}

/// What became of a redemption.
pub type Cancelled = Result<std::result::Result<Arc<redemption::Model>, Refused>>;

/// Cancels a redemption of a member's, of which nothing was used.
pub async fn cancel_redemption(app: &App, actor: &Actor, wish: Wish) -> Cancelled {
    let staff = actor.staff()?;
    let Some(known) = find_redemption(app, wish.redemption).await? else {
        return Ok(Err(Refused::Rule(Uncancellable::RedemptionUnknown)));
    };
    let (member_id, id) = (known.member_id, known.id);
    let reason = wish.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    let is_used = is_key_used(&app.db, member_id, OPERATION, &wish.idempotency_key).await?;
    if reason.as_deref().is_some_and(|reason| !is_reason(reason)) {
        let rejection = if is_used { Uncancellable::IdempotencyKeyConflict } else { Uncancellable::ReasonInvalid };
        return Ok(Err(Refused::Rule(rejection)));
    }
    // A key that was used does nothing any more: it is let through to find the answer it made.
    if member_id == staff.member_id && !is_used {
        return Ok(Err(Refused::OwnRedemption));
    }
    let coupons = app.hub.find(CouponsOfRedemption(member_id, id)).await?.unwrap_or_default();
    let reward = app.hub.find(RewardKey(known.reward_id)).await?;
    let hash = Sha256::new().chain_update(id).chain_update(reason.as_deref().unwrap_or_default());
    let request_hash = hash.finalize().to_vec();
    let command = CancelRedemption {
        key: Key { member_id, operation: OPERATION, key: wish.idempotency_key, request_hash },
        reason,
        by: By::staff(staff.member_id),
        codes: coupons.iter().map(|coupon| coupon.code.clone()).collect(),
        keeps_pieces: reward.is_some_and(|reward| reward.kind == RewardKind::Code),
        wallets: line_of(&app.hub, known.paying_wallet()).await?,
        redemption: (*known).clone(),
        seed: app.ids.next(),
        event_id: app.ids.next(),
    };
    if let Err(rejection) = app.committers.submit(command).await? {
        return Ok(Err(Refused::Rule(rejection)));
    }
    let cancelled = find_redemption(app, Some((member_id, id))).await?;
    cancelled.map(Ok).ok_or_else(|| Error::internal("a redemption that was cancelled is missing"))
}

/// A redemption by its member and id, any member's.
async fn find_redemption(app: &App, named: Option<(Id, Id)>) -> Result<Option<Arc<redemption::Model>>> {
    let Some((member_id, id)) = named else { return Ok(None) };
    if let Some(found) = app.hub.find(RedemptionKey(member_id, id)).await? {
        return Ok(Some(found));
    }
    // Its member may have been merged into another since the id was given out.
    match keeper_of(&app.hub, member_id).await? {
        Some(keeper) => app.hub.find(RedemptionKey(keeper, id)).await,
        None => Ok(None),
    }
}
