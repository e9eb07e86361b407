//! Changing the settings of the program: a new version, never an edit.

use std::sync::Arc;

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::keyset::Cursor;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::points::entity::program;
use crate::domain::points::query::{NewestProgram, VersionsOf, newest_version};
use crate::domain::points::rule::program::change::Change;
use crate::domain::points::rule::program::{Rejection, check};

/// Whether somebody may see who made a version.
pub fn may_see_author(actor: &Actor) -> bool {
    actor.staff().is_ok()
}

/// A page of the program's versions, newest first.
pub async fn list_versions(app: &App, actor: &Actor, page: Page<Cursor>) -> Result<Arc<Slice<program::Model>>> {
    actor.staff()?;
    let found = app.hub.find(VersionsOf(app.programs.id(), page)).await?;
    found.ok_or_else(|| Error::internal("a list of versions was not answered"))
}

/// Makes the next version of the program, from the one that whoever asks has seen. A change that changes nothing makes
/// none.
pub async fn update_program(
    app: &App,
    actor: &Actor,
    expected_version: i64,
    change: Change,
) -> Result<Result<Arc<program::Model>, Vec<Rejection>>> {
    let author = actor.staff()?;
    let newest = app.hub.find(NewestProgram).await?;
    let before = newest.ok_or_else(|| Error::internal("there is no loyalty program"))?;
    if before.version != expected_version {
        return Ok(Err(conflict(before.version)));
    }
    let after = change.applied_to(&before);
    if let Err(wrong) = check(&after) {
        return Ok(Err(wrong));
    }
    if after == *before {
        return Ok(Ok(before));
    }
    let row = program::Model {
        version: before.version + 1,
        created_at: app.clock.now().micros(),
        author_id: Some(author.member_id),
        ..after
    };
    let work = move |tx: Tx| {
        let row = row.clone();
        async move { insert(&tx, row).await }
    };
    Ok(match app.db.write(work).await? {
        Ok(row) => Ok(app.programs.keep(row)),
        Err(current) => Err(conflict(current)),
    })
}

fn conflict(current: i64) -> Vec<Rejection> {
    vec![Rejection::VersionConflict { current }]
}

/// The version after the newest, with the same settings: for what comes in force with a version of its own.
pub async fn next_version(
    tx: &DatabaseTransaction,
    program_id: Id,
    author_id: Id,
    created_at: i64,
) -> Result<program::Model> {
    let newest = newest_version(tx, program_id).await?;
    let newest = newest.ok_or_else(|| Error::internal("there is no loyalty program"))?;
    Ok(program::Model { version: newest.version + 1, created_at, author_id: Some(author_id), ..newest })
}

/// Inserts a version; false when somebody else was faster with this number.
pub async fn add_version(tx: &DatabaseTransaction, row: program::Model) -> Result<bool> {
    Ok(!rows::insert_if_absent::<program::Entity>(tx, vec![row]).await?.is_empty())
}

/// Inserts a version, or answers the newest there is when somebody else was faster. Of two who make the same number at
/// once, the second waits for the first.
async fn insert(tx: &DatabaseTransaction, row: program::Model) -> Result<Result<program::Model, i64>> {
    if add_version(tx, row.clone()).await? {
        return Ok(Ok(row));
    }
    let versions = program::Entity::find().filter(program::Column::Id.eq(row.id));
    let there = versions.filter(program::Column::Version.eq(row.version)).one(tx).await?;
    // Our own from an attempt before, whose COMMIT succeeded but whose reply was lost.
    if there.as_ref() == Some(&row) {
        return Ok(Ok(row));
    }
    let newest = newest_version(tx, row.id).await?;
    Ok(Err(newest.map_or(row.version, |newest| newest.version)))
}
