//! Whose points pay: the member's own, or their household's.

use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::{HouseholdRole, wallet};

/// Whose points are spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purse {
    #[default]
    Own,
    Household,
}

/// Why the household's points cannot be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotYours {
    /// The member is in no household.
    NoHousehold,
    /// In their household they only earn.
    EarnsOnly,
}

impl Purse {
    /// The wallet that pays.
    pub fn wallet(self, own: &wallet::Model) -> Result<Id, NotYours> {
        match (self, own.household_id) {
            (Purse::Own, _) => Ok(own.member_id),
            (Purse::Household, None) => Err(NotYours::NoHousehold),
            (Purse::Household, Some(household_id)) => {
                let may_spend = own.household_role.is_some_and(HouseholdRole::may_spend);
                if may_spend || planted(Bug::EarnerSpends) { Ok(household_id) } else { Err(NotYours::EarnsOnly) }
            }
        }
    }

    /// What the request hash covers of it: nothing for the usual one, so that keys of before stay good.
    pub fn covered(self) -> &'static [u8] {
        match self {
            Purse::Own => b"",
            Purse::Household => b"household",
        }
    }
}
