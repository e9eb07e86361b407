//! `placed_at` as files write it, made a moment.
//!
//! Year first, always: `05/06/2024` is a different day on each side of the Atlantic, and a wrong guess would date
//! years of purchases wrongly without anybody noticing.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

use crate::base::clock::Instant;

/// Reads `2024-05-01` (midnight in the zone), `2024-05-01 09:30[:15]` (in the zone) and RFC 3339 with its offset.
/// `2024/5/1 9:30` is read too, as that is what Excel makes of a date in China.
pub fn moment(text: &str, zone: &TimeZone) -> Option<Instant> {
    let (date, time) = match text.split_once([' ', 'T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let date = date_of(date)?;
    let Some(time) = time else {
        return Instant::start_of_day(date, zone);
    };
    let (time, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (&time[..at], Some(&time[at..])),
        None => (time, None),
    };
    let local = date.to_datetime(time_of(time.trim())?);
    let zone = match offset {
        Some(offset) => TimeZone::fixed(offset_of(offset)?),
        None => zone.clone(),
    };
    Some(Instant::from_timestamp(local.to_zoned(zone).ok()?.timestamp()))
}

fn date_of(text: &str) -> Option<Date> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(digits(year, 4)?, digits(month, 2)?.try_into().ok()?, digits(day, 2)?.try_into().ok()?).ok()
}

fn time_of(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("00"));
    if parts.next().is_some() || minute.len() != 2 {
        return None;
    }
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    if second.len() != 2 {
        return None;
    }
    let part = |text| digits(text, 2)?.try_into().ok();
    Time::new(part(hour)?, part(minute)?, part(second)?, nanoseconds(fraction)?).ok()
}

/// `5` is half a second: the digits behind the point, filled up to nine.
fn nanoseconds(fraction: &str) -> Option<i32> {
    let plain = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if plain { format!("{fraction:0<9}").parse().ok() } else { None }
}

/// `Z`, `+08:00`, `+0800` or `+08`.
fn offset_of(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let text = text.strip_prefix(['+', '-'])?;
    let (hours, minutes) = match text.len() {
        5 => text.split_once(':')?,
        4 => text.split_at_checked(2)?,
        2 => (text, "00"),
        _ => return None,
    };
    let (hours, minutes) = (i32::from(digits(hours, 2)?), i32::from(digits(minutes, 2)?));
    if minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

/// A number of at most so many plain digits; `parse` alone would let a sign through.
fn digits(text: &str, most: usize) -> Option<i16> {
    let plain = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        moment(text, &TimeZone::get("Asia/Shanghai").unwrap()).map(Instant::rfc3339)
    }

    #[test]
    fn a_day_begins_at_midnight_in_the_programs_zone() {
        for text in ["2024-05-01", "2024/5/1", "2024-05-01 00:00", "2024-05-01T00:00:00+08:00", "2024-04-30 16:00Z"] {
            assert_eq!(read(text).as_deref(), Some("2024-04-30T16:00:00Z"), "{text}");
        }
    }

    #[test]
    fn a_time_is_local_unless_it_says_otherwise() {
        assert_eq!(read("2024-05-01 9:30").unwrap(), "2024-05-01T01:30:00Z");
        assert_eq!(read("2024-05-01T09:30:15.5").unwrap(), "2024-05-01T01:30:15.5Z");
        assert_eq!(read("2024-05-01t09:30:15-0500").unwrap(), "2024-05-01T14:30:15Z");
        assert_eq!(read("2024-05-01 09:30:15 +01").unwrap(), "2024-05-01T08:30:15Z");
    }

    #[test]
    fn what_could_be_another_day_is_refused() {
        for text in [
            "",
            "01/05/2024",
            "24-05-01",
            "2024-02-30",
            "2024-05",
            "2024-05-01 24:00",
            "2024-05-01 9:5",
            "2024-05-01 ",
            "2024-05-01 09:30:60",
            "2024-05-01 09:30:00.",
            "2024-05-01 09:30+25:99",
            "2024-05-01 09:30 PM",
            "+024-05-01",
            "45413",
            "2024-05-01T09:30:00[Asia/Tokyo]",
            "２０２４-05-01",
            "2024-05-01 09:30+é",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
