//! What a basket would earn, in the schema.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::commit::preview::More;
use crate::domain::earning::graphql::{EarningRuleObject, Names, Teller, explain, explain_tier, names_in, tell};
use crate::domain::earning::rule::condition::Missing;
use crate::domain::earning::rule::reckon::Share;
use crate::domain::earning::rule::terms::Rules;
use crate::domain::order::graphql::order::OrderChannel;
use crate::domain::order::graphql::place_order::OrderLineInput;
use crate::domain::order::graphql::place_order_error::{PlaceOrderUserError, user_error};
use crate::domain::order::rule::PricedLine;
use crate::domain::order::service::{Basket, EarnPreview, preview_earn};
use crate::domain::points::graphql::PointsPurse;
use crate::domain::tier::graphql::TierObject;
use crate::domain::tier::query::TierRevision;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind, global};
use crate::gql::input::plain;
use crate::gql::scalar::{MoneyObject, int, money};

/// A basket that may become an order.
#[derive(InputObject)]
pub struct PreviewEarnInput {
    /// 1 to 100 lines.
    lines: Vec<OrderLineInput>,
    /// One of the member's own coupons.
    coupon_code: Option<String>,
    /// Points to pay part of it with. None if it is left out.
    points: Option<i32>,
    /// Whose points these are.
    #[graphql(default)]
    points_from: PointsPurse,
    /// By which way it would come.
    channel: Option<OrderChannel>,
    /// The outlet where it would be placed.
    outlet_id: Option<ID>,
    /// The member whose basket it is, by global id; whoever asks, if it is left out. Another one's is for staff.
    member_id: Option<ID>,
}

/// What an earning rule, or the member's tier, would give of the points of a basket.
pub struct EarnPreviewShare {
    share: Share,
    rules: Arc<Rules>,
}

/// A part of the points that a basket would earn, beside what the program's own rate gives: an earning rule's, or the
/// tier's of the member. One of `rule` and `tier` is there.
#[Object]
impl EarnPreviewShare {
    /// The earning rule that gives it; null for what the member's tier gives.
    async fn rule(&self) -> Option<EarningRuleObject> {
        self.rules.get(self.share.rule.id).map(|rule| EarningRuleObject(Arc::new(rule.clone())))
    }

    /// The member's tier (等级) that gives it by its multiplier; null for what a rule gives.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<TierObject>> {
        if !self.share.of_tier {
            return Ok(None);
        }
        let tier = TierRevision(self.share.rule.id, self.share.rule.revision);
        Ok(Some(TierObject(ctx.reader().get(tier).await?)))
    }

    /// Points it would give.
    async fn points(&self) -> i32 {
        int(self.share.points)
    }

    /// Points it would give without caps and budget.
    async fn due(&self) -> i32 {
        int(self.share.due)
    }

    /// What gives it, in words, in the language of the request.
    async fn explanation(&self, ctx: &Context<'_>) -> Result<String> {
        match (self.rules.get(self.share.rule.id), self.tier(ctx).await?) {
            (Some(rule), _) => explain(ctx, rule).await,
            (None, Some(TierObject(tier))) => Ok(explain_tier(ctx, &tier)),
            (None, None) => Ok(String::new()),
        }
    }
}

/// A line of a basket with the points it would earn.
#[derive(SimpleObject)]
pub struct EarnPreviewLine {
    /// The product's global id.
    product_id: ID,
    /// Pieces.
    quantity: i32,
    /// Its price after discounts.
    total: MoneyObject,
    /// Its share of the points, the earning rules' included.
    points_earned: i32,
}

/// An earning rule that would give something if there were more in the basket (还差多少可得). What the program's own rate
/// and other rules give for the addition comes on top.
#[derive(SimpleObject)]
pub struct EarnMore {
    /// The rule.
    rule: EarningRuleObject,
    /// Points the rule itself would give then, by its caps and its budget.
    points: i32,
    /// So much money is missing; null if it is pieces that are.
    missing_spend: Option<MoneyObject>,
    /// So many pieces are missing; null if it is money that is.
    missing_quantity: Option<i32>,
    /// What to do for how many points, in words, in the language of the request.
    message: String,
}

