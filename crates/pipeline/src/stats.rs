//! What the workers show of themselves, for `/metrics`, `/readyz` and the trimming of the journal.
//!
//! From: the workers, once a batch or a commit. To: whoever looks, without a lock on the way of a
//! message.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use mutt_event::Timestamp;
use mutt_journal::Position;
use mutt_store::{Change, Counts, Outcome, TallyKind};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::shadow::Counted;

mod mining;

pub use mining::MiningStats;

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfReader {
    reader: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct WithOutcome {
    reader: String,
    outcome: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfRule {
    rule: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfNotice {
    rule: String,
    kind: &'static str,
    handling: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfMade {
    kind: &'static str,
    handling: &'static str,
}

/// What came of messages.
#[derive(Clone, Debug, Default)]
struct Made {
    alerts: Counter,
    notices: Family<OfMade, Counter>,
}

impl Made {
    fn register(&self, registry: &mut Registry) {
        registry.register("alerts_opened", "Alerts that opened", self.alerts.clone());
        let notices = "Notices made of alerts, by kind and handling, whatever the destinations";
        registry.register("notices", notices, self.notices.clone());
    }
}

/// What shadow rules want, and what would come of it.
#[derive(Clone, Debug, Default)]
struct OfShadow {
    matches: Family<OfRule, Counter>,
    alerts: Family<OfRule, Counter>,
    notices: Family<OfNotice, Counter>,
}

impl OfShadow {
    fn register(&self, registry: &mut Registry) {
        let matches = "Messages that a shadow rule would want";
        registry.register("shadow_matches", matches, self.matches.clone());
        let alerts = "Alerts that a shadow rule would have opened";
        registry.register("shadow_alerts", alerts, self.alerts.clone());
        let notices = "Notices that a shadow rule would have made";
        registry.register("shadow_notices", notices, self.notices.clone());
    }
}

/// All families of this crate. Names carry their unit; the binary adds the prefix.
#[derive(Clone, Debug, Default)]
pub struct PipelineStats {
    done: Family<WithOutcome, Counter>,
    commit_failures: Family<OfReader, Counter>,
    resent: Family<OfReader, Counter>,
    forgotten: Family<OfReader, Counter>,
    observed: Counter,
    made: Made,
    shadow: OfShadow,
    mining: MiningStats,
}

impl PipelineStats {
    /// Makes them visible in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        let mut add = |name: &str, help: &str, family: &Family<OfReader, Counter>| {
            registry.register(name, help, family.clone());
        };
        add("reader_commit_failures", "Commits that have to be tried again", &self.commit_failures);
        add("archive_resent_messages", "Messages sent again after a break", &self.resent);
        add(
            "repeats_forgotten",
            "Messages forgotten too early to know a repeat of them, for want of room",
            &self.forgotten,
        );
        registry.register(
            "reader_messages",
            "Messages that a reader has done, by what became of them",
            self.done.clone(),
        );
        registry.register(
            "observed_notices",
            "Notices that nobody was told, since MUTT only observes",
            self.observed.clone(),
        );
        self.made.register(registry);
        self.shadow.register(registry);
        self.mining.register(registry);
    }

    /// The counters of one reader, looked up once.
    pub fn reader(&self, name: &str) -> ReaderStats {
        let of = OfReader { reader: name.to_owned() };
        let outcome =
            |outcome: Outcome| WithOutcome { reader: name.to_owned(), outcome: outcome.name() };
        ReaderStats {
            done: Outcome::ALL.map(|o| self.done.get_or_create_owned(&outcome(o))),
            commit_failures: self.commit_failures.get_or_create_owned(&of),
            resent: self.resent.get_or_create_owned(&of),
            forgotten: self.forgotten.get_or_create_owned(&of),
            observed: self.observed.clone(),
            made: self.made.clone(),
            shadow: self.shadow.clone(),
            mining: self.mining.clone(),
            progress: Progress::default(),
            standing: Standing::default(),
        }
    }
}

/// One reader's counters, and what is known of it. Cheap to clone: all clones are the same.
#[derive(Clone, Debug)]
pub struct ReaderStats {
    done: [Counter; Outcome::ALL.len()],
    pub(crate) commit_failures: Counter,
    pub(crate) resent: Counter,
    pub(crate) forgotten: Counter,
    pub(crate) observed: Counter,
    made: Made,
    shadow: OfShadow,
    /// Of patterns; only the judge counts there.
    pub mining: MiningStats,
    /// How far it has come.
    pub progress: Progress,
    /// What keeps it from going on.
    pub standing: Standing,
}

impl ReaderStats {
    /// Counters that nobody looks at.
    pub fn unseen(name: &str) -> Self {
        PipelineStats::default().reader(name)
    }

    /// Counts a message that a shadow rule would want.
    pub(crate) fn shadow(&self, rule: &str) {
        self.shadow.matches.get_or_create(&OfRule { rule: rule.to_owned() }).inc();
    }

    /// How many messages a shadow rule would have wanted.
    pub fn shadow_matches(&self, rule: &str) -> u64 {
        self.shadow.matches.get_or_create(&OfRule { rule: rule.to_owned() }).get()
    }

    /// How many alerts a shadow rule would have opened.
    pub fn shadow_alerts(&self, rule: &str) -> u64 {
        self.shadow.alerts.get_or_create(&OfRule { rule: rule.to_owned() }).get()
    }

    /// How many notices of this kind and handling a shadow rule would have made.
    pub fn shadow_notices(
        &self,
        rule: &str,
        (kind, handling): (&'static str, &'static str),
    ) -> u64 {
        let of = OfNotice { rule: rule.to_owned(), kind, handling };
        self.shadow.notices.get_or_create(&of).get()
    }

    /// Counts the alerts and notices of a change that is true.
    pub(crate) fn made(&self, change: &Change) {
        let opened = change.tallies.iter().filter(|tally| tally.kind == TallyKind::Alerts);
        self.made.alerts.inc_by(opened.map(|tally| tally.value).sum());
        for (notice, _) in &change.notices {
            let (kind, handling) = (notice.kind.name(), notice.alert.handling.name());
            self.made.notices.get_or_create(&OfMade { kind, handling }).inc();
        }
    }

    /// Counts what shadow rules would have done.
    pub(crate) fn shadowed(&self, counted: &Counted) {
        for ((_, rule), count) in &counted.alerts {
            self.shadow.alerts.get_or_create(&OfRule { rule: rule.clone() }).inc_by(*count);
        }
        for (told, count) in &counted.notices {
            let (rule, kind, handling) = (told.rule.clone(), told.kind, told.handling);
            let of = OfNotice { rule, kind, handling };
            self.shadow.notices.get_or_create(&of).inc_by(*count);
        }
    }

    pub(crate) fn done(&self, counts: &Counts) {
        for (counter, (_, count)) in self.done.iter().zip(counts.iter()) {
            if count > 0 {
                counter.inc_by(count);
            }
        }
    }
}

/// How far a reader has come.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<ProgressInner>);

#[derive(Debug, Default)]
struct ProgressInner {
    committed: AtomicU64,
    done: AtomicU64,
    time: AtomicI64,
}

impl Progress {
    /// The committed cursor: the journal may trim what is below. 0: not known yet, trim nothing.
    pub fn committed(&self) -> Position {
        Position(self.0.committed.load(Ordering::Acquire))
    }

    /// The first position that is not done, committed or not.
    pub fn done(&self) -> Position {
        Position(self.0.done.load(Ordering::Relaxed))
    }

    /// Append time of the last message done; what waits is younger.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_micros(self.0.time.load(Ordering::Relaxed))
    }

    pub(crate) fn set_committed(&self, to: Position) {
        self.0.committed.store(to.0, Ordering::Release);
    }

    pub(crate) fn set_done(&self, to: Position, time: Timestamp) {
        self.0.done.store(to.0, Ordering::Relaxed);
        self.0.time.store(time.as_micros(), Ordering::Relaxed);
    }
}

/// Why a worker does not go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// What is wrong, for a person.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
}

