//! On whose behalf a verb runs.
//!
//! Every service verb is given an actor and asks it for what it needs. `Staff` and `System` join the enum when there
//! are verbs for them, and the exhaustive matches then show every place that has to decide.

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
}

impl Actor {
    /// The member who is asking.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a visitor.
    pub fn member(&self) -> Result<MemberActor> {
        self.find_member().ok_or_else(Error::unauthenticated)
    }

    /// The member who is asking, or `None` for a visitor. For fields that show a visitor less instead of failing.
    pub fn find_member(&self) -> Option<MemberActor> {
        match self {
            Actor::Visitor => None,
            Actor::Member(member) => Some(*member),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Code;

    #[test]
    fn a_visitor_is_told_to_log_in() {
        assert_eq!(Actor::Visitor.member().unwrap_err().code, Code::Unauthenticated);
        assert_eq!(Actor::Visitor.find_member(), None);
    }

    #[test]
    fn a_member_is_known_by_both_ids() {
        let member = MemberActor { member_id: Id::from_u128(1), session_id: Id::from_u128(2) };
        assert_eq!(Actor::Member(member).member().unwrap(), member);
    }
}
