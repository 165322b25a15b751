//! What about a pattern shall be told: it is new, it surges, it is too many. From: each event as
//! it is counted. To: the caller, who makes alerts of it.
//!
//! A pattern that is handled or ignored tells nothing. Surging is told once an hour, the threshold
//! once in its window, and both again after the pattern's state was set.

use std::time::Duration;

use mutt_event::{MessageId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Hours, Limits, Pattern, PatternId, State};

const HOUR: Duration = Duration::from_secs(3600);

/// What is remarkable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerKind {
    /// No message of this kind was seen before.
    New,
    /// Many more came this hour than in the hours before.
    Surging,
    /// As many came within the window as the limits say.
    Threshold,
}

/// Something that shall be told of a pattern.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Trigger {
    /// The pattern; an alias if it has become one with another since.
    pub pattern: PatternId,
    /// What is remarkable.
    pub kind: TriggerKind,
    /// Append time of the event that made it.
    pub at: Timestamp,
    /// The event that made it.
    pub cause: MessageId,
    /// How many events.
    pub count: u64,
    /// In how long; zero for a new one.
    pub window: Duration,
    /// Up to so many an hour would have been usual, if it surges.
    pub usual: Option<u64>,
}

/// What an hour must have to surge, worked out once for the hour.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bar {
    hour: Option<i64>,
    count: Option<u64>,
}

/// A new pattern's only trigger of that kind.
pub(crate) fn new(pattern: &Pattern, at: Timestamp, cause: MessageId) -> Trigger {
    let window = Duration::ZERO;
    let (pattern, kind) = (pattern.id, TriggerKind::New);
    Trigger { pattern, kind, at, cause, count: 1, window, usual: None }
}

/// Whether the pattern surges with this event, which it has counted.
pub(crate) fn surging(
    pattern: &mut Pattern,
    bar: &mut Bar,
    (at, cause): (Timestamp, MessageId),
    limits: &Limits,
) -> Option<Trigger> {
    if !may_tell(pattern, pattern.told.surging_until, at) || limits.surge_count_min == 0 {
        return None;
    }
    let hour = Hours::of(at);
    if bar.hour != Some(hour) {
        *bar = Bar { hour: Some(hour), count: surge_bar(pattern, hour, limits) };
    }
    let (count, usual) = (pattern.hours.at(hour), bar.count?);
    if count <= usual {
        return None;
    }
    let end = Timestamp::from_millis(hour.saturating_add(1).saturating_mul(3_600_000));
    pattern.told.surging_until = Some(end);
    let (pattern, kind) = (pattern.id, TriggerKind::Surging);
    Some(Trigger { pattern, kind, at, cause, count, window: HOUR, usual: Some(usual) })
}

/// What an hour may have; `None` while too little is known.
fn surge_bar(pattern: &Pattern, hour: i64, limits: &Limits) -> Option<u64> {
    let known = hour.saturating_sub(Hours::of(pattern.first_seen));
    let length = u32::try_from(known).ok()?.min(crate::hours::HOURS_MAX as u32 - 1);
    if length < limits.surge_history_hours.clamp(1, crate::hours::HOURS_MAX as u32 - 1) {
        return None;
    }
    let (mean, deviation) = pattern.hours.before(hour, length);
    let bar = limits.surge_factor * mean + limits.surge_deviations * deviation;
    Some((bar as u64).max(limits.surge_count_min.saturating_sub(1)))
}

/// Whether the pattern passes the threshold with this event, which it has counted.
pub(crate) fn threshold(
    pattern: &mut Pattern,
    (at, cause): (Timestamp, MessageId),
    limits: &Limits,
) -> Option<Trigger> {
    let asked = limits.threshold_count;
    if asked == 0 || pattern.count < asked {
        return None;
    }
    if !may_tell(pattern, pattern.told.threshold_until, at) {
        return None;
    }
    let hour = Hours::of(at);
    let first = hour.saturating_sub(i64::from(limits.threshold_hours.max(1)) - 1);
    let count = pattern.hours.between(first, hour);
    if count < asked {
        return None;
    }
    let window = HOUR * limits.threshold_hours.max(1);
    pattern.told.threshold_until = Some(at.after(window));
    let (pattern, kind) = (pattern.id, TriggerKind::Threshold);
    Some(Trigger { pattern, kind, at, cause, count, window, usual: None })
}

fn may_tell(pattern: &Pattern, until: Option<Timestamp>, at: Timestamp) -> bool {
    pattern.state == State::Open && until.is_none_or(|until| until <= at)
}
