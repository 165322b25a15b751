//! Rules' plans, signals and a correlator on a time line in seconds, for stories.

#![allow(clippy::unwrap_used, dead_code)] // clippy lets tests, but not what they call

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mutt_alert::{
    Alert, Changes, Correlator, Effect, Facts, Moment, Notice, NoticeKind, Signal, SignalKind,
    SilencePlan, Silences, State, StormLimits, own_plan,
};
use mutt_event::{MessageId, Timestamp};
use mutt_rules::{AlertSeverity, Environment, Expectation, Handling, Links, Plan};

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

pub fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A rule that pages, with a clear; alerts do not reopen.
pub fn plan(id: &str, change: impl FnOnce(&mut Plan)) -> Arc<Plan> {
    let mut plan = own_plan(id, None);
    plan.shape = "shape".to_owned();
    plan.team = "network".to_owned();
    change(&mut plan);
    Arc::new(plan)
}

/// A problem of the rule, by a host and key `host/key`.
pub fn problem(plan: &Arc<Plan>, who: &str, seconds: i64) -> Signal {
    let (host, key) = who.split_once('/').unwrap_or((who, ""));
    Signal {
        kind: SignalKind::Problem,
        plan: plan.clone(),
        distinct: None,
        facts: Facts {
            key: key.to_owned(),
            host: host.to_owned(),
            environment: Environment::Prod,
            site: Some("fra1".to_owned()),
            handling: Handling::PageAndTicket,
            severity: AlertSeverity::Major,
            team: "network".to_owned(),
            summary: format!("{who} is down"),
            text: format!("{who} changed state to down"),
            raw: format!("<187>{who} changed state to down"),
            reason: "mnemonic LINK-3-UPDOWN".to_owned(),
            labels: BTreeMap::from([("rack".to_owned(), "7".to_owned())]),
            object: None,
            links: Links::default(),
            cause: MessageId {
                appended: at(seconds),
                partition: 0,
                position: seconds.unsigned_abs(),
            },
            syslog_severity: None,
            received: at(seconds),
            at: at(seconds),
        },
    }
}

/// Another kind of signal with the same facts.
pub fn of(kind: SignalKind, signal: Signal) -> Signal {
    Signal { kind, ..signal }
}

pub fn clear(plan: &Arc<Plan>, who: &str, seconds: i64) -> Signal {
    of(SignalKind::Clear, problem(plan, who, seconds))
}

/// Somebody whom a rule of absence expects.
pub fn expected(plan: &Arc<Plan>, host: &str) -> Expectation {
    Expectation {
        plan: plan.clone(),
        host: host.to_owned(),
        key: String::new(),
        environment: Environment::Prod,
        site: None,
        team: "backup".to_owned(),
        handling: Handling::PageOnly,
        links: Links::default(),
    }
}

/// The same with other facts.
pub fn but(mut signal: Signal, change: impl FnOnce(&mut Facts)) -> Signal {
    change(&mut signal.facts);
    signal
}

/// What a database would hold, and the correlator over it.
pub struct Story {
    pub correlator: Correlator,
    pub alerts: BTreeMap<String, Alert>,
    pub tracks: BTreeMap<String, mutt_alert::Track>,
    pub moments: Vec<Moment>,
    pub notices: Vec<Notice>,
    plans: Vec<Arc<Plan>>,
    expected: Vec<Expectation>,
    storms: StormLimits,
    silences: Arc<Silences>,
    order: Vec<String>,
}

impl Story {
    pub fn new(plans: &[&Arc<Plan>]) -> Self {
        let plans: Vec<Arc<Plan>> = plans.iter().map(|plan| (*plan).clone()).collect();
        let storms = StormLimits::default();
        let mut correlator = Correlator::new(State::default());
        correlator.follow(plans.clone(), &[], storms, &Arc::default(), Timestamp::ZERO);
        Self {
            correlator,
            alerts: BTreeMap::new(),
            tracks: BTreeMap::new(),
            moments: Vec::new(),
            notices: Vec::new(),
            plans,
            expected: Vec::new(),
            storms,
            silences: Arc::default(),
            order: Vec::new(),
        }
    }

