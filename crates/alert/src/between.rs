//! When a silence has lasted: times of day in a zone. From: a rule's `absent`. To: the moment at
//! which somebody who was last seen at a time counts as absent.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan};
use mutt_event::Timestamp;
use mutt_rules::{Absent, Between};

/// How many days are looked ahead for a time that fits: a week of days and a year of leap days.
const DAYS_MAX: u32 = 400;

/// When somebody counts as absent who was last seen, or first expected, at `from`; none: never.
pub(crate) fn deadline(absent: &Absent, from: Timestamp) -> Option<Timestamp> {
    match (&absent.after, &absent.between) {
        (Some(after), None) => Some(from.after(*after)),
        // Whoever is seen in a window was there; one that began before they were expected is
        // no window of theirs.
        (None, Some(between)) => {
            windows(between, from)?.find(|(start, _)| *start > from).map(|(_, end)| end)
        }
        (Some(after), Some(between)) => windows(between, from)?.find_map(|(start, end)| {
            let at = start.max(from).after(*after);
            (at <= end && end > from).then_some(at)
        }),
        (None, None) => None,
    }
}

/// The windows from the day before `from` on.
fn windows(
    between: &Between,
    from: Timestamp,
) -> Option<impl Iterator<Item = (Timestamp, Timestamp)>> {
    let zone = TimeZone::get(&between.zone).ok()?;
    let instant = Instant::from_microsecond(from.as_micros()).ok()?;
    let first = zone.to_datetime(instant).date().yesterday().ok()?;
    let between = between.clone();
    let days = (0..DAYS_MAX).map_while(move |day| first.checked_add(i64::from(day).days()).ok());
    Some(days.filter_map(move |date| {
        let weekday = date.weekday().to_monday_one_offset().unsigned_abs();
        if !between.days.is_empty() && !between.days.contains(&weekday) {
            return None;
        }
        let last = if between.to > between.from { date } else { date.tomorrow().ok()? };
        Some((moment(&zone, date, between.from)?, moment(&zone, last, between.to)?))
    }))
}

/// A time that a zone skips is the one after the gap; of one that it has twice, the first.
fn moment(zone: &TimeZone, date: Date, minutes: u16) -> Option<Timestamp> {
    let hour = i8::try_from(minutes / 60).ok()?;
    let minute = i8::try_from(minutes % 60).ok()?;
    let time = date.to_datetime(Time::new(hour, minute, 0, 0).ok()?);
    let zoned = zone.to_ambiguous_timestamp(time).compatible().ok()?;
    Some(Timestamp::from_micros(zoned.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mutt_rules::Expected;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<Instant>().unwrap().as_microsecond())
    }

    fn absent(after: Option<u64>, between: Option<(u16, u16, &[u8])>) -> Absent {
        Absent {
            after: after.map(|minutes| Duration::from_secs(60 * minutes)),
            between: between.map(|(from, to, days)| Between {
                from,
                to,
                zone: "Europe/Berlin".to_owned(),
                days: days.to_vec(),
            }),
            expect: Expected::default(),
        }
    }

    #[test]
    fn without_a_window_it_is_so_long_after() {
        let rule = absent(Some(10), None);
        assert_eq!(deadline(&rule, at("2026-01-01T00:00:00Z")), Some(at("2026-01-01T00:10:00Z")));
    }

    #[test]
    fn a_nightly_window_is_told_at_its_end_if_nothing_came_in_it() {
        let rule = absent(None, Some((120, 180, &[])));
        let next = |from| deadline(&rule, at(from)).unwrap();
        // In winter Berlin is an hour ahead, in summer two.
        assert_eq!(next("2026-01-10T12:00:00Z"), at("2026-01-11T02:00:00Z"));
        assert_eq!(next("2026-07-10T12:00:00Z"), at("2026-07-11T01:00:00Z"));
        // It came in the window, so this one is good.
        assert_eq!(next("2026-01-11T01:30:00Z"), at("2026-01-12T02:00:00Z"));
        // It came at the window's first moment.
        assert_eq!(next("2026-01-11T01:00:00Z"), at("2026-01-12T02:00:00Z"));
        // On the day on which 02:00 to 03:00 does not exist the window is empty.
        assert_eq!(next("2026-03-28T12:00:00Z"), at("2026-03-29T01:00:00Z"));
    }

    #[test]
    fn only_silence_inside_the_window_counts() {
        // Mondays to Fridays, 08:00 to 18:00.
        let rule = absent(Some(30), Some((480, 1_080, &[1, 2, 3, 4, 5])));
        let next = |from| deadline(&rule, at(from)).unwrap();
        assert_eq!(next("2026-01-09T09:00:00Z"), at("2026-01-09T09:30:00Z"), "a Friday");
        assert_eq!(next("2026-01-09T16:45:00Z"), at("2026-01-12T07:30:00Z"), "over the weekend");
        assert_eq!(next("2026-01-09T03:00:00Z"), at("2026-01-09T07:30:00Z"), "before the window");
    }

    #[test]
    fn a_window_may_pass_midnight() {
        let rule = absent(None, Some((1_380, 60, &[])));
        let next = deadline(&rule, at("2026-01-10T12:00:00Z")).unwrap();
        assert_eq!(next, at("2026-01-11T00:00:00Z"));
    }

    #[test]
    fn longer_than_its_window_is_never() {
        assert_eq!(deadline(&absent(Some(90), Some((120, 180, &[]))), Timestamp::ZERO), None);
    }
}
