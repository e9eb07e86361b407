//! Each kind of condition, and how they go together.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;
use crate::domain::earning::rule::condition::attribute::Value;
use crate::domain::earning::rule::condition::{Condition, Flaw, MAX_DEPTH, Missing};

/// A condition as it is kept.
fn condition(written: &Json) -> Condition {
    let condition: Condition =
        serde_json::from_value(written.clone()).unwrap_or_else(|error| panic!("{written}: {error}"));
    assert_eq!(serde_json::to_value(&condition).unwrap(), *written, "it is written as it was read");
    condition
}

/// For which of three lines of ¥10, ¥20 and ¥30 it holds.
fn lines(written: Json) -> Vec<bool> {
    let (visit, items, condition) = (visit(), basket(&[1_000, 2_000, 3_000]), condition(&written));
    let occasion = visit.buying(&items);
    items.iter().map(|item| condition.holds(&occasion, Some(item)).unwrap()).collect()
}

fn holds(written: Json) -> bool {
    lines(written) == [true; 3]
}

#[test]
fn products_pick_lines() {
    assert_eq!(lines(json!({ "products": { "skus": ["P1", "P3"] } })), [true, false, true]);
    assert_eq!(lines(json!({ "not": { "products": { "skus": ["P1"] } } })), [false, true, true]);
    assert_eq!(lines(json!({ "products": { "productIds": [Id::from_u128(2)] } })), [false, true, false]);
    assert_eq!(lines(json!({ "products": { "categoryIds": [Id::from_u128(2)] } })), [false; 3]);
    let both =
        json!({ "all": [{ "products": { "skus": ["P1", "P2"] } }, { "not": { "products": { "skus": ["P1"] } } }] });
    assert_eq!(lines(both), [false, true, false]);
}

#[test]
fn sums_are_of_the_whole_basket_or_of_some_products() {
    assert!(holds(json!({ "spend": { "least": 6_000 } })));
    assert!(!holds(json!({ "spend": { "least": 6_001 } })));
    assert!(holds(json!({ "spend": { "least": 3_000, "of": { "skus": ["P1", "P2"] } } })));
    assert!(!holds(json!({ "spend": { "least": 3_001, "of": { "skus": ["P1", "P2"] } } })));
    assert!(holds(json!({ "quantity": { "least": 3 } })));
    assert!(!holds(json!({ "quantity": { "least": 3, "of": { "skus": ["P1", "P2"] } } })));
}

/// Noon on Wednesday, 3 March 2027.
#[test]
fn days_and_hours_are_local() {
    assert!(holds(json!({ "weekdays": [3] })));
    assert!(!holds(json!({ "weekdays": [1, 2, 4, 5, 6, 7] })));
    assert!(holds(json!({ "dates": { "from": "2027-03-03", "to": "2027-03-03" } })));
    assert!(!holds(json!({ "dates": { "from": "2027-03-04", "to": null } })));
    assert!(!holds(json!({ "dates": { "from": null, "to": "2027-03-02" } })));
    assert!(holds(json!({ "hours": { "from": "12:00:00", "until": "12:00:01" } })));
    assert!(!holds(json!({ "hours": { "from": "11:00:00", "until": "12:00:00" } })));
    assert!(holds(json!({ "hours": { "from": "22:00:00", "until": "13:00:00" } })), "over midnight");
    assert!(!holds(json!({ "hours": { "from": "22:00:00", "until": "12:00:00" } })));
}

#[test]
fn what_is_known_of_the_member_and_the_place() {
    let mut visit = visit();
    visit.standing.tags = ["vegan".to_owned()].into();
    let items = basket(&[1_000]);
    let outlet = Id::from_u128(9);
    let occasion = Occasion { channel: Some("APP"), outlet_id: Some(outlet), ..visit.buying(&items) };
    let holds = |written| condition(&written).holds(&occasion, Some(&items[0]));
    assert_eq!(holds(json!({ "tags": ["staff", "vegan"] })), Some(true));
    assert_eq!(holds(json!({ "tags": ["staff"] })), Some(false));
    assert_eq!(holds(json!({ "channel": ["APP", "WEB"] })), Some(true));
    assert_eq!(holds(json!({ "channel": ["WEB"] })), Some(false));
    assert_eq!(holds(json!({ "outlet": [outlet] })), Some(true));
    assert_eq!(holds(json!({ "outlet": [Id::nil()] })), Some(false));
    assert_eq!(holds(json!({ "firstOrder": {} })), Some(false));
}

