//! Rules told in both languages.

use serde_json::{Value as Json, json};

use super::*;
use crate::domain::earning::entity::{RuleState, Stacking, earning_rule};
use crate::domain::earning::rule::terms::Terms;

const TEA: Id = Id::from_u128(1);
const SHOP: Id = Id::from_u128(2);

fn rule(terms: Json) -> Rule {
    let terms: Terms = serde_json::from_value(terms).expect("terms");
    let row = earning_rule::Model {
        id: Id::nil(),
        revision: 1,
        program_id: Id::nil(),
        version: Some(2),
        state: RuleState::InForce,
        name: String::new(),
        description: String::new(),
        event_type_id: None,
        priority: 0,
        stacking: Stacking::Stack,
        starts_at: None,
        ends_at: None,
        terms: terms.write(),
        budgeted: false,
        author_id: Id::nil(),
        created_at: 0,
    };
    Rule { row, terms }
}

fn told(rule: &Rule, is_staff: bool) -> [String; 2] {
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let names = Names(HashMap::from([(TEA, "Tea".to_owned()), (SHOP, "Bund".to_owned())]));
    [Language::English, Language::Chinese]
        .map(|language| Teller { language, currency: "CNY", zone: &zone, names: &names, is_staff }.explain(rule))
}

#[test]
fn what_when_and_how_often() {
    let rule = rule(json!({
        "effect": { "multiplier": 20_000 },
        "condition": { "all": [{ "weekdays": [6, 7] }, { "products": { "categoryIds": [TEA] } }] },
        "caps": [{ "period": "DAY", "points": null, "times": 1 }],
    }));
    assert_eq!(
        told(&rule, false),
        [
            "2 times the points on Saturdays and Sundays for Tea, once a day.",
            "周六、周日，限Tea，2 倍积分，每天最多 1 次。",
        ]
    );
}

#[test]
fn sums_places_and_exceptions() {
    let rule = rule(json!({
        "effect": { "bonus": { "points": 50 } },
        "condition": { "all": [
            { "spend": { "least": 1_200, "of": { "categoryIds": [TEA] } } },
            { "not": { "firstOrder": {} } },
            { "any": [{ "outlet": [SHOP] }, { "channel": ["APP"] }] },
        ] },
        "caps": [{ "period": "EVER", "points": 500, "times": 2 }],
    }));
    assert_eq!(
        told(&rule, false),
        [
            "50 points more from CNY 12.00 of Tea on except on the first order at Bund or in the app, twice and up to 500 \
         points a member.",
            "Tea满 CNY 12.00，首单除外，限Bund门店或限App，额外获得 50 积分，每位会员最多 2 次、500 积分。",
        ]
    );
}

#[test]
fn who_it_is_for_is_told_to_staff_alone() {
    let rule = rule(json!({ "effect": { "perPiece": { "points": 1 } }, "condition": { "tags": ["vip"] } }));
    assert_eq!(told(&rule, true)[0], "1 point more for each piece for members tagged vip.");
    assert_eq!(
        told(&rule, false),
        ["1 point more for each piece for chosen members.", "限指定会员，每件额外获得 1 积分。",]
    );
}

#[test]
fn dates_are_of_the_programs_zone_and_what_is_gone_is_something() {
    let mut rule = rule(json!({
        "effect": { "perAmount": { "points": 5, "minor": 100 } },
        "condition": { "products": { "productIds": [Id::from_u128(9)], "skus": ["CUP-1"] } },
    }));
    rule.row.ends_at = Some(Instant::from_timestamp("2027-03-31T16:00:00Z".parse().expect("a moment")).micros());
    assert_eq!(
        told(&rule, true),
        [
            "5 points more for every CNY 1.00 for something or CUP-1. Until 2027-04-01 00:00.",
            "限某项、CUP-1，每消费 CNY 1.00 额外获得 5 积分。截至 2027-04-01 00:00。",
        ]
    );
}
