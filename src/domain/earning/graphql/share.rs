//! What a rule gave, in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object};

use crate::base::id::Id;
use crate::domain::earning::entity::earned_share;
use crate::domain::earning::graphql::rule::EarningRuleObject;
use crate::domain::earning::query::{RevisionKey, SharesOf};
use crate::domain::tier::graphql::TierObject;
use crate::domain::tier::query::TierRevision;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::int;

/// What a rule gave of the points that an order or an event earned.
pub struct PointsShareObject(pub Arc<earned_share::Model>);

/// What a rule, or the member's tier, gave of the points that an order or an event earned. Whoever may read these may read it.
#[Object(name = "PointsShare")]
impl PointsShareObject {
    /// The rule, in the revision by which it gave; null for what the member's tier gave.
    async fn rule(&self, ctx: &Context<'_>) -> Result<Option<EarningRuleObject>> {
        if self.0.of_tier {
            return Ok(None);
        }
        Ok(Some(EarningRuleObject(ctx.reader().get(RevisionKey(self.0.rule_id, self.0.revision)).await?)))
    }

    /// The member's tier, in the revision by which it gave; null for what a rule gave.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<TierObject>> {
        if !self.0.of_tier {
            return Ok(None);
        }
        Ok(Some(TierObject(ctx.reader().get(TierRevision(self.0.rule_id, self.0.revision)).await?)))
    }

    /// Points it gave.
    async fn points(&self) -> i32 {
        int(self.0.points)
    }

    /// Points it would have given without caps and budget.
    async fn due(&self) -> i32 {
        int(self.0.due)
    }

    /// Of the points it gave, those that returns took back.
    async fn clawed_back(&self) -> i32 {
        int(self.0.clawed)
    }
}

/// What each rule gave of what an order or an event of a member earned.
pub async fn shares_of(ctx: &Context<'_>, member_id: Id, source_id: Id) -> Result<Vec<InTurn<PointsShareObject>>> {
    let shares = ctx.reader().get(SharesOf(member_id, source_id)).await?;
    Ok(shares.iter().map(|share| InTurn(PointsShareObject(share.clone()))).collect())
}
