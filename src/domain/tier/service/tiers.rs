//! Making and changing tiers. Every save is a new revision, and comes with a new version of the program.

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::DatabaseTransaction;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::points::entity::program;
use crate::domain::points::service::update_program::{add_version, next_version};
use crate::domain::tier::entity::{tier, tier_set};
use crate::domain::tier::query::NewestTiers;
use crate::domain::tier::rule::change::{Change, Rejection, Revision, Settings, check};
use crate::domain::tier::rule::terms::TierSet;

/// What became of tiers.
pub type Saved = Result<std::result::Result<Arc<TierSet>, Vec<Rejection>>>;

/// Makes the tiers of a program that has none.
pub async fn create_tier_set(app: &App, actor: &Actor, settings: Settings) -> Saved {
    let author = actor.staff()?;
    let revision = revision(app, app.ids.next(), 1, author.member_id);
    save(app, settings, &BTreeSet::new(), revision).await
}

/// Changes tiers from the revision that whoever asks has seen.
pub async fn update_tier_set(app: &App, actor: &Actor, id: Option<Id>, expected: i64, change: Change) -> Saved {
    let author = actor.staff()?;
    let before = match find_expected(app, id, expected).await? {
        Ok(set) => set,
        Err(rejection) => return Ok(Err(vec![rejection])),
    };
    let known = Settings::of(&before);
    let settings = known.clone().changed(change);
    if settings == known {
        return Ok(Ok(before));
    }
    let revision = revision(app, before.row.id, before.row.revision + 1, author.member_id);
    save(app, settings, &ids_of(&before), revision).await
}

/// The tiers in their newest revision, if that is the one expected.
pub async fn find_expected(app: &App, id: Option<Id>, expected: i64) -> Result<Result<Arc<TierSet>, Rejection>> {
    let Some(id) = id else { return Ok(Err(Rejection::SetUnknown)) };
    Ok(match app.hub.find(NewestTiers(id)).await? {
        None => Err(Rejection::SetUnknown),
        Some(set) if set.row.revision != expected => Err(Rejection::RevisionConflict { current: set.row.revision }),
        Some(set) => Ok(set),
    })
}

pub fn ids_of(set: &TierSet) -> BTreeSet<Id> {
    set.tiers.iter().map(|tier| tier.row.id).collect()
}

/// A revision whose version of the program is found out when it is written.
pub fn revision(app: &App, id: Id, revision: i64, author_id: Id) -> Revision {
    let (program_id, created_at) = (app.programs.id(), app.clock.now());
    Revision { id, revision, program_id, version: 0, author_id, created_at }
}

async fn save(app: &App, settings: Settings, known: &BTreeSet<Id>, revision: Revision) -> Saved {
    if let Err(wrong) = check(&settings, known) {
        return Ok(Err(wrong));
    }
    let set = settings.set(revision, || app.ids.next());
    let work = move |tx: Tx| {
        let set = set.clone();
        async move { write(&tx, set).await }
    };
    let (set, version) = match app.db.write(work).await? {
        Ok(saved) => saved,
        Err(rejection) => return Ok(Err(vec![rejection])),
    };
    version.map(|version| app.programs.keep(version));
    Ok(Ok(Arc::new(set)))
}

/// Writes a revision, and the version that brings it in force. A version that somebody else makes at the same moment rolls
/// everything back, to be tried again.
async fn write(
    tx: &DatabaseTransaction,
    mut set: TierSet,
) -> Result<Result<(TierSet, Option<program::Model>), Rejection>> {
    let version = next_version(tx, set.row.program_id, set.row.author_id, set.row.created_at).await?;
    set.row.version = version.version;
    if rows::insert_if_absent::<tier_set::Entity>(tx, vec![set.row.clone()]).await?.is_empty() {
        return already_there(tx, set).await;
    }
    if !add_version(tx, version.clone()).await? {
        return Err(Error::unavailable());
    }
    rows::insert::<tier::Entity>(tx, set.tiers.iter().map(|tier| tier.row.clone()).collect()).await?;
    Ok(Ok((set, Some(version))))
}

/// The revision that bears this number, which may be our own from an attempt before, whose COMMIT succeeded but whose reply
/// was lost. Or the program has tiers already, or a version with others.
async fn already_there(
    tx: &DatabaseTransaction,
    set: TierSet,
) -> Result<Result<(TierSet, Option<program::Model>), Rejection>> {
    let columns = [tier_set::Column::Id, tier_set::Column::Revision];
    let key = [set.row.id.into(), set.row.revision.into()];
    let there = rows::by_keys::<tier_set::Entity, 2>(tx, columns, [key], "").await?.pop();
    match there {
        Some(row) if (tier_set::Model { version: row.version, ..set.row.clone() }) == row => {
            Ok(Ok((TierSet { row, ..set }, None)))
        }
        Some(row) => Ok(Err(Rejection::RevisionConflict { current: row.revision })),
        None if set.row.revision == 1 => Ok(Err(Rejection::SetExists)),
        None => Err(Error::unavailable()),
    }
}
