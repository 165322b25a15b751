//! Silences at work: what they quiet is looked at again whenever one begins or ends, and when
//! people change them; who set one is reminded before it ends. From: the silences in force, and
//! time. To: the correlator.
//!
//! Which silences hold follows from their set and the time, and what they quiet stands in the
//! alerts. Remembered is only when that was looked at last: what began or ended while MUTT was
//! away happens at its own time.

use std::sync::Arc;

use mutt_event::{MessageId, Timestamp};
use mutt_rules::{AlertSeverity, Handling};

use crate::correlator::Why;
use crate::silence::{SilencePlan, Silences};
use crate::track::{Kind, Track};
use crate::{Alert, Correlator, Ending, Facts, Quiet, Signal, SignalKind, own_plan, signature};

/// The rule of reminders.
pub const SILENCE_RULE: &str = "mutt/silence-ends";

/// The host of reminders.
const SILENCE_HOST: &str = "mutt";

/// The silences, and which of them hold now.
#[derive(Debug, Default)]
pub(crate) struct Hush {
    silences: Arc<Silences>,
    /// Places of those that hold.
    holding: Vec<usize>,
    /// When one begins, is nearly over, or ends.
    pub(crate) next: Option<Timestamp>,
    /// The rules in force are known.
    is_followed: bool,
}

impl Hush {
    fn holding(&self) -> impl Iterator<Item = &SilencePlan> {
        self.holding.iter().filter_map(|place| self.silences.at(*place))
    }

    fn look(&mut self, at: Timestamp) {
        self.holding = self.silences.holding(at);
        self.next = self.silences.next_boundary(at);
    }

    /// Why nobody is told of an alert.
    pub(crate) fn reasons(&self, alert: &Alert) -> Vec<Quiet> {
        let holding = self.holding().filter(|silence| silence.concerns(alert));
        let mut names: Vec<&str> = holding.map(|silence| silence.name.as_str()).collect();
        if !self.is_followed {
            // One that was taken away while MUTT was away is over when it goes on, not before.
            let kept = alert.quiet.iter().filter_map(silenced_by);
            names.extend(kept.filter(|name| self.silences.get(name).is_none()));
            names.sort_unstable();
        }
        names.into_iter().map(|name| Quiet::Silenced { by: name.to_owned() }).collect()
    }
}

fn silenced_by(quiet: &Quiet) -> Option<&str> {
    match quiet {
        Quiet::Silenced { by } => Some(by),
        _ => None,
    }
}

impl Correlator {
    /// After a restart: these silences as they held when that was looked at last, so that what
    /// began or ended since then does so at its own time.
    pub(crate) fn hush_again(&mut self, silences: &Arc<Silences>) {
        if self.hush.is_followed {
            return;
        }
        if let Some(Track::Hushed { at }) = self.tracks.get(&Kind::Hushed.key("", "")) {
            let at = *at;
            self.hush.silences = Arc::clone(silences);
            self.hush.look(at);
        }
    }

    /// Goes by these silences from now on.
    pub(crate) fn hush(&mut self, silences: &Arc<Silences>) {
        let is_known = Arc::ptr_eq(silences, &self.hush.silences);
        if !std::mem::replace(&mut self.hush.is_followed, true) || !is_known {
            self.hush.silences = Arc::clone(silences);
            self.look_at_silences(self.now);
        }
    }

    fn look_at_silences(&mut self, at: Timestamp) {
        self.hush.look(at);
        let key = Kind::Hushed.key("", "");
        if !self.hush.silences.is_empty() {
            self.tracks.insert(key.into(), Track::Hushed { at });
        } else if self.tracks.get(&key).is_some() {
            self.tracks.remove(&key);
        }
        self.review_silenced();
        self.end_reminders(at);
    }

    /// A silence begins, is nearly over, or ends.
    pub(crate) fn silence_is_due(&mut self, at: Timestamp) {
        let ending: Vec<String> = self
            .hush
            .silences
            .iter()
            .filter(|silence| silence.reminds_at(at) == Some(at))
            .map(|silence| silence.name.clone())
            .collect();
        self.look_at_silences(at);
        for name in ending {
            self.remind(&name, at);
        }
    }

    /// Alerts that silences quiet otherwise now are looked at.
    fn review_silenced(&mut self) {
        let changed = |alert: &&Alert| {
            let before = alert.quiet.iter().filter(|quiet| silenced_by(quiet).is_some());
            alert.state.is_open() && !before.eq(&self.hush.reasons(alert))
        };
        let found = self.live.alerts().filter(changed);
        let found: Vec<Arc<str>> = found.map(|alert| alert.signature.as_str().into()).collect();
        self.review.extend(found);
    }

    /// Tells who set a silence that it ends soon, and that it still hides something.
    fn remind(&mut self, name: &str, at: Timestamp) {
        let signature: Arc<str> = signature(SILENCE_HOST, SILENCE_RULE, name).into();
        let hidden = self.hidden_by(name);
        if hidden == 0 || self.is_open(&signature) {
            return;
        }
        let signal = self.hush.silences.get(name).and_then(|plan| reminder(plan, hidden, at));
        if let Some(signal) = signal {
            self.problem(signature, &signal, None);
        }
    }

    /// How many open alerts a silence hides.
    fn hidden_by(&self, name: &str) -> usize {
        let hides = |quiet: &Quiet| silenced_by(quiet) == Some(name);
        let open = self.live.alerts().filter(|alert| alert.state.is_open());
        open.filter(|alert| alert.quiet.iter().any(hides)).count()
    }

    /// Reminders of silences that are over, or end later now, end.
    fn end_reminders(&mut self, at: Timestamp) {
        let is_over = |alert: &&Alert| {
            let silence = self.hush.silences.get(&alert.key);
            alert.rule.id == SILENCE_RULE
                && alert.state.is_open()
                && !silence.is_some_and(|silence| silence.is_ending(at))
        };
        let mut over: Vec<String> =
            self.live.alerts().filter(is_over).map(|alert| alert.signature.clone()).collect();
        over.sort_unstable();
        for signature in over {
            self.end_open(&signature, Ending::Clear, Why::time(at));
        }
    }
}

fn reminder(plan: &SilencePlan, hidden: usize, at: Timestamp) -> Option<Signal> {
    let (reminder, end) = (plan.reminder.as_ref()?, plan.holds.until(at)?);
    let summary = format!(
        "silence {} of {} ends at {end} and hides {hidden} open alerts: they are told then",
        plan.name, reminder.owner
    );
    // No message caused it: an id of no partition that a journal has.
    let cause = MessageId { appended: at, partition: MessageId::PARTITION_MAX, position: 0 };
    Some(Signal {
        kind: SignalKind::Problem,
        plan: Arc::new(own_plan(SILENCE_RULE, None)),
        distinct: None,
        facts: Facts {
            key: plan.name.clone(),
            handling: Handling::EmailOnly,
            severity: AlertSeverity::Warning,
            team: reminder.team.clone(),
            text: summary.clone(),
            summary,
            reason: format!("it ends within {} s", reminder.before.as_secs()),
            ..Facts::bare(SILENCE_HOST, cause, at)
        },
    })
}
