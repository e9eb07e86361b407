//! Between two days of the program's zone.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Flaw, Test};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// From the first day to the last, both included. An end that is left open has no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    pub from: Option<Date>,
    pub to: Option<Date>,
}

impl Test for Dates {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        let day = occasion.moment.local_date(occasion.zone);
        Some(self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to))
    }

    fn flaw(&self) -> Option<Flaw> {
        match (self.from, self.to) {
            (None, None) => Some(Flaw::Values),
            (Some(from), Some(to)) if to < from => Some(Flaw::Range),
            _ => None,
        }
    }
}
