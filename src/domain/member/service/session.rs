//! Sessions: opening one, finding the one behind a token, refreshing and ending it.

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::access::actor::{Actor, MemberActor};
use crate::access::rotation::{self, Rotation, SessionState};
use crate::access::token::RefreshToken;
use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::member::entity::session;
use crate::domain::member::query::SessionKey;
use crate::domain::member::rule::Rejection;

/// A session as its owner is given it. The tokens are in the clear here and nowhere else.
pub struct Opened {
    pub member_id: Id,
    pub access_token: String,
    pub expires_at: Instant,
    pub refresh_token: String,
    pub refresh_expires_at: Instant,
}

/// A new session's row, and what its owner is given. It is not of staff: nobody has the role when they register, and the
/// statement of a login asks for itself.
pub fn open(app: &App, member_id: Id) -> Result<(session::Model, Opened)> {
    let now = app.clock.now();
    let session_id = app.ids.next();
    let token = RefreshToken::new(app.ids.random(), member_id, session_id);
    let row = session::Model {
        member_id,
        id: session_id,
        refresh_hash: token.hash().to_vec(),
        previous_hash: None,
        previous_valid_until: None,
        created_at: now.micros(),
        expires_at: now.plus(app.session_ttl).micros(),
        revoked_at: None,
        staff: false,
    };
    let opened = hand_over(app, &row, &token)?;
    Ok((row, opened))
}

fn hand_over(app: &App, row: &session::Model, token: &RefreshToken) -> Result<Opened> {
    let (access_token, expires_at) = app.tokens.issue(row.member_id, row.id)?;
    let refresh_expires_at = Instant(row.expires_at);
    Ok(Opened { member_id: row.member_id, access_token, expires_at, refresh_token: token.reveal(), refresh_expires_at })
}

/// Who is behind an access token. The session's row is read each time, so a logout works at once on every process.
pub async fn authenticate(app: &App, token: &str) -> Result<Actor> {
    let claims = app.tokens.verify(token)?;
    let row = app.hub.find(SessionKey(claims.member_id, claims.session_id)).await?;
    match row {
        Some(row) if row.revoked_at.is_none() && app.clock.now() < Instant(row.expires_at) => {
            let (member_id, session_id) = (claims.member_id, claims.session_id);
            Ok(Actor::Member(MemberActor { member_id, session_id, staff: row.staff }))
        }
        _ => Err(Error::unauthenticated()),
    }
}

/// Replaces a refresh token and gives a new access token. A token that was replaced long ago ends the session.
pub async fn refresh_token(app: &App, typed: &str) -> Result<Result<Opened, Rejection>> {
    let Some(token) = RefreshToken::parse(typed) else {
        return Ok(Err(Rejection::RefreshTokenInvalid));
    };
    // Most bad tokens end here: judging a forgery takes a while, and must not keep writers waiting.
    let session = app.hub.find(SessionKey(token.member_id, token.session_id)).await?;
    let judged = session.as_deref().and_then(state_of).map(|state| judge(app, &state, &token));
    if !matches!(judged, Some(Rotation::Rotate { .. } | Rotation::AcceptPrevious { .. } | Rotation::Reuse)) {
        return Ok(Err(Rejection::RefreshTokenInvalid));
    }
    let work = {
        let (app, token) = (app.clone(), token.clone());
        move |tx: Tx| {
            let (app, token) = (app.clone(), token.clone());
            async move { rotate(&app, &tx, &token).await }
        }
    };
    let Some((row, next)) = app.db.write(work).await? else {
        return Ok(Err(Rejection::RefreshTokenInvalid));
    };
    hand_over(app, &row, &next).map(Ok)
}

async fn rotate(
    app: &App,
    tx: &DatabaseTransaction,
    token: &RefreshToken,
) -> Result<Option<(session::Model, RefreshToken)>> {
    // The row is locked, so of two requests with one token the second sees what the first made of it.
    let found = session::Entity::find_by_id((token.member_id, token.session_id));
    let Some(row) = found.lock(LockType::NoKeyUpdate).one(tx).await? else {
        return Ok(None);
    };
    let Some(state) = state_of(&row) else {
        return Ok(None);
    };
    let now = app.clock.now();
    match judge(app, &state, token) {
        Rotation::Rotate { next } => {
            let after = state.rotated(&next, now);
            let row = session::Model {
                refresh_hash: after.current_hash.to_vec(),
                previous_hash: after.previous_hash.map(|hash| hash.to_vec()),
                previous_valid_until: Some(after.previous_valid_until.micros()),
                // A session that is used goes on; one that is not ends when its time is up.
                expires_at: now.plus(app.session_ttl).micros(),
                ..row
            };
            rows::update::<session::Entity>(tx, vec![row.clone()]).await?;
            Ok(Some((row, next)))
        }
        Rotation::AcceptPrevious { next } => Ok(Some((row, next))),
        Rotation::Reuse => {
            tracing::warn!(session = %row.id, "a refresh token was used again; its session is ended");
            rows::update::<session::Entity>(tx, vec![session::Model { revoked_at: Some(now.micros()), ..row }]).await?;
            Ok(None)
        }
        Rotation::Expired | Rotation::Revoked | Rotation::Unknown => Ok(None),
    }
}

fn judge(app: &App, state: &SessionState, token: &RefreshToken) -> Rotation {
    rotation::decide(state, token, &app.rotation_key, app.clock.now())
}

fn state_of(row: &session::Model) -> Option<SessionState> {
    let hash = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).ok();
    Some(SessionState {
        current_hash: hash(&row.refresh_hash)?,
        previous_hash: row.previous_hash.as_deref().and_then(hash),
        previous_valid_until: Instant(row.previous_valid_until.unwrap_or_default()),
        expires_at: Instant(row.expires_at),
        revoked_at: row.revoked_at.map(Instant),
    })
}

/// Ends the session that asks.
pub async fn logout(app: &App, actor: &Actor) -> Result<()> {
    let member = actor.member()?;
    end_sessions(app, member.member_id, Only(member.session_id)).await
}

/// Ends all sessions of the member who asks.
pub async fn logout_everywhere(app: &App, actor: &Actor) -> Result<()> {
    end_sessions(app, actor.member()?.member_id, All).await
}

/// Which of a member's sessions are ended.
#[derive(Clone, Copy)]
pub enum Which {
    All,
    Only(Id),
    AllBut(Id),
}
use Which::{All, Only};

/// Ends sessions in a transaction of their own.
async fn end_sessions(app: &App, member_id: Id, which: Which) -> Result<()> {
    let now = app.clock.now();
    app.db.write(move |tx| async move { end_sessions_in(&tx, member_id, which, now).await }).await
}

/// Ends sessions as a part of another edit.
pub async fn end_sessions_in(tx: &DatabaseTransaction, member_id: Id, which: Which, now: Instant) -> Result<()> {
    let mut ending = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now.micros()))
        .filter(session::Column::MemberId.eq(member_id))
        .filter(session::Column::RevokedAt.is_null());
    match which {
        Which::All => {}
        Which::Only(id) => ending = ending.filter(session::Column::Id.eq(id)),
        Which::AllBut(id) => ending = ending.filter(session::Column::Id.ne(id)),
    }
    ending.exec(tx).await?;
    Ok(())
}
