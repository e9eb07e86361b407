//! What a member may tell us of themselves, and why not.

use jiff::civil::{Date, date};

use crate::access::credential::{
    BareNumbers, DisplayNameError, PasswordError, Personal, UserNameError, display_name, email, password, phone,
    user_name,
};
use crate::base::text::has_control;
use crate::domain::member::entity::HandleKind;

/// Telephone numbers without a country code are read as mainland China's.
pub const BARE_NUMBERS: BareNumbers = BareNumbers::ChinaMobile;

/// The longest tag, in characters.
const MAX_TAG: usize = 50;

/// What can be a tag, folded.
pub fn is_tag(tag: &str) -> bool {
    !tag.is_empty() && tag.chars().count() <= MAX_TAG && !has_control(tag)
}

/// Why something about an account is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    UsernameInvalid(UserNameError),
    UsernameTaken,
    EmailInvalid,
    EmailTaken,
    PhoneInvalid,
    PhoneTaken,
    NameInvalid(DisplayNameError),
    /// To come, or longer ago than anybody lives.
    BirthdayInvalid,
    PasswordWeak(PasswordError),
    /// The account, the password, or both: nobody is told which.
    WrongCredentials,
    /// The current password, given to change it.
    WrongPassword,
    RefreshTokenInvalid,
}

/// What a customer registers with, as typed.
#[derive(Clone, Default)]
pub struct Registration {
    pub username: String,
    pub email: String,
    pub password: String,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub birthday: Option<Date>,
}

/// The same, checked and in the form in which it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub username: String,
    pub email: String,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub birthday: Option<Date>,
}

/// Checks everything and names all that is wrong, so a form can show it at once. No birthday is later than `today`.
pub fn check(typed: &Registration, today: Date) -> Result<Checked, Vec<Rejection>> {
    let mut wrong = Vec::new();
    let username = keep(user_name(&typed.username).map_err(Rejection::UsernameInvalid), &mut wrong);
    let email = keep(check_email(&typed.email), &mut wrong);
    let phone = keep(blank_is_none(typed.phone.as_deref()).map(check_phone).transpose(), &mut wrong).flatten();
    let name = keep(blank_is_none(typed.name.as_deref()).map(check_name).transpose(), &mut wrong).flatten();
    let birthday = keep(typed.birthday.map(|day| check_birthday(day, today)).transpose(), &mut wrong).flatten();
    let owner = Personal { user_name: username.as_deref(), email: email.as_deref(), phone: phone.as_deref() };
    keep(password(&typed.password, owner).map_err(Rejection::PasswordWeak), &mut wrong);
    match (username, email) {
        (Some(username), Some(email)) if wrong.is_empty() => Ok(Checked { username, email, name, phone, birthday }),
        _ => Err(wrong),
    }
}

pub fn check_email(typed: &str) -> Result<String, Rejection> {
    email(typed).map_err(|_| Rejection::EmailInvalid)
}

pub fn check_phone(typed: &str) -> Result<String, Rejection> {
    phone(typed, BARE_NUMBERS).map_err(|_| Rejection::PhoneInvalid)
}

pub fn check_name(typed: &str) -> Result<String, Rejection> {
    display_name(typed).map_err(Rejection::NameInvalid)
}

/// The first day on which a member can have been born.
const FIRST_BIRTHDAY: Date = date(1900, 1, 1);

pub fn check_birthday(day: Date, today: Date) -> Result<Date, Rejection> {
    if (FIRST_BIRTHDAY..=today).contains(&day) { Ok(day) } else { Err(Rejection::BirthdayInvalid) }
}

pub fn check_username(typed: &str) -> Result<String, Rejection> {
    user_name(typed).map_err(Rejection::UsernameInvalid)
}

/// The rejection for a name that somebody else has.
pub fn taken(kind: HandleKind) -> Rejection {
    match kind {
        HandleKind::Email => Rejection::EmailTaken,
        HandleKind::Phone => Rejection::PhoneTaken,
        _ => Rejection::UsernameTaken,
    }
}

/// An empty field of a form means that nothing was given.
fn blank_is_none(typed: Option<&str>) -> Option<&str> {
    typed.filter(|text| !text.trim().is_empty())
}

fn keep<T>(checked: Result<T, Rejection>, wrong: &mut Vec<Rejection>) -> Option<T> {
    checked.map_err(|rejection| wrong.push(rejection)).ok()
}
