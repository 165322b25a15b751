//! Times as devices write them, read digit by digit, and their place in real time.
//!
//! From: a message's text. To: an event's `sent`, by the year nearest to the receipt and the
//! zone that the text or the configuration names.

use jiff::tz::TimeZone;

use super::text::{number, run, trim_start, two_digits};
use crate::Timestamp;

const DAY_S: i64 = 86_400;

/// A time as written. Its parts are in range; the day may still be none of the month's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct CivilTime {
    /// RFC 3164 writes none.
    pub year: Option<u16>,
    pub month: u8,
    pub day: u8,
    pub second_of_day: u32,
    pub micros: u32,
    /// Seconds east of UTC, if written.
    pub offset_s: Option<i32>,
}

/// Where a time without an offset is.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    /// Seconds east of UTC, all year.
    Fixed(i64),
    Moving(TimeZone),
}

impl Zone {
    pub(crate) fn new(zone: &TimeZone) -> Self {
        match zone.to_fixed_offset() {
            Ok(offset) => Self::Fixed(i64::from(offset.seconds())),
            Err(_) => Self::Moving(zone.clone()),
        }
    }

    /// The instant of a wall clock's time. Where the clock is set back, the earlier of the two;
    /// where it is set forward, as if it had not been.
    fn instant_s(&self, days: i64, civil: &CivilTime, year: i64) -> Option<i64> {
        let local = days * DAY_S + i64::from(civil.second_of_day);
        match self {
            Self::Fixed(offset_s) => Some(local - offset_s),
            Self::Moving(zone) => {
                let midnight = jiff::civil::Date::new(
                    i16::try_from(year).ok()?,
                    civil.month as i8,
                    civil.day as i8,
                )
                .ok()?
                .at(0, 0, 0, 0);
                let wall = midnight
                    .checked_add(jiff::SignedDuration::from_secs(civil.second_of_day.into()))
                    .ok()?;
                Some(zone.to_ambiguous_timestamp(wall).compatible().ok()?.as_second())
            }
        }
    }
}

impl CivilTime {
    /// The instant. Without a year it is the one that comes nearest to `received`. `None` if
    /// there is no such day.
    pub(crate) fn resolve(&self, received: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let year = match self.year {
            Some(year) => i64::from(year),
            None => self.nearest_year(received)?,
        };
        let days = days_from_civil(year, self.month, self.day)?;
        let seconds = match self.offset_s {
            Some(offset) => days * DAY_S + i64::from(self.second_of_day) - i64::from(offset),
            None => zone.instant_s(days, self, year)?,
        };
        Some(Timestamp::from_micros(seconds * 1_000_000 + i64::from(self.micros)))
    }

    fn nearest_year(&self, received: Timestamp) -> Option<i64> {
        let received_s = received.as_secs();
        let this_year = year_of(received_s.div_euclid(DAY_S));
        let distance = |year: i64| {
            let days = days_from_civil(year, self.month, self.day)?;
            Some((days * DAY_S + i64::from(self.second_of_day)).abs_diff(received_s))
        };
        // February 29 may be four years off (eight around 2100); all others within one.
        let near = (this_year - 1..=this_year + 1).filter_map(|y| Some((distance(y)?, y))).min();
        let far = || (this_year - 8..=this_year + 8).filter_map(|y| Some((distance(y)?, y))).min();
        near.or_else(far).map(|(_, year)| year)
    }
}

