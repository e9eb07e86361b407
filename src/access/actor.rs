//! On whose behalf a verb runs.
//!
//! Every service verb is given an actor and asks it for what it needs. Staff are members with a role: whoever has it
//! shops, earns and redeems like everybody else, and may use what is for staff besides. `System` joins the enum when
//! there are verbs for it, and the exhaustive matches then show every place that has to decide.

use crate::base::error::{Error, Result};
use crate::base::id::Id;

/// Who is asking, as far as the token and its session row tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// No token came with the request.
    Visitor,
    /// A member, in a session that was checked for this request.
    Member(MemberActor),
}

/// A member in a live session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemberActor {
    pub member_id: Id,
    pub session_id: Id,
    /// The session was opened by somebody who had the staff role then, and still has: losing it ends the session.
    pub staff: bool,
}

impl Actor {
    /// The member who is asking.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a visitor.
    pub fn member(&self) -> Result<MemberActor> {
        self.find_member().ok_or_else(Error::unauthenticated)
    }

    /// The member of staff who is asking.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a visitor, `FORBIDDEN` for a member without the role.
    pub fn staff(&self) -> Result<MemberActor> {
        let member = self.member()?;
        if member.staff { Ok(member) } else { Err(Error::forbidden()) }
    }

    /// The member who is asking, or `None` for a visitor. For fields that show a visitor less instead of failing.
    pub fn find_member(&self) -> Option<MemberActor> {
        match self {
            Actor::Visitor => None,
            Actor::Member(member) => Some(*member),
        }
    }
}

impl MemberActor {
    /// Whether they are shown what belongs to a member: their own things, and to staff everybody's.
    pub fn may_read(&self, owner: Id) -> bool {
        self.staff || self.member_id == owner
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Code;

    const SHOPPER: MemberActor =
        MemberActor { member_id: Id::from_u128(1), session_id: Id::from_u128(2), staff: false };
    const STAFF: MemberActor = MemberActor { staff: true, ..SHOPPER };

    #[test]
    fn a_visitor_is_told_to_log_in() {
        assert_eq!(Actor::Visitor.member().unwrap_err().code, Code::Unauthenticated);
        assert_eq!(Actor::Visitor.staff().unwrap_err().code, Code::Unauthenticated);
        assert_eq!(Actor::Visitor.find_member(), None);
    }

    #[test]
    fn a_member_is_known_by_both_ids() {
        assert_eq!(Actor::Member(SHOPPER).member().unwrap(), SHOPPER);
    }

    #[test]
    fn what_is_for_staff_takes_the_role() {
        assert_eq!(Actor::Member(SHOPPER).staff().unwrap_err().code, Code::Forbidden);
        assert_eq!(Actor::Member(STAFF).staff().unwrap(), STAFF);
        assert_eq!(Actor::Member(STAFF).member().unwrap(), STAFF);
    }

    #[test]
    fn staff_read_everybodys_things_and_others_their_own() {
        let somebody_else = Id::from_u128(3);
        assert!(SHOPPER.may_read(SHOPPER.member_id) && !SHOPPER.may_read(somebody_else));
        assert!(STAFF.may_read(STAFF.member_id) && STAFF.may_read(somebody_else));
    }
}
