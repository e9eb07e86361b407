//! What the mutations of an account take and give.

use async_graphql::{InputObject, MaybeUndefined, SimpleObject};

use crate::domain::member::graphql::member::MemberObject;
use crate::domain::member::graphql::user_error::{
    ChangePasswordUserError, LoginUserError, RefreshTokenUserError, RegisterUserError, UpdateProfileUserError,
};
use crate::domain::member::service::Opened;
use crate::gql::scalar::{Date, DateTime};

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

/// What a customer registers with.
#[derive(InputObject)]
pub struct RegisterInput {
    /// 3 to 32 letters, digits, `.`, `_` or `-`; no `@`, not all digits. Case does not matter.
    pub(super) username: String,
    /// An e-mail address. Case does not matter.
    pub(super) email: String,
    /// 8 to 128 characters.
    #[graphql(secret)]
    pub(super) password: String,
    /// The name to be shown.
    pub(super) name: Option<String>,
    /// A telephone number; eleven digits are read as a mobile number of mainland China.
    pub(super) phone: Option<String>,
    /// The day of birth (生日), from 1900 to today.
    pub(super) birthday: Option<Date>,
}

/// What came of registering.
#[derive(SimpleObject)]
pub struct RegisterPayload {
    /// The new member; null when there are user errors.
    pub(super) member: Option<MemberObject>,
    /// Their first session; null when there are user errors.
    pub(super) session: Option<Session>,
    /// Everything that was wrong. Then nobody was registered.
    pub(super) user_errors: Vec<RegisterUserError>,
}

/// Who logs in.
#[derive(InputObject)]
pub struct LoginInput {
    /// User name, e-mail address or telephone number.
    pub(super) account: String,
    /// The password.
    #[graphql(secret)]
    pub(super) password: String,
}

/// What came of logging in.
#[derive(SimpleObject)]
pub struct LoginPayload {
    /// The member; null when there are user errors.
    pub(super) member: Option<MemberObject>,
    /// The new session; null when there are user errors.
    pub(super) session: Option<Session>,
    /// Why there is no session.
    pub(super) user_errors: Vec<LoginUserError>,
}

/// A session to be refreshed.
#[derive(InputObject)]
pub struct RefreshTokenInput {
    /// The refresh token of the last session object.
    #[graphql(secret)]
    pub(super) refresh_token: String,
}

/// What came of refreshing a session.
#[derive(SimpleObject)]
pub struct RefreshTokenPayload {
    /// The member; null when there are user errors.
    pub(super) member: Option<MemberObject>,
    /// The session with new tokens; null when there are user errors.
    pub(super) session: Option<Session>,
    /// Why there is none.
    pub(super) user_errors: Vec<RefreshTokenUserError>,
}

/// What came of logging out.
#[derive(SimpleObject)]
pub struct LogoutPayload {
    /// True: the session, or all of them, is over, on every process and from this moment on.
    pub(super) logged_out: bool,
}

/// What is to be changed. A field left out stays as it is; null empties a name, a telephone number or a
/// birthday.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// A new user name.
    pub(super) username: Option<String>,
    /// A new e-mail address.
    pub(super) email: Option<String>,
    /// A new telephone number, or null for none.
    pub(super) phone: MaybeUndefined<String>,
    /// A new name to be shown, or null for none.
    pub(super) name: MaybeUndefined<String>,
    /// Another day of birth, from 1900 to today, or null for none.
    pub(super) birthday: MaybeUndefined<Date>,
}

/// What came of changing a profile.
#[derive(SimpleObject)]
pub struct UpdateProfilePayload {
    /// The member as they are now; null when there are user errors.
    pub(super) member: Option<MemberObject>,
    /// Everything that was wrong. Then nothing was changed.
    pub(super) user_errors: Vec<UpdateProfileUserError>,
}

/// A change of password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password as it is.
    #[graphql(secret)]
    pub(super) current_password: String,
    /// The password to be: 8 to 128 characters.
    #[graphql(secret)]
    pub(super) new_password: String,
}

/// What came of changing a password.
#[derive(SimpleObject)]
pub struct ChangePasswordPayload {
    /// The member; null when there are user errors.
    pub(super) member: Option<MemberObject>,
    /// Why it was not changed.
    pub(super) user_errors: Vec<ChangePasswordUserError>,
}
