//! Who may change a household and how, as pure functions over the list of those who belong to it.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::text::has_control;
use crate::domain::household::entity::MembershipState;
use crate::domain::household::entity::household_member::Model as Membership;
use crate::domain::points::entity::{HouseholdRole, program};

/// The longest name of a household, in characters.
pub const MAX_NAME: usize = 100;

/// Why a household is not made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The program has no households.
    HouseholdsOff,
    NameInvalid,
    /// The member belongs to one already.
    AlreadyInHousehold,
    /// There is no such household that the member belongs to or was invited to.
    HouseholdUnknown,
    /// The one who would invite belongs to none.
    InNoHousehold,
    /// Only an owner may do this.
    NotOwner,
    MemberUnknown,
    /// As many as the program allows belong to it or are invited.
    HouseholdFull {
        most: i64,
    },
    NotInvited,
    /// Somebody has to own it while there are others.
    LastOwner,
    /// What the household has is more than the last member's account can hold.
    AccountFull,
}

pub fn check_name(name: &str) -> Result<(), Rejection> {
    let is_name = !name.trim().is_empty() && name.chars().count() <= MAX_NAME && !has_control(name);
    if is_name { Ok(()) } else { Err(Rejection::NameInvalid) }
}

/// Whether the program lets households be made.
pub fn check_program(program: &program::Model) -> Result<(), Rejection> {
    if program.household_size > 0 { Ok(()) } else { Err(Rejection::HouseholdsOff) }
}

/// The one who makes a household, as its first member.
pub fn founder(household_id: Id, member_id: Id, now: Instant) -> Membership {
    Membership {
        member_id,
        household_id,
        role: HouseholdRole::Owner,
        state: MembershipState::Joined,
        invited_by: member_id,
        created_at: now.micros(),
        joined_at: Some(now.micros()),
    }
}

/// An owner asks a member, or gives somebody who was asked or has joined another role.
pub fn invite(
    program: &program::Model,
    members: &[Membership],
    (household_id, owner_id): (Id, Id),
    (member_id, role): (Id, HouseholdRole),
    now: Instant,
) -> Result<Vec<Membership>, Rejection> {
    check_owner(members, owner_id)?;
    let mut members = members.to_vec();
    match members.iter_mut().find(|known| known.member_id == member_id) {
        Some(known) => known.role = role,
        None => {
            check_room(program, members.len())?;
            let state = MembershipState::Invited;
            let (created_at, joined_at) = (now.micros(), None);
            let invited_by = owner_id;
            members.push(Membership { member_id, household_id, role, state, invited_by, created_at, joined_at });
        }
    }
    check_owned(members)
}

/// Whoever was asked says yes, if there is still room by today's program. Saying so again changes nothing.
pub fn join(
    program: &program::Model,
    members: &[Membership],
    member_id: Id,
    now: Instant,
) -> Result<Vec<Membership>, Rejection> {
    let joined = members.iter().filter(|known| is_joined(known)).count();
    let mut members = members.to_vec();
    let known = members.iter_mut().find(|known| known.member_id == member_id).ok_or(Rejection::NotInvited)?;
    if known.state == MembershipState::Invited {
        check_room(program, joined)?;
        known.state = MembershipState::Joined;
        known.joined_at = Some(now.micros());
    }
    Ok(members)
}

/// Whether the program allows a household more than so many members.
fn check_room(program: &program::Model, members: usize) -> Result<(), Rejection> {
    check_program(program)?;
    let most = program.household_size;
    if (members as i64) < most { Ok(()) } else { Err(Rejection::HouseholdFull { most }) }
}

/// A member leaves, or says no; or an owner sends somebody away. Whoever is not listed has left already: a command whose
/// COMMIT succeeded and whose answer was lost is carried out again.
pub fn leave(members: &[Membership], by: Id, member_id: Id) -> Result<Vec<Membership>, Rejection> {
    if by != member_id {
        check_owner(members, by)?;
    }
    let rest: Vec<Membership> = members.iter().filter(|known| known.member_id != member_id).cloned().collect();
    if rest.len() == members.len() {
        return Ok(rest);
    }
    // With the last who had joined, the invitations are void.
    if rest.iter().any(is_joined) { check_owned(rest) } else { Ok(Vec::new()) }
}

