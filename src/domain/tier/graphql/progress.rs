//! A member's tier and what is missing to the next, in the schema.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject};

use crate::app::App;
use crate::base::id::Id;
use crate::domain::tier::graphql::set::{TierBasis, TierObject};
use crate::domain::tier::query::TierOf;
use crate::domain::tier::rule::career::Career;
use crate::domain::tier::rule::keep::Keep;
use crate::domain::tier::rule::window::{Window, start_of};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::scalar::{BigInt, DateTime};

/// A tier to be reached, or to be kept.
#[derive(SimpleObject)]
pub struct TierGoal {
    /// The tier.
    tier: TierObject,
    /// What is still missing, in the unit of `TierProgress.basis`; 0 when it is reached.
    missing: BigInt,
    /// The first moment that counts for it; null when all do from now on.
    from: Option<DateTime>,
    /// The first moment at which it is too late; null when there is none. One that has passed says that nothing helps any more.
    by: Option<DateTime>,
}

/// How a member stands towards their tiers (等级进度), with all that is due by now. Only the member and staff may read it.
#[derive(SimpleObject)]
pub struct TierProgress {
    /// What is measured against the thresholds.
    basis: TierBasis,
    /// What counts now (成长值), over the window that today is in: points, minor units of the program's currency, or visits.
    qualifying: BigInt,
    /// From when on the window counts; null for one that has no beginning.
    counted_from: Option<DateTime>,
    /// The next higher tier; null in the highest.
    next: Option<TierGoal>,
    /// The tier of now, to be kept when it is judged, after the days of grace and the protection: what is missing in the days
    /// by which it is judged then and that can still be filled, where that is least. Null for one that is never judged.
    keep: Option<TierGoal>,
    /// Since when the member is in the tier; null if it is the lowest and always was.
    since: Option<DateTime>,
    /// When the tier is judged next; null for one that is never judged.
    judged_at: Option<DateTime>,
    /// When it would be lost if it is not kept: after the days of grace, and not while it is protected.
    lost_at: Option<DateTime>,
    /// Until when it is kept whatever it is judged to be; null when it is not protected.
    protected_until: Option<DateTime>,
}

async fn career_of(ctx: &Context<'_>, member_id: Id) -> Result<Option<Arc<Career>>> {
    let now = ctx.reader().moment(|| App::of(ctx).clock.now());
    Ok(ctx.reader().find(TierOf(member_id, now)).await?)
}

/// A member's tier by now. Nothing where the program has none.
pub async fn tier_of(ctx: &Context<'_>, member_id: Id) -> Result<Option<TierObject>> {
    Ok(career_of(ctx, member_id).await?.and_then(|career| object(&career, career.place())))
}

/// How a member stands towards their tiers.
pub async fn progress_of(ctx: &Context<'_>, member_id: Id) -> Result<Option<TierProgress>> {
    Ok(career_of(ctx, member_id).await?.map(|career| progress(&career)))
}

fn object(career: &Career, place: usize) -> Option<TierObject> {
    career.set.tiers.get(place).map(|tier| TierObject(Arc::new(tier.clone())))
}

fn progress(career: &Career) -> TierProgress {
    let window = career.calendar().current(career.today());
    let value = |window: Window| career.set.value(career.sum(window).unwrap_or_default());
    let starts = |day: i64| DateTime(start_of(day, &career.zone));
    let goal = |place: usize, Keep { missing, from, by }: Keep| {
        let tier = object(career, place)?;
        Some(TierGoal { tier, missing: BigInt(missing), from: from.map(DateTime), by: by.map(DateTime) })
    };
    let place = career.place();
    let judgement = career.next_judgement();
    // A window that moves with the days, or never ends, has no last day.
    let ends = career.calendar().previous(career.today()).map(|_| start_of(window.last + 1, &career.zone));
    let missing = (career.set.threshold(place + 1) - value(window)).max(0);
    TierProgress {
        basis: career.set.row.basis.into(),
        qualifying: BigInt(value(window)),
        counted_from: (window != Window::EVER).then(|| starts(window.first)),
        next: goal(place + 1, Keep { missing, from: None, by: ends }),
        keep: career.keep().ok().flatten().and_then(|keep| goal(place, keep)),
        since: career.state.since.map(DateTime::of),
        judged_at: judgement.map(|(judged, _)| starts(judged)),
        lost_at: judgement.map(|(_, lost)| starts(lost)),
        protected_until: career.state.kept_until.filter(|_| career.is_protected(career.now)).map(DateTime::of),
    }
}
