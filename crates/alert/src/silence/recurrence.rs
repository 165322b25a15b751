//! A maintenance window's times: it begins at the same time of day in a zone, on the days of a
//! rule, and lasts the same. From: texts that people wrote. To: when it holds, and until when.
//!
//! Nothing is walked but the days around the time that is asked for, so a window that began years
//! ago costs no more than a new one.

use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan};
use mutt_event::Timestamp;

use super::rrule::{Limit, Rule};

/// How many periods are looked through for the next day of a rule.
const PERIODS_MAX: i64 = 1_000;

/// A window as people write it.
#[derive(Clone, Copy, Debug)]
pub struct WindowText<'a> {
    /// When it begins first: a local time such as `2026-11-29T22:00`.
    pub start: &'a str,
    /// The zone's name, such as `Europe/Berlin`.
    pub zone: &'a str,
    /// Its rule (RFC 5545); none: it is once.
    pub rule: Option<&'a str>,
    /// Days, or local times, on which it is not.
    pub except: &'a [String],
    /// How long it lasts.
    pub length: Duration,
}

/// A window that was read.
#[derive(Clone, Debug)]
pub struct Recurrence {
    start: DateTime,
    zone: TimeZone,
    rule: Option<Rule>,
    except: Vec<Except>,
    length: Duration,
    /// It begins no later.
    last: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Except {
    Day(Date),
    Time(DateTime),
}

impl Recurrence {
    /// Reads a window.
    ///
    /// # Errors
    /// Every fault: the field and a sentence.
    pub fn read(text: WindowText<'_>) -> Result<Self, Vec<(&'static str, String)>> {
        let mut faults = Vec::new();
        let start = local(text.start).or_else(|| {
            let message = format!("`{}` is no local time: write 2026-11-29T22:00", text.start);
            faults.push(("start", message));
            None
        });
        let zone = TimeZone::get(text.zone).ok().or_else(|| {
            let message = format!("`{}` is no time zone: write Europe/Berlin or UTC", text.zone);
            faults.push(("zone", message));
            None
        });
        let rule = text.rule.map(Rule::read).transpose().unwrap_or_else(|message| {
            faults.push(("rule", message));
            None
        });
        let mut except = Vec::new();
        for one in text.except {
            match excepted(one) {
                Some(read) => except.push(read),
                None => faults.push((
                    "except",
                    format!("`{one}` is no day and no local time: write 2026-12-27"),
                )),
            }
        }
        let (Some(start), Some(zone), true) = (start, zone, faults.is_empty()) else {
            return Err(faults);
        };
        let mut read = Self { start, zone, rule, except, length: text.length, last: None };
        read.check_start().map_err(|message| vec![("start", message)])?;
        read.last = read.read_limit().map_err(|message| vec![("rule", message)])?;
        Ok(read)
    }

    /// The first day of a rule is its start: else nobody knows whether it counts.
    fn check_start(&self) -> Result<(), String> {
        let mut days = self.days_from(0);
        match days.next() {
            Some(first) if first == self.start.date() => Ok(()),
            Some(first) => {
                Err(format!("{} is not a day of the rule: its first is {first}", self.start.date()))
            }
            None => Err("the rule has no day".to_owned()),
        }
    }

    fn read_limit(&self) -> Result<Option<Timestamp>, String> {
        let text = match self.rule.as_ref().map(|rule| &rule.limit) {
            None | Some(Limit::Never) => return Ok(None),
            Some(Limit::Count(count)) => {
                let last = self.days_from(0).take(*count as usize).last();
                return Ok(last.and_then(|day| self.begins(day)));
            }
            Some(Limit::Until(text)) => text,
        };
        let bad = || format!("UNTIL={text}: expected 20261231, or 20261231T220000Z");
        if text.ends_with('Z') {
            let instant: Instant = text.parse().map_err(|_| bad())?;
            return Ok(Some(Timestamp::from_micros(instant.as_microsecond())));
        }
        let last = match excepted(text).ok_or_else(bad)? {
            Except::Day(day) => day.to_datetime(self.start.time()),
            Except::Time(time) => time,
        };
        Ok(self.instant(last))
    }

    /// The days of the rule from a period on, not before the start.
    fn days_from(&self, period: i64) -> impl Iterator<Item = Date> + '_ {
        let start = self.start.date();
        let once = self.rule.is_none().then_some(start);
        let periods = self.rule.iter().flat_map(move |rule| {
            let mut fruitless = 0;
            (period..).map_while(move |period| {
                let days = rule.days(start, period)?;
                fruitless = if days.is_empty() { fruitless + 1 } else { 0 };
                (fruitless < PERIODS_MAX).then_some(days)
            })
        });
        once.into_iter().chain(periods.flatten().filter(move |day| *day >= start))
    }

