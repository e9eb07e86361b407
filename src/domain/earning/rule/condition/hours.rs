//! Between two times of the day.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use super::{Flaw, Test};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// From a local time on, until just before another. One that ends earlier than it begins goes on after midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub from: Time,
    pub until: Time,
}

impl Test for Hours {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        let time = occasion.zone.to_datetime(occasion.moment.timestamp()).time();
        let Hours { from, until } = *self;
        Some(if from < until { (from..until).contains(&time) } else { time >= from || time < until })
    }

    fn flaw(&self) -> Option<Flaw> {
        (self.from == self.until).then_some(Flaw::Range)
    }
}
