//! The program in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};

use crate::domain::points::entity::{RoundingKind, program};
use crate::domain::points::query::NewestProgram;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::scalar::{CurrencyCode, MoneyObject, int, money};

/// How a fraction of a point is rounded. It happens once an order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RoundingKind")]
pub enum Rounding {
    /// Down to the whole point.
    Floor,
    /// Half a point and more goes up.
    HalfUp,
    /// Up to the whole point.
    Ceil,
}

/// So many points for, or worth, so much money.
#[derive(SimpleObject)]
pub struct PointsRate {
    /// Points.
    points: i32,
    /// The money that earns them, or that they are worth.
    money: MoneyObject,
}

/// The rules by which points are earned and redeemed.
pub struct LoyaltyProgramObject(pub Arc<program::Model>);

/// The rules by which points are earned and redeemed. Anybody may read them.
#[Object(name = "LoyaltyProgram")]
impl LoyaltyProgramObject {
    /// What the program is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Which version of the rules this is; each ledger entry keeps the version it was decided with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The currency of all prices and coupons.
    async fn currency_code(&self) -> CurrencyCode {
        money(0, &self.0.currency).currency()
    }

    /// P: the points a purchase earns, `points = money × P`, on the net total of an order.
    async fn earn_rate(&self) -> PointsRate {
        PointsRate { points: int(self.0.earn_points), money: money(self.0.earn_minor, &self.0.currency) }
    }

    /// R: what points are worth, `money = points × R`.
    async fn exchange_rate(&self) -> PointsRate {
        PointsRate { points: int(self.0.exchange_points), money: money(self.0.exchange_minor, &self.0.currency) }
    }

    /// How a fraction of a point is rounded, once an order.
    async fn rounding(&self) -> Rounding {
        self.0.rounding.into()
    }

    /// The IANA time zone in which the program's days begin.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// The rules in words, in the language of the request.
    async fn description(&self, ctx: &Context<'_>) -> String {
        let program = &self.0;
        let amount = |minor| money(minor, &program.currency).in_words();
        let (earn, worth) = (amount(program.earn_minor), amount(program.exchange_minor));
        ctx.caller().language.say(
            format!(
                "Every {earn} earns {} points, rounded once an order. {} points are worth {worth}. Points do not expire.",
                program.earn_points, program.exchange_points
            ),
            format!(
                "每消费 {earn} 获得 {} 积分，按订单取整一次；{} 积分抵 {worth}。积分长期有效。",
                program.earn_points, program.exchange_points
            ),
        )
    }
}

#[derive(Default)]
pub struct PointsQuery;

#[Object]
impl PointsQuery {
    /// The rules by which points are earned and redeemed. Anybody may read them.
    async fn loyalty_program(&self, ctx: &Context<'_>) -> Result<LoyaltyProgramObject> {
        Ok(LoyaltyProgramObject(ctx.reader().get(NewestProgram).await?))
    }
}
