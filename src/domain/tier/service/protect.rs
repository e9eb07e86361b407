//! Protecting a member's tier.

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::clock::{DAY, Instant};
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::protect_tier::ProtectTier;
use crate::domain::member::query::MemberKey;
use crate::domain::points::query::keeper_of;
use crate::domain::points::rule::movement::is_reason;
use crate::domain::tier::rule::change::NotProtected;

/// Keeps a member's tier until a moment, whatever it is judged to be; or, with none, no longer.
pub async fn protect_tier(
    app: &App,
    actor: &Actor,
    named: Option<Id>,
    until: Option<Instant>,
    reason: &str,
) -> Result<Result<Id, NotProtected>> {
    let staff = actor.staff()?;
    let now = app.clock.now();
    if until.is_some_and(|until| until <= now || until > now.plus(3_653 * DAY)) {
        return Ok(Err(NotProtected::UntilInvalid));
    }
    let reason = reason.trim();
    if reason.is_empty() || !is_reason(reason) {
        return Ok(Err(NotProtected::ReasonInvalid));
    }
    let Some(member_id) = find_member(app, named).await? else { return Ok(Err(NotProtected::MemberUnknown)) };
    if member_id == staff.member_id {
        return Ok(Err(NotProtected::OwnTier));
    }
    let (staff_id, seed) = (staff.member_id, app.ids.next());
    let command = ProtectTier { member_id, until, reason: reason.to_owned(), staff_id, seed };
    Ok(app.committers.submit(command).await?.map(|()| member_id))
}

/// The member, or who has everything of them by now.
async fn find_member(app: &App, named: Option<Id>) -> Result<Option<Id>> {
    let Some(id) = named else { return Ok(None) };
    let keeper = keeper_of(&app.hub, id).await?.unwrap_or(id);
    Ok(app.hub.find(MemberKey(keeper)).await?.map(|member| member.id))
}
