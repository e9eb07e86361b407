//! Making, changing and running earning rules. Every save is a new revision; one that holds for members comes with a new
//! version of the program.

use std::sync::Arc;

use sea_orm::DatabaseTransaction;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::dialect::Held;
use crate::db::keyset::Cursor;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::catalog::query::{CategoryKey, ProductBySku, ProductKey};
use crate::domain::earning::entity::{RuleState, budget, earning_rule};
use crate::domain::earning::query::{BudgetOf, EventTypeKey, NewestRevision, RuleList, lock_budgets, readable};
use crate::domain::earning::rule::change::{
    Attributes, Change, MAX_RULES, Rejection, Revision, Settings, Step, check, step,
};
use crate::domain::earning::rule::condition::named::Named;
use crate::domain::earning::rule::effect::Effect;
use crate::domain::earning::rule::terms::{Rule, RuleStanding, standing_of};
use crate::domain::outlet::query::OutletKey;
use crate::domain::points::entity::program;
use crate::domain::points::service::update_program::{add_version, next_version};
use crate::domain::segment::query::keep_segments;
use crate::domain::tier::service::gone_tiers;

/// What became of a rule.
pub type Saved = Result<std::result::Result<Arc<Rule>, Vec<Rejection>>>;

/// Makes a rule that nobody earns by yet.
pub async fn create_rule(app: &App, actor: &Actor, event_type_id: Option<Id>, effect: Effect, change: Change) -> Saved {
    let author = actor.staff()?;
    let settings = Settings::blank(event_type_id, effect).changed(change);
    let revision = Revision {
        id: app.ids.next(),
        revision: 1,
        program_id: app.programs.id(),
        state: RuleState::Draft,
        author_id: author.member_id,
        created_at: app.clock.now(),
    };
    vet_and_save(app, settings, revision, true).await
}

/// Changes a rule from the revision that whoever asks has seen. One that is in force goes on in its new form at once.
pub async fn update_rule(app: &App, actor: &Actor, id: Option<Id>, expected: i64, change: Change) -> Saved {
    let author = actor.staff()?;
    let before = match find_expected(app, id, expected).await? {
        Ok(rule) => rule,
        Err(rejection) => return Ok(Err(vec![rejection])),
    };
    let now = app.clock.now();
    if standing_of(&before.row, now) == RuleStanding::Ended {
        return Ok(Err(vec![Rejection::StepImpossible]));
    }
    let known = settings_of(app, &before).await?;
    let mut settings = known.clone().changed(change);
    if before.row.state != RuleState::Draft {
        settings = settings.begun(known.starts_at, now);
    }
    if settings == known {
        return Ok(Ok(before));
    }
    let revision = next(app, &before, before.row.state, author.member_id);
    // A tier that went since the condition was saved is in nobody's way.
    let names_tiers = settings.terms.condition != known.terms.condition;
    vet_and_save(app, settings, revision, names_tiers).await
}

/// Takes a rule a step on.
pub async fn move_rule(app: &App, actor: &Actor, id: Option<Id>, expected: i64, wanted: Step) -> Saved {
    let author = actor.staff()?;
    let before = match find_expected(app, id, expected).await? {
        Ok(rule) => rule,
        Err(rejection) => return Ok(Err(vec![rejection])),
    };
    let now = app.clock.now();
    if wanted != Step::End && standing_of(&before.row, now) == RuleStanding::Ended {
        return Ok(Err(vec![Rejection::StepImpossible]));
    }
    match step(before.row.state, wanted) {
        Ok(_) if wanted == Step::Publish && is_full(app, now).await? => Ok(Err(vec![Rejection::TooManyRules])),
        Ok(state) => {
            let mut settings = settings_of(app, &before).await?;
            if wanted == Step::Publish {
                settings = settings.begun(None, now);
            }
            let revision = next(app, &before, state, author.member_id);
            match wanted {
                Step::Publish | Step::Resume => vet_and_save(app, settings, revision, wanted == Step::Publish).await,
                // Whatever is wrong with a rule by now, it can be paused and ended.
                Step::Pause | Step::End => save(app, settings, revision).await,
            }
        }
        Err(rejection) => Ok(Err(vec![rejection])),
    }
}

