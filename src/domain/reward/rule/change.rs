//! What staff set about a reward: which settings go together, and what a change makes of them.

use std::collections::BTreeSet;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::points::MAX_POINTS;
use crate::base::text::has_control;
use crate::domain::earning::entity::Period;
use crate::domain::earning::rule::condition::{Condition, Flaw};
use crate::domain::reward::entity::{RewardKind, RewardState, past_reward, reward, tier_price};
use crate::domain::reward::rule::audience;

/// The longest name, description and address of an image, in characters.
pub const MAX_NAME: usize = 100;
pub const MAX_DESCRIPTION: usize = 1_000;
pub const MAX_IMAGE: usize = 500;
/// Hundredths of a percent in the whole.
pub const WHOLE: i64 = 10_000;
/// The longest that a coupon is good, in days: a hundred years.
pub const MAX_VALID_DAYS: i64 = 36_500;
/// The most pieces there may be of a reward, and that a member may have of it in a period.
pub const MAX_PIECES: i64 = 1_000_000_000;
/// The largest amount, in minor units.
const MAX_MONEY: i64 = 1_000_000_000_000;

/// A change of a reward. What is `None` stays; what may be empty is emptied by `Some(None)`. Amounts are minor units.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub name: Option<String>,
    pub description: Option<String>,
    pub image_url: Option<Option<String>>,
    pub points_price: Option<i64>,
    pub money_price: Option<Option<i64>>,
    pub coupon_value: Option<Option<i64>>,
    pub coupon_percent: Option<Option<i64>>,
    pub minimum_spend: Option<Option<i64>>,
    pub coupon_valid_days: Option<Option<i64>>,
    pub starts_at: Option<Option<Instant>>,
    pub ends_at: Option<Option<Instant>>,
    pub audience: Option<Option<Condition>>,
    pub limit: Option<Option<(Period, i64)>>,
    /// Pieces in all, those that were redeemed included; `Some(None)` is without a limit.
    pub stock: Option<Option<i64>>,
    /// Of each tier that has a price of its own; empty is none.
    pub tier_prices: Option<Vec<TierPrice>>,
    /// Takes a draft into the shop.
    pub publish: bool,
}

/// What members of a tier pay for a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierPrice {
    /// One that is `None` is one we do not know.
    pub tier_id: Option<Id>,
    pub points: i64,
    /// Minor units.
    pub money: Option<i64>,
}

/// Why a reward is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    RewardUnknown,
    /// Somebody saved it in the meantime.
    RevisionConflict {
        current: i64,
    },
    /// It is over for good.
    Ended,
    NameInvalid,
    DescriptionInvalid,
    ImageInvalid,
    PointsPriceInvalid,
    MoneyPriceInvalid,
    /// The price of a tier that cannot be, or a tier that stands twice.
    TierPriceInvalid,
    /// A price is of a tier that there is not.
    TierUnknown,
    /// The audience names a tier that there is not.
    AudienceTierUnknown,
    /// The audience names a segment that there is not.
    SegmentUnknown,
    /// A value, percentage, minimum or validity that its kind does not have, or that cannot be.
    TermsInvalid(Term),
    ProductUnknown,
    /// It ends before it starts, or its end would be over already.
    PeriodInvalid,
    AudienceInvalid(Flaw),
    /// It asks about more than the member.
    AudienceNotOfMember,
    LimitInvalid,
    StockInvalid,
    /// So many pieces of it are used already.
    StockBelowUsed {
        used: i64,
    },
}

/// A term of a coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    Value,
    Percent,
    Minimum,
    Validity,
}

/// A reward with a change made, unchecked, as the next revision.
pub fn changed(reward: &reward::Model, change: &Change) -> reward::Model {
    let text = |given: &Option<String>, known: &str| given.as_deref().map_or(known, str::trim).to_owned();
    let moment = |given: &Option<Option<Instant>>, known| given.map_or(known, |moment| moment.map(Instant::micros));
    let limit = change.limit.unwrap_or(reward.limit_period.zip(reward.limit_pieces));
    let audience = change.audience.as_ref().map(|condition| condition.as_ref().map(audience::write));
    reward::Model {
        state: if change.publish { RewardState::Offered } else { reward.state },
        name: text(&change.name, &reward.name),
        description: text(&change.description, &reward.description),
        image_url: change.image_url.clone().unwrap_or_else(|| reward.image_url.clone()),
        points_price: change.points_price.unwrap_or(reward.points_price),
        money_price: change.money_price.unwrap_or(reward.money_price),
        coupon_value: change.coupon_value.unwrap_or(reward.coupon_value),
        coupon_percent: change.coupon_percent.unwrap_or(reward.coupon_percent),
        minimum_spend: change.minimum_spend.unwrap_or(reward.minimum_spend),
        coupon_valid_days: change.coupon_valid_days.unwrap_or(reward.coupon_valid_days),
        starts_at: moment(&change.starts_at, reward.starts_at),
        ends_at: moment(&change.ends_at, reward.ends_at),
        audience: audience.unwrap_or_else(|| reward.audience.clone()),
        limit_period: limit.map(|(period, _)| period),
        limit_pieces: limit.map(|(_, pieces)| pieces),
        tier_prices: change.tier_prices.as_ref().map_or(reward.tier_prices, |prices| prices.len() as i64),
        ..reward.clone()
    }
}

