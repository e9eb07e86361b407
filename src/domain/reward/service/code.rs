//! Adding codes to a reward. It is a plain edit, like granting pieces: the reward's pile is locked meanwhile, as it is by
//! whoever takes a code, and all that is added is there at once or not at all.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use sha2::{Digest, Sha256};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::Db;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::catalog::entity::stock;
use crate::domain::catalog::query::{add_pieces, lock_pile};
use crate::domain::member::entity::idempotency;
use crate::domain::member::query::{claim_key, is_key_used, release_key};
use crate::domain::reward::entity::{RewardKind, RewardState, reward, reward_code};
use crate::domain::reward::query::RewardKey;
use crate::domain::reward::query::code::{last_position, owners_of};
use crate::domain::reward::rule::code::{Line, MAX_CODES, OPERATION, Owner, Rejection, Skipped, passed_over, sort_out};

/// What staff ask for. A reward that is `None` is one we do not know.
pub struct Wish {
    pub reward_id: Option<Id>,
    /// In the order in which they are to be given out.
    pub codes: Vec<String>,
    pub idempotency_key: String,
}

/// What became of a list of codes: each of its lines was added or is among the skipped.
pub struct Addition {
    pub reward: Arc<reward::Model>,
    pub added: i64,
    /// By line.
    pub skipped: Vec<Skipped>,
}

/// Adds codes to a reward of codes, behind those it has. A line that cannot be added is passed over and named.
pub async fn add_codes(app: &App, actor: &Actor, wish: Wish) -> Result<std::result::Result<Addition, Rejection>> {
    let staff = actor.staff()?;
    let found = match wish.reward_id {
        Some(id) => app.hub.find(RewardKey(id)).await?,
        None => None,
    };
    let reward = match check(found.clone(), &wish.codes) {
        Ok(reward) => reward,
        Err(rejection) => {
            let is_used = is_key_used(&app.db, staff.member_id, OPERATION, &wish.idempotency_key).await?;
            match found.filter(|_| is_used && rejection == Rejection::Ended) {
                // It may have ended since the key was used, which then finds its answer.
                Some(reward) => reward,
                // What cannot be done at all was not asked for with this key before.
                None => return Ok(Err(if is_used { Rejection::IdempotencyKeyConflict } else { rejection })),
            }
        }
    };
    let batch_id = app.ids.next();
    let now = app.clock.now().micros();
    let reply = idempotency::Model {
        member_id: staff.member_id,
        operation: OPERATION.to_owned(),
        key: wish.idempotency_key,
        request_hash: hash(reward.id, &wish.codes),
        result_id: batch_id,
        created_at: now,
    };
    let (lines, mut skipped) = sort_out((1..).zip(wish.codes));
    let batch = Batch { id: batch_id, reward_id: reward.id, added_at: now, reply: Some(reply) };
    let added = add_batch(&app.db, batch, lines).await?;
    Ok(added.map(|(added, passed)| {
        skipped.extend(passed);
        skipped.sort_by_key(|skipped| skipped.line);
        Addition { reward, added, skipped }
    }))
}

/// Whether codes can be added to a reward at all, and so many.
fn check(found: Option<Arc<reward::Model>>, codes: &[String]) -> std::result::Result<Arc<reward::Model>, Rejection> {
    let reward = takes_codes(found)?;
    match codes.len() {
        0 => Err(Rejection::NoCodes),
        1..=MAX_CODES => Ok(reward),
        _ => Err(Rejection::TooManyCodes),
    }
}

/// The reward, if codes can be added to it.
pub fn takes_codes(found: Option<Arc<reward::Model>>) -> std::result::Result<Arc<reward::Model>, Rejection> {
    let reward = found.ok_or(Rejection::RewardUnknown)?;
    match (reward.kind, reward.state) {
        (RewardKind::Code, RewardState::Ended) => Err(Rejection::Ended),
        (RewardKind::Code, _) => Ok(reward),
        _ => Err(Rejection::NotOfCodes),
    }
}

