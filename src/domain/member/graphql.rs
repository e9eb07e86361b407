//! Members and sessions in the schema.

mod merge;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::app::App;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::db::keyset::Cursor;
use crate::domain::admin::query::StaffOf;
use crate::domain::household::graphql::{HouseholdInvitationObject, HouseholdObject, invitations};
use crate::domain::household::query::{HouseholdKey, MembershipsOf};
use crate::domain::member::entity::{member, profile};
use crate::domain::member::query::{MemberKey, ProfileOf};
use crate::domain::member::rule::{Registration, Rejection};
use crate::domain::member::service::{self, Opened, ProfileChange};
use crate::domain::order::graphql::{OrderConnection, OrderObject, OrderTotals};
use crate::domain::order::query::OrdersOf;
use crate::domain::points::graphql::PointsAccountObject;
use crate::domain::points::query::WalletOf;
use crate::domain::reward::graphql::{CouponConnection, CouponObject, CouponTotals};
use crate::domain::reward::query::CouponsOf;
use crate::gql::caller::RequestContext;
use crate::gql::connection::{PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::in_turn::InTurn;
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::DateTime;

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
        Ok(invitations(&*ctx.reader().get(MembershipsOf(self.0)).await?))
    }

    /// The member who has everything of this one since the two were merged; null for a member who was not.
    async fn merged_into(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        let wallet = ctx.reader().find(WalletOf(self.0)).await?;
        Ok(wallet.and_then(|wallet| wallet.merged_into).map(MemberObject))
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

/// Why a registration was refused.
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

/// Why a profile was not changed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum UpdateProfileErrorCode {
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
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: RegisterErrorCode,
}

/// Why a profile was not changed.
#[derive(SimpleObject)]
pub struct UpdateProfileUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: UpdateProfileErrorCode,
}

/// Why a login was refused.
#[derive(SimpleObject)]
pub struct LoginUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: LoginErrorCode,
}

/// Why a session was not refreshed.
#[derive(SimpleObject)]
pub struct RefreshTokenUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: RefreshTokenErrorCode,
}

/// Why a password was not changed.
#[derive(SimpleObject)]
pub struct ChangePasswordUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: ChangePasswordErrorCode,
}

/// A reason, and the field it is about.
struct Explained {
    message: String,
    path: Option<Vec<String>>,
}

/// What is wrong, in words.
pub fn message(rejection: Rejection, language: Language) -> String {
    explain(rejection, language).message
}

fn explain(rejection: Rejection, language: Language) -> Explained {
    let (english, chinese, field) = match rejection {
        Rejection::UsernameInvalid(_) => (
            "A user name has 3 to 32 letters, digits, '.', '_' or '-', no '@', and is not all digits.",
            "用户名为 3 到 32 个字母、数字、点、下划线或连字符，不含 @，且不能全为数字。",
            "username",
        ),
        Rejection::UsernameTaken => ("This user name is taken.", "这个用户名已被使用。", "username"),
        Rejection::EmailInvalid => ("This is not an e-mail address.", "电子邮箱格式不正确。", "email"),
        Rejection::EmailTaken => ("This e-mail address is taken.", "这个邮箱已被使用。", "email"),
        Rejection::PhoneInvalid => ("This is not a telephone number.", "手机号格式不正确。", "phone"),
        Rejection::PhoneTaken => ("This telephone number is taken.", "这个手机号已被使用。", "phone"),
        Rejection::NameInvalid(_) => {
            ("A name has 1 to 100 characters and no control characters.", "姓名为 1 到 100 个字符。", "name")
        }
        Rejection::PasswordWeak(_) => (
            "Choose a password of 8 to 128 characters that is not common, predictable or your own name.",
            "密码须为 8 到 128 个字符，且不能是常见密码、简单规律或您的账号。",
            "password",
        ),
        Rejection::WrongCredentials => ("The account or the password is wrong.", "账号或密码错误。", "account"),
        Rejection::WrongPassword => ("The current password is wrong.", "当前密码错误。", "currentPassword"),
        Rejection::RefreshTokenInvalid => {
            ("This refresh token is not good any more. Log in again.", "登录已失效，请重新登录。", "refreshToken")
        }
    };
    Explained { message: language.say(english, chinese), path: path(&[field]) }
}

fn register_code(rejection: Rejection) -> Option<RegisterErrorCode> {
    Some(match rejection {
        Rejection::UsernameInvalid(_) => RegisterErrorCode::UsernameInvalid,
        Rejection::UsernameTaken => RegisterErrorCode::UsernameTaken,
        Rejection::EmailInvalid => RegisterErrorCode::EmailInvalid,
        Rejection::EmailTaken => RegisterErrorCode::EmailTaken,
        Rejection::PhoneInvalid => RegisterErrorCode::PhoneInvalid,
        Rejection::PhoneTaken => RegisterErrorCode::PhoneTaken,
        Rejection::NameInvalid(_) => RegisterErrorCode::NameInvalid,
        Rejection::PasswordWeak(_) => RegisterErrorCode::WeakPassword,
        Rejection::WrongCredentials | Rejection::WrongPassword | Rejection::RefreshTokenInvalid => return None,
    })
}

