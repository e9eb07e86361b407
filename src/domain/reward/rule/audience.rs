//! Who may redeem a reward: a condition that asks about the member alone.

use std::collections::BTreeSet;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::domain::earning::rule::condition::Condition;
use crate::domain::earning::rule::condition::tiers::Tiers;
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

/// Whether a condition is for members of a tier, and not for those of every other tier: whatever else it asks, which somebody
/// may be or not.
pub fn is_only_for(condition: &Condition, tier: Id, tiers: &[Id]) -> bool {
    may_hold(condition, tier, true) && !tiers.iter().all(|other| may_hold(condition, *other, true))
}

/// Whether a condition can hold (or, turned round, can fail) for somebody in a tier.
fn may_hold(condition: &Condition, tier: Id, holds: bool) -> bool {
    match condition {
        Condition::Tiers(Tiers(named)) => named.contains(&tier) == holds,
        Condition::All(parts) if holds => parts.iter().all(|part| may_hold(part, tier, true)),
        Condition::All(parts) => parts.iter().any(|part| may_hold(part, tier, false)),
        Condition::Any(parts) if holds => parts.iter().any(|part| may_hold(part, tier, true)),
        Condition::Any(parts) => parts.iter().all(|part| may_hold(part, tier, false)),
        Condition::Not(part) => may_hold(part, tier, !holds),
        _ => true,
    }
}

/// The tiers that a reward's audience names.
pub fn tiers_of(reward: &reward::Model) -> BTreeSet<Id> {
    named_by(reward, Condition::tiers)
}

/// The segments that it names.
pub fn segments_of(reward: &reward::Model) -> BTreeSet<Id> {
    named_by(reward, Condition::segments)
}

fn named_by(reward: &reward::Model, named: impl FnOnce(&Condition) -> BTreeSet<Id>) -> BTreeSet<Id> {
    reward.audience.as_deref().and_then(read).map(|condition| named(&condition)).unwrap_or_default()
}

/// As it is kept with a reward.
pub fn write(condition: &Condition) -> String {
    serde_json::to_string(condition).expect("a condition is plain data")
}

pub fn read(text: &str) -> Option<Condition> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::earning::rule::condition::tags::Tags;

    #[test]
    fn what_asks_for_a_tier_is_only_for_that() {
        let tiers: Vec<Id> = (1..=3).map(Id::from_u128).collect();
        let of = |places: &[usize]| Condition::Tiers(Tiers(places.iter().map(|place| tiers[*place]).collect()));
        let tagged = || Condition::Tags(Tags(BTreeSet::from(["vip".to_owned()])));
        let not = |condition| Condition::Not(Box::new(condition));
        let only_for = |condition: Condition| -> String {
            let those = (0..3).filter(|place| is_only_for(&condition, tiers[*place], &tiers));
            those.map(|place| place.to_string()).collect()
        };
        assert_eq!(only_for(of(&[1, 2])), "12");
        assert_eq!(only_for(of(&[0, 1, 2])), "", "everybody is in one of them");
        assert_eq!(only_for(not(of(&[0]))), "12");
        assert_eq!(only_for(tagged()), "");
        assert_eq!(only_for(Condition::All(vec![tagged(), of(&[2])])), "2");
        assert_eq!(only_for(Condition::Any(vec![tagged(), of(&[2])])), "", "whoever is tagged may as well");
        assert_eq!(only_for(not(Condition::Any(vec![tagged(), of(&[2])]))), "01");
        assert_eq!(only_for(not(Condition::All(vec![not(of(&[1])), not(of(&[2]))]))), "12");
        assert_eq!(only_for(Condition::Any(Vec::new())), "");
    }
}
