//! Making, changing and deleting segments.

use std::sync::Arc;

use sea_orm::{DatabaseTransaction, EntityTrait};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::keyset::Cursor;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::earning::query::list_rules_in_force;
use crate::domain::earning::rule::terms::Rule;
use crate::domain::reward::entity::reward;
use crate::domain::reward::query::list_audiences;
use crate::domain::reward::rule::audience::segments_of;
use crate::domain::reward::rule::offer::{OfferState, offer_of};
use crate::domain::segment::entity::segment;
use crate::domain::segment::query::{SegmentCount, SegmentKey, SegmentList, filter_of, lock_segment};
use crate::domain::segment::rule::change::{Change, MAX_SEGMENTS, Rejection, Settings};
use crate::domain::segment::rule::filter::Filter;
use crate::domain::segment::service::flaw_of;

/// What became of a segment.
pub type Saved = Result<std::result::Result<Arc<segment::Model>, Vec<Rejection>>>;

/// Makes a segment. Two who make one at the same moment may make one too many.
pub async fn create_segment(app: &App, actor: &Actor, filter: Filter, change: Change) -> Saved {
    let author = actor.staff()?;
    let blank = Settings { name: String::new(), description: String::new(), filter };
    let settings = blank.changed(change);
    if let Err(wrong) = settings.check(flaw_of(app, &settings.filter).await?) {
        return Ok(Err(wrong));
    }
    let program_id = app.programs.id();
    if app.hub.find(SegmentCount(program_id)).await?.unwrap_or(0) >= MAX_SEGMENTS {
        return Ok(Err(vec![Rejection::TooMany]));
    }
    let now = app.clock.now().micros();
    let row = segment::Model {
        id: app.ids.next(),
        program_id,
        revision: 1,
        name: settings.name,
        description: settings.description,
        filter: settings.filter.write(),
        author_id: author.member_id,
        created_at: now,
        updated_at: now,
    };
    let written = row.clone();
    let work = move |tx: Tx| {
        let row = row.clone();
        async move {
            // There already, it is our own from an attempt before, whose COMMIT succeeded but whose reply was lost.
            rows::insert_if_absent::<segment::Entity>(&*tx, vec![row]).await?;
            Ok(())
        }
    };
    app.db.write(work).await?;
    Ok(Ok(Arc::new(written)))
}

/// Changes a segment from the revision that whoever asks has seen. It holds at once for rules that name it.
pub async fn update_segment(app: &App, actor: &Actor, id: Option<Id>, expected: i64, change: Change) -> Saved {
    let author = actor.staff()?;
    let before = match find(app, id).await? {
        Ok(before) if before.revision != expected => return Ok(Err(conflict(before.revision))),
        Ok(before) => before,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let known = Settings {
        name: before.name.clone(),
        description: before.description.clone(),
        filter: (*filter_of(&before)?).clone(),
    };
    let settings = known.clone().changed(change);
    // A tier that went since the filter was saved is in nobody's way.
    let flaw = if settings.filter == known.filter { None } else { flaw_of(app, &settings.filter).await? };
    if let Err(wrong) = settings.check(flaw) {
        return Ok(Err(wrong));
    }
    if settings == known {
        return Ok(Ok(before));
    }
    let row = segment::Model {
        revision: expected + 1,
        name: settings.name,
        description: settings.description,
        filter: settings.filter.write(),
        author_id: author.member_id,
        updated_at: app.clock.now().micros(),
        ..(*before).clone()
    };
    let work = move |tx: Tx| {
        let row = row.clone();
        async move { replace(&tx, row).await }
    };
    Ok(app.db.write(work).await?.map(Arc::new))
}

/// Writes the next revision over the one before it.
async fn replace(tx: &DatabaseTransaction, row: segment::Model) -> Result<Result<segment::Model, Vec<Rejection>>> {
    let Some(there) = lock_segment(tx, row.id).await? else { return Ok(Err(vec![Rejection::SegmentUnknown])) };
    // Our own from an attempt before, or somebody else's.
    if there.revision + 1 != row.revision {
        return Ok(if there == row { Ok(row) } else { Err(conflict(there.revision)) });
    }
    rows::update::<segment::Entity>(tx, vec![row.clone()]).await?;
    Ok(Ok(row))
}

/// Deletes a segment that no rule names by which something may still earn, nor the audience of a reward that is not over.
/// What was earned by it is reckoned as before when it is taken back.
pub async fn delete_segment(app: &App, actor: &Actor, id: Option<Id>) -> Result<Result<Id, Vec<Rejection>>> {
    actor.staff()?;
    let id = match find(app, id).await? {
        Ok(segment) => segment.id,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let (program_id, now) = (app.programs.id(), app.clock.now());
    let work = move |tx: Tx| async move {
        // A rule that comes in force, or a reward, keeps the segments it names until it is written, and so comes before
        // this or after.
        if lock_segment(&*tx, id).await?.is_none() {
            return Ok(Ok(id));
        }
        let rules = list_rules_in_force(&*tx, program_id).await?;
        let naming = rules.giving(now).filter(|rule| rule.terms.condition.segments().contains(&id));
        let rules: Vec<Id> = naming.map(Rule::id).collect();
        let names_it = |reward: &reward::Model| segments_of(reward).contains(&id);
        let rewards = list_audiences(&*tx).await?.into_iter();
        let rewards = rewards.filter(|reward| offer_of(reward, now) != OfferState::Ended && names_it(reward));
        let rewards: Vec<Id> = rewards.map(|reward| reward.id).collect();
        if !rules.is_empty() || !rewards.is_empty() {
            return Ok(Err(vec![Rejection::InUse { rules, rewards }]));
        }
        segment::Entity::delete_by_id(id).exec(&*tx).await?;
        Ok(Ok(id))
    };
    app.db.write(work).await
}

/// A page of the segments, the newest first.
pub async fn list_segments(app: &App, actor: &Actor, page: Page<Cursor>) -> Result<Arc<Slice<segment::Model>>> {
    actor.staff()?;
    let found = app.hub.find(SegmentList(app.programs.id(), page)).await?;
    found.ok_or_else(|| Error::internal("a list of segments was not answered"))
}

async fn find(app: &App, id: Option<Id>) -> Result<Result<Arc<segment::Model>, Vec<Rejection>>> {
    let found = match id {
        Some(id) => app.hub.find(SegmentKey(id)).await?,
        None => None,
    };
    Ok(found.ok_or_else(|| vec![Rejection::SegmentUnknown]))
}

fn conflict(current: i64) -> Vec<Rejection> {
    vec![Rejection::RevisionConflict { current }]
}
