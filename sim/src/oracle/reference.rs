//! The rules of `messages.rs` once more, as slow and plain as can be: one message after the other,
//! without batches, crashes or cursors.

use std::collections::BTreeMap;
use std::time::Duration;

use mutt_event::Timestamp;
use mutt_store::{Counts, Outcome};

use super::InJournal;
use crate::messages::Word;

/// A notice as Moogsoft must see it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Told {
    pub signature: String,
    pub kind: String,
    /// Position of the message that caused it.
    pub cause: u64,
}

/// What must come of a journal.
#[derive(Default)]
pub(crate) struct Expected {
    /// Signature and position of the cause; count, and how many notices.
    pub alerts: BTreeMap<(String, u64), (u64, u32)>,
    /// Notices of each signature, in order.
    pub told: BTreeMap<String, Vec<Told>>,
    pub counts: Counts,
}

struct Open {
    cause: u64,
    severity: u8,
    closes_at: Option<Timestamp>,
}

/// Judges every message of the journal.
pub(crate) fn judge(journal: &[InJournal]) -> Expected {
    let mut expected = Expected::default();
    let mut open: BTreeMap<String, Open> = BTreeMap::new();
    for message in journal {
        let (outcome, rule, close_after) = match message.word {
            _ if message.repeated => (Outcome::Repeated, "", None),
            Word::LinkDown | Word::LinkUp if message.host.starts_with("lab-") => {
                (Outcome::Logged, "link", None)
            }
            Word::LinkDown | Word::LinkUp => (Outcome::Alerting, "link", None),
            Word::AuthFail => (Outcome::Logged, "auth", Some(Duration::from_secs(20))),
            Word::FanFail => (Outcome::Alerting, "fan", Some(Duration::from_secs(30))),
            Word::Noise => (Outcome::Suppressed, "", None),
            Word::Nothing => (Outcome::Unhandled, "", None),
        };
        expected.counts.add(outcome, 1);
        if rule.is_empty() {
            continue;
        }
        let signature = mutt_alert::signature(&message.host, rule, "");
        open.retain(|_, alert| alert.closes_at.is_none_or(|at| at > message.time));
        let tells = outcome == Outcome::Alerting;
        let kind = match (message.word, open.get_mut(&signature)) {
            (Word::LinkUp, None) => continue,
            (Word::LinkUp, Some(_)) => "clear",
            (_, None) => "open",
            // RFC 5424: a lower number is worse.
            (_, Some(alert)) if message.severity < alert.severity => {
                alert.severity = message.severity;
                "worse"
            }
            (_, Some(_)) => "repeat",
        };
        if kind == "open" {
            let alert =
                Open { cause: message.position, severity: message.severity, closes_at: None };
            open.insert(signature.clone(), alert);
        }
        let Some(alert) = open.get_mut(&signature) else { continue };
        alert.closes_at = close_after.map(|after| message.time.after(after));
        let counted = expected.alerts.entry((signature.clone(), alert.cause)).or_default();
        counted.0 += u64::from(kind != "clear");
        if tells && kind != "repeat" {
            counted.1 += 1;
            let told =
                Told { signature: signature.clone(), kind: kind.into(), cause: message.position };
            expected.told.entry(signature.clone()).or_default().push(told);
        }
        if kind == "clear" {
            open.remove(&signature);
        }
    }
    expected
}
