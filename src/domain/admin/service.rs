//! Giving members the staff role and taking it away. That is done at the command line by whoever runs the server, and so
//! asks for no actor.

use sea_orm::EntityTrait;

use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::Db;
use crate::db::rows::insert_if_absent;
use crate::db::write::Tx;
use crate::domain::admin::entity::staff;
use crate::domain::member::service::session::{Which, end_sessions_in};

/// Gives a member the role, which their next login brings into effect. False if they have it already.
pub async fn grant(db: &Db, member_id: Id, now: Instant) -> Result<bool> {
    let row = staff::Model { member_id, created_at: now.micros() };
    let work = move |tx: Tx| {
        let row = row.clone();
        async move { insert_if_absent::<staff::Entity>(&*tx, vec![row]).await.map_err(Error::from) }
    };
    Ok(!db.write(work).await?.is_empty())
}

/// Takes the role away and ends all sessions of the member, at once and on every process. False if they do not have it;
/// then nothing is changed.
pub async fn revoke(db: &Db, member_id: Id, now: Instant) -> Result<bool> {
    let work = move |tx: Tx| async move {
        // First the role: a login that saw it holds on to it until its session is there to be ended.
        if staff::Entity::delete_by_id(member_id).exec(&*tx).await?.rows_affected == 0 {
            return Ok(false);
        }
        end_sessions_in(&tx, member_id, Which::All, now).await?;
        Ok(true)
    };
    db.write(work).await
}
