//! Registering a member.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::access::password::Passwords;
use crate::app::{Address, App};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::id::{Id, Ids};
use crate::commit::Committers;
use crate::commit::register::{Register, Taken};
use crate::domain::member::entity::{HandleKind, credential, member, profile};
use crate::domain::member::rule::{Checked, Registration, Rejection, check, taken};
use crate::domain::member::service::session::{Opened, open};
use crate::domain::points::rule::program::zone;

/// Makes a member with a wallet and opens their first session. An imported member is never taken over this way.
pub async fn register(app: &App, address: Address, typed: Registration) -> Result<Result<Opened, Vec<Rejection>>> {
    let checked = match check(&typed, today(app)) {
        Ok(checked) => checked,
        Err(wrong) => return Ok(Err(wrong)),
    };
    app.throttle.registration(address)?;
    let password_hash = app.passwords.hash(typed.password).await?;
    let mut command = admission(&app.ids, app.clock.now(), checked, password_hash);
    let (session, opened) = open(app, command.member.id)?;
    command.session = Some(session);
    Ok(submit(&app.committers, command).await?.map(|_| opened))
}

/// The day it is in the program's time zone.
pub fn today(app: &App) -> Date {
    app.clock.now().local_date(&zone(&app.programs.latest()))
}

/// Makes a member without a session, by the same rules: for whoever runs the server, whom no limit keeps from it.
pub async fn admit(
    committers: &Committers,
    passwords: &Passwords,
    ids: &Ids,
    now: Instant,
    typed: Registration,
) -> Result<Result<member::Model, Vec<Rejection>>> {
    let checked = match check(&typed, now.local_date(&TimeZone::UTC)) {
        Ok(checked) => checked,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let password_hash = passwords.hash(typed.password).await?;
    submit(committers, admission(ids, now, checked, password_hash)).await
}

/// The command that makes a member of what was checked, without a session.
fn admission(ids: &Ids, now: Instant, checked: Checked, password_hash: String) -> Register {
    let member_id: Id = ids.next();
    let member = member::Model { id: member_id, number: ids.number(now), imported: false, created_at: now.micros() };
    let mut names = vec![(HandleKind::Username, checked.username.clone()), (HandleKind::Email, checked.email.clone())];
    names.extend(checked.phone.clone().map(|phone| (HandleKind::Phone, phone)));
    names.push((HandleKind::MemberNumber, member.number.clone()));
    Register {
        member,
        profile: profile::Model {
            member_id,
            username: Some(checked.username),
            email: Some(checked.email),
            phone: checked.phone,
            name: checked.name,
            birthday: checked.birthday.map(|day| day.to_string()),
        },
        credential: Some(credential::Model { member_id, password_hash, changed_at: now.micros() }),
        session: None,
        names,
        event_id: ids.next(),
    }
}

async fn submit(committers: &Committers, command: Register) -> Result<Result<member::Model, Vec<Rejection>>> {
    let member = command.member.clone();
    let done = committers.submit(command).await?;
    Ok(done.map(|()| member).map_err(|Taken(kinds)| kinds.into_iter().map(taken).collect()))
}
