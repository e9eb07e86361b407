//! Redeeming points for a reward: wallet, lots, stock, coupons and codes, in one commit.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::key::{Key, Made};
use crate::commit::open::{refused, told, want_lots};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::commit::tier::{Tiers, want_tier};
use crate::domain::earning::entity::rule_use;
use crate::domain::member::entity::{HandleKind, handle};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::Cause;
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::purse::Purse;
use crate::domain::points::rule::{By, Event};
use crate::domain::reward::entity::{RewardKind, coupon, redemption, reward, reward_code};
use crate::domain::reward::query::price::TierPrices;
use crate::domain::reward::rule::offer::{check_limit, check_offered};
use crate::domain::reward::rule::price::{Cost, Price, check_quantity};
use crate::domain::reward::rule::{self, Rejection, coupon_expiry, take};

/// The name under which idempotency keys of this command are kept.
pub const OPERATION: &str = "redeem";

#[derive(Clone, Debug)]
pub struct Redeem {
    pub key: Key,
    pub reward: Arc<reward::Model>,
    /// What members of tiers pay for it.
    pub prices: TierPrices,
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
        let codes = if self.reward.kind == RewardKind::Code { usize::try_from(self.quantity).unwrap_or(0) } else { 0 };
        14 + 2 * self.coupons.len() + codes
    }

    fn keys(&self, keys: &mut Keys) {
        self.key.want(keys);
        want_lots(keys, self.key.member_id);
        if !self.prices.is_empty() {
            want_tier(keys, self.key.member_id);
        }
        keys.stock.extend(self.reward.stock_id);
        if self.reward.kind == RewardKind::Code {
            *keys.codes.entry(self.reward.id).or_default() += u64::try_from(self.quantity).unwrap_or(0);
        }
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Rejection>> {
        if let Some(id) = self.key.replay(rows, Rejection::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        let member_id = self.key.member_id;
        check_quantity(self.quantity)?;
        check_offered(&self.reward, now)?;
        let counted = self.count(rows, now)?;
        let pile = self.reward.stock_id.and_then(|id| rows.stock.get(&id));
        let taken = take(pile, &self.reward, self.quantity)?;
        let codes_given = self.give(rows)?;
        let tiers = self.tiers(rows, now)?;
        let tier = tiers.as_ref().and_then(Tiers::standing);
        let price = Price::of(&self.reward, self.prices.iter(), tier.map(|tier| tier.id));
        let Cost { points, money } = price.times(self.quantity)?;
        let mut books = Books::new(rows, self.seed, now);
        books.open_own(member_id)?;
        if self.purse == Purse::Household {
            books.open_household(member_id)?;
        }
        let pays = self.purse.wallet(books.wallet(member_id)?).map_err(Rejection::from)?;
        let event =
            Event::once(Cause::Redemption, self.redemption_id, By::member(member_id), rows.program.version, now);
        let redeemed = books.of(pays).redeem(&event, points);
        let txn_id =
            redeemed.map_err(|refusal| refused(rows, pays, refusal, |refusal| rule::refused(refusal, points)))?;
        let redemption = redemption::Model {
            member_id,
            id: self.redemption_id,
            reward_id: self.reward.id,
            quantity: self.quantity,
            points,
            created_at: now.micros(),
            spent_from: Some(pays).filter(|pays| *pays != member_id),
            reward_revision: self.reward.revision,
            money,
            stock_id: self.reward.stock_id,
            txn_id: Some(txn_id),
            limit_period: counted.as_ref().map(|row| row.period),
            limit_from: counted.as_ref().map(|row| row.starts_at),
            cancelled_at: None,
            priced_for: price.tier_id,
        };
        let wallet = &mut books.of(member_id).wallet;
        let tier = tiers.map(|tiers| tiers.close(wallet, By::member(member_id), None)).unwrap_or_default();
        let books = books.close();
        let changes = Changes {
            names: self.names(),
            events: vec![told(&books[0], self.event_id, Topic::RewardRedeemed, payload(&redemption), now)],
            books,
            stock: taken.into_iter().collect(),
            uses: counted.into_iter().collect(),
            redemption: Some(redemption.clone()),
            coupons_issued: self.issue(now),
            codes_given,
            reply: Some(self.key.reply(self.redemption_id, now)),
            ..Changes::default()
        };
        Ok((tier.among(changes), Made::Now(redemption)))
    }
}

/// What other systems are told of a redemption.
fn payload(redemption: &redemption::Model) -> serde_json::Value {
    serde_json::json!({
        "redemptionId": redemption.id, "rewardId": redemption.reward_id, "quantity": redemption.quantity,
        "points": redemption.points, "money": redemption.money,
    })
}

impl Redeem {
    /// The member's tier by now, if the price asks for it.
    fn tiers<'a>(&self, rows: &'a Rows, now: Instant) -> Result<Option<Tiers<'a>>, Stop<Rejection>> {
        if self.prices.is_empty() {
            return Ok(None);
        }
        Tiers::open(rows, self.key.member_id, self.seed, now).map(Some)
    }

    /// What the member has had of a reward with a limit, these pieces included. It is counted like what a rule gives: in
    /// pieces instead of points.
    fn count(&self, rows: &Rows, now: Instant) -> Result<Option<rule_use::Model>, Stop<Rejection>> {
        let Some(period) = self.reward.limit_period else { return Ok(None) };
        let from = period.start(now, &zone(&rows.program)).micros();
        let key = (self.key.member_id, self.reward.id, period, from);
        let Some(row) = rows.uses.get(&key) else {
            let uses = HashSet::from([key]);
            return Err(Stop::Missing(Box::new(Keys { uses, ..Keys::default() })));
        };
        check_limit(&self.reward, row.times, self.quantity)?;
        Ok(Some(rule_use::Model { times: row.times + self.quantity, ..row.clone() }))
    }

    /// The next codes of a reward of codes, one a piece. The pile says how many there are, and `verify` that it is right.
    fn give(&self, rows: &Rows) -> Result<Vec<reward_code::Model>, Rejection> {
        if self.reward.kind != RewardKind::Code {
            return Ok(Vec::new());
        }
        let left = rows.codes.get(&self.reward.id).into_iter().flat_map(BTreeMap::values);
        let pieces = usize::try_from(self.quantity).unwrap_or(0);
        let given = left
            .take(pieces)
            .map(|code| reward_code::Model { redemption_id: Some(self.redemption_id), ..code.clone() });
        let given: Vec<_> = given.collect();
        if given.len() < pieces {
            return Err(Rejection::RewardSoldOut { available: i64::try_from(given.len()).unwrap_or(0) });
        }
        Ok(given)
    }

    fn issue(&self, now: Instant) -> Vec<coupon::Model> {
        let product_id = self.reward.product_id.filter(|_| self.reward.kind == RewardKind::ProductCoupon);
        let coupons = self.coupons.iter().map(|(id, code)| coupon::Model {
            member_id: self.key.member_id,
            id: *id,
            code: code.clone(),
            redemption_id: self.redemption_id,
            value: self.reward.coupon_value,
            percent: self.reward.coupon_percent,
            product_id,
            minimum_spend: self.reward.minimum_spend,
            currency: self.reward.currency.clone(),
            expires_at: coupon_expiry(&self.reward, now),
            used_at: None,
            order_id: None,
            cancelled_at: None,
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
