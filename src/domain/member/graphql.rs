//! Members and sessions in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::app::App;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::domain::member::entity::{member, profile};
use crate::domain::member::query::{MemberKey, ProfileOf};
use crate::domain::member::rule::{Registration, Rejection};
use crate::domain::member::service::{self, Opened, ProfileChange};
use crate::domain::order::graphql::{OrderConnection, OrderObject, OrderTotals};
use crate::domain::order::query::OrdersOf;
use crate::domain::points::graphql::PointsAccountObject;
use crate::domain::reward::graphql::{CouponConnection, CouponObject, CouponTotals};
use crate::domain::reward::query::CouponsOf;
use crate::db::keyset::Cursor;
use crate::gql::caller::RequestContext;
use crate::gql::connection::{PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::DateTime;

/// A customer of the shop.
pub struct MemberObject(pub Arc<member::Model>);

impl MemberObject {
    async fn profile(&self, ctx: &Context<'_>) -> Result<Option<Arc<profile::Model>>, Error> {
        ctx.reader().find(ProfileOf(self.0.id)).await
    }
}

/// A customer of the shop. Only the member may read it.
#[Object(name = "Member")]
impl MemberObject {
    /// Global id.
    async fn id(&self) -> ID {
        global(NodeKind::Member, self.0.id)
    }

    /// The number people see, such as `20261123-7Q2M4XK0ZT`.
    async fn number(&self) -> &str {
        &self.0.number
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

    /// When they became a member.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }

    /// What they bought, newest first.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<OrderConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = ctx.reader().get(OrdersOf(self.0.id, page)).await?;
        let totals = OrderTotals { member_id: self.0.id };
        Ok(connection((*slice).clone(), totals, |order| Cursor::Id(order.id).into(), |order| OrderObject(Arc::new(order))))
    }

    /// Their points.
    async fn points_account(&self) -> PointsAccountObject {
        PointsAccountObject { member_id: self.0.id }
    }

    /// Their coupons, newest first; used and expired ones too.
    async fn coupons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<CouponConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = ctx.reader().get(CouponsOf(self.0.id, page)).await?;
        let totals = CouponTotals { member_id: self.0.id };
        Ok(connection((*slice).clone(), totals, |coupon| Cursor::Id(coupon.id).into(), |coupon| CouponObject(Arc::new(coupon))))
    }
}

/// A login. Send the access token as `Authorization: Bearer …`; when it has expired, call `refreshToken`.
#[derive(SimpleObject)]
pub struct Session {
    /// A signed token for the next ten minutes.
    access_token: String,
    /// From this moment on the access token is refused with `TOKEN_EXPIRED`.
    expires_at: DateTime,
    /// Gives the next pair of tokens, once.
    refresh_token: String,
    /// From this moment on the session is over, unless it is refreshed before.
    refresh_expires_at: DateTime,
}

impl From<Opened> for Session {
    fn from(opened: Opened) -> Session {
        Session {
            access_token: opened.access_token,
            expires_at: DateTime(opened.expires_at),
            refresh_token: opened.refresh_token,
            refresh_expires_at: DateTime(opened.refresh_expires_at),
        }
    }
}

/// Why something about an account was refused.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RegisterErrorCode {
    /// A user name has 3 to 32 letters, digits, `.`, `_` or `-`, no `@`, and is not all digits.
    UsernameInvalid,
    /// Somebody has this user name.
    UsernameTaken,
    /// Not an e-mail address.
    EmailInvalid,
    /// Somebody has this e-mail address.
    EmailTaken,
    /// Not a telephone number.
    PhoneInvalid,
    /// Somebody has this telephone number.
    PhoneTaken,
    /// A name has 1 to 100 characters and no control characters.
    NameInvalid,
    /// The password is too short, too common, too predictable, or the account's own name.
    WeakPassword,
}

/// Why a login was refused.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum LoginErrorCode {
    /// The account, the password, or both.
    WrongCredentials,
}

/// Why a session was not refreshed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RefreshTokenErrorCode {
    /// The token is not good: used before, expired, logged out, or never ours. Log in again.
    RefreshTokenInvalid,
}

/// Why a password was not changed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ChangePasswordErrorCode {
    /// The current password is not right.
    WrongPassword,
    /// The new password is too short, too common, too predictable, or the account's own name.
    WeakPassword,
}

/// Why a registration was refused.
#[derive(SimpleObject)]
pub struct RegisterUserError {
    /// For people, in the language of the request.
    message: String,
    /// Where in the arguments.
    path: Option<Vec<String>>,
    /// For programs.
    code: RegisterErrorCode,
}

/// Why a profile was not changed.
#[derive(SimpleObject)]
pub struct UpdateProfileUserError {
    /// For people, in the language of the request.
    message: String,
    /// Where in the arguments.
    path: Option<Vec<String>>,
    /// For programs.
    code: RegisterErrorCode,
}

/// Why a login was refused.
#[derive(SimpleObject)]
pub struct LoginUserError {
    /// For people, in the language of the request.
    message: String,
    /// Where in the arguments.
    path: Option<Vec<String>>,
    /// For programs.
    code: LoginErrorCode,
}

/// Why a session was not refreshed.
#[derive(SimpleObject)]
pub struct RefreshTokenUserError {
    /// For people, in the language of the request.
    message: String,
    /// Where in the arguments.
    path: Option<Vec<String>>,
    /// For programs.
    code: RefreshTokenErrorCode,
}

/// Why a password was not changed.
#[derive(SimpleObject)]
pub struct ChangePasswordUserError {
    /// For people, in the language of the request.
    message: String,
    /// Where in the arguments.
    path: Option<Vec<String>>,
    /// For programs.
    code: ChangePasswordErrorCode,
}
