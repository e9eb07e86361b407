//! What staff say of a reward.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};

use crate::base::money::{Currency, Money};
use crate::domain::earning::entity::Period;
use crate::domain::earning::graphql::{EarningConditionInput, PeriodEnum};
use crate::domain::earning::rule::change::Rejection as ConditionRejection;
use crate::domain::reward::graphql::reward::RewardKindEnum;
use crate::domain::reward::rule::change::{Change, Rejection, TierPrice, WHOLE};
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::scalar::{DateTime, Decimal};

/// How many pieces of a reward a member may have in a period (每人限兑).
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "RewardLimit", input_name = "RewardLimitInput")]
pub struct RewardLimit {
    /// In each of which periods, which begin in the program's time zone.
    pub period: PeriodEnum,
    /// Pieces, from 1 on.
    pub pieces: i32,
}

/// What members of a tier pay for one piece (等级专享价).
#[derive(InputObject)]
pub struct TierPriceInput {
    /// The tier's global id. Members of tiers that are not listed pay the price of everybody.
    tier_id: ID,
    /// Points for one piece, from 1 on.
    points_price: i32,
    /// Money for one piece beside its points, above 0; none, if it is left out.
    money_price: Option<Decimal>,
}

/// A reward as it begins. Amounts are in major units of the program's currency.
#[derive(InputObject)]
pub struct CreateRewardInput {
    /// What it is. It cannot be changed later.
    pub kind: RewardKindEnum,
    /// What members are told it is called, 1 to 100 characters.
    name: String,
    /// What members are told it is, up to 1,000 characters.
    #[graphql(default)]
    description: String,
    /// A picture of it: an address that begins with `https://` or `http://`, up to 500 characters.
    image_url: Option<String>,
    /// Points for one piece, from 1 on.
    points_price: i32,
    /// Money for one piece beside its points, above 0; none, if it is left out.
    money_price: Option<Decimal>,
    /// Prices of single tiers, each at most once; what other members pay is above.
    #[graphql(default)]
    tier_prices: Vec<TierPriceInput>,
    /// For a coupon: the money off. For a percentage: the most that it takes off.
    coupon_value: Option<Decimal>,
    /// For a percentage: percent off, above 0 and at most 100, with up to two decimals.
    coupon_percent: Option<Decimal>,
    /// For any coupon: the subtotal from which it applies.
    minimum_spend: Option<Decimal>,
    /// For any coupon: days of 24 hours for which it is good, 1 to 36,500; for ever, if it is left out.
    coupon_valid_days: Option<i32>,
    /// For goods and for a coupon for a product: its global id. It cannot be changed later.
    pub product_id: Option<ID>,
    /// From when on it can be redeemed; at once, if it is left out.
    starts_at: Option<DateTime>,
    /// The first moment at which it can no longer be redeemed.
    ends_at: Option<DateTime>,
    /// Who may redeem it: a condition that asks about the member alone, such as their tags; everybody, if it is left out.
    audience: Option<EarningConditionInput>,
    /// The most that one member may redeem of it; without limit, if it is left out.
    limit: Option<RewardLimit>,
    /// Pieces in all, from 0 on. If it is left out, goods are taken from the product's stock, and others without limit.
    /// Of codes there are as many as are added.
    stock: Option<i32>,
    /// Whether it is worked on: nobody but staff sees it until it is published.
    #[graphql(default)]
    draft: bool,
}

/// What is to be different about a reward. What is left out stays as it is, and so does what is null, unless it says
/// otherwise. Amounts are in major units of the program's currency.
#[derive(InputObject)]
pub struct UpdateRewardInput {
    /// The reward's global id.
    pub id: ID,
    /// The revision this is a change of. If there is a newer one, nothing is changed.
    pub expected_revision: i32,
    /// What members are told it is called.
    name: Option<String>,
    /// What members are told it is.
    description: Option<String>,
    /// A picture of it; null is none.
    image_url: MaybeUndefined<String>,
    /// Points for one piece.
    points_price: Option<i32>,
    /// Money for one piece beside its points; null is none.
    money_price: MaybeUndefined<Decimal>,
    /// Prices of single tiers, all of them anew; an empty list is none.
    tier_prices: Option<Vec<TierPriceInput>>,
    /// For a coupon: the money off. For a percentage: the most that it takes off.
    coupon_value: Option<Decimal>,
    /// For a percentage: percent off.
    coupon_percent: Option<Decimal>,
    /// For any coupon: the subtotal from which it applies; null is any.
    minimum_spend: MaybeUndefined<Decimal>,
    /// For any coupon: days for which it is good; null is for ever.
    coupon_valid_days: MaybeUndefined<i32>,
    /// From when on it can be redeemed; null is at once.
    starts_at: MaybeUndefined<DateTime>,
    /// The first moment at which it can no longer be redeemed; null is none.
    ends_at: MaybeUndefined<DateTime>,
    /// Who may redeem it; null is everybody.
    audience: MaybeUndefined<EarningConditionInput>,
    /// The most that one member may redeem of it; null is without limit. A limit counts from when it was set, and one of
    /// another period counts anew.
    limit: MaybeUndefined<RewardLimit>,
    /// Pieces in all, those that were redeemed included; null is the product's stock, or without limit. Codes have none.
    stock: MaybeUndefined<i32>,
    /// Takes a draft into the shop.
    #[graphql(default)]
    publish: bool,
}

