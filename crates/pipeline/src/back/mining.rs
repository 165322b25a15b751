//! What no rule wants becomes patterns. From: each new message that no rule wants; what people
//! decide of patterns. To: a change, and whoever makes alerts of what is remarkable.
//!
//! Every step writes what it counted with its cursor, so a crash repeats the events with the same
//! outcome. To write less often would save little: of each kind of message one row is written a
//! commit, however many came. Only the load at which sampling begins is not remembered over a
//! restart.

use std::time::Duration;

use mutt_alert::{Correlator, Signal};
use mutt_event::{Event, Timestamp};
use mutt_patterns::{
    Account, Gone, Hours, Limits, Miner, Pattern, PatternDecided, PatternId, Seen, State, Stats,
    Trigger, TriggerKind,
};
use mutt_rules::{AlertSeverity, Handling, Located};
use mutt_store::{Database, PatternChange, StoreError};

use crate::MiningStats;

/// The longest summary of a pattern's alert, in bytes.
const SUMMARY_BYTES_MAX: usize = 512;

/// Whom the mining tells: the correlator, or whoever carries it there.
pub(crate) trait Tells {
    /// Something is remarkable.
    fn tell(&mut self, signal: Signal);

    /// A pattern's alert is over, for this reason.
    fn pattern_is_over(&mut self, pattern: &str, why: String, at: Timestamp);
}

impl Tells for Correlator {
    fn tell(&mut self, signal: Signal) {
        self.apply(signal);
    }

    fn pattern_is_over(&mut self, pattern: &str, why: String, at: Timestamp) {
        Correlator::pattern_is_over(self, pattern, why, at);
    }
}

/// How patterns are mined, and what becomes of what is remarkable.
#[derive(Clone, PartialEq, Debug)]
pub struct MiningSettings {
    /// The miner's.
    pub limits: Limits,
    /// How long an open pattern that is not seen is kept.
    pub keep: Duration,
    /// Who is told of patterns of hosts that have no team.
    pub team: String,
    /// What shall happen to their alerts.
    pub handling: Handling,
    /// How bad they are.
    pub severity: AlertSeverity,
}

/// The patterns, and what of them is not written yet.
#[derive(Debug)]
pub(crate) struct Mining {
    settings: MiningSettings,
    miner: Miner,
    gone: Vec<PatternId>,
    written: Account,
    counted: Stats,
    was_sampling: bool,
    /// The hour in which it last looked for old ones.
    hour: i64,
}

impl Mining {
    /// Goes on from what the database knows.
    pub async fn open<B: Database>(
        database: &B,
        settings: &MiningSettings,
    ) -> Result<Self, StoreError> {
        let settings = settings.clone();
        let (known, account) = (database.patterns().await?, database.mining().await?);
        Ok(Self {
            miner: Miner::restore(settings.limits, known, account),
            settings,
            gone: Vec::new(),
            written: account,
            counted: Stats::default(),
            was_sampling: false,
            hour: 0,
        })
    }

    /// Counts a message that no rule wants.
    pub fn see(
        &mut self,
        event: &Event<'_>,
        located: &Located<'_>,
        at: Timestamp,
        to: &mut impl Tells,
    ) {
        self.forget_old(at);
        let oid = event.trap_oid().map(ToString::to_string);
        let key = event.mnemonic.as_deref().or(oid.as_deref().map(str::as_bytes));
        self.miner.observe(&Seen {
            key: key.or(event.app.as_deref()).unwrap_or_default(),
            host: event.host,
            text: &event.message,
            severity: event.severity,
            team: located.team().map(|(team, _)| team),
            at,
            id: event.id,
        });
        // At once, so that it does not depend on where a batch ends.
        for trigger in self.miner.take_triggers() {
            self.tell(&trigger, to);
        }
        self.end_gone(at, to);
    }

    /// Once an hour of the journal's time, by whole hours: the same after a restart.
    fn forget_old(&mut self, at: Timestamp) {
        let hour = Hours::of(at);
        if hour != self.hour {
            self.hour = hour;
            let start = Timestamp::from_millis(hour.saturating_mul(3_600_000));
            self.miner.forget_before(start.before(self.settings.keep));
        }
    }

