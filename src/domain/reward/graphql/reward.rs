//! A reward in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use crate::app::App;
use crate::base::money::Currency;
use crate::domain::catalog::graphql::ProductObject;
use crate::domain::catalog::query::{ProductKey, StockKey};
use crate::domain::earning::graphql::EarningCondition;
use crate::domain::points::graphql::PointsPurse;
use crate::domain::reward::entity::{RewardKind, reward, tier_price};
use crate::domain::reward::graphql::check::RedeemCheck;
use crate::domain::reward::graphql::input::RewardLimit;
use crate::domain::reward::graphql::price::{RewardPriceObject, TierPriceObject};
use crate::domain::reward::query::price::tier_prices_of;
use crate::domain::reward::rule::audience;
use crate::domain::reward::rule::offer::{OfferState, offer_of};
use crate::domain::reward::service::redeemable::{price_for, why_not};
use crate::domain::tier::graphql::{TierObject, gone_of};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{DateTime, Decimal, MoneyObject, int, money};

/// What a reward is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RewardKind", name = "RewardKind")]
pub enum RewardKindEnum {
    /// An amount off one later order (代金券).
    Coupon,
    /// A percentage off one later order, up to a ceiling (折扣券).
    PercentCoupon,
    /// One piece of a product off one later order that has it (兑换券).
    ProductCoupon,
    /// A product, taken from its stock (实物).
    Product,
    /// Points given away: nothing is issued for them (公益捐赠).
    Donation,
    /// A single-use code of a partner of the shop (兑换码), one a piece, from those that staff added (`addCodes`).
    Code,
}

/// Where a reward stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "OfferState", name = "RewardStatus")]
pub enum RewardStatus {
    /// Worked on; only staff sees it.
    Draft,
    /// Published, and yet to start.
    Scheduled,
    /// It can be redeemed.
    Offered,
    /// Over, by its date or by staff.
    Ended,
}

/// Something points can be redeemed for.
pub struct RewardObject(pub Arc<reward::Model>);

