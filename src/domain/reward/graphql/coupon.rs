//! A coupon in the schema, and a member's list of them.

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Object};

use crate::app::App;
use crate::base::id::Id;
use crate::domain::catalog::graphql::ProductObject;
use crate::domain::catalog::query::ProductKey;
use crate::domain::reward::entity::coupon;
use crate::domain::reward::graphql::reward::percent;
use crate::domain::reward::query::CouponCount;
use crate::domain::reward::rule::{CouponState, state_of};
use crate::gql::caller::RequestContext;
use crate::gql::connection::Opaque;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, owned};
use crate::gql::in_turn::InTurn;
use crate::gql::scalar::{DateTime, Decimal, MoneyObject, int, money};

/// Where a coupon stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CouponState", name = "CouponStatus")]
pub enum CouponStatus {
    /// It can be used.
    Active,
    /// An order used it.
    Used,
    /// Its time is over.
    Expired,
    /// Its redemption was cancelled.
    Cancelled,
}

/// Something off one order.
pub struct CouponObject(pub Arc<coupon::Model>);

/// Something off one order of its member (优惠券). Only its member and staff may read it.
#[Object(name = "Coupon")]
impl CouponObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        owned(NodeKind::Coupon, self.0.member_id, self.0.id)
    }

    /// To be given as `couponCode` when placing an order.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> CouponStatus {
        state_of(&self.0, App::of(ctx).clock.now()).into()
    }

    /// The money off; for a percentage, the most that it takes off; for a coupon for a product, the price of the product
    /// today.
    async fn value(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        let price = match (self.0.value, self.0.product_id) {
            (None, Some(id)) => ctx.reader().find(ProductKey(id)).await?.map(|product| product.price),
            (value, _) => value,
        };
        Ok(money(price.unwrap_or(0), &self.0.currency))
    }

    /// For a percentage: percent off.
    async fn percent(&self) -> Option<Decimal> {
        self.0.percent.map(percent)
    }

    /// For a coupon for a product: the product of which one piece is off.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<InTurn<ProductObject>>> {
        let Some(product_id) = self.0.product_id else { return Ok(None) };
        Ok(ctx.reader().find(ProductKey(product_id)).await?.map(|product| InTurn(ProductObject(product))))
    }

    /// The subtotal from which it applies.
    async fn minimum_spend(&self) -> Option<MoneyObject> {
        self.0.minimum_spend.map(|minimum| money(minimum, &self.0.currency))
    }

    /// From this moment on it is no longer good; null for never.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime::of)
    }
}

/// Beside the edges of a list of coupons.
pub struct CouponTotals {
    pub member_id: Id,
}

/// Beside the edges of a list of coupons.
#[Object]
impl CouponTotals {
    /// How many coupons there are on all pages, used and expired ones too. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(ctx.reader().find(CouponCount(self.member_id)).await?.unwrap_or(0)))
    }
}

pub type CouponConnection = Connection<Opaque, InTurn<CouponObject>, CouponTotals>;