/// What a member is in a household they have joined.
pub fn role_of(members: &[Membership], member_id: Id) -> Option<HouseholdRole> {
    members.iter().find(|known| known.member_id == member_id && is_joined(known)).map(|known| known.role)
}

fn is_joined(known: &Membership) -> bool {
    known.state == MembershipState::Joined
}

fn check_owner(members: &[Membership], member_id: Id) -> Result<(), Rejection> {
    match role_of(members, member_id) {
        Some(HouseholdRole::Owner) => Ok(()),
        Some(_) => Err(Rejection::NotOwner),
        None => Err(Rejection::HouseholdUnknown),
    }
}

fn check_owned(members: Vec<Membership>) -> Result<Vec<Membership>, Rejection> {
    let is_owner = |known: &Membership| is_joined(known) && known.role == HouseholdRole::Owner;
    if members.iter().any(is_owner) { Ok(members) } else { Err(Rejection::LastOwner) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1);
    const HOME: Id = Id::from_u128(9);
    const ANNA: Id = Id::from_u128(1);
    const BEN: Id = Id::from_u128(2);

    fn of(size: i64) -> program::Model {
        program::Model { household_size: size, ..program::Model::usual(Id::nil(), 0) }
    }

    fn asked(members: &[Membership], role: HouseholdRole) -> Result<Vec<Membership>, Rejection> {
        invite(&of(2), members, (HOME, ANNA), (BEN, role), NOW)
    }

    #[test]
    fn an_owner_asks_and_the_one_who_was_asked_joins() {
        let members = vec![founder(HOME, ANNA, NOW)];
        assert_eq!(join(&of(2), &members, BEN, NOW), Err(Rejection::NotInvited));
        let members = asked(&members, HouseholdRole::Earner).unwrap();
        assert_eq!(role_of(&members, BEN), None, "not before they said yes");
        assert_eq!(join(&of(0), &members, BEN, NOW), Err(Rejection::HouseholdsOff));
        assert_eq!(join(&of(1), &members, BEN, NOW), Err(Rejection::HouseholdFull { most: 1 }));
        let members = join(&of(2), &members, BEN, NOW).unwrap();
        assert_eq!(role_of(&members, BEN), Some(HouseholdRole::Earner));
        assert_eq!(join(&of(0), &members, BEN, NOW).unwrap(), members, "who is in, stays");
        let third = invite(&of(2), &members, (HOME, ANNA), (Id::from_u128(3), HouseholdRole::Earner), NOW);
        assert_eq!(third, Err(Rejection::HouseholdFull { most: 2 }));
        let by_ben = invite(&of(9), &members, (HOME, BEN), (Id::from_u128(3), HouseholdRole::Earner), NOW);
        assert_eq!(by_ben, Err(Rejection::NotOwner));
    }

    #[test]
    fn somebody_owns_it_while_there_are_others() {
        let members = asked(&[founder(HOME, ANNA, NOW)], HouseholdRole::Spender).unwrap();
        let members = join(&of(2), &members, BEN, NOW).unwrap();
        assert_eq!(leave(&members, ANNA, ANNA), Err(Rejection::LastOwner));
        let demoted = invite(&of(2), &members, (HOME, ANNA), (ANNA, HouseholdRole::Spender), NOW);
        assert_eq!(demoted, Err(Rejection::LastOwner));
        let both = asked(&members, HouseholdRole::Owner).unwrap();
        assert_eq!(leave(&both, ANNA, ANNA).unwrap().len(), 1);
        assert_eq!(leave(&members, BEN, ANNA), Err(Rejection::NotOwner));
        let left = leave(&members, ANNA, BEN).unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(leave(&left, ANNA, BEN).unwrap(), left, "whoever has left, has left");
    }

    #[test]
    fn with_the_last_who_joined_the_invitations_are_void() {
        let members = asked(&[founder(HOME, ANNA, NOW)], HouseholdRole::Owner).unwrap();
        assert_eq!(leave(&members, ANNA, ANNA), Ok(Vec::new()));
        assert_eq!(leave(&members, BEN, BEN).unwrap(), vec![founder(HOME, ANNA, NOW)]);
    }
}
