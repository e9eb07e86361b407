//! The verbs of an account: registering, sessions, the profile, the password.

use async_graphql::{Context, MaybeUndefined, Object};

use crate::app::App;
use crate::domain::member::graphql::input::{
    ChangePasswordInput, ChangePasswordPayload, LoginInput, LoginPayload, LogoutPayload, RefreshTokenInput,
    RefreshTokenPayload, RegisterInput, RegisterPayload, UpdateProfileInput, UpdateProfilePayload,
};
use crate::domain::member::graphql::member::MemberObject;
use crate::domain::member::graphql::user_error::{
    ChangePasswordErrorCode, ChangePasswordUserError, Explained, LoginErrorCode, LoginUserError, RefreshTokenErrorCode,
    RefreshTokenUserError, explain, profile_errors, register_errors,
};
use crate::domain::member::rule::{Registration, Rejection};
use crate::domain::member::service::{self, ProfileChange};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::input::path;
use crate::gql::scalar::Date;

#[derive(Default)]
pub struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The member who asks; null for a visitor.
    async fn me(&self, ctx: &Context<'_>) -> Option<MemberObject> {
        ctx.caller().actor.find_member().map(|member| MemberObject(member.member_id))
    }
}

#[derive(Default)]
pub struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Makes a member with an empty points account, and logs them in. Anybody may. `RATE_LIMITED` after too many from one
    /// address.
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who registers.")] input: RegisterInput,
    ) -> Result<RegisterPayload> {
        let caller = ctx.caller();
        let RegisterInput { username, email, password, name, phone, birthday } = input;
        let birthday = birthday.map(|day| day.0);
        let typed = Registration { username, email, password, name, phone, birthday };
        let registered = service::register(App::of(ctx), caller.address, typed).await?;
        ctx.reader().forget();
        Ok(match registered {
            Ok(opened) => RegisterPayload {
                member: Some(MemberObject(opened.member_id)),
                session: Some(opened.into()),
                user_errors: Vec::new(),
            },
            Err(wrong) => {
                RegisterPayload { member: None, session: None, user_errors: register_errors(wrong, caller.language) }
            }
        })
    }

    /// Opens a session. Anybody may. An unknown account gets the same answer as a wrong password. `RATE_LIMITED` after too
    /// many failures.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who logs in.")] input: LoginInput,
    ) -> Result<LoginPayload> {
        let caller = ctx.caller();
        let answer = service::login(App::of(ctx), caller.address, &input.account, input.password).await?;
        ctx.reader().forget();
        Ok(match answer {
            Ok(opened) => LoginPayload {
                member: Some(MemberObject(opened.member_id)),
                session: Some(opened.into()),
                user_errors: Vec::new(),
            },
            Err(rejection) => {
                let Explained { message, path } = explain(rejection, caller.language);
                let error = LoginUserError { message, path, code: LoginErrorCode::WrongCredentials };
                LoginPayload { member: None, session: None, user_errors: vec![error] }
            }
        })
    }

    /// Exchanges a refresh token for new tokens. The token before the current one works again for 30 seconds, for a reply
    /// that was lost; used later, it ends the session.
    async fn refresh_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: RefreshTokenInput,
    ) -> Result<RefreshTokenPayload> {
        let answer = service::refresh_token(App::of(ctx), &input.refresh_token).await?;
        ctx.reader().forget();
        Ok(match answer {
            Ok(opened) => RefreshTokenPayload {
                member: Some(MemberObject(opened.member_id)),
                session: Some(opened.into()),
                user_errors: Vec::new(),
            },
            Err(rejection) => {
                let Explained { message, path } = explain(rejection, ctx.caller().language);
                let error = RefreshTokenUserError { message, path, code: RefreshTokenErrorCode::RefreshTokenInvalid };
                RefreshTokenPayload { member: None, session: None, user_errors: vec![error] }
            }
        })
    }

    /// Ends the session that asks, at once and on every process. `UNAUTHENTICATED` without one.
    async fn logout(&self, ctx: &Context<'_>) -> Result<LogoutPayload> {
        service::logout(App::of(ctx), &ctx.caller().actor).await?;
        Ok(LogoutPayload { logged_out: true })
    }

    /// Ends all sessions of the member who asks. `UNAUTHENTICATED` without one.
    async fn logout_everywhere(&self, ctx: &Context<'_>) -> Result<LogoutPayload> {
        service::logout_everywhere(App::of(ctx), &ctx.caller().actor).await?;
        Ok(LogoutPayload { logged_out: true })
    }

    /// Changes what the member who asks told us of themselves, all of it or nothing. `UNAUTHENTICATED` without a session.
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be changed.")] input: UpdateProfileInput,
    ) -> Result<UpdateProfilePayload> {
        let caller = ctx.caller();
        let UpdateProfileInput { username, email, phone, name, birthday } = input;
        let birthday = Option::<Option<Date>>::from(birthday).map(|given| given.map(|day| day.0));
        let edit = ProfileChange { username, email, phone: change(phone), name: change(name), birthday };
        let updated = service::update_profile(App::of(ctx), &caller.actor, edit).await?;
        ctx.reader().forget();
        Ok(match updated {
            Ok(()) => {
                UpdateProfilePayload { member: Some(MemberObject(ctx.member()?.member_id)), user_errors: Vec::new() }
            }
            Err(wrong) => UpdateProfilePayload { member: None, user_errors: profile_errors(wrong, caller.language) },
        })
    }

    /// Changes the password of the member who asks and ends their other sessions. `UNAUTHENTICATED` without a session,
    /// `RATE_LIMITED` after too many failures.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Both passwords.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let caller = ctx.caller();
        let ChangePasswordInput { current_password, new_password } = input;
        let changed =
            service::change_password(App::of(ctx), &caller.actor, caller.address, current_password, new_password)
                .await?;
        ctx.reader().forget();
        Ok(match changed {
            Ok(()) => {
                ChangePasswordPayload { member: Some(MemberObject(ctx.member()?.member_id)), user_errors: Vec::new() }
            }
            Err(rejection) => {
                let Explained { message, .. } = explain(rejection, caller.language);
                let (code, field) = match rejection {
                    Rejection::WrongPassword => (ChangePasswordErrorCode::WrongPassword, "currentPassword"),
                    _ => (ChangePasswordErrorCode::WeakPassword, "newPassword"),
                };
                let error = ChangePasswordUserError { message, path: path(&[field]), code };
                ChangePasswordPayload { member: None, user_errors: vec![error] }
            }
        })
    }
}

/// An absent or null text: `None` leaves a field, `Some(None)` empties it.
fn change(field: MaybeUndefined<String>) -> Option<Option<String>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(text) if text.trim().is_empty() => Some(None),
        MaybeUndefined::Value(text) => Some(Some(text)),
    }
}