/// Whether as many rules as there may be are in force. Two who publish at the same moment may bring one too many.
async fn is_full(app: &App, now: Instant) -> Result<bool> {
    let newest = app.programs.refresh(&app.db).await?;
    Ok(app.rules.get(&app.db.read, newest.version).await?.open(now).count() >= MAX_RULES)
}

/// A page of the rules, each in its newest revision, the newest rule first.
pub async fn list_rules(app: &App, actor: &Actor, page: Page<Cursor>) -> Result<Slice<Rule>> {
    actor.staff()?;
    let found = app.hub.find(RuleList(app.programs.id(), page)).await?;
    let found = found.ok_or_else(|| Error::internal("a list of rules was not answered"))?;
    let read = found.rows.iter().map(|row| readable((**row).clone()).map(Arc::new));
    let rows = read.collect::<Result<_, _>>()?;
    Ok(Slice { rows, has_previous: found.has_previous, has_next: found.has_next })
}

async fn find_expected(app: &App, id: Option<Id>, expected: i64) -> Result<Result<Arc<Rule>, Rejection>> {
    let Some(id) = id else { return Ok(Err(Rejection::RuleUnknown)) };
    Ok(match app.hub.find(NewestRevision(id)).await? {
        None => Err(Rejection::RuleUnknown),
        Some(rule) if rule.row.revision != expected => Err(Rejection::RevisionConflict { current: rule.row.revision }),
        Some(rule) => Ok(rule),
    })
}

async fn settings_of(app: &App, rule: &Rule) -> Result<Settings> {
    let budget = app.hub.find(BudgetOf(rule.id())).await?.map(|budget| budget.granted);
    Ok(Settings::of(&rule.row, rule.terms.clone(), budget))
}

fn next(app: &App, before: &Rule, state: RuleState, author_id: Id) -> Revision {
    Revision {
        id: before.id(),
        revision: before.row.revision + 1,
        program_id: before.row.program_id,
        state,
        author_id,
        created_at: app.clock.now(),
    }
}

/// Whether members may earn by these settings. Whether the condition may name only tiers that there are now is for whoever
/// asks to say.
async fn vet(app: &App, settings: &Settings, names_tiers: bool) -> Result<Result<(), Vec<Rejection>>> {
    if let Err(wrong) = check(settings, attributes_of(app, settings.event_type_id).await?.as_ref()) {
        return Ok(Err(wrong));
    }
    if !are_there(app, &settings.terms.condition.named()).await? {
        return Ok(Err(vec![Rejection::ReferenceUnknown]));
    }
    if names_tiers && !gone_tiers(app, settings.terms.condition.tiers()).await?.is_empty() {
        return Ok(Err(vec![Rejection::ReferenceUnknown]));
    }
    Ok(Ok(()))
}

/// Saves a revision by which members may earn.
async fn vet_and_save(app: &App, settings: Settings, revision: Revision, names_tiers: bool) -> Saved {
    match vet(app, &settings, names_tiers).await? {
        Ok(()) => save(app, settings, revision).await,
        Err(wrong) => Ok(Err(wrong)),
    }
}

/// Saves a revision.
async fn save(app: &App, settings: Settings, revision: Revision) -> Saved {
    let (row, granted) = (settings.row(revision), settings.budget);
    let segments = settings.terms.condition.segments();
    let work = move |tx: Tx| {
        let (row, segments) = (row.clone(), segments.clone());
        async move {
            // A rule that ends may name what is no more.
            if row.state != RuleState::Ended && keep_segments(&tx, &segments).await? != segments {
                return Ok(Err(Rejection::ReferenceUnknown));
            }
            write(&tx, row, granted).await
        }
    };
    let (row, version) = match app.db.write(work).await? {
        Ok(saved) => saved,
        Err(rejection) => return Ok(Err(vec![rejection])),
    };
    version.map(|version| app.programs.keep(version));
    let rule = Rule::read(row).ok_or_else(|| Error::internal("a rule that was saved cannot be read"))?;
    Ok(Ok(Arc::new(rule)))
}

