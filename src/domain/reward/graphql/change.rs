//! What staff do with rewards, and why not.

use async_graphql::{Context, Enum, Object, SimpleObject};

use crate::app::App;
use crate::base::money::Currency;
use crate::domain::reward::graphql::input::{CreateRewardInput, EndRewardInput, UpdateRewardInput};
use crate::domain::reward::graphql::reward::RewardObject;
use crate::domain::reward::rule::change::{Rejection, Term};
use crate::domain::reward::service::change::{Saved, create_reward, end_reward, update_reward};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::int;

/// What became of a reward.
#[derive(SimpleObject)]
pub struct RewardPayload {
    /// The reward as it is now, or null if nothing was changed.
    reward: Option<RewardObject>,
    /// Everything that is wrong.
    user_errors: Vec<RewardUserError>,
}

/// Why a reward was not changed.
#[derive(SimpleObject)]
pub struct RewardUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: RewardErrorCode,
    /// With `REVISION_CONFLICT`: the newest revision there is.
    current_revision: Option<i32>,
    /// With `STOCK_BELOW_USED`: the pieces that are used.
    used_quantity: Option<i32>,
}

/// Why a reward was not changed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RewardErrorCode {
    /// There is no reward with this id.
    RewardUnknown,
    /// There is a newer revision than the one expected: `currentRevision`. Look at it and decide anew.
    RevisionConflict,
    /// It was ended, for good.
    RewardEnded,
    /// A name has 1 to 100 characters and no control characters.
    NameInvalid,
    /// A description has up to 1,000 characters and no control characters.
    DescriptionInvalid,
    /// The address of an image begins with `https://` or `http://` and has up to 500 characters.
    ImageInvalid,
    /// Points are 1 to 2,147,483,647, and money is an amount of the program's currency above 0.
    PriceInvalid,
    /// The price of a tier is no price, or a tier is listed twice.
    TierPriceInvalid,
    /// A price or the audience is of a tier that the program does not have now.
    TierUnknown,
    /// The audience names a segment that there is not.
    SegmentUnknown,
    /// A term that is missing, cannot be, or is not of this kind; the path names it. A coupon has a value; a percentage is
    /// above 0 and at most 100 with two decimals, with a value as its ceiling; a coupon for a product has neither; and what is
    /// no coupon has no minimum and no validity either.
    TermsInvalid,
    /// Goods and a coupon for a product name a product there is, and others none.
    ProductUnknown,
    /// The reward would end before it starts, or its end would be over already; `endReward` ends one now.
    PeriodInvalid,
    /// The audience lists nothing or more than 100 values, names a tag that cannot be, has more than 50 conditions or more than 5
    /// levels, or can hold for nobody.
    AudienceInvalid,
    /// The audience asks about a basket, a moment or a place, and not about the member alone.
    AudienceNotOfMember,
    /// A limit is 1 piece or more.
    LimitInvalid,
    /// Pieces are 0 or more, and of codes there are as many as are added.
    StockInvalid,
    /// More pieces of it are used already: `usedQuantity`.
    StockBelowUsed,
}

fn user_error(rejection: &Rejection, language: Language) -> RewardUserError {
    let (code, field, english, chinese) = told(rejection);
    RewardUserError {
        message: language.say(english, chinese),
        path: path(&[field]),
        code,
        current_revision: match rejection {
            Rejection::RevisionConflict { current } => Some(int(*current)),
            _ => None,
        },
        used_quantity: match rejection {
            Rejection::StockBelowUsed { used } => Some(int(*used)),
            _ => None,
        },
    }
}

