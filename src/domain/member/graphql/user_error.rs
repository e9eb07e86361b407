//! Why something about an account was refused, in codes and in words.

use async_graphql::{Enum, SimpleObject};

use crate::domain::member::rule::Rejection;
use crate::gql::input::path;
use crate::gql::language::Language;

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
    /// A birthday is a day from 1900 to today.
    BirthdayInvalid,
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
    /// A birthday is a day from 1900 to today.
    BirthdayInvalid,
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
    pub(super) code: LoginErrorCode,
}

/// Why a session was not refreshed.
#[derive(SimpleObject)]
pub struct RefreshTokenUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    pub(super) code: RefreshTokenErrorCode,
}

/// Why a password was not changed.
#[derive(SimpleObject)]
pub struct ChangePasswordUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    pub(super) code: ChangePasswordErrorCode,
}

/// A reason, and the field it is about.
pub(super) struct Explained {
    pub(super) message: String,
    pub(super) path: Option<Vec<String>>,
}

/// What is wrong, in words.
pub fn message(rejection: Rejection, language: Language) -> String {
    explain(rejection, language).message
}

pub(super) fn explain(rejection: Rejection, language: Language) -> Explained {
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
        Rejection::BirthdayInvalid => {
            ("A birthday is a day from 1900 to today.", "生日须在 1900 年至今天之间。", "birthday")
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
        Rejection::BirthdayInvalid => RegisterErrorCode::BirthdayInvalid,
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
        Rejection::BirthdayInvalid => UpdateProfileErrorCode::BirthdayInvalid,
        Rejection::PasswordWeak(_)
        | Rejection::WrongCredentials
        | Rejection::WrongPassword
        | Rejection::RefreshTokenInvalid => return None,
    })
}

pub(super) fn register_errors(wrong: Vec<Rejection>, language: Language) -> Vec<RegisterUserError> {
    let errors = wrong.into_iter().filter_map(|rejection| {
        let Explained { message, path } = explain(rejection, language);
        Some(RegisterUserError { message, path, code: register_code(rejection)? })
    });
    errors.collect()
}

pub(super) fn profile_errors(wrong: Vec<Rejection>, language: Language) -> Vec<UpdateProfileUserError> {
    let errors = wrong.into_iter().filter_map(|rejection| {
        let Explained { message, path } = explain(rejection, language);
        Some(UpdateProfileUserError { message, path, code: profile_code(rejection)? })
    });
    errors.collect()
}
