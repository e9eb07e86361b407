//! Registering a member.

use crate::app::{Address, App};
use crate::base::error::Result;
use crate::commit::register::{Register, Taken};
use crate::domain::member::entity::{HandleKind, credential, member, profile};
use crate::domain::member::rule::{Registration, Rejection, check, taken};
use crate::domain::member::service::session::{Opened, open};

/// Makes a member with a wallet and opens their first session. An imported member is never taken over this way.
pub async fn register(app: &App, address: Address, typed: Registration) -> Result<Result<Opened, Vec<Rejection>>> {
    let checked = match check(&typed) {
        Ok(checked) => checked,
        Err(wrong) => return Ok(Err(wrong)),
    };
    app.throttle.registration(address)?;
    let password_hash = app.passwords.hash(typed.password).await?;
    let now = app.clock.now();
    let member_id = app.ids.next();
    let (session, opened) = open(app, member_id)?;
    let mut names = vec![(HandleKind::Username, checked.username.clone()), (HandleKind::Email, checked.email.clone())];
    names.extend(checked.phone.clone().map(|phone| (HandleKind::Phone, phone)));
    let member =
        member::Model { id: member_id, number: app.ids.number(now), imported: false, created_at: now.micros() };
    names.push((HandleKind::MemberNumber, member.number.clone()));
    let command = Register {
        member,
        profile: profile::Model {
            member_id,
            username: Some(checked.username),
            email: Some(checked.email),
            phone: checked.phone,
            name: checked.name,
        },
        credential: Some(credential::Model { member_id, password_hash, changed_at: now.micros() }),
        session: Some(session),
        names,
        event_id: app.ids.next(),
    };
    match app.committers.submit(command).await? {
        Ok(()) => Ok(Ok(opened)),
        Err(Taken(kinds)) => Ok(Err(kinds.into_iter().map(taken).collect())),
    }
}