    fn tell(&self, trigger: &Trigger, to: &mut impl Tells) {
        let Some(pattern) = self.miner.get(trigger.pattern) else { return };
        let hours = self.settings.limits.threshold_hours.max(1);
        let window = Duration::from_secs(u64::from(hours) * 3_600);
        let id = pattern.id.to_string();
        let mut signal = Signal::of_pattern(&id, trigger.cause, trigger.at, window);
        let facts = &mut signal.facts;
        let (kind, reason) = words(trigger);
        let sample = pattern.samples.iter().max_by_key(|sample| sample.at);
        facts.handling = self.settings.handling;
        facts.severity = self.settings.severity;
        facts.team = pattern.team().unwrap_or(&self.settings.team).to_owned();
        facts.summary = summary(pattern, &reason);
        facts.text = sample.map(|sample| sample.text.clone()).unwrap_or_default();
        facts.raw = format!("{reason}: {}", facts.text);
        facts.reason = reason;
        let label = |name: &str, text: String| (name.to_owned(), text);
        facts.labels = [
            label("pattern", id),
            label("pattern_kind", kind.to_owned()),
            label("pattern_key", pattern.key.clone()),
            label("pattern_template", pattern.template.clone()),
            label("pattern_count", pattern.count.to_string()),
            label("pattern_hosts", hosts(pattern)),
        ]
        .into();
        to.tell(signal);
    }

    /// Ends the alerts of patterns that are not held any more.
    pub fn end_gone(&mut self, at: Timestamp, to: &mut impl Tells) {
        for (id, gone) in self.miner.take_gone() {
            self.gone.push(id);
            let why = match gone {
                Gone::MadeRoom => {
                    "there were too many patterns, and it was seen least recently".into()
                }
                Gone::Old => "it was not seen for long".to_owned(),
                Gone::Joined { with } => format!("the pattern became one with pattern {with}"),
            };
            to.pattern_is_over(&id.to_string(), why, at);
        }
    }

    /// Does what somebody decided.
    pub fn decide(&mut self, decided: PatternDecided, at: Timestamp, to: &mut impl Tells) {
        let Some(id) = self.miner.get(decided.pattern).map(|pattern| pattern.id) else { return };
        let who = decided.who;
        let why = match &decided.state {
            State::Open => None,
            State::Handled => Some(format!("{who} says that a rule handles it")),
            State::Ignored { reason } => Some(format!("{who} ignores it: {reason}")),
        };
        self.miner.set_state(id, decided.state);
        if let Some(why) = why {
            to.pattern_is_over(&id.to_string(), why, at);
        }
    }

    /// What is not written yet.
    pub fn take(&mut self, stats: &MiningStats) -> PatternChange {
        let now = self.miner.stats();
        stats.add(&self.counted, &now);
        self.counted = now;
        let account = self.miner.account();
        let is_new = account != self.written;
        self.written = account;
        PatternChange {
            gone: std::mem::take(&mut self.gone),
            kept: self.miner.take_changes(),
            account: is_new.then_some(account),
            ..PatternChange::default()
        }
    }

    /// Says when sampling begins and ends.
    pub fn say(&mut self, now: Timestamp) {
        let is_sampling = self.miner.account().is_sampling(now);
        match (self.was_sampling, is_sampling) {
            (false, true) => tracing::warn!(
                counted_per_second = self.settings.limits.events_per_second_max,
                counted_one_in = self.settings.limits.sample_every,
                "patterns: too many messages without a rule, some are counted for several"
            ),
            (true, false) => tracing::info!("patterns: every message is counted again"),
            _ => {}
        }
        self.was_sampling = is_sampling;
    }
}

fn hosts(pattern: &Pattern) -> String {
    let more = if pattern.hosts.others > 0 { "more than " } else { "" };
    format!("{more}{}", pattern.hosts.names.len())
}

/// What is remarkable: its name, and in words.
fn words(trigger: &Trigger) -> (&'static str, String) {
    let (count, hours) = (trigger.count, trigger.window.as_secs() / 3_600);
    match trigger.kind {
        TriggerKind::New => ("new", "no message of this kind was seen before".to_owned()),
        TriggerKind::Surging => {
            let usual = trigger.usual.unwrap_or_default();
            ("surging", format!("{count} messages this hour, up to {usual} are usual"))
        }
        TriggerKind::Threshold => ("threshold", format!("{count} messages within {hours} h")),
    }
}

/// One line: why, what, and by whom.
fn summary(pattern: &Pattern, reason: &str) -> String {
    let host = pattern.samples.last().map(|sample| sample.host.as_str()).unwrap_or_default();
    let key = if pattern.key.is_empty() { String::new() } else { format!("{} ", pattern.key) };
    let hosts = hosts(pattern);
    let ends = format!(" ({reason}; {} in all, {hosts} hosts, such as {host})", pattern.count);
    let mut text = format!("no rule knows {key}{}", pattern.template.replace(['\n', '\r'], " "));
    text.truncate(text.floor_char_boundary(SUMMARY_BYTES_MAX.saturating_sub(ends.len())));
    text + &ends
}