/// Whether everything that a condition names is there.
async fn are_there(app: &App, named: &Named) -> Result<bool> {
    let products = app.hub.find_all(named.products.iter().map(|id| ProductKey(*id))).await?;
    let skus = app.hub.find_all(named.skus.iter().map(|sku| ProductBySku(sku.clone()))).await?;
    let categories = app.hub.find_all(named.categories.iter().map(|id| CategoryKey(*id))).await?;
    let outlets = app.hub.find_all(named.outlets.iter().map(|id| OutletKey(*id))).await?;
    let (wanted, found) = (
        named.products.len() + named.skus.len() + named.categories.len() + named.outlets.len(),
        products.len() + skus.len() + categories.len() + outlets.len(),
    );
    Ok(found == wanted)
}

async fn attributes_of(app: &App, event_type_id: Option<Id>) -> Result<Option<Attributes>> {
    let Some(id) = event_type_id else { return Ok(None) };
    let found = app.hub.find(EventTypeKey(id)).await?;
    let read = |text: &str| serde_json::from_str(text).map_err(|_| Error::internal("an event type cannot be read"));
    found.map(|event_type| read(&event_type.attributes)).transpose()
}

/// A revision as it was written, and the version of the program that came with it.
type Written = (earning_rule::Model, Option<program::Model>);

/// Writes a revision, the version that brings it in force, and the budget. What is refused is refused before anything is
/// written; a version that somebody else makes at the same moment rolls everything back, to be tried again.
async fn write(
    tx: &DatabaseTransaction,
    row: earning_rule::Model,
    granted: Option<i64>,
) -> Result<Result<Written, Rejection>> {
    let known = lock_budgets(tx, [row.id], Held::Awaited).await?.pop();
    if let (Some(known), Some(granted)) = (&known, granted)
        && granted < known.used
    {
        return Ok(Err(Rejection::BudgetBelowUsed { used: known.used }));
    }
    let version = match row.state {
        RuleState::Draft => None,
        _ => Some(next_version(tx, row.program_id, row.author_id, row.created_at).await?),
    };
    let row = earning_rule::Model { version: version.as_ref().map(|version| version.version), ..row };
    if rows::insert_if_absent::<earning_rule::Entity>(tx, vec![row.clone()]).await?.is_empty() {
        return Ok(already_there(tx, row).await?.map(|row| (row, None)));
    }
    if let Some(version) = version.clone()
        && !add_version(tx, version).await?
    {
        return Err(Error::unavailable());
    }
    match (known, granted) {
        (_, None) => {}
        (None, Some(granted)) => {
            rows::insert::<budget::Entity>(
                tx,
                vec![budget::Model { id: row.id, granted, remaining: granted, used: 0 }],
            )
            .await?;
        }
        (Some(known), Some(granted)) => {
            let changed = budget::Model { granted, remaining: granted - known.used, ..known };
            rows::update::<budget::Entity>(tx, vec![changed]).await?;
        }
    }
    Ok(Ok((row, version)))
}

/// The revision that bears this number. It may be our own from an attempt before, whose COMMIT succeeded but whose reply was
/// lost; the version that it came with is then found where it is needed.
async fn already_there(
    tx: &DatabaseTransaction,
    row: earning_rule::Model,
) -> Result<Result<earning_rule::Model, Rejection>> {
    let columns = [earning_rule::Column::Id, earning_rule::Column::Revision];
    let key = [row.id.into(), row.revision.into()];
    let there = rows::by_keys::<earning_rule::Entity, 2>(tx, columns, [key], "").await?.pop();
    let there = there.ok_or_else(Error::unavailable)?;
    let is_ours = earning_rule::Model { version: row.version, ..there.clone() } == row;
    if is_ours { Ok(Ok(there)) } else { Ok(Err(Rejection::RevisionConflict { current: there.revision })) }
}