fn profile_code(rejection: Rejection) -> Option<UpdateProfileErrorCode> {
    Some(match rejection {
        Rejection::UsernameInvalid(_) => UpdateProfileErrorCode::UsernameInvalid,
        Rejection::UsernameTaken => UpdateProfileErrorCode::UsernameTaken,
        Rejection::EmailInvalid => UpdateProfileErrorCode::EmailInvalid,
        Rejection::EmailTaken => UpdateProfileErrorCode::EmailTaken,
        Rejection::PhoneInvalid => UpdateProfileErrorCode::PhoneInvalid,
        Rejection::PhoneTaken => UpdateProfileErrorCode::PhoneTaken,
        Rejection::NameInvalid(_) => UpdateProfileErrorCode::NameInvalid,
        Rejection::PasswordWeak(_)
        | Rejection::WrongCredentials
        | Rejection::WrongPassword
        | Rejection::RefreshTokenInvalid => return None,
    })
}

fn register_errors(wrong: Vec<Rejection>, language: Language) -> Vec<RegisterUserError> {
    let errors = wrong.into_iter().filter_map(|rejection| {
        let Explained { message, path } = explain(rejection, language);
        Some(RegisterUserError { message, path, code: register_code(rejection)? })
    });
    errors.collect()
}

fn profile_errors(wrong: Vec<Rejection>, language: Language) -> Vec<UpdateProfileUserError> {
    let errors = wrong.into_iter().filter_map(|rejection| {
        let Explained { message, path } = explain(rejection, language);
        Some(UpdateProfileUserError { message, path, code: profile_code(rejection)? })
    });
    errors.collect()
}

/// What a customer registers with.
#[derive(InputObject)]
pub struct RegisterInput {
    /// 3 to 32 letters, digits, `.`, `_` or `-`; no `@`, not all digits. Case does not matter.
    username: String,
    /// An e-mail address. Case does not matter.
    email: String,
    /// 8 to 128 characters.
    #[graphql(secret)]
    password: String,
    /// The name to be shown.
    name: Option<String>,
    /// A telephone number; eleven digits are read as a mobile number of mainland China.
    phone: Option<String>,
}

/// What came of registering.
#[derive(SimpleObject)]
pub struct RegisterPayload {
    /// The new member; null when there are user errors.
    member: Option<MemberObject>,
    /// Their first session; null when there are user errors.
    session: Option<Session>,
    /// Everything that was wrong. Then nobody was registered.
    user_errors: Vec<RegisterUserError>,
}

/// Who logs in.
#[derive(InputObject)]
pub struct LoginInput {
    /// User name, e-mail address or telephone number.
    account: String,
    /// The password.
    #[graphql(secret)]
    password: String,
}

/// What came of logging in.
#[derive(SimpleObject)]
pub struct LoginPayload {
    /// The member; null when there are user errors.
    member: Option<MemberObject>,
    /// The new session; null when there are user errors.
    session: Option<Session>,
    /// Why there is no session.
    user_errors: Vec<LoginUserError>,
}

/// A session to be refreshed.
#[derive(InputObject)]
pub struct RefreshTokenInput {
    /// The refresh token of the last session object.
    #[graphql(secret)]
    refresh_token: String,
}

/// What came of refreshing a session.
#[derive(SimpleObject)]
pub struct RefreshTokenPayload {
    /// The member; null when there are user errors.
    member: Option<MemberObject>,
    /// The session with new tokens; null when there are user errors.
    session: Option<Session>,
    /// Why there is none.
    user_errors: Vec<RefreshTokenUserError>,
}

/// What came of logging out.
#[derive(SimpleObject)]
pub struct LogoutPayload {
    /// True: the session, or all of them, is over, on every process and from this moment on.
    logged_out: bool,
}

/// What is to be changed. A field left out stays as it is; null empties a name or a telephone number.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// A new user name.
    username: Option<String>,
    /// A new e-mail address.
    email: Option<String>,
    /// A new telephone number, or null for none.
    phone: MaybeUndefined<String>,
    /// A new name to be shown, or null for none.
    name: MaybeUndefined<String>,
}

/// What came of changing a profile.
#[derive(SimpleObject)]
pub struct UpdateProfilePayload {
    /// The member as they are now; null when there are user errors.
    member: Option<MemberObject>,
    /// Everything that was wrong. Then nothing was changed.
    user_errors: Vec<UpdateProfileUserError>,
}

/// A change of password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password as it is.
    #[graphql(secret)]
    current_password: String,
    /// The password to be: 8 to 128 characters.
    #[graphql(secret)]
    new_password: String,
}

/// What came of changing a password.
#[derive(SimpleObject)]
pub struct ChangePasswordPayload {
    /// The member; null when there are user errors.
    member: Option<MemberObject>,
    /// Why it was not changed.
    user_errors: Vec<ChangePasswordUserError>,
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

pub use merge::{MergeMembersUserError, MergeMutation};

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
        let RegisterInput { username, email, password, name, phone } = input;
        let typed = Registration { username, email, password, name, phone };
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
        let UpdateProfileInput { username, email, phone, name } = input;
        let edit = ProfileChange { username, email, phone: change(phone), name: change(name) };
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
