//! Signals become alerts: opens, counts, raises, clears and closes them. From: a worker's signals
//! in the journal's order, and its ticks. To: that worker's transaction, as [`Changes`].
//!
//! All its state is in the open alerts, so one made anew from the database goes on as the old one
//! would have. Time is [`Signal::at`] and `tick(now)` and nothing else.

use std::sync::Arc;

use mutt_event::{MessageId, Timestamp};
use mutt_rules::Handling;
use uuid::Uuid;

use crate::open::{Held, OpenAlerts};
use crate::{Alert, AlertState, Notice, NoticeKind, Signal, SignalKind, signature};

/// How many alerts may be open at once unless [`Correlator::with_limit`] says otherwise.
pub const OPEN_LIMIT: usize = 1_000_000;

/// Names the ids of alerts, so that they differ from every other UUID.
const ALERTS: Uuid = Uuid::from_u128(0x6d75_7474_616c_5e00_8f3a_c0de_616c_7274);

/// What a signal did.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Effect {
    /// A new alert is open.
    Opened,
    /// An open alert counts one more.
    Repeated,
    /// An open alert counts one more and is of a higher severity now.
    Worse,
    /// An open alert has ended.
    Cleared,
    /// Nothing: a clear of what is not open, or noise that the rule suppresses.
    Nothing,
}

/// What came of the signals and ticks since the last time it was asked.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Changes {
    /// Each alert that changed, once, as it is now; one that ended comes before one that opened
    /// under the same signature.
    pub alerts: Vec<Alert>,
    /// What has to be told, in order.
    pub notices: Vec<Notice>,
}

/// What happened since the correlator was made, for metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Alerts opened.
    pub opened: u64,
    /// Events that an open alert counted.
    pub repeated: u64,
    /// Open alerts that became worse.
    pub worse: u64,
    /// Alerts ended by a clear.
    pub cleared: u64,
    /// Alerts ended since nothing repeated them for their rule's `close_after`.
    pub closed: u64,
    /// Alerts closed early since too many were open, that nobody had been told of.
    pub evicted_logged: u64,
    /// Alerts closed early since too many were open, that somebody had been told of.
    pub evicted_told: u64,
}

/// The open alerts, and what changed among them.
///
/// At most one alert is open per host, rule and key. With more than the limit open, the one that
/// was quiet for longest is closed to make room, those that nobody was told of before the others:
/// a new problem is always told, and an evicted one that goes on opens (and is told) again under
/// the same signature.
#[derive(Debug)]
pub struct Correlator {
    open: OpenAlerts,
    limit: usize,
    touched: Vec<Touched>,
    notices: Vec<Notice>,
    totals: Totals,
}

#[derive(Debug)]
enum Touched {
    Open(Arc<str>),
    Ended(Box<Alert>),
}

impl Correlator {
    /// Goes on from the alerts that the database knows as open, in the order they were opened.
    pub fn new(open: Vec<Alert>) -> Self {
        let mut correlator = Self {
            open: OpenAlerts::default(),
            limit: OPEN_LIMIT,
            touched: Vec::new(),
            notices: Vec::new(),
            totals: Totals::default(),
        };
        for alert in open.into_iter().filter(|alert| alert.state == AlertState::Open) {
            let signature: Arc<str> = alert.signature.as_str().into();
            // No database of ours holds two open ones; if one does, the younger goes on.
            if let Some(held) = correlator.open.remove(&signature) {
                let at = held.alert.last_seen;
                correlator.close(held, at);
            }
            correlator.open.insert(signature, Held { alert, touched: None });
        }
        correlator
    }