    /// When it begins last up to `at` and next after it, as far as that matters: one that is over
    /// may be left out.
    fn around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let from = self.local_day(at.before(self.length)).unwrap_or(self.start.date());
        let from = from.checked_sub(1.day()).unwrap_or(from);
        let period = self.rule.as_ref().map_or(0, |rule| rule.period_of(self.start.date(), from));
        let mut latest = None;
        for day in self.days_from(period).filter(|day| !self.is_excepted(*day)) {
            let Some(begins) = self.begins(day) else { break };
            if self.last.is_some_and(|last| begins > last) {
                break;
            }
            if begins > at {
                return (latest, Some(begins));
            }
            latest = Some(begins);
        }
        (latest, None)
    }

    /// Until when the window holds that `at` is in.
    pub fn holds_until(&self, at: Timestamp) -> Option<Timestamp> {
        // All last the same: if any holds, then the one that began last.
        self.around(at).0.map(|begins| begins.after(self.length)).filter(|ends| at < *ends)
    }

    /// When it begins next after `at`.
    pub fn begins_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.around(at).1
    }

    fn is_excepted(&self, day: Date) -> bool {
        let time = day.to_datetime(self.start.time());
        self.except.contains(&Except::Day(day)) || self.except.contains(&Except::Time(time))
    }

    fn begins(&self, day: Date) -> Option<Timestamp> {
        self.instant(day.to_datetime(self.start.time()))
    }

    /// A time that the zone skips is the one after the gap; of one that it has twice, the first.
    fn instant(&self, time: DateTime) -> Option<Timestamp> {
        let instant = self.zone.to_ambiguous_timestamp(time).compatible().ok()?;
        Some(Timestamp::from_micros(instant.as_microsecond()))
    }

    fn local_day(&self, at: Timestamp) -> Option<Date> {
        let instant = Instant::from_microsecond(at.as_micros()).ok()?;
        Some(self.zone.to_datetime(instant).date())
    }
}

fn local(text: &str) -> Option<DateTime> {
    text.parse().ok()
}

