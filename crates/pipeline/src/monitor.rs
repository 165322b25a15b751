//! MUTT's own alerts: what it sees of itself becomes signals, as if a device had said it.
//!
//! From: observations that the binary gathers every few seconds. To: the judge's [`Inbox`], and so
//! through the same correlator, the same database and the same way out as every other alert.
//!
//! Pure, and by level rather than by edge: every condition is told again each minute as it is, so
//! a signal that a crash swallowed is made up for, and an alert that an earlier run left open is
//! cleared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mutt_alert::{Alert, Facts, Signal, SignalKind, own_plan};
use mutt_event::{MessageId, Timestamp};
use mutt_rules::{AlertSeverity, Handling};

/// The beginning of the rule ids of MUTT's own alerts.
pub const OWN_RULES: &str = "mutt/";

/// How many signals wait for the judge at most; the monitor tells again what did not fit.
const INBOX_MAX: usize = 1_024;

/// Signals on their way to the judge. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    signals: Arc<Mutex<Vec<Signal>>>,
    decided: Arc<AtomicBool>,
}

impl Inbox {
    /// Adds signals, as far as there is room.
    pub fn put(&self, signals: impl IntoIterator<Item = Signal>) {
        let mut inbox = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
        let room = INBOX_MAX.saturating_sub(inbox.len());
        inbox.extend(signals.into_iter().take(room));
    }

    /// Takes all that wait.
    pub fn take(&self) -> Vec<Signal> {
        std::mem::take(&mut *self.signals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says that somebody decided something of an alert: it waits in the database.
    pub fn tell_decided(&self) {
        self.decided.store(true, Ordering::Release);
    }

    /// Whether somebody decided something since the last call.
    pub(crate) fn take_decided(&self) -> bool {
        self.decided.swap(false, Ordering::AcqRel)
    }
}

/// Whose alerts these are, and when they are made.
#[derive(Clone, PartialEq, Debug)]
pub struct MonitorConfig {
    /// The name of this MUTT; the host of its alerts.
    pub instance: String,
    /// Who is responsible for it.
    pub team: String,
    /// What shall happen to its alerts.
    pub handling: Handling,
    /// A destination or an input must be down for this long.
    pub down_after: Duration,
    /// Hosts that must not fall silent.
    pub watched: Vec<Watched>,
    /// How often a condition is told again.
    pub again_after: Duration,
}

/// A source that must not fall silent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watched {
    /// The device's one name.
    pub host: String,
    /// For how long it may say nothing.
    pub silent_after: Duration,
}

/// What MUTT connects to, as its worker sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remote {
    /// Its name.
    pub name: String,
    /// Why nothing goes now; none: all is well.
    pub down: Option<String>,
}

/// What MUTT sees of itself at one moment.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Observation {
    /// How full the journal is, 0 to 1.
    pub journal_usage: f64,
    /// Every destination of messages and alerts.
    pub destinations: Vec<Remote>,
    /// Every input that connects by itself.
    pub inputs: Vec<Remote>,
    /// Where secrets are read from, if they are named.
    pub secrets: Option<Remote>,
    /// Since when inputs take messages; none: they do not, and nobody is called silent.
    pub inputs_up_since: Option<Timestamp>,
    /// When each watched host was last heard; missing: never.
    pub heard: BTreeMap<String, Timestamp>,
    /// Why the rule set on disk was refused, if it was.
    pub rules_refused: Option<String>,
    /// Messages lost so far (damaged or trimmed unread), over all readers.
    pub lost: u64,
}