/// What a basket would earn if it were ordered now (预计积分).
#[derive(SimpleObject)]
#[graphql(name = "EarnPreview")]
pub struct EarnPreviewObject {
    /// Points in all.
    points: i32,
    /// What the program's own rate gives of them.
    base: i32,
    /// What the basket costs after discounts.
    total: MoneyObject,
    /// What the member's tier gives, if it multiplies, then what each rule gives, in the order in which they are applied.
    shares: Vec<EarnPreviewShare>,
    /// Rules that apply and have nothing left to give: by a cap or their budget.
    spent: Vec<EarnPreviewShare>,
    /// Each line's share of the points, in the order of the lines.
    lines: Vec<EarnPreviewLine>,
    /// What would earn more, the rules that come first in front, up to 20.
    more: Vec<EarnMore>,
}

/// What a basket would earn, or why it could not be ordered.
#[derive(SimpleObject)]
pub struct PreviewEarnPayload {
    /// What it would earn; null when there are user errors.
    preview: Option<EarnPreviewObject>,
    /// Why it could not be ordered as it is.
    user_errors: Vec<PlaceOrderUserError>,
}

async fn show(ctx: &Context<'_>, found: EarnPreview) -> Result<EarnPreviewObject> {
    let EarnPreview { program, rules, priced, earned, more } = found;
    let shares = |shares: Vec<Share>| -> Vec<EarnPreviewShare> {
        shares.into_iter().map(|share| EarnPreviewShare { share, rules: rules.clone() }).collect()
    };
    let line = |(line, points): (&PricedLine, &i64)| EarnPreviewLine {
        product_id: global(NodeKind::Product, line.item.product_id),
        quantity: int(line.item.quantity),
        total: money(line.item.net, &program.currency),
        points_earned: int(*points),
    };
    let shown = more.iter().map(|more| show_more(ctx, more, &rules, &program.currency));
    Ok(EarnPreviewObject {
        points: int(earned.points),
        base: int(earned.base),
        total: money(priced.total, &program.currency),
        lines: priced.lines.iter().zip(&earned.by_line).map(line).collect(),
        more: futures_util::future::try_join_all(shown).await?.into_iter().flatten().collect(),
        shares: shares(earned.shares),
        spent: shares(earned.spent),
    })
}

async fn show_more(ctx: &Context<'_>, more: &More, rules: &Rules, currency: &str) -> Result<Option<EarnMore>> {
    let Some(rule) = rules.get(more.rule.id) else { return Ok(None) };
    let names: Names = names_in(ctx, &rule.terms.condition).await?;
    let message = tell(ctx, &names, |teller: &Teller| teller.more(more.missing, more.of.as_ref(), more.points));
    let (missing_spend, missing_quantity) = match more.missing {
        Missing::Spend(amount) => (Some(money(amount, currency)), None),
        Missing::Quantity(pieces) => (None, Some(int(pieces))),
    };
    let rule = EarningRuleObject(Arc::new(rule.clone()));
    Ok(Some(EarnMore { rule, points: int(more.points), missing_spend, missing_quantity, message }))
}

#[derive(Default)]
pub struct PreviewEarnQuery;

#[Object]
impl PreviewEarnQuery {
    /// What a basket would earn if it were ordered now, and what would earn more: exactly what `placeOrder` would give at
    /// this moment. For whoever asks; a visitor is told what they would earn as a new member. Nothing is reserved.
    /// With `memberId` of another member: `UNAUTHENTICATED` without a session, `FORBIDDEN` for all but staff.
    async fn preview_earn(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The basket.")] input: PreviewEarnInput,
    ) -> Result<PreviewEarnPayload> {
        let (app, caller) = (App::of(ctx), ctx.caller());
        let basket = Basket {
            lines: input.lines.iter().map(OrderLineInput::row).collect(),
            coupon_code: input.coupon_code.map(|code| plain(code.trim().to_uppercase())).transpose()?,
            points: i64::from(input.points.unwrap_or(0)),
            purse: input.points_from.into(),
            channel: input.channel.map(Into::into),
            outlet_id: input.outlet_id.map(|id| GlobalId::row_of(NodeKind::Outlet, &id)),
            member_id: input.member_id.map(|id| GlobalId::row_of(NodeKind::Member, &id)),
            asks_for_more: ctx.look_ahead().field("preview").field("more").exists(),
        };
        Ok(match preview_earn(app, &caller.actor, basket).await? {
            Ok(found) => PreviewEarnPayload { preview: Some(show(ctx, found).await?), user_errors: Vec::new() },
            Err(rejection) => {
                let error = user_error(&rejection, caller.language, &app.programs.latest().currency);
                PreviewEarnPayload { preview: None, user_errors: vec![error] }
            }
        })
    }
}
