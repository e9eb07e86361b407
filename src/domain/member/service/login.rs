//! Logging in. An unknown account gets the same answer as a wrong password, in the same time.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::access::credential::{Account, account};
use crate::access::throttle::Subject;
use crate::app::{Address, App};
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::admin::query::has_role;
use crate::domain::member::entity::{HandleKind, credential, session};
use crate::domain::member::query::{HandleKey, SessionKey, find_credential};
use crate::domain::member::rule::{BARE_NUMBERS, Rejection};
use crate::domain::member::service::session::{Opened, open};

/// Opens a session for whoever knows the password of an account.
pub async fn login(app: &App, address: Address, typed: &str, password: String) -> Result<Result<Opened, Rejection>> {
    let account = account(typed, BARE_NUMBERS);
    let member_id = find_account(app, &account).await?;
    let subject = member_id.map_or(Subject::Unknown(&account), Subject::Member);
    let attempt = app.throttle.attempt(subject, address).await?;
    // An unknown account is looked for as well, under an id nobody has: both ways take the same steps.
    let stored = find_credential(&app.db, member_id.unwrap_or(Id::nil())).await?;
    let hash = stored.as_ref().map(|credential| credential.password_hash.clone());
    let verdict = app.passwords.verify(password.clone(), hash).await?;
    let (Some(credential), true) = (stored, verdict.matches) else {
        attempt.failed();
        return Ok(Err(Rejection::WrongCredentials));
    };
    attempt.succeeded();
    if verdict.rehash_needed {
        rehash(app, &credential, password).await?;
    }
    Ok(open_session(app, &credential).await?.ok_or(Rejection::WrongCredentials))
}

/// Opens a session if the password is still the one that was checked. A change of password ends the sessions it finds; a
/// login that was on its way then must not come after it. (The hash is no sign of it: another login may have made it anew
/// from the same password.) The same statement asks whether the member is staff.
async fn open_session(app: &App, checked: &credential::Model) -> Result<Option<Opened>> {
    let (row, opened) = open(app, checked.member_id)?;
    let key = SessionKey(row.member_id, row.id);
    let (dialect, checked) = (app.db.dialect, [checked.member_id.into(), checked.changed_at.into()]);
    let inserted =
        app.db.write_statement(move |db| {
            let (row, checked) = (row.clone(), checked.clone());
            let unchanged = move |at: usize| {
                let keep = dialect.keep_of("c");
                format!("credential c WHERE c.member_id = ${at} AND c.changed_at = ${}{keep}", at + 1)
            };
            let staff = [(session::Column::Staff, has_role(dialect, "c.member_id"))];
            async move {
                rows::insert_if::<session::Entity, 1>(&db, row, staff, unchanged, checked).await.map_err(Error::from)
            }
        });
    // Tried again after a lost answer, the statement finds the row that it made before.
    let is_open = inserted.await? || app.hub.find(key).await?.is_some();
    Ok(is_open.then_some(opened))
}

async fn find_account(app: &App, account: &Account) -> Result<Option<Id>> {
    let key = match account {
        Account::UserName(name) => HandleKey(HandleKind::Username, name.clone()),
        Account::Email(email) => HandleKey(HandleKind::Email, email.clone()),
        Account::Phone(phone) => HandleKey(HandleKind::Phone, phone.clone()),
        Account::Nobody => return Ok(None),
    };
    Ok(app.hub.find(key).await?.map(|name| name.member_id))
}

/// Stores the password under today's parameters, unless it was changed in the meantime.
async fn rehash(app: &App, stored: &credential::Model, password: String) -> Result<()> {
    let password_hash = app.passwords.hash(password).await?;
    let (member_id, before) = (stored.member_id, stored.password_hash.clone());
    let work = move |tx: Tx| {
        let update = credential::Entity::update_many()
            .col_expr(credential::Column::PasswordHash, Expr::value(password_hash.clone()))
            .filter(credential::Column::MemberId.eq(member_id))
            .filter(credential::Column::PasswordHash.eq(before.clone()));
        async move {
            update.exec(&*tx).await?;
            Ok(())
        }
    };
    app.db.write(work).await
}