/// Covers what is asked for, each code apart from the next.
fn hash(reward_id: Id, codes: &[String]) -> Vec<u8> {
    let hash = Sha256::new().chain_update(reward_id);
    let hash =
        codes.iter().fold(hash, |hash, code| hash.chain_update((code.len() as u64).to_be_bytes()).chain_update(code));
    hash.finalize().to_vec()
}

/// Codes that are added together.
#[derive(Clone)]
pub struct Batch {
    pub id: Id,
    pub reward_id: Id,
    pub added_at: i64,
    /// What is kept under the caller's key, if they gave one.
    pub reply: Option<idempotency::Model>,
}

/// How many were added, and which lines were not.
pub type Added = std::result::Result<(i64, Vec<Skipped>), Rejection>;

/// Adds lines that were sorted out, in one transaction.
pub async fn add_batch(db: &Db, batch: Batch, lines: Vec<Line>) -> Result<Added> {
    let work = move |tx: Tx| {
        let (batch, lines) = (batch.clone(), lines.clone());
        async move { write(&tx, &batch, &lines).await }
    };
    db.write(work).await
}

async fn write(tx: &DatabaseTransaction, batch: &Batch, lines: &[Line]) -> Result<Added> {
    let before = match &batch.reply {
        Some(reply) => claim_key(tx, reply.clone()).await?,
        None => None,
    };
    if let (Some(before), Some(reply)) = (&before, &batch.reply)
        && before.request_hash != reply.request_hash
    {
        return Ok(Err(Rejection::IdempotencyKeyConflict));
    }
    // The batch of the key, or our own: of an attempt before, whose COMMIT succeeded but whose reply was lost, too.
    let batch_id = before.as_ref().map_or(batch.id, |before| before.result_id);
    let pile = lock_pile(tx, batch.reward_id).await?;
    let pile = pile.ok_or_else(|| Error::internal("a reward of codes has no pile"))?;
    let mut owners = owners_of(tx, codes(lines)).await?;
    let is_there = before.is_some() || owners.values().any(|owner| is_of(owner, batch_id));
    if !is_there {
        insert(tx, batch, pile, lines, &mut owners).await?;
    }
    let added = owners.values().filter(|owner| is_of(owner, batch_id)).count();
    match &batch.reply {
        // Nothing came of it: the key is free, as after any refusal.
        Some(reply) if added == 0 && before.is_none() => release_key(tx, reply).await?,
        _ => {}
    }
    let skipped = passed_over(lines, &owners, batch.reward_id, batch_id);
    Ok(Ok((i64::try_from(added).unwrap_or(i64::MAX), skipped)))
}

/// Inserts those that nobody has behind the reward's last one. Somebody may add the same to another reward meanwhile: what
/// is theirs by then is passed over.
async fn insert(
    tx: &DatabaseTransaction,
    batch: &Batch,
    pile: stock::Model,
    lines: &[Line],
    owners: &mut HashMap<String, Owner>,
) -> Result<()> {
    let last = last_position(tx, batch.reward_id).await?;
    let fresh = lines.iter().filter(|(_, code)| !owners.contains_key(code)).zip(last + 1..);
    let mut fresh: Vec<reward_code::Model> = fresh
        .map(|((_, code), position)| reward_code::Model {
            reward_id: batch.reward_id,
            position,
            code: code.clone(),
            batch_id: batch.id,
            added_at: batch.added_at,
            redemption_id: None,
        })
        .collect();
    fresh.sort_by(|one, other| one.code.cmp(&other.code));
    let wanted: Vec<String> = fresh.iter().map(|row| row.code.clone()).collect();
    let inserted = rows::insert_if_absent::<reward_code::Entity>(tx, fresh).await?.len();
    owners.extend(owners_of(tx, wanted).await?);
    if inserted == 0 {
        return Ok(());
    }
    Ok(add_pieces(tx, pile, i64::try_from(inserted).unwrap_or(i64::MAX)).await?)
}

fn is_of(owner: &Owner, batch: Id) -> bool {
    matches!(owner, Owner::Reward { batch_id, .. } if *batch_id == batch)
}

fn codes(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|(_, code)| code.clone()).collect()
}
