use jiff::Timestamp;

use super::*;
use Validity::{Days, EndOfMonth, EndOfQuarter, EndOfYear, Months};

const SHANGHAI: &str = "Asia/Shanghai";
const NEW_YORK: &str = "America/New_York";
const SANTIAGO: &str = "America/Santiago";
const CAIRO: &str = "Africa/Cairo";

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone of the bundled data")
}

/// A local moment such as `2027-01-31T23:30`, or one in UTC that ends with `Z`.
fn moment(text: &str, zone: &TimeZone) -> Instant {
    let timestamp = match text.parse::<Timestamp>() {
        Ok(timestamp) => timestamp,
        Err(_) => {
            let local: jiff::civil::DateTime = text.parse().expect("a local moment");
            local.to_zoned(zone.clone()).expect("a moment of the calendar").timestamp()
        }
    };
    Instant::from_timestamp(timestamp)
}

#[track_caller]
fn expires(validity: Validity, activated: &str, name: &str, expected: &str) {
    let zone = zone(name);
    let expires_at = validity.expires_at(moment(activated, &zone), &zone);
    assert_eq!(expires_at.rfc3339(), expected, "{validity:?} from {activated} in {name}");
}

#[test]
fn e11_a_month_is_good_for_the_whole_of_its_last_local_day() {
    expires(Months(1), "2027-01-31T23:30", SHANGHAI, "2027-02-28T16:00:00Z");
    expires(Months(1), "2027-02-01T00:30", SHANGHAI, "2027-03-01T16:00:00Z");
    expires(Months(1), "2028-01-31T00:00", SHANGHAI, "2028-02-29T16:00:00Z");
    expires(Months(1), "2027-02-14T12:00", NEW_YORK, "2027-03-15T04:00:00Z");
    // The day after the last begins at one o'clock there: it has no midnight.
    expires(Months(1), "2027-03-29T12:00", CAIRO, "2027-04-29T22:00:00Z");
}

#[test]
fn the_local_day_counts_and_not_the_day_in_utc() {
    // 15:59 and 16:01 in UTC are two days in Shanghai.
    expires(Days(1), "2027-06-10T15:59:00Z", SHANGHAI, "2027-06-11T16:00:00Z");
    expires(Days(1), "2027-06-10T16:01:00Z", SHANGHAI, "2027-06-12T16:00:00Z");
    expires(Days(365), "2027-06-10T00:00", "UTC", "2028-06-10T00:00:00Z");
}

#[test]
fn a_month_ends_on_the_last_day_of_a_shorter_one() {
    for (validity, activated, expected) in [
        (Months(1), "2027-01-28T00:00", "2027-03-01T00:00:00Z"),
        (Months(1), "2027-01-29T00:00", "2027-03-01T00:00:00Z"),
        (Months(1), "2027-01-31T00:00", "2027-03-01T00:00:00Z"),
        (Months(1), "2028-01-30T00:00", "2028-03-01T00:00:00Z"),
        (Months(13), "2027-01-31T00:00", "2028-03-01T00:00:00Z"),
        (Months(1), "2027-08-31T23:59", "2027-10-01T00:00:00Z"),
        (Months(120), "2027-12-31T00:00", "2038-01-01T00:00:00Z"),
    ] {
        expires(validity, activated, "UTC", expected);
    }
}

#[test]
fn the_29th_of_february_is_a_day_like_any_other() {
    for (validity, expected) in [
        (Days(1), "2028-03-02T00:00:00Z"),
        (Days(366), "2029-03-02T00:00:00Z"),
        (Months(1), "2028-03-30T00:00:00Z"),
        (Months(12), "2029-03-01T00:00:00Z"),
        (Months(48), "2032-03-01T00:00:00Z"),
        (EndOfMonth(0), "2028-03-01T00:00:00Z"),
        (EndOfMonth(12), "2029-03-01T00:00:00Z"),
        (EndOfQuarter(0), "2028-04-01T00:00:00Z"),
        (EndOfYear(12), "2030-01-01T00:00:00Z"),
    ] {
        expires(validity, "2028-02-29T10:00", "UTC", expected);
    }
}

