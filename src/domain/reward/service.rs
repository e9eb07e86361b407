//! Redeeming points.

pub mod cancel;
pub mod change;
pub mod code;
pub mod list;
pub mod redeemable;
pub mod standing;
pub mod tier;

use sha2::{Digest, Sha256};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::commit::key::{Key, Made};
use crate::commit::redeem::{OPERATION, Redeem};
use crate::db::rows::insert_if_absent;
use crate::domain::member::query::is_key_used;
use crate::domain::points::rule::purse::Purse;
use crate::domain::reward::entity::{RewardState, redemption, reward};
use crate::domain::reward::query::price::tier_prices_of;
use crate::domain::reward::query::{RedemptionKey, RewardKey};
use crate::domain::reward::rule::Rejection;
use crate::domain::reward::rule::price::check_quantity;
use crate::domain::reward::service::standing::is_for_member;

/// Characters of a coupon code: 12 of Crockford's alphabet are 60 random bits, too many to guess.
const COUPON_CODE_LENGTH: usize = 12;

/// What a member asks for. A reward that is `None` is one we do not know.
pub struct Wish {
    pub reward_id: Option<Id>,
    pub quantity: i64,
    /// Whose points pay.
    pub purse: Purse,
    pub idempotency_key: String,
}

/// Redeems the points of the member who asks.
pub async fn redeem(app: &App, actor: &Actor, wish: Wish) -> Result<Result<redemption::Model, Rejection>> {
    let member_id = actor.member()?.member_id;
    let reward = match wish.reward_id {
        Some(id) => app.hub.find(RewardKey(id)).await?,
        None => None,
    };
    let possible = match reward {
        Some(reward) if reward.state == RewardState::Draft => Err(Rejection::RewardUnknown),
        // Who was of the audience once and is no more still finds what their key made then.
        Some(reward)
            if !is_for_member(app, member_id, &reward).await?
                && !is_key_used(&app.db, member_id, OPERATION, &wish.idempotency_key).await? =>
        {
            return Ok(Err(Rejection::NotForYou));
        }
        Some(reward) => check_quantity(wish.quantity).map(|()| reward),
        None => Err(Rejection::RewardUnknown),
    };
    let reward = match possible {
        Ok(reward) => reward,
        // What cannot be redeemed at all was not asked for with this key before.
        Err(rejection) => {
            let is_used = is_key_used(&app.db, member_id, OPERATION, &wish.idempotency_key).await?;
            return Ok(Err(if is_used { Rejection::IdempotencyKeyConflict } else { rejection }));
        }
    };
    let pieces = if reward.kind.is_coupon() { wish.quantity } else { 0 };
    let asked = Sha256::new().chain_update(reward.id).chain_update(wish.quantity.to_be_bytes());
    let request_hash = asked.chain_update(wish.purse.covered()).finalize().to_vec();
    let command = Redeem {
        key: Key { member_id, operation: OPERATION, key: wish.idempotency_key, request_hash },
        prices: tier_prices_of(&*app.hub, &reward).await?,
        quantity: wish.quantity,
        purse: wish.purse,
        redemption_id: app.ids.next(),
        seed: app.ids.next(),
        event_id: app.ids.next(),
        coupons: (0..pieces).map(|_| (app.ids.next(), app.ids.code(COUPON_CODE_LENGTH))).collect(),
        reward,
    };
    match app.committers.submit(command).await? {
        Ok(Made::Now(redemption)) => Ok(Ok(redemption)),
        Ok(Made::Before(id)) => get_redemption(app, member_id, id).await.map(Ok),
        Err(rejection) => Ok(Err(rejection)),
    }
}

/// The redemption of a replayed key, read anew.
async fn get_redemption(app: &App, member_id: Id, id: Id) -> Result<redemption::Model> {
    let redemption = app.hub.find(RedemptionKey(member_id, id)).await?;
    redemption.map(|found| (*found).clone()).ok_or_else(|| Error::internal("a replayed redemption is missing"))
}

/// Adds rewards; those that are there already stay as they are.
pub async fn add_rewards(app: &App, rewards: Vec<reward::Model>) -> Result<()> {
    let work = move |tx: crate::db::write::Tx| {
        let rewards = rewards.clone();
        async move { insert_if_absent::<reward::Entity>(&*tx, rewards).await.map_err(Error::from) }
    };
    app.db.write(work).await?;
    Ok(())
}