/// Checks everything and names all that is wrong.
pub fn check(reward: &reward::Model, stock: Option<Option<i64>>) -> Result<(), Vec<Rejection>> {
    let is_over = reward.starts_at.zip(reward.ends_at).is_some_and(|(starts, ends)| ends <= starts);
    let within = |value: Option<i64>, most| value.is_none_or(|value| (1..=most).contains(&value));
    // Of a reward of codes there are as many pieces as codes.
    let most_pieces = if reward.kind == RewardKind::Code { -1 } else { MAX_PIECES };
    let wrong = [
        unless(is_text(&reward.name, MAX_NAME) && !reward.name.is_empty(), Rejection::NameInvalid),
        unless(is_text(&reward.description, MAX_DESCRIPTION), Rejection::DescriptionInvalid),
        unless(reward.image_url.as_deref().is_none_or(is_image), Rejection::ImageInvalid),
        unless((1..=MAX_POINTS).contains(&reward.points_price), Rejection::PointsPriceInvalid),
        unless(within(reward.money_price, MAX_MONEY), Rejection::MoneyPriceInvalid),
        wrong_term(reward).map(Rejection::TermsInvalid),
        unless(!is_over, Rejection::PeriodInvalid),
        audience_flaw(reward.audience.as_deref()),
        unless(within(reward.limit_pieces, MAX_PIECES), Rejection::LimitInvalid),
        unless(stock.flatten().is_none_or(|pieces| (0..=most_pieces).contains(&pieces)), Rejection::StockInvalid),
    ];
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Checks prices by tier, of which none is for a tier that is gone.
pub fn check_tier_prices(prices: &[TierPrice], gone: &BTreeSet<Id>) -> Vec<Rejection> {
    let named: BTreeSet<Id> = prices.iter().filter_map(|price| price.tier_id).collect();
    let is_price = |price: &TierPrice| {
        (1..=MAX_POINTS).contains(&price.points) && price.money.is_none_or(|money| (1..=MAX_MONEY).contains(&money))
    };
    let are_known = prices.iter().all(|price| price.tier_id.is_some_and(|tier| !gone.contains(&tier)));
    let wrong = [
        unless(are_known, Rejection::TierUnknown),
        unless(prices.iter().all(is_price) && (!are_known || named.len() == prices.len()), Rejection::TierPriceInvalid),
    ];
    wrong.into_iter().flatten().collect()
}

/// The prices by tier as rows of a revision, in the order of the tiers' ids.
pub fn price_rows(reward: &reward::Model, prices: &[TierPrice]) -> Vec<tier_price::Model> {
    let row = |price: &TierPrice| {
        Some(tier_price::Model {
            reward_id: reward.id,
            revision: reward.revision,
            tier_id: price.tier_id?,
            points_price: price.points,
            money_price: price.money,
        })
    };
    let mut rows: Vec<_> = prices.iter().filter_map(row).collect();
    rows.sort_by_key(|row| row.tier_id);
    rows
}

/// The first of a reward's terms that cannot be, or that is not of its kind: an amount, a percentage with its ceiling, or
/// nothing but a minimum and a validity; of what is no coupon, none at all.
fn wrong_term(reward: &reward::Model) -> Option<Term> {
    let kind = reward.kind;
    let is_coupon = matches!(kind, RewardKind::Coupon | RewardKind::PercentCoupon | RewardKind::ProductCoupon);
    let has_value = matches!(kind, RewardKind::Coupon | RewardKind::PercentCoupon);
    let is_wrong = |value: Option<i64>, may: bool, must: bool, most: i64| match value {
        Some(value) => !may || !(1..=most).contains(&value),
        None => must,
    };
    let is_percent = kind == RewardKind::PercentCoupon;
    let wrong = [
        (Term::Value, is_wrong(reward.coupon_value, has_value, has_value, MAX_MONEY)),
        (Term::Percent, is_wrong(reward.coupon_percent, is_percent, is_percent, WHOLE)),
        (Term::Minimum, is_wrong(reward.minimum_spend, is_coupon, false, MAX_MONEY)),
        (Term::Validity, is_wrong(reward.coupon_valid_days, is_coupon, false, MAX_VALID_DAYS)),
    ];
    wrong.into_iter().find(|(_, is_wrong)| *is_wrong).map(|(term, _)| term)
}

fn audience_flaw(audience: Option<&str>) -> Option<Rejection> {
    let condition = audience.and_then(audience::read)?;
    if let Some(flaw) = condition.flaw() {
        return Some(Rejection::AudienceInvalid(flaw));
    }
    unless(audience::is_of_member(&condition), Rejection::AudienceNotOfMember)
}

fn unless(holds: bool, rejection: Rejection) -> Option<Rejection> {
    (!holds).then_some(rejection)
}

fn is_text(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !has_control(text)
}

fn is_image(address: &str) -> bool {
    is_text(address, MAX_IMAGE) && (address.starts_with("https://") || address.starts_with("http://"))
}

/// Whether a kind is of a product.
pub fn is_of_product(kind: RewardKind) -> bool {
    matches!(kind, RewardKind::Product | RewardKind::ProductCoupon)
}

/// The pile a reward is taken from: its own where it has a number of pieces or codes, the product's where goods have none.
pub fn pile_of(reward: &reward::Model, stock: Option<i64>) -> Option<Id> {
    match (reward.kind, stock) {
        (_, Some(_)) | (RewardKind::Code, None) => Some(reward.id),
        (RewardKind::Product, None) => reward.product_id,
        _ => None,
    }
}

/// What is kept of a revision when the next one takes its place.
pub fn past(reward: &reward::Model) -> past_reward::Model {
    past_reward::Model {
        id: reward.id,
        revision: reward.revision,
        kind: reward.kind,
        points_price: reward.points_price,
        money_price: reward.money_price,
        currency: reward.currency.clone(),
        coupon_value: reward.coupon_value,
        coupon_percent: reward.coupon_percent,
        minimum_spend: reward.minimum_spend,
        coupon_valid_days: reward.coupon_valid_days,
        product_id: reward.product_id,
    }
}