/// A day, or a time of day with it.
fn excepted(text: &str) -> Option<Except> {
    if text.contains(['T', 't', ' ']) {
        return local(text).map(Except::Time);
    }
    text.parse().ok().map(Except::Day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<Instant>().unwrap().as_microsecond())
    }

    fn read(start: &str, zone: &str, rule: &str) -> Result<Recurrence, String> {
        let rule = (!rule.is_empty()).then_some(rule);
        let length = Duration::from_secs(7_200);
        let text = WindowText { start, zone, rule, except: &[], length };
        Recurrence::read(text).map_err(|faults| format!("{faults:?}"))
    }

    /// The first begins of a rule, as text.
    fn begins(start: &str, rule: &str, number: usize) -> Vec<String> {
        let window = read(start, "UTC", rule).unwrap();
        let mut from = at("2000-01-01T00:00:00Z");
        let mut found = Vec::new();
        while let Some(next) = window.begins_after(from).filter(|_| found.len() < number) {
            found.push(next.to_string()[..10].to_owned());
            from = next;
        }
        found
    }

    #[test]
    fn rules_begin_on_the_days_that_the_standard_says() {
        let cases: [(&str, &str, &[&str]); 12] = [
            ("2026-11-28", "FREQ=DAILY", &["2026-11-28", "2026-11-29", "2026-11-30"]),
            ("2026-11-28", "FREQ=DAILY;INTERVAL=10", &["2026-11-28", "2026-12-08", "2026-12-18"]),
            ("2026-11-28", "FREQ=DAILY;BYDAY=SA,MO", &["2026-11-28", "2026-11-30", "2026-12-05"]),
            ("2026-11-28", "FREQ=WEEKLY", &["2026-11-28", "2026-12-05", "2026-12-12"]),
            (
                "2026-11-29",
                "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU",
                &["2026-11-29", "2026-12-08", "2026-12-13"],
            ),
            (
                "2026-11-29",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=SU",
                &["2026-11-29", "2026-12-01", "2026-12-13"],
            ),
            ("2026-01-31", "FREQ=MONTHLY", &["2026-01-31", "2026-03-31", "2026-05-31"]),
            ("2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1", &["2026-01-31", "2026-02-28"]),
            ("2026-11-01", "FREQ=MONTHLY;BYDAY=1SU", &["2026-11-01", "2026-12-06", "2027-01-03"]),
            ("2026-11-27", "FREQ=MONTHLY;BYDAY=-1FR", &["2026-11-27", "2026-12-25"]),
            ("2026-02-13", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", &["2026-02-13", "2026-03-13"]),
            ("2028-02-29", "FREQ=MONTHLY;INTERVAL=12", &["2028-02-29", "2032-02-29"]),
        ];
        for (day, rule, expected) in cases {
            assert_eq!(begins(&format!("{day}T22:00"), rule, expected.len()), expected, "{rule}");
        }
    }

    #[test]
    fn they_end_by_number_by_day_and_by_time() {
        let days = |rule: &str| begins("2026-11-28T22:00", rule, 99).len();
        assert_eq!(days(""), 1);
        assert_eq!(days("FREQ=DAILY;COUNT=5"), 5);
        assert_eq!(days("FREQ=WEEKLY;BYDAY=SA,SU;COUNT=3"), 3);
        assert_eq!(days("FREQ=DAILY;UNTIL=20261130"), 3);
        assert_eq!(days("FREQ=DAILY;UNTIL=20261130T220000Z"), 3);
        assert_eq!(days("FREQ=DAILY;UNTIL=20261130T215959Z"), 2);
        assert_eq!(days("FREQ=DAILY;UNTIL=20261130T215959"), 2);
    }

    #[test]
    fn a_window_keeps_its_time_of_day_over_the_changes_of_its_zone() {
        let window = read("2026-03-01T02:30", "Europe/Berlin", "FREQ=DAILY").unwrap();
        let next = |from| window.begins_after(at(from)).unwrap();
        assert_eq!(next("2026-03-27T12:00:00Z"), at("2026-03-28T01:30:00Z"));
        // 02:30 does not exist: it is 03:30.
        assert_eq!(next("2026-03-28T12:00:00Z"), at("2026-03-29T01:30:00Z"));
        assert_eq!(next("2026-03-29T12:00:00Z"), at("2026-03-30T00:30:00Z"));
        // 02:30 comes twice: the first.
        assert_eq!(next("2026-10-24T12:00:00Z"), at("2026-10-25T00:30:00Z"));
        assert_eq!(
            window.holds_until(at("2026-10-25T02:29:59Z")),
            Some(at("2026-10-25T02:30:00Z"))
        );
        assert_eq!(window.holds_until(at("2026-10-25T02:30:00Z")), None);
    }

    #[test]
    fn a_window_of_long_ago_is_found_and_one_that_passes_midnight_holds() {
        let window = read("1990-01-01T23:00", "UTC", "FREQ=DAILY").unwrap();
        assert_eq!(
            window.holds_until(at("2026-06-02T00:59:00Z")),
            Some(at("2026-06-02T01:00:00Z"))
        );
        assert_eq!(window.holds_until(at("2026-06-02T01:00:00Z")), None);
        assert_eq!(window.holds_until(at("1990-01-01T22:59:00Z")), None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        for (start, zone, rule, expected) in [
            ("22:00", "UTC", "", "is no local time"),
            ("2026-11-28T22:00Z", "UTC", "", "is no local time"),
            ("2026-11-28T22:00", "Europe/Bern", "", "is no time zone"),
            ("2026-11-28T22:00", "UTC", "INTERVAL=2", "FREQ is missing"),
            ("2026-11-28T22:00", "UTC", "FREQ=YEARLY", "expected DAILY, WEEKLY or MONTHLY"),
            ("2026-11-28T22:00", "UTC", "FREQ=DAILY;BYHOUR=3", "BYHOUR is not supported"),
            ("2026-11-28T22:00", "UTC", "FREQ=DAILY;INTERVAL=0", "expected 1 to 1000"),
            ("2026-11-28T22:00", "UTC", "FREQ=WEEKLY;BYDAY=1SA", "only with FREQ=MONTHLY"),
            ("2026-11-28T22:00", "UTC", "FREQ=DAILY;BYDAY=XX", "expected days such as"),
            ("2026-11-28T22:00", "UTC", "FREQ=DAILY;COUNT=1;UNTIL=20270101", "exclude"),
            ("2026-11-28T22:00", "UTC", "FREQ=DAILY;FREQ=DAILY", "stands twice"),
            ("2026-11-28T22:00", "UTC", "FREQ=DAILY;UNTIL=soon", "expected 20261231"),
            ("2026-11-28T22:00", "UTC", "FREQ=WEEKLY;BYDAY=SU", "its first is 2026-11-29"),
            ("2026-02-01T22:00", "UTC", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "has no day"),
        ] {
            let fault = read(start, zone, rule).unwrap_err();
            assert!(fault.contains(expected), "{rule}: {fault}");
        }
        let fault = read("x", "y", "z").unwrap_err();
        assert!(["start", "zone", "rule"].iter().all(|field| fault.contains(field)), "{fault}");
    }
}
