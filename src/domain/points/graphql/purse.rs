//! Whose points pay.

use async_graphql::Enum;

use crate::domain::points::rule::purse::Purse;

/// Whose points are spent.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PointsPurse {
    /// The member's own.
    #[default]
    Own,
    /// Those of the member's household, if they may spend them.
    Household,
}

impl From<PointsPurse> for Purse {
    fn from(purse: PointsPurse) -> Purse {
        match purse {
            PointsPurse::Own => Purse::Own,
            PointsPurse::Household => Purse::Household,
        }
    }
}