    /// The same with another limit on open alerts; at least 1.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit.max(1);
        self
    }

    /// Takes one signal; alerts whose time is over at [`Signal::at`] close before it counts.
    pub fn apply(&mut self, signal: Signal) -> Effect {
        self.tick(signal.at);
        let signature: Arc<str> = signature(&signal.host, &signal.rule.id, &signal.key).into();
        match signal.kind {
            // A clear counts under any handling: who was told of the problem is told of its end.
            SignalKind::Clear => match self.open.remove(&signature) {
                Some(held) => self.clear(held, &signal),
                None => Effect::Nothing,
            },
            SignalKind::Problem if signal.handling == Handling::Suppress => Effect::Nothing,
            SignalKind::Problem => match self.open.remove(&signature) {
                Some(held) => self.repeat(signature, held, &signal),
                None => self.begin(signature, signal),
            },
        }
    }

    /// Closes the alerts whose `closes_at` is not after `now`.
    ///
    /// Nobody is told: an alert closes because nothing more was seen, and nothing was seen that
    /// says the problem is over. Moogsoft keeps it until a person closes it; the next event opens
    /// a new alert under the same signature, and that is told.
    pub fn tick(&mut self, now: Timestamp) {
        while let Some((at, held)) = self.open.pop_due(now) {
            self.totals.closed += 1;
            self.close(held, at);
        }
    }

    /// When the next alert closes itself.
    pub fn next_timer(&self) -> Option<Timestamp> {
        self.open.next_timer()
    }

    /// What changed since the last call; taking it changes nothing that comes later.
    pub fn take_changes(&mut self) -> Changes {
        let mut alerts = Vec::with_capacity(self.touched.len());
        for touched in self.touched.drain(..) {
            match touched {
                Touched::Ended(alert) => alerts.push(*alert),
                Touched::Open(signature) => alerts.extend(self.open.taken(&signature)),
            }
        }
        Changes { alerts, notices: std::mem::take(&mut self.notices) }
    }

    /// How many alerts are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// What happened since it was made.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    fn begin(&mut self, signature: Arc<str>, signal: Signal) -> Effect {
        self.make_room(signal.at);
        let mut alert = Alert {
            id: alert_id(&signature, signal.cause),
            signature: signature.to_string(),
            state: AlertState::Open,
            rule: signal.rule,
            key: signal.key,
            host: signal.host,
            environment: signal.environment,
            site: signal.site,
            handling: signal.handling,
            severity: signal.severity,
            team: signal.team,
            summary: signal.summary,
            text: signal.text,
            reason: signal.reason,
            runbook: signal.runbook,
            labels: signal.labels,
            cause: signal.cause,
            received: signal.received,
            first_seen: signal.at,
            last_seen: signal.at,
            count: 1,
            closes_at: signal.close_after.map(|after| signal.at.after(after)),
            cleared_by: None,
            ended_at: None,
            notices: 0,
        };
        if alert.handling.tells() {
            let (received, cause) = (alert.received, alert.cause);
            self.tell(&mut alert, NoticeKind::Open, signal.at, received, cause);
        }
        let touched = Some(self.touch(&signature));
        self.open.insert(signature, Held { alert, touched });
        self.totals.opened += 1;
        Effect::Opened
    }

    fn repeat(&mut self, signature: Arc<str>, mut held: Held, signal: &Signal) -> Effect {
        let alert = &mut held.alert;
        let worse = signal.severity > alert.severity;
        alert.count += 1;
        alert.last_seen = alert.last_seen.max(signal.at);
        alert.closes_at = signal.close_after.map(|after| alert.last_seen.after(after));
        if worse {
            alert.severity = signal.severity;
            alert.summary.clone_from(&signal.summary);
        }
        if signal.handling.tells() {
            // A rule that was log_only when the alert opened may tell by now.
            if alert.notices == 0 {
                alert.handling = signal.handling;
                self.tell(alert, NoticeKind::Open, signal.at, signal.received, signal.cause);
            } else if worse {
                self.tell(alert, NoticeKind::Worse, signal.at, signal.received, signal.cause);
            }
        }
        if held.touched.is_none() {
            held.touched = Some(self.touch(&signature));
        }
        self.open.insert(signature, held);
        self.totals.repeated += 1;
        self.totals.worse += u64::from(worse);
        if worse { Effect::Worse } else { Effect::Repeated }
    }

    fn clear(&mut self, mut held: Held, signal: &Signal) -> Effect {
        let alert = &mut held.alert;
        alert.state = AlertState::Cleared;
        alert.cleared_by = Some(signal.cause);
        alert.ended_at = Some(alert.last_seen.max(signal.at));
        if alert.notices > 0 {
            self.tell(alert, NoticeKind::Clear, signal.at, signal.received, signal.cause);
        }
        self.end(held);
        self.totals.cleared += 1;
        Effect::Cleared
    }

    fn close(&mut self, mut held: Held, at: Timestamp) {
        held.alert.state = AlertState::Closed;
        held.alert.ended_at = Some(at);
        self.end(held);
    }

    fn make_room(&mut self, at: Timestamp) {
        while self.open.len() >= self.limit
            && let Some(held) = self.open.pop_quietest()
        {
            if held.alert.notices > 0 {
                self.totals.evicted_told += 1;
            } else {
                self.totals.evicted_logged += 1;
            }
            let at = held.alert.last_seen.max(at);
            self.close(held, at);
        }
    }

    fn tell(
        &mut self,
        alert: &mut Alert,
        kind: NoticeKind,
        at: Timestamp,
        received: Timestamp,
        cause: MessageId,
    ) {
        alert.notices += 1;
        self.notices.push(Notice {
            id: format!("{}-{}", alert.id, alert.notices),
            kind,
            at,
            received,
            cause,
            alert: alert.clone(),
        });
    }

    fn touch(&mut self, signature: &Arc<str>) -> usize {
        self.touched.push(Touched::Open(signature.clone()));
        self.touched.len() - 1
    }

    /// Keeps the place of an alert that changed before it ended in the same batch.
    fn end(&mut self, held: Held) {
        let ended = Touched::Ended(Box::new(held.alert));
        match held.touched.and_then(|place| self.touched.get_mut(place)) {
            Some(place) => *place = ended,
            None => self.touched.push(ended),
        }
    }
}

/// The same for the same first message of the same problem, however often it is judged.
fn alert_id(signature: &str, cause: MessageId) -> String {
    let mut name = signature.as_bytes().to_vec();
    name.extend_from_slice(cause.as_uuid().as_bytes());
    Uuid::new_v5(&ALERTS, &name).to_string()
}

#[cfg(test)]
#[path = "correlator_tests.rs"]
mod tests;
