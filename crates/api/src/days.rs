//! Days of a time zone, made of numbers by the hour: each hour belongs to the day, and to the day or
//! the night, in which it begins there.
//!
//! From: hours since the epoch. To: reports. A zone that is not whole hours from UTC has its days
//! shifted by less than an hour.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan};

use crate::problem::Problem;

/// The night is from this hour of the day
const NIGHT_FROM: i8 = 22;
/// up to this one.
const NIGHT_TO: i8 = 6;

/// Seconds in an hour.
const HOUR_SECONDS: i64 = 3_600;

/// The last days of a zone, with today.
pub struct Days {
    zone: TimeZone,
    first: Date,
    last: Date,
    /// Their hours since the epoch.
    pub hours: Range<i64>,
}

/// Counts of the day and of the night.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DayNight {
    /// 06:00 to 22:00.
    pub day: u64,
    /// 22:00 to 06:00.
    pub night: u64,
}

impl Days {
    /// So many days up to the one that the hour `now` is in.
    ///
    /// # Errors
    /// There is no such zone.
    pub fn last(days: u32, zone: &str, now: i64) -> Result<Self, Problem> {
        let zone = TimeZone::get(zone).map_err(|_| {
            Problem::unreadable(format!(
                "zone is `{zone}`: it is a name of the IANA database, such as Europe/Berlin"
            ))
        })?;
        let wrong = || Problem::unreadable("days go back further than there were days");
        let last = local(&zone, now).ok_or_else(wrong)?.date();
        let first =
            last.checked_sub(i64::from(days.saturating_sub(1)).days()).map_err(|_| wrong())?;
        let begins = zone.to_ambiguous_timestamp(first.at(0, 0, 0, 0)).compatible();
        let begins = begins.map_err(|_| wrong())?.as_second();
        let hours = begins.div_euclid(HOUR_SECONDS) + i64::from(begins.rem_euclid(HOUR_SECONDS) > 0)
            ..now + 1;
        Ok(Self { zone, first, last, hours })
    }

    /// The days as text, the oldest first.
    pub fn names(&self) -> Vec<String> {
        let days = self.first.series(1.day()).take_while(|day| *day <= self.last);
        days.map(|day| day.to_string()).collect()
    }

    /// Numbers by the hour, by day.
    pub fn by_day(
        &self,
        hours: impl IntoIterator<Item = (i64, u64)>,
    ) -> BTreeMap<String, DayNight> {
        let mut days: BTreeMap<String, DayNight> = BTreeMap::new();
        for (hour, count) in hours {
            let Some(at) = local(&self.zone, hour) else { continue };
            let day = days.entry(at.date().to_string()).or_default();
            match at.hour() {
                NIGHT_TO..NIGHT_FROM => day.day += count,
                _ => day.night += count,
            }
        }
        days
    }
}

impl DayNight {
    /// Both.
    pub fn both(self) -> u64 {
        self.day + self.night
    }
}

/// The local time when an hour begins.
fn local(zone: &TimeZone, hour: i64) -> Option<jiff::civil::DateTime> {
    let instant = Instant::from_second(hour.checked_mul(HOUR_SECONDS)?).ok()?;
    Some(zone.to_datetime(instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(text: &str) -> i64 {
        text.parse::<Instant>().unwrap().as_second() / HOUR_SECONDS
    }

    #[test]
    fn an_hour_belongs_to_the_day_in_which_it_begins_in_the_zone() {
        let now = hour("2026-11-28T23:00:00Z");
        let utc = Days::last(2, "UTC", now).unwrap();
        assert_eq!(utc.names(), ["2026-11-27", "2026-11-28"]);
        assert_eq!(utc.hours, hour("2026-11-27T00:00:00Z")..now + 1);
        let berlin = Days::last(1, "Europe/Berlin", now).unwrap();
        assert_eq!(berlin.names(), ["2026-11-29"], "it is midnight there");
        let counts = [(hour("2026-11-28T21:00:00Z"), 3), (hour("2026-11-28T20:00:00Z"), 4)];
        let day = |days: &Days| days.by_day(counts)["2026-11-28"];
        assert_eq!(day(&utc), DayNight { day: 7, night: 0 });
        assert_eq!(day(&berlin), DayNight { day: 4, night: 3 });
    }

    #[test]
    fn the_night_ends_at_six_and_a_day_has_the_hours_of_its_zone() {
        let days = Days::last(1, "Europe/Berlin", hour("2026-10-25T20:00:00Z")).unwrap();
        // Summer time ends on that day: it has 25 hours.
        let all = (hour("2026-10-24T22:00:00Z")..hour("2026-10-25T23:00:00Z")).map(|h| (h, 1));
        assert_eq!(days.by_day(all)["2026-10-25"], DayNight { day: 16, night: 9 });
        assert_eq!(days.hours.start, hour("2026-10-24T22:00:00Z"));
        assert_eq!(Days::last(1, "Nowhere/Else", 0).err().unwrap().status, 400);
    }

    #[test]
    fn half_an_hour_beside_utc_begins_with_the_first_whole_hour_of_its_day() {
        let days = Days::last(1, "Asia/Kolkata", hour("2026-11-28T12:00:00Z")).unwrap();
        assert_eq!(days.hours.start, hour("2026-11-27T19:00:00Z"));
    }
}