/// Days since 1970-01-01, proleptic Gregorian; `None` if the month has no such day.
fn days_from_civil(year: i64, month: u8, day: u8) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let month_days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day == 0 || day > month_days {
        return None;
    }
    // Years begin in March, so that the leap day is the last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year =
        (153 * (i64::from(month) + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn year_of(days: i64) -> i64 {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    year_of_era + era * 400 + i64::from(day_of_year >= 306)
}

/// Any of the forms below, and what follows it.
pub(crate) fn scan(text: &[u8]) -> Option<(CivilTime, &[u8])> {
    match text.first()? {
        b'A'..=b'Z' => scan_bsd(text),
        b'0'..=b'9' => match text.get(4)? {
            b'-' => scan_rfc3339(text),
            b' ' => scan_year_first(text),
            _ => None,
        },
        _ => None,
    }
}

/// `Mmm [d]d [yyyy ]hh:mm:ss[.fraction][offset]`: RFC 3164, and Cisco with a year.
fn scan_bsd(text: &[u8]) -> Option<(CivilTime, &[u8])> {
    let (month, day, rest) = scan_month_day(text)?;
    let (year, rest) = match (rest.get(4), rest.get(2)) {
        (Some(b' '), Some(b'0'..=b'9')) => (Some(scan_year(rest)?), trim_start(&rest[5..])),
        _ => (None, rest),
    };
    scan_clock(rest, year, month, day)
}

/// `yyyy Mmm [d]d hh:mm:ss[.fraction][offset]`: NX-OS.
fn scan_year_first(text: &[u8]) -> Option<(CivilTime, &[u8])> {
    let year = scan_year(text)?;
    let (month, day, rest) = scan_month_day(trim_start(&text[4..]))?;
    scan_clock(rest, Some(year), month, day)
}

/// `yyyy-mm-ddThh:mm:ss[.fraction][offset]`; a blank may stand for the T.
pub(crate) fn scan_rfc3339(text: &[u8]) -> Option<(CivilTime, &[u8])> {
    let year = scan_year(text)?;
    let (month, day) = (two_digits(text, 5)?, two_digits(text, 8)?);
    let marks = (text[4], text[7], *text.get(10)?);
    if !matches!(marks, (b'-', b'-', b'T' | b't' | b' ')) || !(1..=12).contains(&month) || day > 31
    {
        return None;
    }
    scan_clock(&text[11..], Some(year), month, day)
}

fn scan_year(text: &[u8]) -> Option<u16> {
    let year = number(text.get(..4)?)?;
    (1970..=9998).contains(&year).then_some(year as u16)
}

/// `Mmm d `, `Mmm  d ` or `Mmm dd `, and what follows the blank.
fn scan_month_day(text: &[u8]) -> Option<(u8, u8, &[u8])> {
    let month = match text.get(..4)? {
        b"Jan " => 1,
        b"Feb " => 2,
        b"Mar " => 3,
        b"Apr " => 4,
        b"May " => 5,
        b"Jun " => 6,
        b"Jul " => 7,
        b"Aug " => 8,
        b"Sep " => 9,
        b"Oct " => 10,
        b"Nov " => 11,
        b"Dec " => 12,
        _ => return None,
    };
    let (day, rest) = match trim_start(&text[4..]) {
        [a @ b'1'..=b'9', b' ', rest @ ..] => (a - b'0', rest),
        [a @ b'0'..=b'3', b @ b'0'..=b'9', b' ', rest @ ..] => ((a - b'0') * 10 + (b - b'0'), rest),
        _ => return None,
    };
    ((1..=31).contains(&day)).then_some((month, day, trim_start(rest)))
}

/// `hh:mm:ss[.fraction][offset]`; a leap second (60) is the next minute's first.
fn scan_clock(text: &[u8], year: Option<u16>, month: u8, day: u8) -> Option<(CivilTime, &[u8])> {
    let (hour, minute, second) = (two_digits(text, 0)?, two_digits(text, 3)?, two_digits(text, 6)?);
    if text[2] != b':' || text[5] != b':' || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (micros, rest) = scan_fraction(&text[8..]);
    let (offset_s, rest) = scan_offset(rest);
    let second_of_day = u32::from(hour) * 3_600 + u32::from(minute) * 60 + u32::from(second);
    Some((CivilTime { year, month, day, second_of_day, micros, offset_s }, rest))
}

/// `.` or `,` and digits, as microseconds; digits beyond the sixth are dropped.
fn scan_fraction(text: &[u8]) -> (u32, &[u8]) {
    let [b'.' | b',', rest @ ..] = text else { return (0, text) };
    let digits = run(rest, |byte| byte.is_ascii_digit());
    if digits == 0 {
        return (0, text);
    }
    let micros =
        (0..6).fold(0, |sum, i| sum * 10 + if i < digits { u32::from(rest[i] - b'0') } else { 0 });
    (micros, &rest[digits..])
}

/// `Z`, `±hh:mm` or `±hhmm` right behind the time.
fn scan_offset(text: &[u8]) -> (Option<i32>, &[u8]) {
    let east = match text.first() {
        Some(b'Z' | b'z') => return (Some(0), &text[1..]),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return (None, text),
    };
    let minutes_at = if text.get(3) == Some(&b':') { 4 } else { 3 };
    match (two_digits(text, 1), two_digits(text, minutes_at)) {
        (Some(hours @ 0..=23), Some(minutes @ 0..=59)) => {
            let seconds = i32::from(hours) * 3_600 + i32::from(minutes) * 60;
            (Some(east * seconds), &text[minutes_at + 2..])
        }
        _ => (None, text),
    }
}

/// A zone's name and a colon behind a time: ` UTC:`. The name and what follows the colon.
///
/// Only UTC and GMT are believed; the other abbreviations are ambiguous (CST, IST), so they are
/// read over and the configured zone counts.
pub(crate) fn scan_zone_colon(text: &[u8]) -> Option<(Option<i32>, &[u8])> {
    let name = trim_start(text);
    let len = run(name, |byte| byte.is_ascii_uppercase());
    let rest = trim_start(&name[len..]).strip_prefix(b":")?;
    if len > 5 || len == 1 {
        return None;
    }
    Some((matches!(&name[..len], b"UTC" | b"GMT").then_some(0), rest))
}
