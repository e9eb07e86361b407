//! Merging two accounts of one person.

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::merge::MergeMembers;
use crate::domain::member::query::MemberKey;
use crate::domain::points::rule::MergeRejection as Rejection;
use crate::domain::points::rule::movement::is_reason;

/// Merges a member into another, who keeps everything of both, for staff. One that is `None` is not there.
pub async fn merge_members(
    app: &App,
    actor: &Actor,
    from: Option<Id>,
    into: Option<Id>,
    reason: Option<String>,
) -> Result<Result<Id, Rejection>> {
    let staff_id = actor.staff()?.member_id;
    let (Some(from_id), Some(into_id)) = (from, into) else { return Ok(Err(Rejection::MemberUnknown)) };
    let members = app.hub.find_all([MemberKey(from_id), MemberKey(into_id)]).await?;
    if !members.contains_key(&MemberKey(from_id)) || !members.contains_key(&MemberKey(into_id)) {
        return Ok(Err(Rejection::MemberUnknown));
    }
    if from_id == into_id {
        return Ok(Err(Rejection::SameMember));
    }
    if !reason.as_deref().is_none_or(is_reason) {
        return Ok(Err(Rejection::ReasonInvalid));
    }
    let command = MergeMembers {
        from_id,
        into_id,
        reason,
        staff_id,
        merger_id: app.ids.next(),
        seed: app.ids.next(),
        event_id: app.ids.next(),
    };
    Ok(app.committers.submit(command).await?.map(|()| into_id))
}