/// A reward that is to be ended.
#[derive(InputObject)]
pub struct EndRewardInput {
    /// The reward's global id.
    pub id: ID,
    /// The revision that whoever asks has seen. If there is a newer one, nothing is changed.
    pub expected_revision: i32,
}

impl TierPriceInput {
    /// An id that is not a tier's is answered like that of one that does not exist.
    fn read(self, currency: Currency) -> TierPrice {
        TierPrice {
            tier_id: GlobalId::row_of(NodeKind::Tier, &self.tier_id),
            points: self.points_price.into(),
            money: self.money_price.map(|amount| minor(amount, currency)),
        }
    }
}

impl CreateRewardInput {
    pub fn change(self, currency: Currency) -> Result<Change, Rejection> {
        let amount = |given: Option<Decimal>| Some(given.map(|amount| minor(amount, currency)));
        Ok(Change {
            name: Some(self.name),
            description: Some(self.description),
            image_url: Some(self.image_url),
            points_price: Some(self.points_price.into()),
            money_price: amount(self.money_price),
            coupon_value: amount(self.coupon_value),
            coupon_percent: Some(self.coupon_percent.map(hundredths)),
            minimum_spend: amount(self.minimum_spend),
            coupon_valid_days: Some(self.coupon_valid_days.map(i64::from)),
            starts_at: Some(self.starts_at.map(|moment| moment.0)),
            ends_at: Some(self.ends_at.map(|moment| moment.0)),
            audience: Some(self.audience.map(|asked| asked.read(currency)).transpose().map_err(of_condition)?),
            limit: Some(self.limit.map(limit)),
            stock: Some(self.stock.map(i64::from)),
            tier_prices: Some(self.tier_prices.into_iter().map(|price| price.read(currency)).collect()),
            publish: !self.draft,
        })
    }
}

impl UpdateRewardInput {
    pub fn change(self, currency: Currency) -> Result<Change, Rejection> {
        let amount = |given: MaybeUndefined<Decimal>| known(given, |amount| minor(amount, currency));
        let audience = match self.audience {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(asked) => Some(Some(asked.read(currency).map_err(of_condition)?)),
        };
        let prices = self.tier_prices;
        Ok(Change {
            name: self.name,
            description: self.description,
            image_url: known(self.image_url, |address| address),
            points_price: self.points_price.map(i64::from),
            money_price: amount(self.money_price),
            coupon_value: self.coupon_value.map(|value| Some(minor(value, currency))),
            coupon_percent: self.coupon_percent.map(|percent| Some(hundredths(percent))),
            minimum_spend: amount(self.minimum_spend),
            coupon_valid_days: known(self.coupon_valid_days, i64::from),
            starts_at: known(self.starts_at, |moment| moment.0),
            ends_at: known(self.ends_at, |moment| moment.0),
            audience,
            limit: known(self.limit, limit),
            stock: known(self.stock, i64::from),
            tier_prices: prices.map(|prices| prices.into_iter().map(|price| price.read(currency)).collect()),
            publish: self.publish,
        })
    }
}

fn known<T, U>(given: MaybeUndefined<T>, read: impl FnOnce(T) -> U) -> Option<Option<U>> {
    Option::<Option<T>>::from(given).map(|given| given.map(read))
}

fn limit(limit: RewardLimit) -> (Period, i64) {
    (limit.period.into(), limit.pieces.into())
}

/// What is no amount of the currency is none, which no rule takes.
fn minor(amount: Decimal, currency: Currency) -> i64 {
    Money::from_decimal(amount.0, currency).map_or(0, |money| money.minor)
}

/// Hundredths of a percent. What has more decimals is none.
fn hundredths(percent: Decimal) -> i64 {
    let exact = percent.0.checked_mul((WHOLE / 100).into()).filter(|exact| exact.fract().is_zero());
    exact.and_then(|exact| exact.try_into().ok()).unwrap_or(0)
}

/// A condition that cannot be read names something that no member has.
fn of_condition(rejection: ConditionRejection) -> Rejection {
    match rejection {
        ConditionRejection::ConditionInvalid(flaw) => Rejection::AudienceInvalid(flaw),
        _ => Rejection::AudienceNotOfMember,
    }
}
