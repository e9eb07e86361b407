//! The ledger in the schema, as its member reads it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use crate::domain::earning::graphql::{MemberEventObject, PointsShareObject, shares_of};
use crate::domain::order::graphql::OrderObject;
use crate::domain::points::entity::{Cause, TxnKind, txn};
use crate::domain::points::graphql::hold::PointsHoldObject;
use crate::domain::points::graphql::lot::PointsEntryLotObject;
use crate::domain::points::graphql::purchase::{event_behind, order_behind, redemption_behind, source_of_shares};
use crate::domain::points::query::TxnKey;
use crate::domain::points::query::account::{AllocationsOf, HoldKey};
use crate::domain::reward::graphql::RedemptionObject;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{DateTime, int};

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
    /// Points given to another member, or handed over to the account that took this one over, 转出.
    TransferOut,
    /// Points another member gave, or taken over from another account, 转入.
    TransferIn,
    /// Points corrected by the shop, 调整.
    Adjustment,
}

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

    /// Points that came (positive) or went (negative). An entry that only moves points between the member's own accounts
    /// (`ACTIVATION`, `HOLD`, `RELEASE`, `DEBT_REPAYMENT`) says how many more or fewer can be spent since.
    async fn points(&self) -> i32 {
        int(self.0.points)
    }

    /// Points that could be spent right after it.
    async fn balance_after(&self) -> i32 {
        int(self.0.available_after)
    }

    /// Points that were pending right after it.
    async fn pending_after(&self) -> i32 {
        int(self.0.pending_after)
    }

    /// Points that were set aside right after it.
    async fn held_after(&self) -> i32 {
        int(self.0.held_after)
    }

    /// Points that were owed right after it.
    async fn debt_after(&self) -> i32 {
        int(self.0.debt_after)
    }

    /// The version of the program that it was decided with.
    async fn program_version(&self) -> i32 {
        int(self.0.program_version)
    }

    /// Which lots it took points from or gave points to, and so which purchases paid for it.
    async fn lots(&self, ctx: &Context<'_>) -> Result<Vec<InTurn<PointsEntryLotObject>>> {
        let moved = ctx.reader().get(AllocationsOf(self.0.member_id, self.0.id)).await?;
        Ok(moved.iter().map(|part| InTurn(PointsEntryLotObject(part.clone()))).collect())
    }

    /// The entry that it takes back, in part or whole.
    async fn reverses(&self, ctx: &Context<'_>) -> Result<Option<PointsEntryObject>> {
        let Some(id) = self.0.reverses else { return Ok(None) };
        Ok(ctx.reader().find(TxnKey(self.0.member_id, id)).await?.map(PointsEntryObject))
    }

    /// The hold that it belongs to, if it does.
    async fn hold(&self, ctx: &Context<'_>) -> Result<Option<PointsHoldObject>> {
        match self.0.cause {
            Cause::Hold => {
                Ok(ctx.reader().find(HoldKey(self.0.member_id, self.0.source_id)).await?.map(PointsHoldObject))
            }
            _ => Ok(None),
        }
    }

    /// Why it happened, in the language of the request.
    pub async fn reason(&self, ctx: &Context<'_>) -> Option<String> {
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
                Cause::Event => language.say("Activity", "会员活动"),
                Cause::Merger => language.say("Accounts merged", "账户合并"),
            })
        })
    }

    /// When it took effect: for an imported purchase the day it was made.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.effective_at)
    }

    /// The order that made it, by being placed or taken back, if one did. In the ledger of a household, null for those who
    /// did not place it, but for staff.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<InTurn<OrderObject>>> {
        Ok(order_behind(ctx, &self.0).await?.map(|order| InTurn(OrderObject(order))))
    }

    /// What each earning rule gave of the points of an `ACCRUAL`; the rest is the program's own rate. In the ledger of a
    /// household, nothing for those who did not place the order, but for staff.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<InTurn<PointsShareObject>>> {
        match source_of_shares(ctx, &self.0).await? {
            Some((member_id, source_id)) => shares_of(ctx, member_id, source_id).await,
            None => Ok(Vec::new()),
        }
    }

    /// What the member did that made it, if it was something like a check-in.
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<MemberEventObject>> {
        Ok(event_behind(ctx, &self.0).await?.map(MemberEventObject))
    }

    /// The redemption that made it, if one did. In the ledger of a household, null for those who did not redeem, but for
    /// staff.
    async fn redemption(&self, ctx: &Context<'_>) -> Result<Option<RedemptionObject>> {
        Ok(redemption_behind(ctx, &self.0).await?.map(RedemptionObject))
    }
}
