//! Alerts and notices as the database holds them. From: its tables. To: held to the reference.

use std::collections::BTreeMap;

use mutt_alert::reference::Summary;
use mutt_alert::{Alert, NoticeKind};
use mutt_event::Timestamp;
use mutt_store::Delivery;

use super::judged::Expected;

/// The alerts are those of the reference, with its counts and states.
pub(super) fn alerts(alerts: &[Alert], expected: &Expected) -> Result<(), String> {
    let mut have = sorted(alerts.iter().map(Summary::from));
    let want = sorted(expected.alerts.iter().cloned());
    for alert in want {
        match have.iter().position(|one| is_like(one, &alert)) {
            Some(place) => drop(have.remove(place)),
            None => {
                let like = have.iter().filter(|one| one.signature == alert.signature);
                let like: Vec<&Summary> = like.collect();
                return Err(format!("expected alert {alert:?} is not there; there are {like:?}"));
            }
        }
    }
    have.pop().map_or(Ok(()), |alert| Err(format!("nobody expected alert {alert:?}")))
}

fn is_like(one: &Summary, other: &Summary) -> bool {
    let ended_at = match (one.ended_at, other.ended_at) {
        (Some(ended), Some(other)) if is_near(ended, other) => Some(other),
        (ended, _) => ended,
    };
    Summary { ended_at, ..one.clone() } == *other
}

/// When a penalty has halved so often is reckoned in another order of sums.
fn is_near(one: Timestamp, other: Timestamp) -> bool {
    one.as_micros().abs_diff(other.as_micros()) <= 50
}

fn sorted(alerts: impl Iterator<Item = Summary>) -> Vec<Summary> {
    let mut alerts: Vec<Summary> = alerts.collect();
    alerts.sort_by_key(|alert| (alert.first_seen, alert.signature.clone()));
    alerts
}

/// What the destination has to be told is what the reference tells, signature by signature.
pub(super) fn notices(deliveries: &[Delivery], expected: &Expected) -> Result<(), String> {
    let mut have: BTreeMap<&str, Vec<(Timestamp, NoticeKind)>> = BTreeMap::new();
    for Delivery { notice, .. } in deliveries {
        have.entry(&notice.alert.signature).or_default().push((notice.at, notice.kind));
    }
    for (signature, want) in &expected.notices {
        let have = have.remove(signature.as_str()).unwrap_or_default();
        let like = |(one, other): (&(Timestamp, NoticeKind), &(Timestamp, NoticeKind))| {
            one.1 == other.1 && is_near(one.0, other.0)
        };
        if have.len() != want.len() || !have.iter().zip(want).all(like) {
            return Err(format!("the notices of {signature} are {have:?}, not {want:?}"));
        }
    }
    match have.pop_first() {
        None => Ok(()),
        Some((signature, told)) => Err(format!("nobody expected notices of {signature}: {told:?}")),
    }
}
