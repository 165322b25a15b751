//! What Moogsoft was told. From: the bodies that it took. To: held to the notices that were made.

use std::collections::{BTreeMap, BTreeSet};

use mutt_alert::NoticeKind;
use mutt_store::{Delivery, DeliveryState};
use serde_json::Value;

/// Hosts whose notices Moogsoft refuses.
const REFUSED: &str = "poison";

/// Every notice was told at least once and each alert's in order, or, where only the latest is
/// sent, what Moogsoft knows of each alert is what is so; the order only where never two could
/// send at once. Answers how many arrived, repeats
/// included.
pub(super) fn told(
    taken: &[Vec<u8>],
    deliveries: &[Delivery],
    sends_all: bool,
    one_sends: bool,
) -> Result<usize, String> {
    let made: BTreeMap<&str, &Delivery> =
        deliveries.iter().map(|delivery| (delivery.notice.id.as_str(), delivery)).collect();
    let arrived = arrived(taken)?;
    let mut known = BTreeSet::new();
    let mut first: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut last: BTreeMap<&str, &Delivery> = BTreeMap::new();
    for (id, kind) in &arrived {
        let delivery = *made.get(id.as_str()).ok_or_else(|| format!("nobody made notice {id}"))?;
        if delivery.notice.kind.name() != kind {
            return Err(format!("notice {id} arrived as `{kind}`, and is {delivery:?}"));
        }
        let signature = delivery.notice.alert.signature.as_str();
        if known.insert(id.as_str()) {
            first.entry(signature).or_default().push(delivery.number);
        }
        last.insert(&delivery.notice.alert.id, delivery);
    }
    let mixed = first.iter().find(|(_, numbers)| !numbers.is_sorted());
    if let Some((signature, numbers)) = mixed.filter(|_| one_sends) {
        return Err(format!("{signature} was told in another order: {numbers:?}"));
    }
    for delivery in deliveries {
        fate(delivery, known.contains(delivery.notice.id.as_str()), sends_all)?;
    }
    if one_sends {
        latest(deliveries, &last)?;
    }
    Ok(arrived.len())
}

/// Whether its text names a host that Moogsoft refuses.
fn is_refused(delivery: &Delivery) -> bool {
    let alert = &delivery.notice.alert;
    alert.host == REFUSED || alert.hosts.iter().any(|host| host == REFUSED)
}

/// What became of a notice is what Moogsoft did.
fn fate(delivery: &Delivery, has_arrived: bool, sends_all: bool) -> Result<(), String> {
    let is_refused = is_refused(delivery);
    let is_good = match delivery.state {
        DeliveryState::Delivered => has_arrived && !is_refused,
        DeliveryState::Dead => {
            let answer = delivery.answer.as_deref().unwrap_or_default();
            is_refused && delivery.attempts > 0 && answer.contains("400")
        }
        DeliveryState::Superseded => !sends_all,
        DeliveryState::Waiting => false,
    };
    if is_good { Ok(()) } else { Err(format!("it arrived: {has_arrived}, yet is {delivery:?}")) }
}

/// What was told last of each alert is what is so: an alert that is over is told to be, unless
/// nobody heard of it, and of one that is not the latest is known. Not so where some was refused.
fn latest(deliveries: &[Delivery], last: &BTreeMap<&str, &Delivery>) -> Result<(), String> {
    let refused: BTreeSet<&str> = deliveries
        .iter()
        .filter(|delivery| is_refused(delivery))
        .map(|delivery| delivery.notice.alert.id.as_str())
        .collect();
    let mut made: BTreeMap<&str, &Delivery> = BTreeMap::new();
    for delivery in deliveries {
        made.insert(&delivery.notice.alert.id, delivery);
    }
    for (alert, made) in made.into_iter().filter(|(alert, _)| !refused.contains(alert)) {
        let told = last.get(alert);
        let is_so = match told {
            Some(told) if told.number == made.number => true,
            Some(told) => {
                made.notice.kind == NoticeKind::Clear && told.notice.kind == NoticeKind::Clear
            }
            None => made.notice.kind == NoticeKind::Clear,
        };
        if !is_so {
            return Err(format!(
                "{} was told {told:?} last, and the latest is {made:?}",
                made.notice.alert.signature
            ));
        }
    }
    Ok(())
}

/// The ids and kinds of all notices in the bodies that Moogsoft took.
fn arrived(taken: &[Vec<u8>]) -> Result<Vec<(String, String)>, String> {
    let mut all = Vec::new();
    for body in taken {
        let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        for event in body["events"].as_array().ok_or("a body without events")? {
            let mutt = &event["custom_info"]["mutt"];
            let text = |name: &str| mutt[name].as_str().unwrap_or_default().to_owned();
            all.push((text("notice_id"), text("kind")));
        }
    }
    Ok(all)
}
