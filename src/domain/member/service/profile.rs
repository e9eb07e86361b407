//! Editing what a member told us, and changing the password.

use jiff::civil::Date;
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::access::actor::Actor;
use crate::access::credential::{Personal, password};
use crate::access::throttle::Subject;
use crate::app::{Address, App};
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::dialect::Held;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::member::entity::{HandleKind, credential, handle, profile};
use crate::domain::member::query::{ProfileOf, find_credential};
use crate::domain::member::rule::{
    Rejection, check_birthday, check_email, check_name, check_phone, check_username, taken,
};
use crate::domain::member::service::register::today;
use crate::domain::member::service::session::{Which, end_sessions_in};
use crate::domain::points::query::is_merged;

/// What is to be changed. `None` leaves a field as it is; `Some(None)` empties it.
#[derive(Clone, Default)]
pub struct ProfileChange {
    pub username: Option<String>,
    pub email: Option<String>,
    pub phone: Option<Option<String>>,
    pub name: Option<Option<String>>,
    pub birthday: Option<Option<Date>>,
}

/// The same, checked.
#[derive(Clone, Debug, Default)]
struct Edit {
    username: Option<String>,
    email: Option<String>,
    phone: Option<Option<String>>,
    name: Option<Option<String>>,
    birthday: Option<Option<Date>>,
}

/// Changes the profile of the member who asks. Either everything is changed or nothing.
pub async fn update_profile(app: &App, actor: &Actor, change: ProfileChange) -> Result<Result<(), Vec<Rejection>>> {
    let member_id = actor.member()?.member_id;
    let edit = match check(change, today(app)) {
        Ok(edit) => edit,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let work = move |tx: Tx| {
        let edit = edit.clone();
        async move { apply(&tx, member_id, edit).await }
    };
    app.db.write(work).await
}

fn check(change: ProfileChange, today: Date) -> Result<Edit, Vec<Rejection>> {
    let mut wrong = Vec::new();
    let mut edit = Edit::default();
    if let Some(typed) = change.username {
        edit.username = check_username(&typed).map_err(|rejection| wrong.push(rejection)).ok();
    }
    if let Some(typed) = change.email {
        edit.email = check_email(&typed).map_err(|rejection| wrong.push(rejection)).ok();
    }
    if let Some(typed) = change.phone {
        edit.phone = typed.map(|text| check_phone(&text)).transpose().map_err(|rejection| wrong.push(rejection)).ok();
    }
    if let Some(typed) = change.name {
        edit.name = typed.map(|text| check_name(&text)).transpose().map_err(|rejection| wrong.push(rejection)).ok();
    }
    if let Some(given) = change.birthday {
        let checked = given.map(|day| check_birthday(day, today)).transpose();
        edit.birthday = checked.map_err(|rejection| wrong.push(rejection)).ok();
    }
    if wrong.is_empty() { Ok(edit) } else { Err(wrong) }
}

async fn apply(tx: &DatabaseTransaction, member_id: Id, edit: Edit) -> Result<Result<(), Vec<Rejection>>> {
    let locked =
        rows::lock_by_ids::<profile::Entity>(tx, profile::Column::MemberId, [member_id], Held::Awaited).await?;
    let before = locked.into_iter().next().ok_or_else(Error::unauthenticated)?;
    // Whoever was merged while this waited has no session any more, and takes no name along.
    if is_merged(tx, member_id).await? {
        return Err(Error::unauthenticated());
    }
    let after = profile::Model {
        member_id,
        username: edit.username.or_else(|| before.username.clone()),
        email: edit.email.or_else(|| before.email.clone()),
        phone: edit.phone.unwrap_or_else(|| before.phone.clone()),
        name: edit.name.unwrap_or_else(|| before.name.clone()),
        birthday: edit.birthday.map_or_else(|| before.birthday.clone(), |given| given.map(|day| day.to_string())),
    };
    let (old, new) = (names_of(&before), names_of(&after));
    let gained: Vec<_> = new.iter().filter(|name| !old.contains(name)).cloned().collect();
    let lost: Vec<_> = old.into_iter().filter(|name| !new.contains(name)).collect();
    let claimed = rows::insert_if_absent::<handle::Entity>(tx, gained.clone()).await?;
    let refused: Vec<Rejection> =
        gained.iter().filter(|name| !claimed.contains(name)).map(|name| taken(name.kind)).collect();
    if !refused.is_empty() {
        // Nothing of a refused edit may stay: the names it did get are given back.
        release(tx, &claimed).await?;
        return Ok(Err(refused));
    }
    release(tx, &lost).await?;
    rows::update::<profile::Entity>(tx, vec![after]).await?;
    Ok(Ok(()))
}

fn names_of(profile: &profile::Model) -> Vec<handle::Model> {
    let kinds = [
        (HandleKind::Email, &profile.email),
        (HandleKind::Phone, &profile.phone),
        (HandleKind::Username, &profile.username),
    ];
    let names = kinds.into_iter().filter_map(|(kind, value)| {
        let value = value.clone()?;
        Some(handle::Model { kind, value, member_id: profile.member_id, subject_id: profile.member_id })
    });
    let mut names: Vec<_> = names.collect();
    names.sort_by(|left, right| left.value.cmp(&right.value));
    names
}

async fn release(tx: &DatabaseTransaction, names: &[handle::Model]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let any = names.iter().fold(Condition::any(), |any, name| {
        let this = Condition::all().add(handle::Column::Kind.eq(name.kind));
        any.add(this.add(handle::Column::Value.eq(name.value.clone())))
    });
    handle::Entity::delete_many().filter(any).exec(tx).await?;
    Ok(())
}

/// Changes the password of the member who asks and ends their other sessions.
pub async fn change_password(
    app: &App,
    actor: &Actor,
    address: Address,
    current: String,
    new: String,
) -> Result<Result<(), Rejection>> {
    let member = actor.member()?;
    let profile = app.hub.find(ProfileOf(member.member_id)).await?;
    let owner = profile.as_deref().map_or(Personal::default(), |profile| Personal {
        user_name: profile.username.as_deref(),
        email: profile.email.as_deref(),
        phone: profile.phone.as_deref(),
    });
    if let Err(weak) = password(&new, owner) {
        return Ok(Err(Rejection::PasswordWeak(weak)));
    }
    // A stolen session must not be a way to guess the password, so failures count here as they do at login.
    let attempt = app.throttle.attempt(Subject::Member(member.member_id), address).await?;
    let stored = find_credential(&app.db, member.member_id).await?;
    let verdict = app.passwords.verify(current, stored.map(|credential| credential.password_hash)).await?;
    if !verdict.matches {
        attempt.failed();
        return Ok(Err(Rejection::WrongPassword));
    }
    attempt.succeeded();
    let now = app.clock.now();
    let password_hash = app.passwords.hash(new).await?;
    let row = credential::Model { member_id: member.member_id, password_hash, changed_at: now.micros() };
    let work = move |tx: Tx| {
        let row = row.clone();
        async move {
            rows::update::<credential::Entity>(&*tx, vec![row]).await?;
            end_sessions_in(&tx, member.member_id, Which::AllBut(member.session_id), now).await
        }
    };
    app.db.write(work).await?;
    Ok(Ok(()))
}