    pub fn with_storms(mut self, storms: StormLimits) -> Self {
        self.storms = storms;
        self.goes_by(Timestamp::ZERO);
        self
    }

    /// Other rules from now on, and who is expected.
    pub fn follow(&mut self, plans: &[&Arc<Plan>], expected: &[Expectation], seconds: i64) {
        self.plans = plans.iter().map(|plan| (*plan).clone()).collect();
        self.expected = expected.to_vec();
        self.goes_by(at(seconds));
        self.commit();
    }

    /// People change the silences.
    pub fn hush(&mut self, silences: Vec<SilencePlan>, seconds: i64) {
        self.silences(silences);
        self.goes_by(at(seconds));
        self.commit();
    }

    /// The same while MUTT is away.
    pub fn silences(&mut self, silences: Vec<SilencePlan>) {
        self.silences = Arc::new(Silences::new(silences));
    }

    fn goes_by(&mut self, at: Timestamp) {
        let (plans, silences) = (self.plans.clone(), &self.silences);
        self.correlator.follow(plans, &self.expected, self.storms, silences, at);
    }

    pub fn apply(&mut self, signal: Signal) -> Effect {
        let effect = self.correlator.apply(signal);
        self.commit();
        effect
    }

    pub fn tick(&mut self, seconds: i64) {
        self.correlator.tick(at(seconds));
        self.commit();
    }

    /// Takes the changes as the database does.
    pub fn commit(&mut self) {
        let Changes { alerts, notices, moments, tracks } = self.correlator.take_changes();
        for alert in alerts {
            let twin = self.alerts.values().find(|other| {
                other.state.is_open() && other.signature == alert.signature && other.id != alert.id
            });
            assert!(twin.is_none() || !alert.state.is_open(), "two open: {}", alert.signature);
            if !self.order.contains(&alert.id) {
                self.order.push(alert.id.clone());
            }
            self.alerts.insert(alert.id.clone(), alert);
        }
        for notice in notices {
            assert!(self.notices.iter().all(|known| known.id != notice.id), "{}", notice.id);
            self.notices.push(notice);
        }
        for change in tracks {
            match change.track {
                Some(track) => self.tracks.insert(change.key, track),
                None => self.tracks.remove(&change.key),
            };
        }
        self.moments.extend(moments);
    }

    /// MUTT stops and goes on from what the database holds, as text.
    pub fn restart(&mut self) {
        self.restart_at(0);
    }

    /// The same, and goes on at a time.
    pub fn restart_at(&mut self, seconds: i64) {
        let alerts: Vec<&Alert> = self.order.iter().map(|id| &self.alerts[id]).collect();
        let alerts = serde_json::from_str(&serde_json::to_string(&alerts).unwrap()).unwrap();
        let tracks = serde_json::to_string(&self.tracks).unwrap();
        let tracks: BTreeMap<String, mutt_alert::Track> = serde_json::from_str(&tracks).unwrap();
        let state = State { alerts, tracks: tracks.into_iter().collect() };
        self.correlator = Correlator::new(state);
        self.goes_by(at(seconds));
        self.commit();
    }

    /// The notices so far: second, kind, and who.
    pub fn told(&self) -> Vec<(i64, NoticeKind, String)> {
        let who = |alert: &Alert| match alert.key.as_str() {
            "" => alert.host.clone(),
            key => format!("{}/{key}", alert.host),
        };
        self.notices.iter().map(|n| (n.at.as_secs(), n.kind, who(&n.alert))).collect()
    }

    /// The only alert.
    pub fn alert(&self) -> &Alert {
        assert_eq!(self.alerts.len(), 1, "{:?}", self.alerts);
        self.alerts.values().next().unwrap()
    }

    /// The last alert of a host.
    pub fn of(&self, host: &str) -> &Alert {
        let mut found = self.order.iter().rev().map(|id| &self.alerts[id]);
        found.find(|alert| alert.host == host).unwrap()
    }
}
