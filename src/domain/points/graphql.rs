//! The program, the account and the ledger in the schema.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use crate::app::App;
use crate::base::id::Id;
use crate::db::keyset::Cursor;
use crate::domain::order::graphql::OrderObject;
use crate::domain::order::query::OrderKey;
use crate::domain::points::entity::{Cause, RoundingKind, TxnKind, program, txn};
use crate::domain::points::query::{BalanceAt, EntriesOf, EntryCount, LapsedOf, WalletOf};
use crate::domain::reward::graphql::RedemptionObject;
use crate::domain::reward::query::RedemptionKey;
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{CurrencyCode, DateTime, MoneyObject, int, money};

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

/// What a ledger entry is. The names are the field's own.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "TxnKind")]
pub enum PointsEntryType {
    /// Points earned, 获取.
    Accrual,
    /// Pending points became spendable, 生效.
    Activation,
    /// Points set aside, 冻结.
    Hold,
    /// Points set aside came back, 解冻.
    Release,
    /// Points spent on a reward, 兑换.
    Redemption,
    /// Spent points given back, 退还.
    Refund,
    /// Points reached the end of their validity, 过期.
    Expiration,
    /// Expired points given again, 恢复.
    Reinstatement,
    /// Earned points taken back with a return, 扣回.
    Clawback,
    /// Points that paid a debt of points, 偿还欠分.
    DebtRepayment,
    /// A debt the shop gave up, 核销.
    WriteOff,
    /// A debt taken off the money refunded, 以款抵分.
    MoneySettlement,
    /// Points given to another member, 转出.
    TransferOut,
    /// Points another member gave, 转入.
    TransferIn,
    /// Points corrected by the shop, 调整.
    Adjustment,
}

/// A member's points.
pub struct PointsAccountObject {
    pub member_id: Id,
}

/// A member's points. Only the member and staff may read it.
#[Object(name = "PointsAccount")]
impl PointsAccountObject {
    /// Points that can be spent now.
    async fn active(&self, ctx: &Context<'_>) -> Result<i32> {
        let Some(wallet) = ctx.reader().find(WalletOf(self.member_id)).await? else { return Ok(0) };
        let now = App::of(ctx).clock.now();
        // `next_due` makes it free to know that nothing has expired since the last sweep.
        let lapsed = match wallet.next_due {
            Some(due) if due <= now.micros() => ctx.reader().find(LapsedOf(self.member_id, now)).await?.unwrap_or(0),
            _ => 0,
        };
        Ok(int(wallet.posted - wallet.held - lapsed))
    }

    /// Everything that ever happened to the points, newest first.
    async fn points_ledger(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<PointsEntryConnection> {
        let page = PageArgs { first, after, last, before }.by_number()?;
        let slice = ctx.reader().get(EntriesOf(self.member_id, page)).await?;
        let totals = LedgerTotals { member_id: self.member_id };
        Ok(connection(&slice, totals, |txn| Cursor::Number(txn.seq).into(), |txn| InTurn(PointsEntryObject(txn))))
    }

    /// The points that could be spent right after everything that had taken effect by a moment; 0 before the first.
    async fn balance_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The moment, included.")] time: DateTime,
    ) -> Result<i32> {
        let program_id = App::of(ctx).program.id;
        let key = BalanceAt { member_id: self.member_id, program_id, moment: time.0 };
        Ok(int(ctx.reader().find(key).await?.unwrap_or(0)))
    }
}

/// Beside the edges of a ledger.
pub struct LedgerTotals {
    member_id: Id,
}

/// Beside the edges of a ledger.
#[Object]
impl LedgerTotals {
    /// How many entries there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(EntryCount(self.member_id)).await?.unwrap_or(0)))
    }
}

pub type PointsEntryConnection = Connection<Opaque, InTurn<PointsEntryObject>, LedgerTotals>;

/// One transaction of the ledger.
pub struct PointsEntryObject(pub Arc<txn::Model>);

/// One transaction of the ledger as its member sees it.
#[Object(name = "PointsEntry")]
impl PointsEntryObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::PointsEntry, self.0.member_id, self.0.id)
    }

    /// What it is.
    #[graphql(name = "type")]
    async fn kind(&self) -> PointsEntryType {
        self.0.kind.into()
    }

    /// Points that came (positive) or went (negative).
    async fn points(&self) -> i32 {
        int(self.0.points)
    }

    /// Points that could be spent right after it.
    async fn balance_after(&self) -> i32 {
        int(self.0.available_after)
    }

    /// Why it happened, in the language of the request.
    async fn reason(&self, ctx: &Context<'_>) -> Option<String> {
        let language = ctx.caller().language;
        self.0.reason.clone().or_else(|| {
            Some(match self.0.cause {
                Cause::Order => language.say("Purchase", "购物"),
                Cause::ImportedOrder => language.say("Purchase from before the shop moved in", "迁移的历史购物"),
                Cause::Redemption => language.say("Reward", "兑换礼品"),
                Cause::Return => language.say("Return", "退货"),
                Cause::Hold => language.say("Points set aside", "积分冻结"),
                Cause::Lot => language.say("Validity of points", "积分有效期"),
                Cause::Transfer => language.say("Transfer", "积分转赠"),
                Cause::Adjustment => language.say("Adjustment by the shop", "商家调整"),
            })
        })
    }

    /// When it took effect: for an imported purchase the day it was made.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.effective_at)
    }

    /// The order that made it, if one did.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<InTurn<OrderObject>>> {
        match self.0.cause {
            Cause::Order | Cause::ImportedOrder => {
                let order = ctx.reader().find(OrderKey(self.0.member_id, self.0.source_id)).await?;
                Ok(order.map(|order| InTurn(OrderObject(order))))
            }
            _ => Ok(None),
        }
    }

    /// The redemption that made it, if one did.
    async fn redemption(&self, ctx: &Context<'_>) -> Result<Option<RedemptionObject>> {
        match self.0.cause {
            Cause::Redemption => {
                let redemption = ctx.reader().find(RedemptionKey(self.0.member_id, self.0.source_id)).await?;
                Ok(redemption.map(RedemptionObject))
            }
            _ => Ok(None),
        }
    }
}

#[derive(Default)]
pub struct PointsQuery;

#[Object]
impl PointsQuery {
    /// The rules by which points are earned and redeemed. Anybody may read them.
    async fn loyalty_program(&self, ctx: &Context<'_>) -> LoyaltyProgramObject {
        LoyaltyProgramObject(App::of(ctx).program.clone())
    }
}
