//! Where a reward stands at a moment, and how many pieces of it a member may still have.

use crate::base::clock::Instant;
use crate::domain::catalog::entity::stock;
use crate::domain::points::rule::purse::NotYours;
use crate::domain::reward::entity::{RewardState, reward};
use crate::domain::reward::rule::price::Cost;
use crate::domain::reward::rule::{Rejection, take};

/// Where a reward stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferState {
    Draft,
    /// On offer from its start on.
    Scheduled,
    Offered,
    Ended,
}

pub fn offer_of(reward: &reward::Model, now: Instant) -> OfferState {
    match reward.state {
        RewardState::Draft => OfferState::Draft,
        RewardState::Ended => OfferState::Ended,
        RewardState::Offered if is_over(reward, now) => OfferState::Ended,
        RewardState::Offered if reward.starts_at.is_some_and(|starts| starts > now.micros()) => OfferState::Scheduled,
        RewardState::Offered => OfferState::Offered,
    }
}

/// Whether its end has come. Nobody is to set one that has: the reward would never be on offer, or should be ended instead.
pub fn is_over(reward: &reward::Model, now: Instant) -> bool {
    reward.ends_at.is_some_and(|ends| ends <= now.micros())
}

/// Whether it is on offer. A draft is answered like a reward there is not.
pub fn check_offered(reward: &reward::Model, now: Instant) -> Result<(), Rejection> {
    match offer_of(reward, now) {
        OfferState::Offered => Ok(()),
        OfferState::Draft => Err(Rejection::RewardUnknown),
        OfferState::Scheduled => Err(Rejection::NotYet { starts_at: reward.starts_at.map_or(now, Instant) }),
        OfferState::Ended => Err(Rejection::Over),
    }
}

/// Whether a member who has had so many pieces in the period may have more of them.
pub fn check_limit(reward: &reward::Model, had: i64, quantity: i64) -> Result<(), Rejection> {
    match reward.limit_pieces {
        Some(most) if had + quantity > most => Err(Rejection::LimitReached { left: (most - had).max(0) }),
        _ => Ok(()),
    }
}

/// What is known of a member who would redeem a reward.
#[derive(Clone, Copy, Debug)]
pub struct Chance<'a> {
    /// Whether they are of its audience.
    pub is_for: bool,
    /// Pieces they have had in the period of its limit.
    pub had: i64,
    /// The pile it is taken from, if it has one.
    pub pile: Option<&'a stock::Model>,
    /// Points there are to pay with.
    pub funds: Result<i64, NotYours>,
}

/// Everything that stands in the way, where a redemption tells of the first only.
pub fn obstacles(reward: &reward::Model, quantity: i64, cost: Cost, chance: &Chance, now: Instant) -> Vec<Rejection> {
    let points = match chance.funds {
        Ok(active) if active >= cost.points => None,
        Ok(active) => Some(Rejection::NotEnoughPoints { required: cost.points, active }),
        Err(refusal) => Some(refusal.into()),
    };
    let found = [
        check_offered(reward, now).err(),
        (!chance.is_for).then_some(Rejection::NotForYou),
        check_limit(reward, chance.had, quantity).err(),
        take(chance.pile, reward, quantity).err(),
        points,
    ];
    found.into_iter().flatten().collect()
}
