//! What an event adds to the statistics. The same event always adds the same, whoever counts it and whenever.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::base::id::Id;
use crate::domain::outbox::entity::{Topic, Uncounted};
use crate::domain::report::entity::Figure;

/// The figures of the house's accounts, by the names under which events tell what was booked there.
pub const BOOKED: [(Figure, &str); 8] = [
    (Figure::Issued, "issued"),
    (Figure::Reinstated, "reinstated"),
    (Figure::Adjusted, "adjusted"),
    (Figure::WrittenOff, "writtenOff"),
    (Figure::Settled, "settled"),
    (Figure::Redeemed, "redeemed"),
    (Figure::Expired, "expired"),
    (Figure::Revoked, "revoked"),
];

/// What an event adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// By figure, and by the rule or tier that gave points where the figure is of one.
    pub figures: BTreeMap<(Figure, Option<Id>), i64>,
    /// Whether its member earned or spent points.
    pub is_active: bool,
    /// The tier that the member had, if the event says so.
    pub tier_id: Option<Id>,
}

impl Added {
    fn add(&mut self, figure: Figure, source: Option<Id>, amount: i64) {
        if amount != 0 {
            *self.figures.entry((figure, source)).or_default() += amount;
        }
    }

    fn points(&self, figure: Figure) -> i64 {
        self.figures.get(&(figure, None)).copied().unwrap_or(0)
    }
}

/// Reads an event. Whatever it does not tell is nothing.
pub fn added(topic: Topic, told: Uncounted, payload: &str) -> Added {
    let payload: Json = serde_json::from_str(payload).unwrap_or_default();
    let mut added = Added { tier_id: id(&payload["tierId"]), ..Added::default() };
    match told {
        Uncounted::InFull => add_booked(&mut added, &payload),
        Uncounted::InBrief => add_in_brief(&mut added, topic, &payload),
    }
    let money = |name: &str| payload[name].as_i64();
    match topic {
        Topic::OrderPlaced => {
            added.add(Figure::Orders, None, 1);
            added.add(Figure::Spend, None, money("money").or(money("total")).unwrap_or(0));
        }
        Topic::OrderReturned => added.add(Figure::Refunded, None, money("money").unwrap_or(0)),
        Topic::MemberRegistered => added.add(Figure::NewMembers, None, 1),
        _ => {}
    }
    added.is_active = match topic {
        Topic::OrderPlaced | Topic::RewardRedeemed | Topic::EventRecorded => {
            added.points(Figure::Issued) > 0 || added.points(Figure::Redeemed) > 0
        }
        // Whatever was captured was spent, though events of before do not say how much.
        Topic::PointsCaptured => true,
        // A purchase of the past is no activity of today, and neither is what comes back or is given by others.
        _ => false,
    };
    added
}

fn add_booked(added: &mut Added, payload: &Json) {
    for (figure, name) in BOOKED {
        added.add(figure, None, payload["booked"][name].as_i64().unwrap_or(0));
    }
    for share in payload["shares"].as_array().into_iter().flatten() {
        let (source, given, taken_back) = match (id(&share["ruleId"]), id(&share["tierId"])) {
            (Some(rule), _) => (rule, Figure::RuleGiven, Figure::RuleTakenBack),
            (None, Some(tier)) => (tier, Figure::MultiplierGiven, Figure::MultiplierTakenBack),
            (None, None) => continue,
        };
        added.add(given, Some(source), share["points"].as_i64().unwrap_or(0));
        added.add(taken_back, Some(source), share["takenBack"].as_i64().unwrap_or(0));
    }
}

/// Events of before there were statistics tell no bookings, but most of them tell their points.
fn add_in_brief(added: &mut Added, topic: Topic, payload: &Json) {
    let points = |name: &str| payload[name].as_i64().unwrap_or(0);
    let told: &[(Figure, i64)] = match topic {
        Topic::OrderPlaced => &[(Figure::Issued, points("pointsEarned")), (Figure::Redeemed, points("pointsPaid"))],
        Topic::OrderImported => &[(Figure::Issued, points("pointsEarned"))],
        Topic::EventRecorded => &[(Figure::Issued, points("points"))],
        Topic::RewardRedeemed => &[(Figure::Redeemed, points("points"))],
        Topic::RedemptionCancelled => &[(Figure::Redeemed, -points("points"))],
        Topic::OrderReturned => {
            &[(Figure::Redeemed, -points("pointsGivenBack")), (Figure::Revoked, points("pointsClawedBack"))]
        }
        Topic::PointsAdjusted => &[(Figure::Adjusted, points("points"))],
        Topic::PointsReinstated => &[(Figure::Reinstated, points("points"))],
        _ => &[],
    };
    told.iter().for_each(|(figure, amount)| added.add(*figure, None, *amount));
}

fn id(json: &Json) -> Option<Id> {
    json.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(added: &Added) -> Vec<(Figure, Option<Id>, i64)> {
        added.figures.iter().map(|((figure, source), amount)| (*figure, *source, *amount)).collect()
    }

    #[test]
    fn an_order_adds_what_it_booked_and_what_rules_gave_of_it() {
        let (tier, rule) = (Id::from_u128(1), Id::from_u128(2));
        let payload = format!(
            r#"{{"total":1000,"money":980,"pointsEarned":150,"booked":{{"issued":150,"redeemed":20}},"tierId":"{tier}",
            "shares":[{{"ruleId":"{rule}","points":50}},{{"tierId":"{tier}","points":30}}]}}"#
        );
        let added = added(Topic::OrderPlaced, Uncounted::InFull, &payload);
        let expected = [
            (Figure::Issued, None, 150),
            (Figure::Redeemed, None, 20),
            (Figure::Orders, None, 1),
            (Figure::Spend, None, 980),
            (Figure::RuleGiven, Some(rule), 50),
            (Figure::MultiplierGiven, Some(tier), 30),
        ];
        assert_eq!(figures(&added), expected);
        assert_eq!((added.is_active, added.tier_id), (true, Some(tier)));
    }

    #[test]
    fn what_comes_back_makes_nobody_active() {
        let returned = r#"{"money":500,"booked":{"redeemed":-20,"revoked":50}}"#;
        let added = added(Topic::OrderReturned, Uncounted::InFull, returned);
        let expected = [(Figure::Redeemed, None, -20), (Figure::Revoked, None, 50), (Figure::Refunded, None, 500)];
        assert_eq!(figures(&added), expected);
        assert!(!added.is_active);
    }

    #[test]
    fn what_was_told_in_brief_is_counted_as_far_as_it_goes() {
        let order = r#"{"total":1000,"pointsEarned":90,"pointsPaid":20}"#;
        let order = added(Topic::OrderPlaced, Uncounted::InBrief, order);
        let expected = [
            (Figure::Issued, None, 90),
            (Figure::Redeemed, None, 20),
            (Figure::Orders, None, 1),
            (Figure::Spend, None, 1000),
        ];
        assert_eq!(figures(&order), expected);
        let captured = added(Topic::PointsCaptured, Uncounted::InBrief, r#"{"captured":70}"#);
        assert_eq!((figures(&captured), captured.is_active), (vec![], true));
        assert_eq!(added(Topic::HouseholdJoined, Uncounted::InFull, "no JSON"), Added::default());
    }
}
