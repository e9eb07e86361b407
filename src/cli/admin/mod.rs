//! `jifen admin`: who is staff. Whoever may run the program on the database may say so; no mutation does.

mod password;

use jiff::tz::TimeZone;

use crate::base::clock::{Clock, Instant};
use crate::base::id::Random;
use crate::cli::Failure;
use crate::cli::open::{Books, open_books};
use crate::config::{Admin, AdminCreate, Common};
use crate::db::Db;
use crate::db::group::Bounds;
use crate::db::reader::Hub;
use crate::domain::admin::query::list_staff;
use crate::domain::admin::service::{grant, revoke};
use crate::domain::member::entity::{HandleKind, member};
use crate::domain::member::graphql::message;
use crate::domain::member::query::{HandleKey, MemberKey, ProfileOf};
use crate::domain::member::rule::{Registration, Rejection, check, check_username};
use crate::domain::member::service::admit;
use crate::gql::language::Language;

pub async fn run(common: &Common, admin: &Admin) -> Result<(), Failure> {
    if let Admin::Create(account) = admin {
        return create(common, account).await;
    }
    if common.database_url.is_missing() {
        // Opening would make an empty database, in which there is nobody to be staff.
        return Err(Failure::usage("there is no such database file; say which one with --database-url"));
    }
    let db = Db::open(&common.database_url, common.connections).await?;
    let now = Clock::System.now();
    let told = match admin {
        Admin::Create(_) => unreachable!("it was created above"),
        Admin::Grant(who) => give(&db, &who.username, now, common.json).await,
        Admin::Revoke(who) => take(&db, &who.username, now, common.json).await,
        Admin::List => list(&db, common.json).await,
    };
    db.close().await;
    println!("{}", told?);
    Ok(())
}

/// Registers an account and gives it the role.
async fn create(common: &Common, account: &AdminCreate) -> Result<(), Failure> {
    let typed = Registration {
        username: account.username.clone(),
        email: account.email.clone(),
        password: password::read()?,
        ..Registration::default()
    };
    // What can be wrong with it is told before a database is opened, or made.
    check(&typed, Clock::System.now().local_date(&TimeZone::UTC)).map_err(|wrong| refused(&wrong))?;
    let passwords = account.hashing.passwords(Random::System).map_err(Failure::usage)?;
    let books = open_books(common, Clock::System, 1, Bounds::default()).await?;
    let now = books.clock.now();
    let made = admit(&books.committers, &passwords, &books.ids, now, typed).await;
    let told = match made {
        Ok(Ok(member)) => welcome(&books, &member, common.json).await,
        Ok(Err(wrong)) => Err(refused(&wrong)),
        Err(error) => Err(error.into()),
    };
    books.committers.finish().await;
    books.db.close().await;
    println!("{}", told?);
    Ok(())
}

/// Gives the role to an account that was just made. That is a second step, which may fail by itself.
async fn welcome(books: &Books, member: &member::Model, json: bool) -> Result<String, Failure> {
    let username = username_of(&books.db, member).await?;
    grant(&books.db, member.id, books.clock.now()).await.map_err(|error| {
        let Failure { message, exit } = error.into();
        let advice = format!("the account is there; `jifen admin grant {username}` gives it the role");
        Failure { message: format!("{message} ({advice})"), exit }
    })?;
    let number = &member.number;
    Ok(if json {
        serde_json::json!({ "username": username, "number": number, "created": true }).to_string()
    } else {
        format!("{username} is there, with the number {number}, and is staff.")
    })
}

async fn give(db: &Db, username: &str, now: Instant, json: bool) -> Result<String, Failure> {
    let member = find(db, username).await?;
    let username = username_of(db, &member).await?;
    let granted = grant(db, member.id, now).await?;
    Ok(if json {
        serde_json::json!({ "username": username, "number": member.number, "granted": granted }).to_string()
    } else if granted {
        format!("{username} is staff now, from the next login on.")
    } else {
        format!("{username} is staff already.")
    })
}

async fn take(db: &Db, username: &str, now: Instant, json: bool) -> Result<String, Failure> {
    let member = find(db, username).await?;
    let username = username_of(db, &member).await?;
    let revoked = revoke(db, member.id, now).await?;
    Ok(if json {
        serde_json::json!({ "username": username, "number": member.number, "revoked": revoked }).to_string()
    } else if revoked {
        format!("{username} is not staff any more; all their sessions are ended.")
    } else {
        format!("{username} is not staff.")
    })
}

async fn list(db: &Db, json: bool) -> Result<String, Failure> {
    let hub = Hub::new(db.clone());
    let staff = list_staff(db).await?;
    let members = hub.find_all(staff.iter().map(|staff| MemberKey(staff.member_id))).await?;
    let profiles = hub.find_all(staff.iter().map(|staff| ProfileOf(staff.member_id))).await?;
    let told = staff.iter().map(|staff| {
        let number = members.get(&MemberKey(staff.member_id)).map(|member| member.number.as_str());
        let username = profiles.get(&ProfileOf(staff.member_id)).and_then(|profile| profile.username.as_deref());
        (username.unwrap_or("–"), number.unwrap_or("–"), Instant(staff.created_at).rfc3339())
    });
    if json {
        let staff = told.map(
            |(username, number, since)| serde_json::json!({ "username": username, "number": number, "since": since }),
        );
        return Ok(serde_json::json!({ "staff": staff.collect::<Vec<_>>() }).to_string());
    }
    if staff.is_empty() {
        return Ok("Nobody is staff.".to_owned());
    }
    let lines = told.map(|(username, number, since)| format!("{username}  {number}  since {since}"));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// The member with a user name, whatever its case.
async fn find(db: &Db, typed: &str) -> Result<member::Model, Failure> {
    let unknown = || Failure::usage(format!("there is no member with the user name {typed:?}; nothing was changed"));
    let name = check_username(typed).map_err(|_| unknown())?;
    let hub = Hub::new(db.clone());
    let name = hub.find(HandleKey(HandleKind::Username, name)).await?.ok_or_else(unknown)?;
    let member = hub.find(MemberKey(name.member_id)).await?.ok_or_else(unknown)?;
    Ok((*member).clone())
}

/// The user name as it is stored.
async fn username_of(db: &Db, member: &member::Model) -> Result<String, Failure> {
    let profile = Hub::new(db.clone()).find(ProfileOf(member.id)).await?;
    Ok(profile.and_then(|profile| profile.username.clone()).unwrap_or_else(|| member.number.clone()))
}

/// Everything that is wrong with an account, in one line.
fn refused(wrong: &[Rejection]) -> Failure {
    let mut words: Vec<String> = wrong.iter().map(|rejection| message(*rejection, Language::English)).collect();
    if wrong.contains(&Rejection::UsernameTaken) {
        words.push("`jifen admin grant` gives the role to a member there is.".to_owned());
    }
    Failure::usage(format!("no account was made: {}", words.join(" ")))
}
