//! An earning rule in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use crate::app::App;
use crate::base::money::Currency;
use crate::domain::earning::entity::budget;
use crate::domain::earning::graphql::condition::EarningCondition;
use crate::domain::earning::graphql::effect::{EarningCap, EarningEffect, StackingEnum};
use crate::domain::earning::graphql::explained::explain;
use crate::domain::earning::query::BudgetOf;
use crate::domain::earning::rule::terms::{Rule, RuleStanding, standing_of};
use crate::domain::tier::graphql::{TierObject, gone_of};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::scalar::{BigInt, DateTime, int};

/// Where a rule stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RuleStanding", name = "EarningRuleState")]
pub enum EarningRuleState {
    /// Worked on; nobody earns by it.
    Draft,
    /// Published, and yet to start.
    Scheduled,
    /// Members earn by it.
    Running,
    /// Interrupted by staff.
    Paused,
    /// Over for good, by its date or by staff.
    Ended,
}

/// The points that a rule may give to all members together (活动预算): `granted = remaining + used`, never less than 0.
#[derive(SimpleObject)]
pub struct PointsBudget {
    /// In all.
    granted: BigInt,
    /// Yet to be given.
    remaining: BigInt,
    /// Given since it first had a budget, less what returns brought back.
    used: BigInt,
}

impl From<&budget::Model> for PointsBudget {
    fn from(row: &budget::Model) -> PointsBudget {
        PointsBudget { granted: BigInt(row.granted), remaining: BigInt(row.remaining), used: BigInt(row.used) }
    }
}

/// How members earn points beside the program's own rate.
pub struct EarningRuleObject(pub Arc<Rule>);

/// How members earn points beside the program's own rate (获取规则); with dates and a budget it is what is called a campaign
/// (营销活动). Anybody may read what it is called, what it gives and when; its budget and its condition as it was set, only staff.
#[Object(name = "EarningRule")]
impl EarningRuleObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::EarningRule, self.0.row.id)
    }

    /// The number of this revision, from 1 on. Every save makes one, and what was given keeps its own.
    async fn revision(&self) -> i32 {
        int(self.0.row.revision)
    }

    /// The version of the program that brought this revision in force; null for a draft.
    async fn program_version(&self) -> Option<i32> {
        self.0.row.version.map(int)
    }

    /// What members are told it is called.
    async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// What members are told it is about.
    async fn description(&self) -> &str {
        &self.0.row.description
    }

    /// Where it stands now.
    async fn state(&self, ctx: &Context<'_>) -> EarningRuleState {
        standing_of(&self.0.row, App::of(ctx).clock.now()).into()
    }

    /// From when on it applies. Of a draft, null is from the moment at which it will be published.
    async fn starts_at(&self) -> Option<DateTime> {
        self.0.row.starts_at.map(DateTime::of)
    }

    /// The first moment at which it no longer applies; null while nobody ends it.
    async fn ends_at(&self) -> Option<DateTime> {
        self.0.row.ends_at.map(DateTime::of)
    }

    /// What it gives.
    async fn effect(&self, ctx: &Context<'_>) -> EarningEffect {
        EarningEffect::show(&self.0.terms.effect, currency(ctx))
    }

    /// The most that it gives one member, a cap a period.
    async fn caps(&self) -> Vec<EarningCap> {
        self.0.terms.caps.iter().map(EarningCap::from).collect()
    }

    /// What it gives and when, in words, in the language of the request. Tiers that it is for are named to everybody; tags and
    /// segments only to staff, and others read that it is for chosen members.
    async fn explanation(&self, ctx: &Context<'_>) -> Result<String> {
        explain(ctx, &self.0).await
    }

    /// How it goes with others that apply at the same time.
    async fn stacking(&self) -> StackingEnum {
        self.0.row.stacking.into()
    }

    /// The larger, the earlier it comes (优先级).
    async fn priority(&self) -> i32 {
        int(self.0.row.priority)
    }

    /// When it applies. For staff only; null for everybody else.
    async fn condition(&self, ctx: &Context<'_>) -> Option<EarningCondition> {
        let is_staff = ctx.caller().actor.staff().is_ok();
        is_staff.then(|| EarningCondition::show(&self.0.terms.condition, currency(ctx)))
    }

    /// The tiers that its condition names and that the program no longer has (已取消的等级), by what they were called last: of
    /// one that is gone nobody is a member, so the condition should be changed. Mostly empty. For staff only; null for
    /// everybody else.
    async fn gone_tiers(&self, ctx: &Context<'_>) -> Result<Option<Vec<TierObject>>> {
        if ctx.caller().actor.staff().is_err() {
            return Ok(None);
        }
        gone_of(ctx, self.0.terms.condition.tiers()).await.map(Some)
    }

    /// What it may give in all; null without a limit. For staff only; null for everybody else.
    async fn budget(&self, ctx: &Context<'_>) -> Result<Option<PointsBudget>> {
        if !self.0.row.budgeted || ctx.caller().actor.staff().is_err() {
            return Ok(None);
        }
        let found = ctx.reader().find(BudgetOf(self.0.row.id)).await?;
        Ok(found.map(|row| PointsBudget::from(&*row)))
    }

    /// When this revision was saved.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.row.created_at)
    }
}

/// The currency of the program, which never changes.
pub fn currency(ctx: &Context<'_>) -> Currency {
    App::of(ctx).programs.latest().currency.parse().unwrap_or(Currency::Cny)
}