/// One thing that can be wrong: the rule, and what of it.
type Condition = (&'static str, String);

const FILLING: &str = "mutt/journal-filling";
const ALMOST_FULL: &str = "mutt/journal-almost-full";
const DOWN: &str = "mutt/destination-down";
const INPUT_DOWN: &str = "mutt/input-down";
const STALE: &str = "mutt/secrets-stale";
const SILENT: &str = "mutt/source-silent";
const REFUSED: &str = "mutt/rules-refused";
const LOST: &str = "mutt/messages-lost";
const RULES: [&str; 8] = [FILLING, ALMOST_FULL, DOWN, INPUT_DOWN, STALE, SILENT, REFUSED, LOST];

/// Loss has no end of its own: its alert closes when nothing more was lost for this long.
const LOST_CLOSES_AFTER: Duration = Duration::from_secs(3_600);

#[derive(Debug)]
struct Wrong {
    severity: AlertSeverity,
    summary: String,
    reason: String,
}

/// Compares what is with what was told.
#[derive(Debug)]
pub struct Monitor {
    config: MonitorConfig,
    down_since: BTreeMap<Condition, Timestamp>,
    /// Conditions that may have an alert open, and whether they are wrong by what was told last.
    known: BTreeMap<Condition, bool>,
    told_at: Option<Timestamp>,
    lost_told: Option<u64>,
    signals: u64,
}

impl Monitor {
    /// Goes on from the alerts that are open; of these, only its own matter.
    pub fn new(config: MonitorConfig, open: &[Alert]) -> Self {
        let own = open.iter().filter(|alert| alert.host == config.instance);
        let known = own.filter_map(|alert| {
            let rule = RULES.into_iter().find(|rule| *rule == alert.rule.id && *rule != LOST)?;
            Some(((rule, alert.key.clone()), true))
        });
        Self {
            known: known.collect(),
            config,
            down_since: BTreeMap::new(),
            told_at: None,
            lost_told: None,
            signals: 0,
        }
    }

    /// What the judge has to be told at `now`: what has changed, and each minute everything.
    pub fn observe(&mut self, now: Timestamp, seen: &Observation) -> Vec<Signal> {
        let wrong = self.wrong(now, seen);
        let again = self.told_at.is_none_or(|told| now.since(told) >= self.config.again_after);
        if again {
            self.told_at = Some(now);
        }
        let mut signals = Vec::new();
        let conditions: BTreeSet<Condition> =
            wrong.keys().chain(self.known.keys()).cloned().collect();
        for condition in conditions {
            let is = wrong.get(&condition);
            let was = self.known.insert(condition.clone(), is.is_some());
            if again || was != Some(is.is_some()) {
                signals.push(self.signal(now, condition, is));
            }
        }
        signals.extend(self.lost(now, seen.lost));
        signals
    }

    fn wrong(&mut self, now: Timestamp, seen: &Observation) -> BTreeMap<Condition, Wrong> {
        let mut wrong = BTreeMap::new();
        let percent = (seen.journal_usage * 100.0).floor();
        for (rule, limit, severity) in
            [(FILLING, 70.0, AlertSeverity::Major), (ALMOST_FULL, 90.0, AlertSeverity::Critical)]
        {
            if percent >= limit {
                let reason = format!("the journal's use reached {limit} % of its limit");
                let summary = format!("MUTT's journal is {percent} % full");
                wrong.insert((rule, String::new()), Wrong { severity, summary, reason });
            }
        }
        self.down(now, seen, &mut wrong);
        self.silent(now, seen, &mut wrong);
        if let Some(why) = &seen.rules_refused {
            let summary = format!("MUTT refused a rule set and keeps the last good one: {why}");
            let reason = "a changed rule set has faults".to_owned();
            let severity = AlertSeverity::Major;
            wrong.insert((REFUSED, String::new()), Wrong { severity, summary, reason });
        }
        wrong
    }

    fn down(&mut self, now: Timestamp, seen: &Observation, wrong: &mut BTreeMap<Condition, Wrong>) {
        let destinations = seen.destinations.iter().map(|remote| (DOWN, remote));
        let inputs = seen.inputs.iter().map(|remote| (INPUT_DOWN, remote));
        let secrets = seen.secrets.iter().map(|remote| (STALE, remote));
        let down: BTreeMap<Condition, &String> = destinations
            .chain(inputs)
            .chain(secrets)
            .filter_map(|(rule, remote)| Some(((rule, remote.name.clone()), remote.down.as_ref()?)))
            .collect();
        self.down_since.retain(|condition, _| down.contains_key(condition));
        for (condition, why) in down {
            let since = *self.down_since.entry(condition.clone()).or_insert(now);
            if now.since(since) < self.config.down_after {
                continue;
            }
            let (goes, severity) = match condition.0 {
                DOWN => ("send to", AlertSeverity::Critical),
                INPUT_DOWN => ("take messages from", AlertSeverity::Critical),
                // Those that are known stay in use, as long as nobody changes one.
                _ => ("read anew", AlertSeverity::Major),
            };
            let summary = format!("MUTT cannot {goes} {}: {why}", condition.1);
            let reason = format!("nothing went for {} s", self.config.down_after.as_secs());
            wrong.insert(condition, Wrong { severity, summary, reason });
        }
    }

    fn silent(&self, now: Timestamp, seen: &Observation, wrong: &mut BTreeMap<Condition, Wrong>) {
        let Some(up_since) = seen.inputs_up_since else { return };
        for watched in &self.config.watched {
            // What it said before the inputs came up counts, but not the time that they were down.
            let heard = seen.heard.get(&watched.host).copied();
            let quiet = now.since(heard.unwrap_or(up_since).max(up_since));
            if quiet < watched.silent_after {
                continue;
            }
            let summary = format!("{} has been silent for {} s", watched.host, quiet.as_secs());
            let reason =
                format!("it is watched: silent after {} s", watched.silent_after.as_secs());
            let severity = AlertSeverity::Major;
            wrong.insert((SILENT, watched.host.clone()), Wrong { severity, summary, reason });
        }
    }

    /// Each loss is told once; what was lost before this run was told by the run before.
    fn lost(&mut self, now: Timestamp, lost: u64) -> Option<Signal> {
        let told = self.lost_told.replace(lost)?;
        if lost <= told {
            return None;
        }
        let wrong = Wrong {
            severity: AlertSeverity::Critical,
            summary: format!("MUTT lost {} stored messages before they were read", lost - told),
            reason: "positions of the journal were damaged, or trimmed before a reader had them"
                .to_owned(),
        };
        let mut signal = self.signal(now, (LOST, String::new()), Some(&wrong));
        signal.plan = Arc::new(own_plan(LOST, Some(LOST_CLOSES_AFTER)));
        Some(signal)
    }

    fn signal(&mut self, now: Timestamp, condition: Condition, wrong: Option<&Wrong>) -> Signal {
        self.signals += 1;
        let (rule, key) = condition;
        let summary = wrong.map_or_else(|| "MUTT is well again".into(), |w| w.summary.clone());
        let reason = wrong.map_or_else(|| "it is no longer so".into(), |w| w.reason.clone());
        // No message caused it: an id of no partition that a journal has.
        let partition = MessageId::PARTITION_MAX;
        let cause = MessageId { appended: now, partition, position: self.signals };
        Signal {
            kind: if wrong.is_some() { SignalKind::Problem } else { SignalKind::Clear },
            plan: Arc::new(own_plan(rule, None)),
            distinct: None,
            facts: Facts {
                key,
                handling: self.config.handling,
                severity: wrong.map_or(AlertSeverity::Clear, |wrong| wrong.severity),
                team: self.config.team.clone(),
                text: summary.clone(),
                summary,
                reason,
                ..Facts::bare(&self.config.instance, cause, now)
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn config() -> MonitorConfig {
        MonitorConfig {
            instance: "mutt-1".into(),
            team: "noc".into(),
            handling: Handling::PageAndTicket,
            down_after: MINUTE,
            watched: vec![Watched { host: "core1".into(), silent_after: 10 * MINUTE }],
            again_after: MINUTE,
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn told(signals: &[Signal]) -> Vec<(&str, &str, SignalKind)> {
        signals.iter().map(|s| (s.plan.rule_id.as_str(), s.facts.key.as_str(), s.kind)).collect()
    }

    #[test]
    fn a_journal_that_fills_is_told_at_70_and_90_percent_and_cleared() {
        let mut monitor = Monitor::new(config(), &[]);
        let mut see = |second, usage| {
            let seen = Observation { journal_usage: usage, ..Observation::default() };
            let signals = monitor.observe(at(second), &seen);
            signals.iter().map(|s| (s.plan.rule_id.clone(), s.kind)).collect::<Vec<_>>()
        };
        assert_eq!(see(0, 0.69), []);
        assert_eq!(see(1, 0.70), [(FILLING.into(), SignalKind::Problem)]);
        assert_eq!(see(2, 0.71), []);
        assert_eq!(see(3, 0.95), [(ALMOST_FULL.into(), SignalKind::Problem)]);
        assert_eq!(see(4, 0.80), [(ALMOST_FULL.into(), SignalKind::Clear)]);
        assert_eq!(see(5, 0.10), [(FILLING.into(), SignalKind::Clear)]);
    }

    #[test]
    fn a_destination_is_down_only_after_a_while_and_is_told_again_each_minute() {
        let mut monitor = Monitor::new(config(), &[]);
        let mut see = |second, down: bool| {
            let down = down.then(|| "connection refused".to_owned());
            let inputs = vec![Remote { name: "redis_list/a".into(), down: None }];
            let destinations = vec![Remote { name: "moogsoft".into(), down }];
            let seen = Observation { destinations, inputs, ..Observation::default() };
            monitor.observe(at(second), &seen).iter().map(|s| s.kind).collect::<Vec<_>>()
        };
        assert_eq!(see(0, true), []);
        assert_eq!(see(59, true), []);
        assert_eq!(see(60, true), [SignalKind::Problem]);
        assert_eq!(see(90, true), []);
        assert_eq!(see(120, true), [SignalKind::Problem]);
        assert_eq!(see(121, false), [SignalKind::Clear]);
        assert_eq!(see(122, true), []);
    }

    #[test]
    fn secrets_that_cannot_be_read_anew_are_told_after_a_while() {
        let mut monitor = Monitor::new(config(), &[]);
        let mut see = |second, down: bool| {
            let down = down.then(|| "vault: sealed".to_owned());
            let secrets = Some(Remote { name: "secrets".into(), down });
            let seen = Observation { secrets, ..Observation::default() };
            let signals = monitor.observe(at(second), &seen);
            signals.iter().map(|s| (s.facts.severity, s.facts.summary.clone())).collect::<Vec<_>>()
        };
        assert_eq!(see(0, true), []);
        let told = "MUTT cannot read anew secrets: vault: sealed".to_owned();
        assert_eq!(see(60, true), [(AlertSeverity::Major, told)]);
        assert_eq!(see(61, false), [(AlertSeverity::Clear, "MUTT is well again".to_owned())]);
    }

    #[test]
    fn a_silent_source_is_told_unless_the_inputs_were_down() {
        let mut monitor = Monitor::new(config(), &[]);
        let mut seen = Observation {
            inputs_up_since: Some(at(0)),
            heard: BTreeMap::from([("core1".into(), at(0))]),
            ..Observation::default()
        };
        assert!(monitor.observe(at(599), &seen).is_empty());
        let signals = monitor.observe(at(601), &seen);
        assert_eq!(told(&signals), [(SILENT, "core1", SignalKind::Problem)]);
        seen.inputs_up_since = Some(at(700));
        let signals = monitor.observe(at(800), &seen);
        assert_eq!(told(&signals), [(SILENT, "core1", SignalKind::Clear)]);
    }

    #[test]
    fn what_an_earlier_run_left_open_is_cleared() {
        let mut monitor = Monitor::new(config(), &[]);
        let seen = Observation { journal_usage: 0.8, ..Observation::default() };
        let signal = monitor.observe(at(0), &seen).remove(0);
        let mut correlator = mutt_alert::Correlator::new(mutt_alert::State::default());
        correlator.apply(signal);
        let open = correlator.take_changes().alerts;
        let mut next = Monitor::new(config(), &open);
        let signals = next.observe(at(100), &Observation::default());
        assert_eq!(told(&signals), [(FILLING, "", SignalKind::Clear)]);
    }

    #[test]
    fn a_loss_is_told_once() {
        let mut monitor = Monitor::new(config(), &[]);
        let mut see = |second, lost| {
            let seen = Observation { lost, ..Observation::default() };
            monitor.observe(at(second), &seen).len()
        };
        assert_eq!(see(0, 5), 0, "told by an earlier run");
        assert_eq!(see(1, 6), 1);
        assert_eq!(see(120, 6), 0);
    }

    #[test]
    fn the_inbox_is_bounded() {
        let mut monitor = Monitor::new(config(), &[]);
        let seen = Observation { journal_usage: 0.8, ..Observation::default() };
        let signal = monitor.observe(at(0), &seen).remove(0);
        let inbox = Inbox::default();
        inbox.put(std::iter::repeat_n(signal, INBOX_MAX + 5));
        assert_eq!(inbox.take().len(), INBOX_MAX);
        assert!(inbox.take().is_empty());
    }
}
