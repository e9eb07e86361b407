//! Who would move if tiers were changed: every member's tier is reckoned by the new ones, and nothing is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::ConnectionTrait;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::rows;
use crate::domain::points::entity::{program, wallet};
use crate::domain::points::query::newest_version;
use crate::domain::tier::query::{revisions_of, settled};
use crate::domain::tier::rule::career::Career;
use crate::domain::tier::rule::change::{Change, Rejection, Settings, check};
use crate::domain::tier::rule::revisions::Back;
use crate::domain::tier::rule::terms::TierSet;
use crate::domain::tier::service::tiers::{find_expected, ids_of, revision};

/// Wallets reckoned at once.
const AT_ONCE: u64 = 500;

/// A member whose tier would be another one.
#[derive(Clone, Copy, Debug)]
pub struct Mover {
    pub member_id: Id,
    /// Places in the tiers as they are, and as they would be.
    pub from: usize,
    pub to: usize,
}

/// Members who would not keep a tier if nothing more counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct AtRisk {
    pub members: i64,
    /// Those of them who would keep the tier that they have if nothing were changed.
    pub newly: i64,
}

/// What a change of tiers would do.
#[derive(Debug)]
pub struct Movers {
    pub before: Arc<TierSet>,
    pub after: Arc<TierSet>,
    /// How many members would go from one place to another, those who would stay included.
    pub counts: BTreeMap<(usize, usize), i64>,
    /// By places in the tiers as they would be, whose members would lose them by what has counted so far.
    pub at_risk: BTreeMap<usize, AtRisk>,
    /// The first of those who would move, and whether there are more.
    pub movers: Vec<Mover>,
    pub has_more: bool,
}

/// Says who would move if tiers were changed in this way. `first` members are named, from behind one on.
pub async fn preview_tier_set(
    app: &App,
    actor: &Actor,
    (id, expected): (Option<Id>, i64),
    change: Change,
    (first, behind): (usize, Option<Id>),
) -> Result<Result<Movers, Vec<Rejection>>> {
    let author = actor.staff()?;
    let before = match find_expected(app, id, expected).await? {
        Ok(set) => set,
        Err(rejection) => return Ok(Err(vec![rejection])),
    };
    let settings = Settings::of(&before).changed(change);
    if let Err(wrong) = check(&settings, &ids_of(&before)) {
        return Ok(Err(wrong));
    }
    let revision = revision(app, before.row.id, before.row.revision + 1, author.member_id);
    let after = Arc::new(settings.set(revision, || app.ids.next()));
    let (counts, at_risk) = (BTreeMap::new(), BTreeMap::new());
    let mut found = Movers { before, after, counts, at_risk, movers: Vec::new(), has_more: false };
    // One moment for all: nobody is counted twice, or not at all.
    let reading = app.db.begin_moment().await?;
    let counted = count(&reading, &mut found, app.programs.id(), app.clock.now(), (first, behind)).await;
    let _ = reading.rollback().await;
    counted.map(|()| Ok(found))
}

async fn count(
    db: &impl ConnectionTrait,
    found: &mut Movers,
    program_id: Id,
    now: Instant,
    (first, behind): (usize, Option<Id>),
) -> Result<()> {
    let program = newest_version(db, program_id).await?;
    let program = program.ok_or_else(|| Error::internal("there is no loyalty program"))?;
    let mut revisions = revisions_of(db, program_id, program.version, Back::NOWHERE).await?;
    let mut last = Id::nil();
    loop {
        let wallets = list_wallets(db, &program, last).await?;
        let Some(end) = wallets.last() else { return Ok(()) };
        last = end.member_id;
        let back = Back::of(&wallets, now);
        if revisions.as_ref().is_some_and(|known| !known.reach(back)) {
            revisions = revisions_of(db, program_id, program.version, back).await?;
        }
        let Some(revisions) = &revisions else { return Ok(()) };
        let mut by_now = settled(db, &program, revisions, &wallets, now).await?;
        by_now.sort_unstable_by_key(|(member_id, _)| *member_id);
        let then: Vec<wallet::Model> =
            by_now.iter().zip(&wallets).map(|((_, career), row)| written(career, row)).collect();
        let then = settled(db, &program, &revisions.clone().then(found.after.clone()), &then, now).await?;
        let then: BTreeMap<Id, Career> = then.into_iter().collect();
        for (member_id, career) in by_now {
            let after = then.get(&member_id);
            let (from, to) = (career.place(), after.map_or(0, Career::place));
            *found.counts.entry((from, to)).or_default() += 1;
            if after.is_some_and(lacks) {
                let at_risk: &mut AtRisk = found.at_risk.entry(to).or_default();
                at_risk.members += 1;
                at_risk.newly += i64::from(!lacks(&career));
            }
            // A tier that goes is another one even in its place.
            let is_another = found.before.id(from) != found.after.id(to);
            if is_another && behind.is_none_or(|behind| behind < member_id) {
                if found.movers.len() < first {
                    found.movers.push(Mover { member_id, from, to });
                } else {
                    found.has_more = true;
                }
            }
        }
    }
}

/// Whether something is missing for a tier to be kept.
fn lacks(career: &Career) -> bool {
    career.keep().ok().flatten().is_some_and(|keep| keep.missing > 0)
}

/// A wallet as it will be once its tier is settled.
fn written(career: &Career, wallet: &wallet::Model) -> wallet::Model {
    let mut wallet = wallet.clone();
    career.state.write(&mut wallet);
    wallet
}

/// The next wallets of members, in the order of their ids.
async fn list_wallets(db: &impl ConnectionTrait, program: &program::Model, last: Id) -> Result<Vec<wallet::Model>> {
    let sql = format!(
        "SELECT w.* FROM wallet w JOIN member m ON m.id = w.member_id WHERE w.program_id = $1 AND w.member_id > $2 \
         AND w.merged_into IS NULL ORDER BY w.member_id LIMIT {AT_ONCE}"
    );
    Ok(rows::select(db, sql, vec![program.id.into(), last.into()]).await?)
}
