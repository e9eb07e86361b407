//! The list of rewards.

use async_graphql::connection::{Connection, CursorType};
use async_graphql::{Context, Object};

use crate::app::App;
use crate::base::id::Id;
use crate::domain::reward::entity::reward;
use crate::domain::reward::graphql::reward::RewardObject;
use crate::domain::reward::query::{Shown, count_rewards, list_rewards};
use crate::domain::reward::service::list::shown_to;
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::scalar::int;

/// Beside the edges of the list of rewards.
pub struct RewardTotals {
    shown: Shown,
}

/// Beside the edges of the list of rewards.
#[Object]
impl RewardTotals {
    /// How many rewards there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(count_rewards(&App::of(ctx).db, &self.shown).await?))
    }
}

pub type RewardConnection = Connection<Opaque, RewardObject, RewardTotals>;

#[derive(Default)]
pub struct RewardQuery;

#[Object]
impl RewardQuery {
    /// What points can be redeemed for now by whoever asks, the cheapest first, with what is sold out; staff see every reward,
    /// drafts and those that are over included. Anybody may read it.
    async fn rewards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<RewardConnection> {
        let page = PageArgs { first, after, last, before }.page(read_place)?;
        let shown = shown_to(App::of(ctx), &ctx.caller().actor).await?;
        let slice = list_rewards(&App::of(ctx).db, &page, &shown).await?;
        Ok(connection(&slice, RewardTotals { shown }, write_place, RewardObject))
    }
}

pub fn write_place(reward: &reward::Model) -> Opaque {
    let mut bytes = reward.id.as_bytes().to_vec();
    bytes.extend_from_slice(&reward.points_price.to_be_bytes());
    Opaque(bytes)
}

pub fn read_place(text: &str) -> Option<(i64, Id)> {
    let Opaque(bytes) = Opaque::decode_cursor(text).ok()?;
    let (id, price) = bytes.split_at_checked(16)?;
    Some((i64::from_be_bytes(price.try_into().ok()?), Id::from_slice(id).ok()?))
}