/// The code of a rejection, the field it is about, and what is said of it in English and Chinese.
fn told(rejection: &Rejection) -> (RewardErrorCode, &'static str, &'static str, &'static str) {
    use RewardErrorCode as Code;
    match rejection {
        Rejection::RewardUnknown => (Code::RewardUnknown, "id", "There is no such reward.", "没有这个礼品。"),
        Rejection::RevisionConflict { .. } => (
            Code::RevisionConflict,
            "expectedRevision",
            "Somebody changed the reward in the meantime. Look at it again.",
            "礼品已被他人修改，请重新查看。",
        ),
        Rejection::Ended => (Code::RewardEnded, "id", "This reward was ended.", "该礼品已下架。"),
        Rejection::NameInvalid => {
            (Code::NameInvalid, "name", "A name has 1 to 100 characters.", "名称需为 1 至 100 个字符。")
        }
        Rejection::DescriptionInvalid => (
            Code::DescriptionInvalid,
            "description",
            "A description has up to 1,000 characters.",
            "说明最多 1,000 个字符。",
        ),
        Rejection::ImageInvalid => (
            Code::ImageInvalid,
            "imageUrl",
            "An image has an address that begins with https:// or http://.",
            "图片地址须以 https:// 或 http:// 开头。",
        ),
        Rejection::PointsPriceInvalid => (
            Code::PriceInvalid,
            "pointsPrice",
            "A reward costs 1 to 2,147,483,647 points.",
            "礼品所需积分须为 1 至 2,147,483,647。",
        ),
        Rejection::MoneyPriceInvalid => (
            Code::PriceInvalid,
            "moneyPrice",
            "Money beside the points is an amount of the currency above 0, or none.",
            "加钱的金额须大于 0 且符合货币的最小单位，或不填。",
        ),
        Rejection::TierPriceInvalid => (
            Code::TierPriceInvalid,
            "tierPrices",
            "A tier is listed once, with 1 point or more, and money above 0 or none.",
            "每个等级只能设置一个价格，至少 1 积分，金额须大于 0。",
        ),
        Rejection::TierUnknown => {
            (Code::TierUnknown, "tierPrices", "The program has no such tier.", "没有这个会员等级。")
        }
        Rejection::AudienceTierUnknown => (
            Code::TierUnknown,
            "audience",
            "The audience names a tier that the program does not have.",
            "适用人群引用了不存在的会员等级。",
        ),
        Rejection::SegmentUnknown => (
            Code::SegmentUnknown,
            "audience",
            "The audience names a segment that there is not.",
            "适用人群引用了不存在的分群。",
        ),
        Rejection::TermsInvalid(term) => told_of_term(*term),
        Rejection::ProductUnknown => (
            Code::ProductUnknown,
            "productId",
            "Goods and a coupon for a product name a product there is, and other rewards name none.",
            "实物礼品和商品券须指定存在的商品，其他礼品不能指定商品。",
        ),
        Rejection::PeriodInvalid => (
            Code::PeriodInvalid,
            "endsAt",
            "The reward would end before it starts, or has to end later than now.",
            "结束时间须晚于开始时间和当前时间。",
        ),
        Rejection::AudienceInvalid(_) => (
            Code::AudienceInvalid,
            "audience",
            "An audience lists 1 to 100 values, in up to 50 conditions nested up to 5 deep, and can hold for somebody; a tag has \
             1 to 50 characters.",
            "适用人群须列出 1 至 100 个值，最多 50 个条件、嵌套 5 层，且须有人能够满足；标签须为 1 至 50 个字符。",
        ),
        Rejection::AudienceNotOfMember => (
            Code::AudienceNotOfMember,
            "audience",
            "An audience asks about the member alone.",
            "适用人群只能按会员本身设定条件。",
        ),
        Rejection::LimitInvalid => {
            (Code::LimitInvalid, "limit", "A limit is 1 piece or more.", "每人限兑数量至少为 1。")
        }
        Rejection::StockInvalid => (
            Code::StockInvalid,
            "stock",
            "Pieces are 0 or more, and those of codes are not set.",
            "库存不能为负；兑换码的库存由导入的数量决定。",
        ),
        Rejection::StockBelowUsed { .. } => (
            Code::StockBelowUsed,
            "stock",
            "More pieces than that were redeemed already.",
            "已兑换的数量超过了该库存。",
        ),
    }
}

