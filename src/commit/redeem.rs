//! Redeeming points for a reward: wallet, lots, stock and coupons, in one commit.

use std::sync::Arc;

use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::commit::command::{Command, Stop};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::domain::member::entity::{HandleKind, handle, idempotency};
use crate::domain::outbox::entity::{Topic, outbox};
use crate::domain::points::entity::{ActorKind, Cause};
use crate::domain::points::rule as points;
use crate::domain::points::rule::{Event, Refusal};
use crate::domain::reward::entity::{RewardKind, coupon, redemption, reward};
use crate::domain::reward::rule::{Rejection, coupon_expiry, price, refused, take};

/// The name under which idempotency keys of this command are kept.
pub const OPERATION: &str = "redeem";
/// Lots loaded at first, and how many times more each time that was not enough.
const FIRST_LOTS: u64 = 32;
const MORE_LOTS: u64 = 32;

#[derive(Clone, Debug)]
pub struct Redeem {
    pub member_id: Id,
    pub reward: Arc<reward::Model>,
    pub quantity: i64,
    pub idempotency_key: String,
    pub request_hash: Vec<u8>,
    // Drawn beforehand:
    pub redemption_id: Id,
    pub txn_id: Id,
    pub event_id: Id,
    /// An id and a code for each coupon; empty for goods.
    pub coupons: Vec<(Id, String)>,
}

/// A redemption that was made.
#[derive(Clone, Debug)]
pub enum Redeemed {
    Now(redemption::Model),
    /// The key was used before; this is the redemption it made then.
    Before(Id),
}

impl Command for Redeem {
    type Done = Redeemed;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.member_id
    }

    fn rows(&self) -> usize {
        14 + 2 * self.coupons.len()
    }

    fn keys(&self, keys: &mut Keys) {
        keys.wallets.insert(self.member_id);
        keys.lots.insert(self.member_id, FIRST_LOTS.max(keys.lots.get(&self.member_id).copied().unwrap_or(0)));
        keys.stock.extend(self.reward.stock_id);
        keys.replies.insert((self.member_id, OPERATION.to_owned(), self.idempotency_key.clone()));
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Redeemed), Stop<Rejection>> {
        if let Some(reply) = rows.reply_to(self.member_id, OPERATION, &self.idempotency_key) {
            return match reply.request_hash == self.request_hash {
                true => Ok((Changes::default(), Redeemed::Before(reply.result_id))),
                false => Err(Rejection::IdempotencyKeyConflict.into()),
            };
        }
        let wallet = rows.wallets.get(&self.member_id).ok_or_else(|| Stop::Failed(Error::unauthenticated()))?;
        let required = price(&self.reward, self.quantity)?;
        let pile = self.reward.stock_id.and_then(|id| rows.stock.get(&id));
        let taken = take(pile, &self.reward, self.quantity)?;
        let lots = rows.lots_of(self.member_id);
        let booking = match points::redeem(wallet, lots, &self.event(rows, now), required) {
            Ok(booking) => booking,
            Err(Refusal::MoreLots) => return Err(Stop::Missing(Box::new(self.more_lots(lots.len())))),
            Err(refusal) => return Err(refused(refusal, required).into()),
        };
        let redemption = redemption::Model {
            member_id: self.member_id,
            id: self.redemption_id,
            reward_id: self.reward.id,
            quantity: self.quantity,
            points: required,
            created_at: now.micros(),
        };
        let changes = Changes {
            names: self.names(),
            events: vec![self.told(&redemption, booking.wallet.seq)],
            booking: Some(booking),
            stock: taken.into_iter().collect(),
            redemption: Some(redemption.clone()),
            coupons_issued: self.issue(now),
            reply: Some(self.reply(now)),
            ..Changes::default()
        };
        Ok((changes, Redeemed::Now(redemption)))
    }
}

impl Redeem {
    fn more_lots(&self, loaded: usize) -> Keys {
        let mut keys = Keys::default();
        keys.lots.insert(self.member_id, (loaded as u64).max(FIRST_LOTS).saturating_mul(MORE_LOTS));
        keys
    }

    fn event(&self, rows: &Rows, now: Instant) -> Event {
        Event {
            txn_id: self.txn_id,
            cause: Cause::Redemption,
            source_id: self.redemption_id,
            source_part: 0,
            reason: None,
            actor: ActorKind::Member,
            actor_id: Some(self.member_id),
            program_version: rows.program.version,
            occurred_at: now,
            recorded_at: now,
        }
    }

    fn issue(&self, now: Instant) -> Vec<coupon::Model> {
        let (RewardKind::Coupon, Some(value)) = (self.reward.kind, self.reward.coupon_value) else {
            return Vec::new();
        };
        let coupons = self.coupons.iter().map(|(id, code)| coupon::Model {
            member_id: self.member_id,
            id: *id,
            code: code.clone(),
            redemption_id: self.redemption_id,
            value,
            minimum_spend: self.reward.minimum_spend,
            currency: self.reward.currency.clone(),
            expires_at: coupon_expiry(&self.reward, now),
            used_at: None,
            order_id: None,
            created_at: now.micros(),
        });
        coupons.collect()
    }

    fn names(&self) -> Vec<handle::Model> {
        let names = self.coupons.iter().map(|(id, code)| handle::Model {
            kind: HandleKind::CouponCode,
            value: code.clone(),
            member_id: self.member_id,
            subject_id: *id,
        });
        names.collect()
    }

    fn reply(&self, now: Instant) -> idempotency::Model {
        idempotency::Model {
            member_id: self.member_id,
            operation: OPERATION.to_owned(),
            key: self.idempotency_key.clone(),
            request_hash: self.request_hash.clone(),
            result_id: self.redemption_id,
            created_at: now.micros(),
        }
    }

    fn told(&self, redemption: &redemption::Model, wallet_seq: i64) -> outbox::Model {
        let payload = serde_json::json!({
            "redemptionId": redemption.id, "rewardId": redemption.reward_id, "quantity": redemption.quantity,
            "points": redemption.points,
        });
        outbox::Model {
            member_id: self.member_id,
            id: self.event_id,
            topic: Topic::RewardRedeemed,
            wallet_seq,
            payload: payload.to_string(),
            created_at: redemption.created_at,
        }
    }
}
