//! A member in the schema.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use crate::base::error::Error;
use crate::base::id::Id;
use crate::db::keyset::Cursor;
use crate::domain::admin::query::StaffOf;
use crate::domain::earning::graphql::{EventTotals, MemberEventConnection, MemberEventObject};
use crate::domain::earning::query::EventsOf;
use crate::domain::household::graphql::{HouseholdInvitationObject, HouseholdObject, invitations};
use crate::domain::household::query::{HouseholdKey, MembershipsOf};
use crate::domain::member::entity::{member, profile};
use crate::domain::member::query::{MemberKey, ProfileOf, TagsOf};
use crate::domain::order::graphql::{OrderConnection, OrderObject, OrderTotals};
use crate::domain::order::query::OrdersOf;
use crate::domain::points::graphql::PointsAccountObject;
use crate::domain::points::query::WalletOf;
use crate::domain::reward::graphql::{CouponConnection, CouponObject, CouponTotals};
use crate::domain::reward::query::CouponsOf;
use crate::domain::tier::graphql::{TierChangeConnection, TierObject, TierProgress, history_of, progress_of, tier_of};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{Date, DateTime};

/// A customer of the shop.
pub struct MemberObject(pub Id);

impl MemberObject {
    async fn row(&self, ctx: &Context<'_>) -> Result<Arc<member::Model>, Error> {
        ctx.reader().get(MemberKey(self.0)).await
    }

    async fn profile(&self, ctx: &Context<'_>) -> Result<Option<Arc<profile::Model>>, Error> {
        ctx.reader().find(ProfileOf(self.0)).await
    }
}

/// A customer of the shop. Only the member and staff may read it.
#[Object(name = "Member")]
impl MemberObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::Member, self.0)
    }

    /// The number people see, such as `20261123-7Q2M4XK0ZT`.
    async fn number(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.row(ctx).await?.number.clone())
    }

    /// The name to log in with.
    async fn username(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.profile(ctx).await?.and_then(|profile| profile.username.clone()))
    }

    /// The e-mail address.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.profile(ctx).await?.and_then(|profile| profile.email.clone()))
    }

    /// The name to be shown.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.profile(ctx).await?.and_then(|profile| profile.name.clone()))
    }

    /// The telephone number, such as `+8613800138000`.
    async fn phone(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.profile(ctx).await?.and_then(|profile| profile.phone.clone()))
    }

    /// The day of birth (生日), if they told it.
    async fn birthday(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        let profile = self.profile(ctx).await?;
        Ok(profile.and_then(|profile| profile.birthday.as_ref()?.parse().ok()).map(Date))
    }

    /// When they became a member.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(DateTime::of(self.row(ctx).await?.created_at))
    }

    /// Whether the member may use what is for staff. Whoever was just given the role logs in again first.
    async fn is_staff(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.reader().find(StaffOf(self.0)).await?.is_some())
    }

    /// What they bought, newest first.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<OrderConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = ctx.reader().get(OrdersOf(self.0, page)).await?;
        let totals = OrderTotals { member_id: self.0 };
        Ok(connection(&slice, totals, |order| Cursor::Id(order.id).into(), |order| InTurn(OrderObject(order))))
    }

    /// Their points.
    async fn points_account(&self, ctx: &Context<'_>) -> PointsAccountObject {
        PointsAccountObject::of(ctx, self.0)
    }

    /// The household their purchases earn for; null when they earn for themselves.
    async fn household(&self, ctx: &Context<'_>) -> Result<Option<HouseholdObject>> {
        let wallet = ctx.reader().find(WalletOf(self.0)).await?;
        let Some(household_id) = wallet.and_then(|wallet| wallet.household_id) else { return Ok(None) };
        Ok(ctx.reader().find(HouseholdKey(household_id)).await?.map(HouseholdObject))
    }

    /// The households they were invited to and have not answered yet.
    async fn household_invitations(&self, ctx: &Context<'_>) -> Result<Vec<HouseholdInvitationObject>> {
        Ok(invitations(&ctx.reader().get(MembershipsOf(self.0)).await?))
    }

    /// The member who has everything of this one since the two were merged; null for a member who was not.
    async fn merged_into(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        let wallet = ctx.reader().find(WalletOf(self.0)).await?;
        Ok(wallet.and_then(|wallet| wallet.merged_into).map(MemberObject))
    }

    /// The words that staff have put on them, sorted. For staff only; null for everybody else.
    async fn tags(&self, ctx: &Context<'_>) -> Result<Option<Vec<String>>> {
        if ctx.caller().actor.staff().is_err() {
            return Ok(None);
        }
        Ok(Some(ctx.reader().get(TagsOf(self.0)).await?.iter().cloned().collect()))
    }

    /// What they did that was recorded, such as check-ins, the last first.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<MemberEventConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = ctx.reader().get(EventsOf(self.0, page)).await?;
        Ok(connection(&slice, EventTotals(self.0), |event| Cursor::Id(event.id).into(), MemberEventObject))
    }

    /// Their tier (会员等级) by now; null where the program has none.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<TierObject>> {
        tier_of(ctx, self.0).await
    }

    /// What counts for them now, and what is missing to the next tier and to keep this one; null where the program has none.
    async fn tier_progress(&self, ctx: &Context<'_>) -> Result<Option<TierProgress>> {
        progress_of(ctx, self.0).await
    }

    /// The steps their tier has taken, the last first. What is due and not yet written is not among them.
    async fn tier_history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<TierChangeConnection> {
        history_of(ctx, self.0, PageArgs { first, after, last, before }).await
    }

    /// Their coupons, newest first; used and expired ones too.
    async fn coupons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<CouponConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = ctx.reader().get(CouponsOf(self.0, page)).await?;
        let totals = CouponTotals { member_id: self.0 };
        Ok(connection(&slice, totals, |coupon| Cursor::Id(coupon.id).into(), |coupon| InTurn(CouponObject(coupon))))
    }
}
