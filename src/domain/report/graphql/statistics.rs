//! How the program does, in the schema.

use async_graphql::{Context, Enum, Object};
use rust_decimal::{Decimal as Exact, RoundingStrategy};

use crate::app::App;
use crate::base::error::Error;
use crate::domain::earning::graphql::EarningRuleObject;
use crate::domain::earning::query::NewestRevision;
use crate::domain::report::entity::Figure;
use crate::domain::report::graphql::query::{ReportPeriod, told};
use crate::domain::report::rule::period::Period;
use crate::domain::report::rule::tally::{Group, GroupBy, Tally};
use crate::domain::report::service::statistics::{MOST_ROWS, Refused, Statistics, program_statistics};
use crate::domain::tier::graphql::TierObject;
use crate::domain::tier::query::TierKey;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::in_turn::InTurn;
use crate::gql::language::Language;
use crate::gql::scalar::{BigInt, Date, DateTime, Decimal, MoneyObject, money};

/// By what the rows of a period are told apart.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "GroupBy")]
pub enum StatisticsGroupBy {
    /// By nothing: a row a period.
    #[graphql(name = "NONE")]
    Nothing,
    /// By the tier (等级) that members had when it happened.
    Tier,
    /// By what gave points: the program's own rate, earning rules (获取规则) and multipliers of tiers.
    Rule,
}

/// How the program did over some days.
pub struct ProgramStatistics {
    from: Date,
    to: Date,
    read: Statistics,
}

/// How the program did over some days (积分统计). For staff only.
#[Object]
impl ProgramStatistics {
    /// The first day.
    async fn from(&self) -> Date {
        self.from
    }

    /// The last day, included.
    async fn to(&self) -> Date {
        self.to
    }

    /// The IANA time zone of the program as it is now. Each thing counts on the day that it was in the program's zone when
    /// it was counted.
    async fn time_zone(&self) -> &str {
        &self.read.program.time_zone
    }

    /// Everything that was recorded before this moment is counted; of what came later, some may be.
    async fn counted_until(&self) -> DateTime {
        DateTime(self.read.counted_until)
    }

    /// Oldest first. When they are told apart, those of which something was counted.
    async fn rows(&self) -> Vec<InTurn<StatisticsRow>> {
        let currency = &self.read.program.currency;
        let rows = self.read.rows.iter().map(|(period, group, tally)| {
            InTurn(StatisticsRow { period: *period, group: *group, tally: tally.clone(), currency: currency.clone() })
        });
        rows.collect()
    }
}

/// A period, or a tier or a source of points within it.
#[derive(Clone)]
pub struct StatisticsRow {
    period: Period,
    group: Group,
    tally: Tally,
    currency: String,
}

impl StatisticsRow {
    /// What is not of points that something gave is of no rule.
    fn whole(&self, figure: Figure) -> Option<i64> {
        let is_given = matches!(self.group, Group::Base | Group::Rule(_) | Group::Multiplier(_));
        (!is_given).then(|| self.tally.of(figure))
    }

    fn issued_less_taken_back(&self) -> i64 {
        self.tally.of(Figure::Issued) - self.tally.of(Figure::Revoked)
    }
}

/// The figures of a period, or of a tier or a rule within it. Everything counts when it was recorded. Members who were
/// merged, and points that members give each other, change nothing.
#[Object]
impl StatisticsRow {
    /// The first day.
    async fn from(&self) -> Date {
        Date(self.period.first)
    }

    /// The last day, included.
    async fn to(&self) -> Date {
        Date(self.period.last)
    }

