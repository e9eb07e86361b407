//! Lists of rules.

use async_graphql::connection::Connection;
use async_graphql::{Context, Object};

use crate::app::App;
use crate::db::keyset::Cursor;
use crate::domain::earning::graphql::rule::EarningRuleObject;
use crate::domain::earning::query::RuleCount;
use crate::domain::earning::service::rules::list_rules;
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::scalar::int;

pub struct RuleTotals;

/// Beside the edges of a list of rules.
#[Object(name = "EarningRuleTotals")]
impl RuleTotals {
    /// How many rules there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(RuleCount(App::of(ctx).programs.id())).await?.unwrap_or(0)))
    }
}

pub type EarningRuleConnection = Connection<Opaque, EarningRuleObject, RuleTotals>;

#[derive(Default)]
pub struct RuleQuery;

#[Object]
impl RuleQuery {
    /// Every earning rule in its newest revision, the newest rule first. For staff only: `UNAUTHENTICATED` without a
    /// session, `FORBIDDEN` for other members. Everybody reads those that run in `LoyaltyProgram.earningRules`.
    async fn earning_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<EarningRuleConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = list_rules(App::of(ctx), &ctx.caller().actor, page).await?;
        Ok(connection(&slice, RuleTotals, |rule| Cursor::Id(rule.row.id).into(), EarningRuleObject))
    }
}
