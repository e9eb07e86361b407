//! Rules told in both languages.

use serde_json::{Value as Json, json};

use super::*;
use crate::domain::earning::entity::{RuleState, Stacking, earning_rule};
use crate::domain::earning::rule::terms::Terms;

const TEA: Id = Id::from_u128(1);
const SHOP: Id = Id::from_u128(2);
const GOLD: Id = Id::from_u128(3);

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
    let names = Names {
        by_id: HashMap::from([(TEA, "Tea".to_owned()), (SHOP, "Bund".to_owned()), (GOLD, "金卡".to_owned())]),
        by_sku: HashMap::from([("CUP-1".to_owned(), "Cup".to_owned())]),
    };
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
            "50 points more from CNY 12.00 of Tea on (at Bund or in the app) except on the first order, twice and up to 500 \
         points a member.",
            "Tea满 CNY 12.00，（限Bund门店或限App），首单除外，额外获得 50 积分，每位会员最多 2 次、500 积分。",
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
        "condition": { "products": { "productIds": [Id::from_u128(9)], "skus": ["CUP-1", "GONE-1"] } },
    }));
    rule.row.ends_at = Some(Instant::from_timestamp("2027-03-31T16:00:00Z".parse().expect("a moment")).micros());
    assert_eq!(
        told(&rule, true),
        [
            "5 points more for every CNY 1.00 for something, Cup or GONE-1. Until 2027-04-01 00:00.",
            "限某项、Cup、GONE-1，每消费 CNY 1.00 额外获得 5 积分。截至 2027-04-01 00:00。",
        ]
    );
}

/// What gives differently reads differently, in both languages, to those who may not know which members are chosen.
#[test]
fn each_nesting_reads_in_one_way() {
    let (sat, app, first) = (json!({ "weekdays": [6] }), json!({ "channel": ["APP"] }), json!({ "firstOrder": {} }));
    let tea = json!({ "products": { "productIds": [TEA] } });
    let (all, any) = (|parts: &[&Json]| json!({ "all": parts }), |parts: &[&Json]| json!({ "any": parts }));
    let not = |part: &Json| json!({ "not": part });
    let (tags, tiers) = (json!({ "tags": ["vip"] }), json!({ "tiers": [GOLD] }));
    let ways = json!({ "channel": ["APP", "WEB"] });
    let cases = [
        (all(&[]), "", ""),
        (all(&[&sat, &first]), "on Saturdays on the first order", "周六，首单"),
        (any(&[&sat, &app]), "on Saturdays or in the app", "周六或限App"),
        (
            all(&[&any(&[&sat, &app]), &first]),
            "(on Saturdays or in the app) on the first order",
            "（周六或限App），首单",
        ),
        (
            any(&[&sat, &all(&[&app, &first])]),
            "on Saturdays or (in the app and on the first order)",
            "周六或（限App且首单）",
        ),
        (not(&all(&[&sat, &app])), "except (on Saturdays and in the app)", "（周六且App）除外"),
        (all(&[&not(&sat), &app]), "in the app except on Saturdays", "限App，周六除外"),
        (any(&[&not(&sat), &app]), "(except on Saturdays) or in the app", "（周六除外）或限App"),
        (not(&any(&[&sat, &app])), "except (on Saturdays or in the app)", "（周六或App）除外"),
        (all(&[&not(&sat), &not(&app)]), "except (on Saturdays or in the app)", "（周六或App）除外"),
        (
            any(&[&sat, &all(&[&first, &app, &not(&tea)])]),
            "on Saturdays or (on the first order and in the app except for Tea)",
            "周六或（首单且限App，Tea除外）",
        ),
        (not(&not(&tea)), "for Tea", "限Tea"),
        (not(&tea), "except for Tea", "Tea除外"),
        (not(&json!({ "outlet": [SHOP] })), "except at Bund", "Bund门店除外"),
        (not(&tags), "except for chosen members", "指定会员除外"),
        (not(&tiers), "except for 金卡 members", "金卡会员除外"),
        (any(&[&tags, &json!({ "segments": [TEA] })]), "for chosen members", "限指定会员"),
        (all(&[&sat, &ways]), "on Saturdays (in the app or on the web)", "周六，限App、网站"),
        (any(&[&any(&[&sat]), &any(&[])]), "on Saturdays", "周六"),
    ];
    for (condition, english, chinese) in cases {
        let rule = rule(json!({ "effect": { "bonus": { "points": 5 } }, "condition": condition }));
        let (before, after) = if english.is_empty() { ("", "") } else { (" ", "，") };
        let expected = [format!("5 points more{before}{english}."), format!("{chinese}{after}额外获得 5 积分。")];
        assert_eq!(told(&rule, false), expected, "{condition}");
    }
    for nothing in [any(&[]), not(&all(&[])), all(&[&sat, &any(&[])])] {
        let rule = rule(json!({ "effect": { "bonus": { "points": 5 } }, "condition": nothing }));
        let said = ["Its condition can never hold, so it gives nothing.", "条件永远无法满足，不会给予积分。"];
        assert_eq!(told(&rule, false), said);
    }
}

#[test]
fn a_tier_is_told_by_its_name() {
    let zone = TimeZone::UTC;
    let said = [Language::English, Language::Chinese].map(|language| {
        Teller { language, currency: "CNY", zone: &zone, names: &Names::default(), is_staff: false }
            .tier("金卡", 15_000)
    });
    assert_eq!(said, ["1.5 times the points for 金卡 members.", "金卡会员享 1.5 倍积分。"]);
}