#[test]
fn what_is_not_known_leaves_open_only_what_hangs_on_it() {
    let mut visit = visit();
    visit.standing.purchases_before = None;
    let items = basket(&[1_000]);
    let occasion = visit.buying(&items);
    let (first, yes, no) = (json!({ "firstOrder": {} }), json!({ "weekdays": [3] }), json!({ "weekdays": [4] }));
    let holds = |written| condition(&written).holds(&occasion, Some(&items[0]));
    assert_eq!(holds(first.clone()), None);
    assert_eq!(holds(json!({ "not": first })), None);
    assert_eq!(holds(json!({ "all": [first, yes] })), None);
    assert_eq!(holds(json!({ "all": [first, no] })), Some(false));
    assert_eq!(holds(json!({ "any": [first, no] })), None);
    assert_eq!(holds(json!({ "any": [first, yes] })), Some(true));
}

#[test]
fn an_event_is_judged_by_what_is_told_of_it() {
    let visit = visit();
    let told: BTreeMap<String, Value> = [
        ("nights".to_owned(), Value::Number("2.5".parse().unwrap())),
        ("room".to_owned(), Value::Text("suite".to_owned())),
        ("breakfast".to_owned(), Value::Flag(true)),
    ]
    .into();
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<BTreeMap<String, Value>>(&text).unwrap(), told);
    let occasion = Occasion { event: Some((Id::nil(), &told)), ..visit.buying(&[]) };
    let holds =
        |name: &str, is: Json| condition(&json!({ "attribute": { "name": name, "is": is } })).holds_anywhere(&occasion);
    assert!(holds("nights", json!({ "range": { "least": "2", "most": "2.5" } })));
    assert!(!holds("nights", json!({ "range": { "least": "2.51", "most": null } })));
    assert!(holds("room", json!({ "oneOf": ["double", "suite"] })));
    assert!(!holds("room", json!({ "oneOf": ["double"] })));
    assert!(holds("breakfast", json!({ "flag": true })));
    assert!(!holds("breakfast", json!({ "oneOf": ["true"] })), "of another kind");
    assert!(!holds("parking", json!({ "flag": false })), "nothing is told of it");
}

#[test]
fn what_a_basket_lacks_is_named_when_it_is_one_thing() {
    let (visit, items) = (visit(), basket(&[1_000, 2_000]));
    let occasion = visit.buying(&items);
    let missing = |written| condition(&written).missing(&occasion);
    let (spend, pieces, no) =
        (json!({ "spend": { "least": 3_500 } }), json!({ "quantity": { "least": 4 } }), json!({ "weekdays": [4] }));
    assert_eq!(missing(spend.clone()), Some(Missing::Spend(500)));
    assert_eq!(missing(json!({ "all": [{ "weekdays": [3] }, pieces] })), Some(Missing::Quantity(2)));
    assert_eq!(missing(json!({ "all": [no, spend] })), None, "it would not do");
    assert_eq!(missing(json!({ "all": [spend, pieces] })), None, "two things");
    assert_eq!(missing(json!({ "any": [no, spend] })), Some(Missing::Spend(500)));
    assert_eq!(missing(json!({ "spend": { "least": 3_000 } })), None, "it holds");
}

#[test]
fn what_cannot_be_is_named() {
    let flaw = |written| condition(&written).flaw();
    assert_eq!(flaw(json!({ "all": [] })), None);
    assert_eq!(flaw(json!({ "weekdays": [] })), Some(Flaw::Values));
    assert_eq!(flaw(json!({ "weekdays": [0] })), Some(Flaw::Range));
    assert_eq!(flaw(json!({ "dates": { "from": "2027-03-04", "to": "2027-03-03" } })), Some(Flaw::Range));
    assert_eq!(flaw(json!({ "dates": { "from": null, "to": null } })), Some(Flaw::Values));
    assert_eq!(flaw(json!({ "hours": { "from": "12:00:00", "until": "12:00:00" } })), Some(Flaw::Range));
    assert_eq!(flaw(json!({ "spend": { "least": 0 } })), Some(Flaw::Amount));
    assert_eq!(flaw(json!({ "spend": { "least": 1, "of": {} } })), Some(Flaw::Values));
    assert_eq!(flaw(json!({ "any": [{ "not": { "tags": [] } }] })), Some(Flaw::Values));
    assert_eq!(flaw(json!({ "any": [] })), Some(Flaw::Never));
    assert_eq!(flaw(json!({ "not": { "all": [] } })), Some(Flaw::Never));
    assert_eq!(flaw(json!({ "all": [{ "weekdays": [1] }, { "any": [] }] })), Some(Flaw::Never));
    assert_eq!(flaw(json!({ "any": [{ "weekdays": [1] }, { "any": [] }] })), None);
    let deep = (0..MAX_DEPTH).fold(json!({ "weekdays": [1] }), |inner, _| json!({ "not": inner }));
    assert_eq!(flaw(deep), Some(Flaw::TooLarge));
    assert_eq!(flaw(json!({ "any": vec![json!({ "weekdays": [1] }); 50] })), Some(Flaw::TooLarge));
}
