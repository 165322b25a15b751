//! Alerts and pages of both sets, compared one by one. From: what each correlator opened and told.
//! To: the report: what only one of them would have alerted or paged.
//!
//! An alert of the one is an alert of the other if they have the same signature: host, rule and
//! key. One that opened twice here and once there is there twice and once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use mutt_alert::{Alert, Notice, NoticeKind};
use mutt_event::{MessageId, Timestamp};
use serde::Serialize;

/// Alerts, or pages, compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Compared {
    /// Of both sets.
    pub same: u64,
    /// Only of the draft.
    pub gained: u64,
    /// Only of the live set.
    pub lost: u64,
}

/// An alert that one set has more often than the other, or that pages more often by it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertSample {
    /// Host, rule and key.
    pub signature: String,
    /// The rule's id.
    pub rule: String,
    /// The device's one name; of several the first.
    pub host: String,
    /// One line for a person.
    pub summary: String,
    /// When it opened first.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub time: Timestamp,
    /// The message that opened it first.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub cause: MessageId,
    /// How often it opened, by the live set.
    pub live_alerts: u64,
    /// And by the draft.
    pub draft_alerts: u64,
    /// How often somebody was paged of it, by the live set.
    pub live_pages: u64,
    /// And by the draft.
    pub draft_pages: u64,
}

/// One of the two sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Of {
    Live,
    Draft,
}

/// All alerts so far, by signature.
#[derive(Debug, Default)]
pub(super) struct ByAlert {
    of: BTreeMap<String, AlertSample>,
    left_out: u64,
}

/// What was found of alerts and pages.
pub(super) struct Found {
    pub alerts: Compared,
    pub pages: Compared,
    pub samples: Vec<AlertSample>,
    pub left_out: u64,
}

impl ByAlert {
    /// Counts what came of a step of one set; of so many alerts at most.
    pub fn add(&mut self, of: Of, opened: &[&Alert], notices: &[Notice], most: usize) {
        for alert in opened {
            self.count(alert, most, |sample| match of {
                Of::Live => sample.live_alerts += 1,
                Of::Draft => sample.draft_alerts += 1,
            });
        }
        let is_page = |kind: NoticeKind| matches!(kind, NoticeKind::Open | NoticeKind::Worse);
        for notice in notices.iter().filter(|notice| is_page(notice.kind)) {
            if notice.alert.handling.pages() {
                self.count(&notice.alert, most, |sample| match of {
                    Of::Live => sample.live_pages += 1,
                    Of::Draft => sample.draft_pages += 1,
                });
            }
        }
    }

    fn count(&mut self, alert: &Alert, most: usize, count: impl FnOnce(&mut AlertSample)) {
        let is_full = self.of.len() >= most;
        match self.of.entry(alert.signature.clone()) {
            Entry::Occupied(known) => count(known.into_mut()),
            Entry::Vacant(_) if is_full => self.left_out += 1,
            Entry::Vacant(free) => count(free.insert(AlertSample {
                signature: alert.signature.clone(),
                rule: alert.rule.id.clone(),
                host: alert.host.clone(),
                summary: alert.summary.clone(),
                time: alert.first_seen,
                cause: alert.cause,
                live_alerts: 0,
                draft_alerts: 0,
                live_pages: 0,
                draft_pages: 0,
            })),
        }
    }

    /// What differs, with so many samples at most: those first of which somebody is paged by one
    /// set alone.
    pub fn tell(&self, samples_max: usize) -> Found {
        let (mut alerts, mut pages) = (Compared::default(), Compared::default());
        let mut differ: Vec<&AlertSample> = Vec::new();
        for sample in self.of.values() {
            let differs = compare(&mut alerts, sample.live_alerts, sample.draft_alerts)
                | compare(&mut pages, sample.live_pages, sample.draft_pages);
            differ.extend(differs.then_some(sample));
        }
        differ.sort_by_key(|sample| {
            (sample.live_pages == sample.draft_pages, sample.time, &sample.signature)
        });
        let samples = differ.into_iter().take(samples_max).cloned().collect();
        Found { alerts, pages, samples, left_out: self.left_out }
    }
}

/// Counts one alert; whether the sets differ.
fn compare(all: &mut Compared, live: u64, draft: u64) -> bool {
    all.same += live.min(draft);
    all.gained += draft.saturating_sub(live);
    all.lost += live.saturating_sub(draft);
    live != draft
}
