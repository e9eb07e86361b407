//! On some days of the week.

use serde::{Deserialize, Serialize};

use super::{Flaw, Test, list_flaw};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// Days by their number, from Monday, 1, to Sunday, 7.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekdays(pub Vec<i8>);

impl Test for Weekdays {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        let day = occasion.moment.local_date(occasion.zone).weekday().to_monday_one_offset();
        Some(self.0.contains(&day))
    }

    fn flaw(&self) -> Option<Flaw> {
        let of_no_week = self.0.iter().any(|day| !(1..=7).contains(day));
        list_flaw(&self.0).or(of_no_week.then_some(Flaw::Range))
    }
}
