//! What is known of the earning rules, and of a member, before their wallet is locked.

use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::command::{Answer, Command};
use crate::commit::earn::{Outdated, Outlook};
use crate::commit::tier::{standing_of, tier_of_newcomers};
use crate::db::reader::Finds;
use crate::domain::earning::rule::asked::Asked;
use crate::domain::earning::rule::occasion::{MemberTier, Standing};
use crate::domain::member::query::TagsOf;
use crate::domain::points::query::WalletOf;
use crate::domain::points::rule::program::zone;
use crate::domain::segment::service::{segments_of, segments_of_newcomers};
use crate::domain::tier::query::TierOf;

/// How often a command is sent anew since rules ask more than was looked up: each time they have changed once more.
const ATTEMPTS: usize = 5;

/// Carries out a command that earns points, made of the rules that this process knows and of what they may ask about the
/// member. When under the lock there are newer ones that ask for more, it is made anew.
pub async fn submit<C: Command>(app: &App, member_id: Id, make: impl Fn(Outlook, Standing) -> C) -> Answer<C> {
    let mut attempt = 1;
    loop {
        let (outlook, standing) = outlook_for(app, member_id).await?;
        match app.committers.submit(make(outlook, standing)).await {
            Err(error) if error.cause::<Outdated>().is_some() && attempt < ATTEMPTS => attempt += 1,
            answer => return answer,
        }
    }
}

/// The rules of the newest version that this process knows, and what they may ask about a member.
async fn outlook_for(app: &App, member_id: Id) -> Result<(Outlook, Standing)> {
    let program = app.programs.latest();
    let rules = app.rules.get(&app.db.read, program.version).await?;
    let moment = app.clock.now();
    let asked = Asked::by_rules(&rules, moment);
    let standing = known_of(app, &*app.hub, member_id, asked.clone()).await?;
    Ok((Outlook { rules, moment, zone: zone(&program), asked }, standing))
}

/// What is known without a lock.
async fn known_of(app: &App, finds: &impl Finds, member_id: Id, asked: Asked) -> Result<Standing> {
    let mut standing = Standing::default();
    if asked.tags {
        let tags = finds.find(TagsOf(member_id)).await?;
        standing.tags = tags.map(|tags| (*tags).clone()).unwrap_or_default();
    }
    if !asked.segments.is_empty() {
        standing.segments = segments_of(app, finds, member_id, asked.segments).await?;
    }
    Ok(standing)
}

/// All that is asked about somebody, for those who only read: as the lock would tell it at this moment. A visitor stands as
/// they would after registering.
pub async fn standing_by_now(app: &App, member_id: Option<Id>, asked: Asked, now: Instant) -> Result<Standing> {
    standing_found(app, &*app.hub, member_id, asked, now).await
}

/// The same by whoever finds rows: those of a list share the look-ups of their request.
pub async fn standing_found(
    app: &App,
    finds: &impl Finds,
    member_id: Option<Id>,
    asked: Asked,
    now: Instant,
) -> Result<Standing> {
    let wallet = match member_id {
        Some(member_id) => finds.find(WalletOf(member_id)).await?,
        None => None,
    };
    standing_with(app, finds, member_id, wallet.map(|wallet| wallet.purchases), asked, now).await
}

/// The same for whoever has found out beside something else how often a member has bought.
pub async fn standing_with(
    app: &App,
    finds: &impl Finds,
    member_id: Option<Id>,
    purchases_before: Option<i64>,
    asked: Asked,
    now: Instant,
) -> Result<Standing> {
    let tier = tier_by_now(app, finds, member_id, now).await?;
    let Some(member_id) = member_id else {
        let segments = segments_of_newcomers(app, finds, tier.map(|tier| tier.id), asked.segments).await?;
        return Ok(Standing { tier, segments, ..Standing::visitor() });
    };
    Ok(Standing { purchases_before, tier, ..known_of(app, finds, member_id, asked).await? })
}

/// Somebody's tier at this moment; nothing where the program has none.
pub async fn tier_by_now(
    app: &App,
    finds: &impl Finds,
    member_id: Option<Id>,
    now: Instant,
) -> Result<Option<MemberTier>> {
    let Some(set) = app.tiers.get(&app.db.read, app.programs.latest().version).await? else { return Ok(None) };
    Ok(match member_id {
        None => tier_of_newcomers(&set),
        Some(member_id) => finds.find(TierOf(member_id, now)).await?.and_then(|career| standing_of(&career)),
    })
}
