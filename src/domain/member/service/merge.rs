//! Merging two accounts of one person.

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::merge::MergeMembers;
use crate::domain::member::query::MemberKey;
use crate::domain::points::rule::MergeRejection as Rejection;
use crate::domain::points::rule::movement::is_reason;

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    From,
    Into,
}

/// Why they are not merged, and which of the two it is about where it may be either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    pub rejection: Rejection,
    pub about: Option<Which>,
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Refused {
        Refused { rejection, about: None }
    }
}

/// Merges a member into another, who keeps everything of both, for staff. One that is `None` is not there.
pub async fn merge_members(
    app: &App,
    actor: &Actor,
    from: Option<Id>,
    into: Option<Id>,
    reason: Option<String>,
) -> Result<Result<Id, Refused>> {
    let staff_id = actor.staff()?.member_id;
    let members = app.hub.find_all([from, into].into_iter().flatten().map(MemberKey)).await?;
    let known = |id: Option<Id>| id.filter(|id| members.contains_key(&MemberKey(*id)));
    let unknown = |which| Refused { rejection: Rejection::MemberUnknown, about: Some(which) };
    let Some(from_id) = known(from) else { return Ok(Err(unknown(Which::From))) };
    let Some(into_id) = known(into) else { return Ok(Err(unknown(Which::Into))) };
    if from_id == into_id {
        return Ok(Err(Rejection::SameMember.into()));
    }
    // Kept without space around it, and none rather than a blank one.
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    if !reason.as_deref().is_none_or(is_reason) {
        return Ok(Err(Rejection::ReasonInvalid.into()));
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
    Ok(app.committers.submit(command).await?.map(|()| into_id).map_err(|rejection| match rejection {
        Rejection::OwnAccount => {
            Refused { rejection, about: Some(if staff_id == from_id { Which::From } else { Which::Into }) }
        }
        rejection => rejection.into(),
    }))
}
