//! Redeeming points for a reward: wallet, lots, stock and coupons, in one commit.

use std::sync::Arc;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::key::{Key, Made};
use crate::commit::open::{refused, told, want_lots};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::domain::member::entity::{HandleKind, handle};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::Cause;
use crate::domain::points::rule::purse::Purse;
use crate::domain::points::rule::{By, Event};
use crate::domain::reward::entity::{RewardKind, coupon, redemption, reward};
use crate::domain::reward::rule::{self, Rejection, coupon_expiry, price, take};

/// The name under which idempotency keys of this command are kept.
pub const OPERATION: &str = "redeem";

#[derive(Clone, Debug)]
pub struct Redeem {
    pub key: Key,
    pub reward: Arc<reward::Model>,
    pub quantity: i64,
    /// Whose points pay.
    pub purse: Purse,
    // Drawn beforehand:
    pub redemption_id: Id,
    /// The first id of its transactions and lots.
    pub seed: Id,
    pub event_id: Id,
    /// An id and a code for each coupon; empty for goods.
    pub coupons: Vec<(Id, String)>,
}

impl Command for Redeem {
    type Done = Made<redemption::Model>;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.key.member_id
    }

    fn rows(&self) -> usize {
        14 + 2 * self.coupons.len()
    }

    fn keys(&self, keys: &mut Keys) {
        self.key.want(keys);
        want_lots(keys, self.key.member_id);
        keys.stock.extend(self.reward.stock_id);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Rejection>> {
        if let Some(id) = self.key.replay(rows, Rejection::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        let member_id = self.key.member_id;
        let points = price(&self.reward, self.quantity)?;
        let pile = self.reward.stock_id.and_then(|id| rows.stock.get(&id));
        let taken = take(pile, &self.reward, self.quantity)?;
        let mut books = Books::new(rows, self.seed, now);
        books.open_own(member_id)?;
        if self.purse == Purse::Household {
            books.open_household(member_id)?;
        }
        let pays = self.purse.wallet(books.wallet(member_id)?).map_err(Rejection::from)?;
        let event =
            Event::once(Cause::Redemption, self.redemption_id, By::member(member_id), rows.program.version, now);
        let redeemed = books.of(pays).redeem(&event, points);
        redeemed.map_err(|refusal| refused(rows, pays, refusal, |refusal| rule::refused(refusal, points)))?;
        let redemption = redemption::Model {
            member_id,
            id: self.redemption_id,
            reward_id: self.reward.id,
            quantity: self.quantity,
            points,
            created_at: now.micros(),
            spent_from: Some(pays).filter(|pays| *pays != member_id),
        };
        let books = books.close();
        let changes = Changes {
            names: self.names(),
            events: vec![told(&books[0], self.event_id, Topic::RewardRedeemed, payload(&redemption), now)],
            books,
            stock: taken.into_iter().collect(),
            redemption: Some(redemption.clone()),
            coupons_issued: self.issue(now),
            reply: Some(self.key.reply(self.redemption_id, now)),
            ..Changes::default()
        };
        Ok((changes, Made::Now(redemption)))
    }
}

/// What other systems are told of a redemption.
fn payload(redemption: &redemption::Model) -> serde_json::Value {
    serde_json::json!({
        "redemptionId": redemption.id, "rewardId": redemption.reward_id, "quantity": redemption.quantity,
        "points": redemption.points,
    })
}

impl Redeem {
    fn issue(&self, now: Instant) -> Vec<coupon::Model> {
        let (RewardKind::Coupon, Some(value)) = (self.reward.kind, self.reward.coupon_value) else {
            return Vec::new();
        };
        let coupons = self.coupons.iter().map(|(id, code)| coupon::Model {
            member_id: self.key.member_id,
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
            member_id: self.key.member_id,
            subject_id: *id,
        });
        names.collect()
    }
}
