//! A rule of recurrence (RFC 5545): on which days something begins. From: the text of an RRULE.
//! To: a maintenance window's days, period by period.
//!
//! The part of the standard that windows need: `FREQ` DAILY, WEEKLY or MONTHLY, `INTERVAL`,
//! `BYDAY` (with ordinals for MONTHLY), `BYMONTHDAY`, `WKST`, `COUNT`, `UNTIL`. The crate `rrule`
//! knows all of it, but walks from the first day on, second by second if it is told to, and brings
//! a second database of time zones, which may say otherwise than the one of the binary.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

/// The largest `INTERVAL`.
const INTERVAL_MAX: i64 = 1_000;
/// The largest `COUNT`.
const COUNT_MAX: u32 = 1_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Freq {
    Daily,
    Weekly,
    Monthly,
}

/// When it ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Limit {
    Never,
    Count(u32),
    /// As it was written: a date, a local time, or one in UTC.
    Until(String),
}

/// A rule that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Rule {
    freq: Freq,
    interval: i64,
    /// Days of the week; the number is which of the month, from its end if it is negative, or 0.
    days: Vec<(i8, Weekday)>,
    month_days: Vec<i8>,
    week_start: Weekday,
    pub(super) limit: Limit,
}

impl Rule {
    /// Reads `FREQ=…;…`, with or without `RRULE:` before it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut rule = Self {
            freq: Freq::Daily,
            interval: 1,
            days: Vec::new(),
            month_days: Vec::new(),
            week_start: Weekday::Monday,
            limit: Limit::Never,
        };
        let mut seen: Vec<String> = Vec::new();
        let text = text.trim();
        for part in text.strip_prefix("RRULE:").unwrap_or(text).split(';') {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` is no part of a rule: write NAME=VALUE"))?;
            let name = name.to_ascii_uppercase();
            if seen.contains(&name) {
                return Err(format!("{name} stands twice"));
            }
            rule.take(&name, &value.to_ascii_uppercase())?;
            seen.push(name);
        }
        if !seen.iter().any(|name| name == "FREQ") {
            return Err("FREQ is missing: write FREQ=DAILY, WEEKLY or MONTHLY".to_owned());
        }
        if seen.iter().any(|name| name == "COUNT") && seen.iter().any(|name| name == "UNTIL") {
            return Err("COUNT and UNTIL exclude each other".to_owned());
        }
        rule.check()?;
        Ok(rule)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let bad = |expected: &str| format!("{name}={value}: expected {expected}");
        match name {
            "FREQ" => {
                self.freq = match value {
                    "DAILY" => Freq::Daily,
                    "WEEKLY" => Freq::Weekly,
                    "MONTHLY" => Freq::Monthly,
                    _ => return Err(bad("DAILY, WEEKLY or MONTHLY")),
                }
            }
            "INTERVAL" => {
                let number = value.parse().ok().filter(|n| (1..=INTERVAL_MAX).contains(n));
                self.interval = number.ok_or_else(|| bad("1 to 1000"))?;
            }
            "COUNT" => {
                let number = value.parse().ok().filter(|n| (1..=COUNT_MAX).contains(n));
                self.limit = Limit::Count(number.ok_or_else(|| bad("1 to 1000"))?);
            }
            "UNTIL" => self.limit = Limit::Until(value.to_owned()),
            "WKST" => self.week_start = weekday(value).ok_or_else(|| bad("MO to SU"))?,
            "BYDAY" => {
                let days = value.split(',').map(numbered_day).collect::<Option<_>>();
                self.days = days.ok_or_else(|| bad("days such as MO,TU or 1SU,-1FR"))?;
            }
            "BYMONTHDAY" => {
                let day = |text: &str| {
                    text.parse().ok().filter(|day: &i8| *day != 0 && (-31..=31).contains(day))
                };
                let days = value.split(',').map(day).collect::<Option<_>>();
                self.month_days = days.ok_or_else(|| bad("1 to 31, or -1 for the last day"))?;
            }
            _ => {
                return Err(format!(
                    "{name} is not supported: a rule has FREQ, INTERVAL, BYDAY, BYMONTHDAY, WKST, \
                     COUNT, UNTIL"
                ));
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        if self.freq != Freq::Monthly && self.days.iter().any(|(number, _)| *number != 0) {
            return Err("BYDAY has numbers only with FREQ=MONTHLY".to_owned());
        }
        if self.freq == Freq::Weekly && !self.month_days.is_empty() {
            return Err("BYMONTHDAY does not go with FREQ=WEEKLY".to_owned());
        }
        Ok(())
    }

    /// The period that a day belongs to, or the first of all for one before `start`.
    pub(super) fn period_of(&self, start: Date, day: Date) -> i64 {
        let passed = match self.freq {
            Freq::Daily => days_between(start, day),
            Freq::Weekly => days_between(self.week_of(start), day).div_euclid(7),
            Freq::Monthly => months(day) - months(start),
        };
        passed.div_euclid(self.interval).max(0)
    }

    /// The days of a period on which it begins, ascending; of the first some may be before
    /// `start`. None: beyond all calendars.
    pub(super) fn days(&self, start: Date, period: i64) -> Option<Vec<Date>> {
        let passed = period.checked_mul(self.interval)?;
        Some(match self.freq {
            Freq::Daily => {
                let day = add(start, Span::new().try_days(passed).ok()?)?;
                Some(day).filter(|day| self.is_wanted(start, *day)).into_iter().collect()
            }
            Freq::Weekly => {
                let first = add(self.week_of(start), Span::new().try_weeks(passed).ok()?)?;
                self.wanted(start, first, 7)
            }
            Freq::Monthly => {
                let first = add(start.first_of_month(), Span::new().try_months(passed).ok()?)?;
                self.wanted(start, first, i64::from(first.days_in_month()))
            }
        })
    }

    fn wanted(&self, start: Date, first: Date, length: i64) -> Vec<Date> {
        let days = (0..length).filter_map(|day| add(first, day.days()));
        days.filter(|day| self.is_wanted(start, *day)).collect()
    }

    fn is_wanted(&self, start: Date, day: Date) -> bool {
        let in_month = self.month_days.is_empty()
            || self.month_days.iter().any(|wanted| is_month_day(*wanted, day));
        let in_week = self.days.is_empty() || self.days.iter().any(|wanted| is_day(*wanted, day));
        match self.freq {
            Freq::Weekly if self.days.is_empty() => day.weekday() == start.weekday(),
            Freq::Monthly if self.days.is_empty() && self.month_days.is_empty() => {
                day.day() == start.day()
            }
            _ => in_month && in_week,
        }
    }

    /// The first day of a day's week.
    fn week_of(&self, day: Date) -> Date {
        let passed = i64::from(day.weekday().since(self.week_start));
        day.checked_sub(passed.days()).unwrap_or(day)
    }
}

fn add(day: Date, span: Span) -> Option<Date> {
    day.checked_add(span).ok()
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours().div_euclid(24)
}

fn months(day: Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month())
}

fn is_month_day(wanted: i8, day: Date) -> bool {
    let from_end = day.day() - day.days_in_month() - 1;
    wanted == day.day() || wanted == from_end
}

fn is_day((number, weekday): (i8, Weekday), day: Date) -> bool {
    let from_start = (day.day() - 1) / 7 + 1;
    let from_end = -((day.days_in_month() - day.day()) / 7 + 1);
    day.weekday() == weekday && (number == 0 || number == from_start || number == from_end)
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

/// `MO`, `1MO`, `-1FR`.
fn numbered_day(text: &str) -> Option<(i8, Weekday)> {
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let number = match number {
        "" => 0,
        number => number.parse().ok().filter(|n: &i8| *n != 0 && (-5..=5).contains(n))?,
    };
    Some((number, weekday(day)?))
}