#[test]
fn the_end_of_a_month_quarter_or_year_includes_its_last_day() {
    for (validity, activated, expected) in [
        (EndOfMonth(0), "2027-06-30T23:59", "2027-07-01T00:00:00Z"),
        (EndOfMonth(1), "2027-01-31T00:00", "2027-03-01T00:00:00Z"),
        (EndOfMonth(6), "2027-07-15T00:00", "2028-02-01T00:00:00Z"),
        (EndOfQuarter(0), "2027-01-01T00:00", "2027-04-01T00:00:00Z"),
        (EndOfQuarter(0), "2027-03-31T23:59", "2027-04-01T00:00:00Z"),
        (EndOfQuarter(0), "2027-04-01T00:00", "2027-07-01T00:00:00Z"),
        (EndOfQuarter(0), "2027-05-31T00:00", "2027-07-01T00:00:00Z"),
        (EndOfQuarter(0), "2027-09-30T00:00", "2027-10-01T00:00:00Z"),
        (EndOfQuarter(2), "2027-11-30T00:00", "2028-04-01T00:00:00Z"),
        (EndOfYear(0), "2027-01-01T00:00", "2028-01-01T00:00:00Z"),
        (EndOfYear(0), "2027-12-31T23:59", "2028-01-01T00:00:00Z"),
        (EndOfYear(12), "2027-12-31T23:59", "2029-01-01T00:00:00Z"),
    ] {
        expires(validity, activated, "UTC", expected);
    }
    expires(EndOfYear(0), "2026-12-31T15:59:59Z", SHANGHAI, "2026-12-31T16:00:00Z");
    expires(EndOfYear(0), "2026-12-31T16:00:00Z", SHANGHAI, "2027-12-31T16:00:00Z");
}

#[test]
fn days_are_the_calendars_when_the_clocks_change() {
    // Spring forward on 14 March 2027, a day of 23 hours; back on 7 November, one of 25.
    expires(Days(1), "2027-03-12T23:59", NEW_YORK, "2027-03-14T05:00:00Z");
    expires(Days(1), "2027-03-13T12:00", NEW_YORK, "2027-03-15T04:00:00Z");
    expires(Days(1), "2027-03-14T12:00", NEW_YORK, "2027-03-16T04:00:00Z");
    expires(Days(1), "2027-11-06T00:00", NEW_YORK, "2027-11-08T05:00:00Z");
    expires(Days(1), "2027-11-07T05:30:00Z", NEW_YORK, "2027-11-09T05:00:00Z");
    expires(Days(1), "2027-11-07T06:30:00Z", NEW_YORK, "2027-11-09T05:00:00Z");
}

#[test]
fn a_day_without_a_midnight_begins_when_the_clocks_resume() {
    // 5 September 2027 begins at one o'clock in Santiago, which is four in UTC either way.
    expires(Days(1), "2027-09-03T20:00", SANTIAGO, "2027-09-05T04:00:00Z");
    expires(Days(1), "2027-09-05T12:00", SANTIAGO, "2027-09-07T03:00:00Z");
    expires(Months(1), "2027-08-04T12:00", SANTIAGO, "2027-09-05T04:00:00Z");
    // On 4 April the hour before midnight comes twice, and the day begins after the second.
    expires(Days(1), "2027-04-02T12:00", SANTIAGO, "2027-04-04T04:00:00Z");
}

#[test]
fn a_window_ends_with_its_last_local_day_and_one_of_no_days_at_once() {
    for (name, delivered, days, expected) in [
        ("UTC", "2027-01-10T12:34", 0, "2027-01-10T12:34:00Z"),
        (SHANGHAI, "2027-01-10T00:00", 7, "2027-01-17T16:00:00Z"),
        (SHANGHAI, "2027-01-10T23:59", 7, "2027-01-17T16:00:00Z"),
        (SHANGHAI, "2028-02-22T12:00", 7, "2028-02-29T16:00:00Z"),
        (NEW_YORK, "2027-03-07T12:00", 7, "2027-03-15T04:00:00Z"),
        (NEW_YORK, "2027-10-31T12:00", 7, "2027-11-08T05:00:00Z"),
        (SANTIAGO, "2027-08-28T12:00", 7, "2027-09-05T04:00:00Z"),
        (CAIRO, "2027-04-22T12:00", 7, "2027-04-29T22:00:00Z"),
    ] {
        let zone = zone(name);
        let end = end_of_window(moment(delivered, &zone), days, &zone);
        assert_eq!(end.rfc3339(), expected, "{days} days from {delivered} in {name}");
    }
}

#[test]
fn what_is_beyond_the_calendar_never_ends() {
    let shanghai = zone(SHANGHAI);
    let late = moment("9999-12-30T00:00:00Z", &shanghai);
    for validity in [Days(3_650), Months(120), EndOfMonth(120), EndOfQuarter(120), EndOfYear(0), Months(i64::MAX)] {
        for from in [late, Instant::NEVER] {
            assert_eq!(validity.expires_at(from, &shanghai), Instant::NEVER, "{validity:?} from {from:?}");
        }
    }
    assert_eq!(Days(i64::MAX).expires_at(Instant(0), &shanghai), Instant::NEVER);
    assert_eq!(Validity::Unlimited.expires_at(Instant(0), &shanghai), Instant::NEVER);
    assert_eq!(end_of_window(late, 365, &shanghai), Instant::NEVER);
    expires(Months(120), "2400-02-29T00:00", SHANGHAI, "2410-02-28T16:00:00Z");
}