    /// The tier that members had when it happened, with rows by tier; null for what is of no tier, such as points of a
    /// household that expired. With rows by rule, the tier whose multiplier gave the points. It is shown as it was in the
    /// last revision that had it.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<TierObject>> {
        match self.group {
            Group::Tier(Some(id)) | Group::Multiplier(id) => Ok(ctx.reader().find(TierKey(id)).await?.map(TierObject)),
            _ => Ok(None),
        }
    }

    /// The rule that gave the points, in its newest revision, with rows by rule. Null with `tier` null as well is the
    /// program's own rate (基础获取比例).
    async fn rule(&self, ctx: &Context<'_>) -> Result<Option<EarningRuleObject>> {
        match self.group {
            Group::Rule(id) => Ok(ctx.reader().find(NewestRevision(id)).await?.map(EarningRuleObject)),
            _ => Ok(None),
        }
    }

    /// Points earned (发放), pending ones too, also those of imported purchases on the day of the import.
    async fn issued(&self) -> BigInt {
        BigInt(self.tally.of(Figure::Issued))
    }

    /// Points that returns took back (扣回).
    async fn taken_back(&self) -> BigInt {
        BigInt(self.tally.of(Figure::Revoked))
    }

    /// Points earned, less those that were taken back in the same period, from whichever period they were.
    async fn net_issued(&self) -> BigInt {
        BigInt(self.issued_less_taken_back())
    }

    /// Points spent (兑换), less those that returns and cancelled redemptions gave back. Null with rows by rule.
    async fn redeemed(&self) -> Option<BigInt> {
        self.whole(Figure::Redeemed).map(BigInt)
    }

    /// Points that expired (过期). Null with rows by rule.
    async fn expired(&self) -> Option<BigInt> {
        self.whole(Figure::Expired).map(BigInt)
    }

    /// `redeemed / issued` (兑换率) with four decimals, rounded half up: `"0.2500"` is a quarter. Null when nothing was
    /// issued, and with rows by rule.
    async fn redemption_rate(&self) -> Option<Decimal> {
        let redeemed = Exact::from(self.whole(Figure::Redeemed)?);
        let rate = redeemed.checked_div(Exact::from(self.tally.of(Figure::Issued)))?;
        let mut rate = rate.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
        rate.rescale(4);
        Some(Decimal(rate))
    }

    /// Members who earned points with orders and events, or spent some (活跃会员), each counted once in the row; whoever was
    /// merged is the member they are by now. Null with rows by rule.
    async fn active_members(&self) -> Option<BigInt> {
        self.whole(Figure::Orders).map(|_| BigInt(self.tally.active_members))
    }

    /// Orders placed (订单数); not purchases of the past that were imported. Null with rows by rule.
    async fn orders(&self) -> Option<BigInt> {
        self.whole(Figure::Orders).map(BigInt)
    }

    /// Money paid for these, after discounts and points (消费额). What came back is in `refunded`. Null with rows by rule.
    async fn spend(&self) -> Option<MoneyObject> {
        self.whole(Figure::Spend).map(|minor| money(minor, &self.currency))
    }

    /// Money that returns gave back (退款额). Null with rows by rule.
    async fn refunded(&self) -> Option<MoneyObject> {
        self.whole(Figure::Refunded).map(|minor| money(minor, &self.currency))
    }

    /// Customers who became members (新会员); with rows by tier, in the lowest. Null with rows by rule.
    async fn new_members(&self) -> Option<BigInt> {
        self.whole(Figure::NewMembers).map(BigInt)
    }
}

#[derive(Default)]
pub struct StatisticsQuery;

#[Object]
impl StatisticsQuery {
    /// How the program does (积分统计): points, members, orders and money by day, week or month. It is read from sums that a
    /// worker keeps while things happen, so it takes no longer with a long past, and may be some seconds behind:
    /// `countedUntil` says how far it is. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other
    /// members. `BAD_USER_INPUT` when the days are no period, or make more than 400 periods or 4,000 rows.
    async fn program_statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day, included.")] to: Date,
        #[graphql(desc = "How long each period is.")] by: ReportPeriod,
        #[graphql(desc = "By what the rows of a period are told apart.", default_with = "StatisticsGroupBy::Nothing")]
        group_by: StatisticsGroupBy,
    ) -> Result<ProgramStatistics> {
        let caller = ctx.caller();
        let days = (from.0, to.0);
        let read = program_statistics(App::of(ctx), &caller.actor, days, by.into(), group_by.into()).await?;
        let read = read.map_err(|refused| match refused {
            Refused::Days(flaw) => told(flaw, caller.language),
            Refused::TooManyRows => too_many_rows(caller.language),
        })?;
        Ok(ProgramStatistics { from, to, read })
    }
}

fn too_many_rows(language: Language) -> Error {
    Error::bad_input(language.say(
        format!("These days make more than {MOST_ROWS} rows. Ask for fewer days, or longer periods."),
        format!("结果超过 {MOST_ROWS} 行，请缩短期间或改用更长的周期。"),
    ))
}