fn told_of_term(term: Term) -> (RewardErrorCode, &'static str, &'static str, &'static str) {
    let (field, english, chinese) = match term {
        Term::Value => (
            "couponValue",
            "A coupon of an amount or a percentage has a value above 0, and other rewards have none.",
            "代金券和折扣券须有大于 0 的面值或封顶金额，其他礼品不能有。",
        ),
        Term::Percent => (
            "couponPercent",
            "A coupon of a percentage takes off more than 0 and at most 100 percent, with up to two decimals; other rewards \
             have no percentage.",
            "折扣券的百分比须大于 0 且不超过 100，最多两位小数；其他礼品不能有百分比。",
        ),
        Term::Minimum => (
            "minimumSpend",
            "A coupon may have a minimum above 0, and other rewards have none.",
            "优惠券的最低消费须大于 0，其他礼品不能有最低消费。",
        ),
        Term::Validity => (
            "couponValidDays",
            "A coupon may be good for 1 to 36,500 days, and other rewards have no validity.",
            "优惠券的有效期须为 1 至 36,500 天，其他礼品不能有有效期。",
        ),
    };
    (RewardErrorCode::TermsInvalid, field, english, chinese)
}

fn payload(ctx: &Context<'_>, saved: Saved) -> Result<RewardPayload> {
    ctx.reader().forget();
    let language = ctx.caller().language;
    let (reward, wrong) = match saved? {
        Ok(reward) => (Some(RewardObject(reward)), Vec::new()),
        Err(wrong) => (None, wrong),
    };
    Ok(RewardPayload { reward, user_errors: wrong.iter().map(|rejection| user_error(rejection, language)).collect() })
}

fn currency(ctx: &Context<'_>) -> Currency {
    App::of(ctx).programs.latest().currency.parse().unwrap_or(Currency::Cny)
}

#[derive(Default)]
pub struct ChangeRewardMutation;

#[Object]
impl ChangeRewardMutation {
    /// Makes a reward (礼品). For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn create_reward(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reward.")] input: CreateRewardInput,
    ) -> Result<RewardPayload> {
        ctx.caller().actor.staff()?;
        let kind = input.kind.into();
        // An id that is not a product's is answered like that of one that does not exist.
        let product = input.product_id.as_ref();
        let product = product.map(|id| GlobalId::row_of(NodeKind::Product, id).unwrap_or_default());
        match input.change(currency(ctx)) {
            Ok(change) => payload(ctx, create_reward(App::of(ctx), &ctx.caller().actor, kind, product, change).await),
            Err(rejection) => payload(ctx, Ok(Err(vec![rejection]))),
        }
    }

    /// Changes a reward. A new revision is made, which holds at once; what was redeemed, and its coupons, keep what they
    /// were worth. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn update_reward(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be changed.")] input: UpdateRewardInput,
    ) -> Result<RewardPayload> {
        ctx.caller().actor.staff()?;
        let (id, expected) = (GlobalId::row_of(NodeKind::Reward, &input.id), input.expected_revision.into());
        match input.change(currency(ctx)) {
            Ok(change) => payload(ctx, update_reward(App::of(ctx), &ctx.caller().actor, id, expected, change).await),
            Err(rejection) => payload(ctx, Ok(Err(vec![rejection]))),
        }
    }

    /// Ends a reward for good. Its coupons stay good. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for
    /// other members.
    async fn end_reward(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reward.")] input: EndRewardInput,
    ) -> Result<RewardPayload> {
        let (id, expected) = (GlobalId::row_of(NodeKind::Reward, &input.id), input.expected_revision.into());
        payload(ctx, end_reward(App::of(ctx), &ctx.caller().actor, id, expected).await)
    }
}
