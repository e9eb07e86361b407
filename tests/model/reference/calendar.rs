//! Days, months and midnights, reckoned by counting. The only thing asked of jiff is how far a zone's clocks are from UTC
//! at a moment.

use std::cell::RefCell;
use std::collections::HashMap;

use jifen::domain::earning::entity::Period;
use jifen::domain::points::entity::{ValidityKind, program};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub const NEVER: i64 = i64::MAX;
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400;

thread_local! {
    static ZONES: RefCell<HashMap<String, TimeZone>> = RefCell::default();
    static MIDNIGHTS: RefCell<HashMap<(String, i64), i64>> = RefCell::default();
}

/// How far a zone's clocks are past midnight, in seconds.
pub fn second_of_day(zone: &str, micros: i64) -> i64 {
    local_second(zone, micros).rem_euclid(DAY)
}

/// From Monday, 1, to Sunday, 7. The first of January 1970 was a Thursday.
pub fn weekday_of(day: i64) -> i8 {
    ((day + 3).rem_euclid(7) + 1) as i8
}

/// When the period began that a moment is in.
pub fn start_of_period(zone: &str, period: Period, micros: i64) -> i64 {
    let day = day_of(zone, micros);
    match period {
        Period::Ever => 0,
        Period::Day => start_of(zone, day),
        Period::Week => start_of(zone, day - i64::from(weekday_of(day)) + 1),
        Period::Month => start_of(zone, day - date_of(day).2 + 1),
    }
}

/// The number of the local day, counted from 1970, on which a moment falls.
pub fn day_of(zone: &str, micros: i64) -> i64 {
    local_second(zone, micros).div_euclid(DAY)
}

/// What a zone's clocks show, in seconds from 1970.
fn local_second(zone: &str, micros: i64) -> i64 {
    let second = micros.div_euclid(SECOND);
    let offset = ZONES.with_borrow_mut(|zones| {
        if !zones.contains_key(zone) {
            zones.insert(zone.to_owned(), TimeZone::get(zone).expect("a zone of the script"));
        }
        zones[zone].to_offset(Timestamp::from_second(second).expect("a moment of this age"))
    });
    second + i64::from(offset.seconds())
}

/// The first moment of a local day: the first second that falls on it, found by halving.
pub fn start_of(zone: &str, day: i64) -> i64 {
    let key = (zone.to_owned(), day);
    if let Some(known) = MIDNIGHTS.with_borrow(|known| known.get(&key).copied()) {
        return known;
    }
    let (mut before, mut after) = ((day - 1) * DAY, (day + 1) * DAY);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if day_of(zone, middle * SECOND) >= day { after = middle } else { before = middle }
    }
    MIDNIGHTS.with_borrow_mut(|known| known.insert(key, after * SECOND));
    after * SECOND
}

/// When points that become active at a moment expire by a program.
pub fn end_of_validity(program: &program::Model, from: i64) -> i64 {
    let first = day_of(&program.time_zone, from);
    let count = program.validity_count;
    let (year, month, day) = date_of(first);
    let months = year * 12 + month - 1 + count;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let last = match program.validity {
        ValidityKind::None => return NEVER,
        ValidityKind::Days => first + count,
        ValidityKind::Months => number_of(year, month, day.min(length_of(year, month))),
        ValidityKind::EndOfMonth => number_of(year, month, length_of(year, month)),
        ValidityKind::EndOfQuarter => {
            let month = match month {
                1..=3 => 3,
                4..=6 => 6,
                7..=9 => 9,
                _ => 12,
            };
            number_of(year, month, length_of(year, month))
        }
        ValidityKind::EndOfYear => number_of(year, 12, 31),
    };
    start_of(&program.time_zone, last + 1)
}

/// When the return window of a delivery is over.
pub fn end_of_window(program: &program::Model, delivered_at: i64) -> i64 {
    match program.return_window_days {
        None | Some(0) => delivered_at,
        Some(days) => start_of(&program.time_zone, day_of(&program.time_zone, delivered_at) + days + 1),
    }
}

/// When points that come back after their expiry, and are given a grace, expire.
pub fn end_of_grace(program: &program::Model, from: i64) -> i64 {
    start_of(&program.time_zone, day_of(&program.time_zone, from) + program.grace_days + 1)
}

/// When expired points can no longer be given again.
pub fn end_of_reinstatement(program: &program::Model, expired_at: i64) -> i64 {
    match program.reinstatement_days {
        0 => expired_at,
        days => start_of(&program.time_zone, day_of(&program.time_zone, expired_at) + days + 1),
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn length_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year, month and day, found by walking there from 1970.
pub fn date_of(mut day: i64) -> (i64, i64, i64) {
    let mut year = 1970;
    while day >= 365 + i64::from(is_leap(year)) {
        day -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    while day >= length_of(year, month) {
        day -= length_of(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

pub fn number_of(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = (1970..year).map(|year| 365 + i64::from(is_leap(year))).sum();
    let months: i64 = (1..month).map(|month| length_of(year, month)).sum();
    years + months + day - 1
}

/// The examples that the ledger's design works out by hand.
#[test]
fn a_month_ends_where_the_examples_say() {
    let cases = [
        ("2027-01-31T15:30:00Z", "Asia/Shanghai", "2027-02-28T16:00:00Z"),
        ("2027-01-31T16:30:00Z", "Asia/Shanghai", "2027-03-01T16:00:00Z"),
        ("2028-01-31T04:00:00Z", "Asia/Shanghai", "2028-02-29T16:00:00Z"),
        ("2027-02-14T12:00:00Z", "America/New_York", "2027-03-15T04:00:00Z"),
        ("2027-03-29T12:00:00Z", "Africa/Cairo", "2027-04-29T22:00:00Z"),
    ];
    for (from, zone, until) in cases {
        let program = program::Model {
            time_zone: zone.to_owned(),
            validity: ValidityKind::Months,
            validity_count: 1,
            ..crate::world::first_program()
        };
        let micros = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
        assert_eq!(end_of_validity(&program, micros(from)), micros(until), "{from} in {zone}");
    }
}
