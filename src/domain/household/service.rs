//! Making households and changing who belongs to them.

use std::sync::Arc;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::household::{ChangeHousehold, CreateHousehold, Deed};
use crate::domain::household::entity::household_member;
use crate::domain::household::query::MembersOf;
use crate::domain::household::rule::{Rejection, check_name};
use crate::domain::member::entity::HandleKind;
use crate::domain::member::query::HandleKey;
use crate::domain::points::entity::HouseholdRole;
use crate::domain::points::query::WalletOf;

/// What a verb makes or changes, or why it does not.
type Changed<T> = Result<Result<T, Rejection>>;

/// Makes a household with the member who asks as its owner.
pub async fn create_household(app: &App, actor: &Actor, name: String) -> Changed<Id> {
    let member_id = actor.member()?.member_id;
    if let Err(rejection) = check_name(&name) {
        return Ok(Err(rejection));
    }
    let household_id = app.ids.next();
    let command = CreateHousehold {
        member_id,
        name: name.trim().to_owned(),
        household_id,
        seed: app.ids.next(),
        event_id: app.ids.next(),
    };
    Ok(app.committers.submit(command).await?.map(|()| household_id))
}

/// The owner of a household asks another member, named by their number, to join; or gives a member another role.
pub async fn invite_to_household(app: &App, actor: &Actor, number: String, role: HouseholdRole) -> Changed<Id> {
    let by_id = actor.member()?.member_id;
    let Some(household_id) = household_of(app, by_id).await? else { return Ok(Err(Rejection::InNoHousehold)) };
    let Some(member_id) = member_of(app, number).await? else { return Ok(Err(Rejection::MemberUnknown)) };
    let invited = change(app, household_id, by_id, member_id, Deed::Invite(role)).await?;
    // They may have left it since it was looked up.
    Ok(invited.map_err(|rejection| match rejection {
        Rejection::HouseholdUnknown => Rejection::InNoHousehold,
        rejection => rejection,
    }))
}

/// The member who asks joins a household to which they were invited; one that is `None` is not there.
pub async fn join_household(app: &App, actor: &Actor, household_id: Option<Id>) -> Changed<Id> {
    let member_id = actor.member()?.member_id;
    let Some(household_id) = household_id else { return Ok(Err(Rejection::HouseholdUnknown)) };
    change(app, household_id, member_id, member_id, Deed::Join).await
}

/// The member who asks leaves a household or declines its invitation; or its owner sends another away.
pub async fn leave_household(
    app: &App,
    actor: &Actor,
    household_id: Option<Id>,
    number: Option<String>,
) -> Changed<Id> {
    let by_id = actor.member()?.member_id;
    let Some(household_id) = household_id else { return Ok(Err(Rejection::HouseholdUnknown)) };
    let member_id = match number {
        Some(number) => listed(app, household_id, number).await?,
        None => Some(by_id),
    };
    let Some(member_id) = member_id else { return Ok(Err(Rejection::MemberUnknown)) };
    // The command takes whoever is not listed for somebody who has left.
    let members = members_of(app, household_id).await?;
    let is_listed = |id: Id| members.iter().any(|known| known.member_id == id);
    if !is_listed(by_id) {
        return Ok(Err(Rejection::HouseholdUnknown));
    }
    if !is_listed(member_id) {
        return Ok(Err(Rejection::MemberUnknown));
    }
    change(app, household_id, by_id, member_id, Deed::Leave).await
}

async fn change(app: &App, household_id: Id, by_id: Id, member_id: Id, deed: Deed) -> Changed<Id> {
    let command = ChangeHousehold {
        household_id,
        by_id,
        member_id,
        deed,
        merger_id: app.ids.next(),
        seed: app.ids.next(),
        event_id: app.ids.next(),
    };
    Ok(app.committers.submit(command).await?.map(|()| household_id))
}

async fn household_of(app: &App, member_id: Id) -> Result<Option<Id>> {
    Ok(app.hub.find(WalletOf(member_id)).await?.and_then(|wallet| wallet.household_id))
}

/// Whom a number names in a household: who is listed with it, though they may have been merged into another since; or else
/// who has it now.
async fn listed(app: &App, household_id: Id, number: String) -> Result<Option<Id>> {
    let Some(name) = app.hub.find(HandleKey(HandleKind::MemberNumber, number)).await? else { return Ok(None) };
    let is_listed = members_of(app, household_id).await?.iter().any(|known| known.member_id == name.subject_id);
    Ok(Some(if is_listed { name.subject_id } else { name.member_id }))
}

async fn members_of(app: &App, household_id: Id) -> Result<Arc<Vec<household_member::Model>>> {
    Ok(app.hub.find(MembersOf(household_id)).await?.unwrap_or_default())
}

async fn member_of(app: &App, number: String) -> Result<Option<Id>> {
    let name = app.hub.find(HandleKey(HandleKind::MemberNumber, number)).await?;
    Ok(name.map(|name| name.member_id))
}
