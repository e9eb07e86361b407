//! Members who fit a filter.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::keyset::Cursor;
use crate::db::reader::{Finds, Reader};
use crate::domain::points::rule::program::zone;
use crate::domain::segment::query::{Fits, FittingPage, FittingTotal, SegmentKey, filter_of};
use crate::domain::segment::rule::filter::Filter;
use crate::domain::segment::rule::newcomer::Newcomer;
use crate::domain::segment::rule::part::Flaw;
use crate::domain::segment::rule::today::Today;
use crate::domain::tier::service::gone_tiers;

/// The day by which filters are read: the one it is in the program's time zone.
pub fn today(app: &App) -> Today {
    Today::at(app.clock.now(), zone(&app.programs.latest()))
}

/// What is wrong with a filter that is not saved yet.
pub async fn flaw_of(app: &App, filter: &Filter) -> Result<Option<Flaw>> {
    match filter.flaw() {
        Some(flaw) => Ok(Some(flaw)),
        None => Ok((!gone_tiers(app, filter.tiers()).await?.is_empty()).then_some(Flaw::Tier)),
    }
}

/// How many members fit a filter.
pub async fn count_fitting(
    app: &App,
    actor: &Actor,
    reader: &Reader,
    filter: Arc<Filter>,
) -> Result<Result<i64, Flaw>> {
    actor.staff()?;
    if let Some(flaw) = flaw_of(app, &filter).await? {
        return Ok(Err(flaw));
    }
    Ok(Ok(reader.get(FittingTotal { filter, today: today(app) }).await?))
}

/// A page of the members who fit a filter, who registered last first.
pub async fn list_fitting(
    app: &App,
    actor: &Actor,
    reader: &Reader,
    filter: Arc<Filter>,
    page: Page<Cursor>,
) -> Result<Arc<Slice<Id>>> {
    actor.staff()?;
    reader.get(FittingPage { filter, today: today(app), page }).await
}

/// Those of some segments that a member is in.
pub async fn segments_of(app: &App, finds: &impl Finds, member_id: Id, wanted: BTreeSet<Id>) -> Result<BTreeSet<Id>> {
    let today = today(app);
    let keys = wanted.into_iter().map(|segment_id| Fits { member_id, segment_id, today: today.clone() });
    let found = finds.find_all(keys).await?;
    let fits = found.iter().filter(|(key, fits)| **fits && key.member_id == member_id);
    Ok(fits.map(|(key, _)| key.segment_id).collect())
}

/// Those of some segments that somebody would be in who registers now.
pub async fn segments_of_newcomers(
    app: &App,
    finds: &impl Finds,
    tier_id: Option<Id>,
    wanted: BTreeSet<Id>,
) -> Result<BTreeSet<Id>> {
    let today = today(app);
    let newcomer = Newcomer { today: &today, tier_id };
    let mut fitting = BTreeSet::new();
    for (SegmentKey(id), segment) in finds.find_all(wanted.into_iter().map(SegmentKey)).await?.iter() {
        if newcomer.fits(&*filter_of(segment)?) {
            fitting.insert(*id);
        }
    }
    Ok(fitting)
}