/// Whether a worker goes on, and if not, why.
#[derive(Clone, Default)]
pub struct Standing(Arc<ArcSwapOption<Trouble>>);

impl Standing {
    /// What is wrong now; none: nothing.
    pub fn trouble(&self) -> Option<Arc<Trouble>> {
        self.0.load_full()
    }

    pub(crate) fn bad(&self, now: Timestamp, why: String) {
        let since = self.0.load().as_ref().map_or(now, |trouble| trouble.since);
        self.0.store(Some(Arc::new(Trouble { why, since })));
    }

    pub(crate) fn good(&self) {
        if self.0.load().is_some() {
            self.0.store(None);
        }
    }
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Standing").field(&self.trouble()).finish()
    }
}

/// When watched hosts were last heard. The set of hosts is fixed; most MUTTs watch none.
#[derive(Debug, Default)]
pub struct Watch(HashMap<String, AtomicI64>);

impl Watch {
    /// Watches these hosts.
    pub fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        Self(hosts.into_iter().map(|host| (host, AtomicI64::new(i64::MIN))).collect())
    }

    /// When each host was last heard, if it was.
    pub fn heard(&self) -> impl Iterator<Item = (&str, Timestamp)> {
        let times = self.0.iter().map(|(host, time)| (host, time.load(Ordering::Relaxed)));
        times
            .filter(|(_, time)| *time != i64::MIN)
            .map(|(host, time)| (host.as_str(), Timestamp::from_micros(time)))
    }

    pub(crate) fn hear(&self, host: &str, received: Timestamp) {
        if !self.0.is_empty()
            && let Some(time) = self.0.get(host)
        {
            time.fetch_max(received.as_micros(), Ordering::Relaxed);
        }
    }
}
