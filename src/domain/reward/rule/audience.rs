//! Who may redeem a reward: a condition that asks about the member alone.

use crate::base::clock::Instant;
use crate::domain::earning::rule::condition::Condition;
use crate::domain::earning::rule::occasion::{Occasion, Standing};
use crate::domain::reward::entity::reward;

/// Whether a condition asks about nothing but the member: not about a basket, a moment, a place or an event, none of which
/// a reward has.
pub fn is_of_member(condition: &Condition) -> bool {
    !condition.has(|part| {
        matches!(
            part,
            Condition::Dates(_)
                | Condition::Weekdays(_)
                | Condition::Hours(_)
                | Condition::Products(_)
                | Condition::Quantity(_)
                | Condition::Spend(_)
                | Condition::FirstOrder(_)
                | Condition::Channel(_)
                | Condition::Outlet(_)
                | Condition::Attribute(_)
        )
    })
}

/// Whether a reward is for a member, of whom this is known. What cannot be read, or is not known, is nobody's: better none
/// than one too many.
pub fn is_for(reward: &reward::Model, standing: &Standing) -> bool {
    let Some(audience) = &reward.audience else { return true };
    let zone = jiff::tz::TimeZone::UTC;
    let occasion = Occasion {
        moment: Instant::default(),
        zone: &zone,
        items: &[],
        channel: None,
        outlet_id: None,
        event: None,
        standing,
    };
    read(audience).is_some_and(|condition| condition.holds(&occasion, None) == Some(true))
}

/// As it is kept with a reward.
pub fn write(condition: &Condition) -> String {
    serde_json::to_string(condition).expect("a condition is plain data")
}

pub fn read(text: &str) -> Option<Condition> {
    serde_json::from_str(text).ok()
}