/// Something points can be redeemed for. Anybody may read it.
#[Object(name = "Reward")]
impl RewardObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::Reward, self.0.id)
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// A picture of it.
    async fn image_url(&self) -> Option<&str> {
        self.0.image_url.as_deref()
    }

    /// The number of this revision, from 1 on. Every save makes one, and a redemption keeps what it was worth in its own.
    async fn revision(&self) -> i32 {
        int(self.0.revision)
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> RewardStatus {
        offer_of(&self.0, App::of(ctx).clock.now()).into()
    }

    /// From when on it can be redeemed; null at once.
    async fn starts_at(&self) -> Option<DateTime> {
        self.0.starts_at.map(DateTime::of)
    }

    /// The first moment at which it can no longer be redeemed; null while nobody ends it.
    async fn ends_at(&self) -> Option<DateTime> {
        self.0.ends_at.map(DateTime::of)
    }

    /// The most that one member may redeem of it (每人限兑); null without a limit.
    async fn limit(&self) -> Option<RewardLimit> {
        let (period, pieces) = self.0.limit_period.zip(self.0.limit_pieces)?;
        Some(RewardLimit { period: period.into(), pieces: int(pieces) })
    }

    /// Who may redeem it (适用人群); null for everybody. For staff only; null for everybody else.
    async fn audience(&self, ctx: &Context<'_>) -> Option<EarningCondition> {
        let condition = audience::read(self.0.audience.as_deref()?)?;
        let currency = self.0.currency.parse().unwrap_or(Currency::Cny);
        ctx.caller().actor.staff().is_ok().then(|| EarningCondition::show(&condition, currency))
    }

    /// The tiers that its audience or its prices name and that the program no longer has (已取消的等级), by what they were
    /// called last: of one that is gone nobody is a member, so they should be changed. Mostly empty. For staff only; null for
    /// everybody else.
    async fn gone_tiers(&self, ctx: &Context<'_>) -> Result<Option<Vec<TierObject>>> {
        if ctx.caller().actor.staff().is_err() {
            return Ok(None);
        }
        let prices = tier_prices_of(ctx.reader(), &self.0).await?;
        let named = audience::tiers_of(&self.0).into_iter().chain(prices.iter().map(|price| price.tier_id));
        gone_of(ctx, named.collect()).await.map(Some)
    }

    /// What it is.
    async fn kind(&self) -> RewardKindEnum {
        self.0.kind.into()
    }

    /// Points for one piece.
    async fn points_price(&self) -> i32 {
        int(self.0.points_price)
    }

    /// Pieces that can be redeemed now, 0 when it is sold out (已兑完); null when there is no limit. Of codes, those left.
    async fn available(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let Some(stock_id) = self.0.stock_id else { return Ok(None) };
        let pile = ctx.reader().find(StockKey(stock_id)).await?;
        Ok(Some(pile.map_or(0, |pile| int(pile.remaining))))
    }

    /// Money for one piece beside its points (积分加钱); null when points are all it costs.
    async fn money_price(&self) -> Option<MoneyObject> {
        self.0.money_price.map(|price| money(price, &self.0.currency))
    }

    /// What members of single tiers pay instead (等级专享价), in no order; members of all others pay the price of everybody.
    async fn tier_prices(&self, ctx: &Context<'_>) -> Result<Vec<TierPriceObject>> {
        let prices = tier_prices_of(ctx.reader(), &self.0).await?;
        let shown = |row: &tier_price::Model| TierPriceObject { row: row.clone(), currency: self.0.currency.clone() };
        Ok(prices.iter().map(shown).collect())
    }

    /// What one piece costs whoever asks, by their tier now (我的价格); null without a session.
    async fn price_for_me(&self, ctx: &Context<'_>) -> Result<Option<RewardPriceObject>> {
        let Some(member) = ctx.caller().actor.find_member() else { return Ok(None) };
        let price = price_for(App::of(ctx), ctx.reader(), member.member_id, &self.0).await?;
        Ok(Some(RewardPriceObject { price, currency: self.0.currency.clone() }))
    }

    /// Whether whoever asks could redeem it now (能否兑换), and if not, why not; null without a session. Nothing is reserved.
    async fn can_redeem(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Pieces, 1 to 100.", default = 1)] quantity: i32,
        #[graphql(desc = "Whose points would pay.", default)] points_from: PointsPurse,
    ) -> Result<Option<RedeemCheck>> {
        let caller = ctx.caller();
        let Some(member) = caller.actor.find_member() else { return Ok(None) };
        let (quantity, purse) = (i64::from(quantity), points_from.into());
        let reasons = why_not(App::of(ctx), ctx.reader(), member.member_id, &self.0, quantity, purse).await?;
        Ok(Some(RedeemCheck::of(&reasons, caller.language)))
    }

    /// For a coupon of a percentage: percent off.
    async fn coupon_percent(&self) -> Option<Decimal> {
        self.0.coupon_percent.map(percent)
    }

    /// For any coupon: days of 24 hours for which it is good from its redemption on; null for ever.
    async fn coupon_valid_days(&self) -> Option<i32> {
        self.0.coupon_valid_days.map(int)
    }

    /// For a coupon: the money off. For one of a percentage: the most that it takes off.
    async fn coupon_value(&self) -> Option<MoneyObject> {
        self.0.coupon_value.map(|value| money(value, &self.0.currency))
    }

    /// For a coupon: the subtotal from which it applies (最低消费).
    async fn minimum_spend(&self) -> Option<MoneyObject> {
        self.0.minimum_spend.map(|minimum| money(minimum, &self.0.currency))
    }

    /// For goods, and for a coupon for a product: the product.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<InTurn<ProductObject>>> {
        let Some(product_id) = self.0.product_id else { return Ok(None) };
        Ok(ctx.reader().find(ProductKey(product_id)).await?.map(|product| InTurn(ProductObject(product))))
    }
}

/// Hundredths of a percent as percent.
pub fn percent(hundredths: i64) -> Decimal {
    Decimal(rust_decimal::Decimal::new(hundredths, 2).normalize())
}
