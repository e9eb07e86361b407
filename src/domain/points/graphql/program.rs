//! The program in the schema.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Object};

use crate::app::App;
use crate::base::error::Error;
use crate::db::keyset::Cursor;
use crate::domain::earning::graphql::EarningRuleObject;
use crate::domain::member::query::MemberKey;
use crate::domain::points::entity::program;
use crate::domain::points::graphql::settings::{
    EarnBasis, PointsRate, PointsValidity, RedemptionRules, Rounding, ShortfallPolicy, TransferRules,
};
use crate::domain::points::graphql::words;
use crate::domain::points::query::NewestProgram;
use crate::domain::points::service::update_program::{list_versions, may_see_author};
use crate::domain::tier::graphql::TierSetObject;
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::scalar::{CurrencyCode, DateTime, int, money};

/// A version of the rules by which points are earned and redeemed.
pub struct LoyaltyProgramObject(pub Arc<program::Model>);

/// The rules by which points are earned and redeemed, in one version. A version never changes. Anybody may read the one
/// that holds now.
#[Object(name = "LoyaltyProgram")]
impl LoyaltyProgramObject {
    /// The earning rules of this version by which members earn now, those that come first in front. At most 200.
    async fn earning_rules(&self, ctx: &Context<'_>) -> Result<Vec<EarningRuleObject>> {
        let app = App::of(ctx);
        let rules = app.rules.get(&app.db.read, self.0.version).await.map_err(Error::from)?;
        let now = app.clock.now();
        let running = rules.all().iter().filter(|rule| rule.is_running(now));
        Ok(running.map(|rule| EarningRuleObject(Arc::new(rule.clone()))).collect())
    }

    /// The tiers (会员等级) of this version; null where it has none.
    async fn tiers(&self, ctx: &Context<'_>) -> Result<Option<TierSetObject>> {
        let app = App::of(ctx);
        let set = app.tiers.get(&app.db.read, self.0.version).await.map_err(Error::from)?;
        Ok(set.map(TierSetObject))
    }

    /// What the program is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Which version of the rules this is, from 1 on; each ledger entry keeps the version it was decided with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The currency of all prices and coupons. It is the same in every version.
    async fn currency_code(&self) -> CurrencyCode {
        money(0, &self.0.currency).currency()
    }

    /// P: the points a purchase earns (积分比例), `points = money × P`, on the net total of an order.
    async fn earn_rate(&self) -> PointsRate {
        PointsRate::of(self.0.earn_points, self.0.earn_minor, &self.0.currency)
    }

    /// Which parts of an order's price earn points.
    async fn earn_basis(&self) -> EarnBasis {
        let program = &self.0;
        EarnBasis { tax: program.earn_on_tax, shipping: program.earn_on_shipping, points_paid: program.earn_on_points }
    }

    /// R: what points are worth (兑换比例), `money = points × R`.
    async fn exchange_rate(&self) -> PointsRate {
        PointsRate::of(self.0.exchange_points, self.0.exchange_minor, &self.0.currency)
    }

    /// How a fraction of a point is rounded, once an order.
    async fn rounding(&self) -> Rounding {
        self.0.rounding.into()
    }

    /// How many points an order may be paid with.
    async fn redemption(&self) -> RedemptionRules {
        RedemptionRules {
            minimum: int(self.0.redemption_minimum),
            step: int(self.0.redemption_step),
            payable_percent: int(self.0.payable_percent),
        }
    }

    /// Local days after the day of delivery in which an order may be returned, and for which its points are pending.
    /// Null: points can be spent as soon as the order is paid. 0: as soon as it is delivered.
    async fn return_window_days(&self) -> Option<i32> {
        self.0.return_window_days.map(int)
    }

    /// How long points are good.
    async fn validity(&self) -> PointsValidity {
        PointsValidity { kind: self.0.validity.into(), count: int(self.0.validity_count) }
    }

    /// How many days points are good that come back with a return after they had expired; 0 forfeits them.
    async fn grace_days(&self) -> i32 {
        int(self.0.grace_days)
    }

    /// What becomes of points that should be taken back with a return, and are spent.
    async fn shortfall_policy(&self) -> ShortfallPolicy {
        self.0.shortfall.into()
    }

    /// The most points a member may owe; what is more is written off. Null is without limit.
    async fn debt_limit(&self) -> Option<i32> {
        self.0.debt_limit.map(int)
    }

    /// The longest that points may be set aside for an open payment, in minutes.
    async fn hold_minutes(&self) -> i32 {
        int(self.0.hold_minutes)
    }

    /// Giving points to another member.
    async fn transfers(&self) -> TransferRules {
        TransferRules {
            policy: self.0.transfers.into(),
            minimum: int(self.0.transfer_minimum),
            daily_limit: self.0.transfer_daily_limit.map(int),
        }
    }

    /// An adjustment of more points than this needs a second member of staff.
    async fn approval_threshold(&self) -> i32 {
        int(self.0.approval_threshold)
    }

    /// Days after their expiry in which points may be reinstated by staff; 0 is never.
    async fn reinstatement_days(&self) -> i32 {
        int(self.0.reinstatement_days)
    }

    /// Members a household may have, who earn points together; 0 when there are no households.
    async fn household_size(&self) -> i32 {
        int(self.0.household_size)
    }

    /// The IANA time zone in which the program's days begin.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// When this version was made.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }

    /// The member number of the member of staff who made this version. Null for the first version, and for everybody but
    /// staff.
    async fn author_number(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(author) = self.0.author_id.filter(|_| may_see_author(&ctx.caller().actor)) else { return Ok(None) };
        Ok(ctx.reader().find(MemberKey(author)).await?.map(|member| member.number.clone()))
    }

    /// The rules that members ask for, in words, in the language of the request: the two rates, when points can be spent
    /// and how long.
    async fn description(&self, ctx: &Context<'_>) -> String {
        words::describe(&self.0, ctx.caller().language)
    }
}

/// Beside the edges of a list of versions.
pub struct VersionTotals;

/// Beside the edges of a list of versions.
#[Object]
impl VersionTotals {
    /// How many versions there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        // They are numbered from 1 without a gap.
        Ok(int(ctx.reader().get(NewestProgram).await?.version))
    }
}

pub type LoyaltyProgramConnection = Connection<Opaque, LoyaltyProgramObject, VersionTotals>;

#[derive(Default)]
pub struct PointsQuery;

#[Object]
impl PointsQuery {
    /// The rules by which points are earned and redeemed now. Anybody may read them.
    async fn loyalty_program(&self, ctx: &Context<'_>) -> Result<LoyaltyProgramObject> {
        Ok(LoyaltyProgramObject(ctx.reader().get(NewestProgram).await?))
    }

    /// Every version of these rules, newest first. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for
    /// other members.
    async fn loyalty_program_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<LoyaltyProgramConnection> {
        let page = PageArgs { first, after, last, before }.by_number()?;
        let slice = list_versions(App::of(ctx), &ctx.caller().actor, page).await?;
        Ok(connection(&slice, VersionTotals, |row| Cursor::Number(row.version).into(), LoyaltyProgramObject))
    }
}
