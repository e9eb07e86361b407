//! Tiers that something names and that are no more, in the schema.

use std::collections::BTreeSet;

use async_graphql::Context;
use futures_util::future::try_join_all;

use crate::app::App;
use crate::base::id::Id;
use crate::domain::tier::graphql::set::TierObject;
use crate::domain::tier::query::TierKey;
use crate::domain::tier::service::find_gone;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;

/// Those of some tiers that the program no longer has, by what they were called last.
pub async fn gone_of(ctx: &Context<'_>, named: BTreeSet<Id>) -> Result<Vec<TierObject>> {
    let gone = find_gone(ctx.reader(), App::of(ctx).programs.id(), named).await?;
    let found = try_join_all(gone.into_iter().map(|id| ctx.reader().find(TierKey(id)))).await?;
    Ok(found.into_iter().flatten().map(TierObject).collect())
}
