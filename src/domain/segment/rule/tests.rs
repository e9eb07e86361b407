use std::collections::BTreeSet;

use jiff::civil::date;
use jiff::tz::TimeZone;

use super::filter::{Filter, MAX_PARTS};
use super::part::{Birthday, Expiring, Flaw, LastPurchase, MAX_DAYS, Range, Registered, Sum};
use super::today::Today;

fn tags(words: &[&str]) -> Filter {
    Filter::Tags(words.iter().map(|word| (*word).to_owned()).collect())
}

fn between(least: Option<i64>, most: Option<i64>) -> Range {
    Range { least, most }
}

#[test]
fn each_part_says_what_is_wrong_with_it() {
    let spend = |least, most, days| Filter::Spend(Sum { range: between(least, most), days });
    for (filter, flaw) in [
        (tags(&[]), Some(Flaw::Values)),
        (tags(&["a\u{0}b"]), Some(Flaw::Values)),
        (tags(&["vip"]), None),
        (spend(None, None, None), Some(Flaw::Values)),
        (spend(Some(2), Some(1), None), Some(Flaw::Range)),
        (spend(Some(-1), None, None), Some(Flaw::Amount)),
        (spend(Some(0), Some(0), Some(0)), Some(Flaw::Days)),
        (spend(Some(0), Some(0), Some(MAX_DAYS + 1)), Some(Flaw::Days)),
        (spend(Some(0), Some(0), Some(MAX_DAYS)), None),
        (Filter::LastPurchase(LastPurchase::BeforeDays(0)), Some(Flaw::Days)),
        (Filter::Birthday(Birthday::Months(BTreeSet::new())), Some(Flaw::Values)),
        (Filter::Birthday(Birthday::Months(BTreeSet::from([0]))), Some(Flaw::Range)),
        (Filter::Expiring(Expiring { days: 0, least: 0 }), Some(Flaw::Amount)),
        (Filter::Expiring(Expiring { days: 0, least: 1 }), None),
        (Filter::Registered(Registered::default()), Some(Flaw::Values)),
        (
            Filter::Registered(Registered { least_days: Some(2), most_days: Some(1), ..Registered::default() }),
            Some(Flaw::Range),
        ),
        (Filter::Not(Box::new(Filter::Any(vec![tags(&[""])]))), Some(Flaw::Values)),
    ] {
        assert_eq!(filter.flaw(), flaw, "{filter:?}");
    }
}

#[test]
fn a_filter_is_bounded_in_depth_and_size() {
    let nested = |depth: usize| (1..depth).fold(Filter::Imported, |inner, _| Filter::Not(Box::new(inner)));
    assert_eq!((nested(5).flaw(), nested(6).flaw()), (None, Some(Flaw::TooLarge)));
    let wide = |parts: usize| Filter::All(vec![Filter::Imported; parts - 1]);
    assert_eq!((wide(MAX_PARTS).flaw(), wide(MAX_PARTS + 1).flaw()), (None, Some(Flaw::TooLarge)));
}

#[test]
fn what_is_written_is_read_again() {
    let filter = Filter::All(vec![
        tags(&["vip"]),
        Filter::Any(vec![Filter::Imported, Filter::LastPurchase(LastPurchase::Never)]),
        Filter::Registered(Registered { from: Some(date(2026, 1, 1)), ..Registered::default() }),
        Filter::Birthday(Birthday::ThisMonth),
    ]);
    assert_eq!(Filter::read(&filter.write()), Some(filter));
    assert_eq!(Filter::read("{\"karma\":1}"), None);
}

#[test]
fn days_are_those_of_the_zone() {
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let today = Today { date: date(2026, 11, 23), zone };
    let told = |micros| crate::base::clock::Instant(micros).rfc3339();
    assert_eq!(told(today.start_of(today.ago(1))), "2026-11-21T16:00:00Z");
    assert_eq!(told(today.end_of(today.ahead(0))), "2026-11-23T16:00:00Z");
}
