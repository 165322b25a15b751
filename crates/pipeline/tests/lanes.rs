//! Judging by partition: the same journal gives the same alerts, whether one judge reads all of it
//! or each partition has its own and one correlator follows them, however they take turns and
//! whichever of them dies.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too

mod common;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use common::{Bench, Message, PARTITIONS, at, now, rulebook, syslog};
use mutt_alert::{Alert, DRILL_APP, Drill, Drills};
use mutt_event::{Parser, ParserConfig, Timestamp, partition_of};
use mutt_journal::{Batch, Log, Options, Position, SimDisk, SimLane};
use mutt_pipeline::{
    Correlation, CorrelationParts, Inbox, JUDGE, LaneJudge, LaneJudgeParts, Ledger, MINE, Mine,
    MineParts, MiningSettings, ReaderStats, Rulebook, Step, Stored, Watch, post,
};
use mutt_rules::{AlertSeverity, Handling};
use mutt_store::{
    Call, Change, Database, Fault, FaultyStore, MemoryStore, SignalChange, StoreError,
};
use proptest::prelude::*;

const RULES: &str = r#"
[[rules]]
id = "link"
priority = 10
key = "{captures.if}"
when.message.regex = "LINKDOWN (?P<if>[a-z0-9]+)"
clear.message.regex = "LINKUP (?P<if>[a-z0-9]+)"
handling = "page_only"
team = "noc"

[[rules]]
id = "everywhere"
priority = 20
across_hosts = true
when.message.contains = "AUTH"
count = { at_least = 3, within = "60s" }
handling = "page_only"
team = "noc"

[[rules]]
id = "held"
priority = 30
when.message.contains = "FAN"
clear.message.contains = "COOL"
hold_for = "20s"
handling = "page_only"
team = "noc"

[[rules]]
id = "tried"
mode = "shadow"
priority = 40
when.message.contains = "TRIED"
handling = "page_only"
team = "noc"
"#;

const HOSTS: [&str; 6] = ["r1", "r2", "r3", "r4", "r5", "r6"];
const WORDS: [&str; 9] = [
    "LINKDOWN ge1",
    "LINKUP ge1",
    "LINKDOWN ge2",
    "AUTH failed",
    "FAN",
    "COOL",
    "calm",
    "TRIED",
    DRILLED,
];
/// A drill's words; `FAN`, where it is over.
const DRILLED: &str = "k3 FAN";

/// A host's message.
fn says(host: &'static str, words: &str) -> Message {
    let message = syslog(host, words);
    let app = if words == DRILLED { DRILL_APP } else { "app" };
    let raw = format!("<187>Nov 23 12:00:00 {host} {app}: {words}").into_bytes();
    Message { raw, ..message }
}

/// One log for each partition.
struct Lanes {
    logs: Vec<Log<SimDisk>>,
}

impl Lanes {
    fn new() -> Self {
        let options = Options {
            partitions: PARTITIONS,
            segment_bytes: 64 << 10,
            reserve_bytes: 0,
            ..Options::default()
        };
        let log = |_| Log::open(SimDisk::new(), options.clone(), Position::FIRST).unwrap().0;
        Self { logs: (0..PARTITIONS).map(log).collect() }
    }

    fn store(&mut self, time: Timestamp, message: &Message) {
        let mut batch = Batch::default();
        let partition = message.push(time, &mut batch);
        self.logs[usize::from(partition)].commit(time, &[&batch]).unwrap();
    }

    fn all(&self) -> Vec<SimLane<SimDisk>> {
        let lane = |(log, partition): (&Log<SimDisk>, u16)| {
            SimLane::new(log.handle(), "journal", partition)
        };
        self.logs.iter().zip(0..).map(lane).collect()
    }
}

/// A worker for each partition, the correlator and the miner; each can die.
struct Crew<B: Database> {
    lanes: Lanes,
    store: B,
    bench: Bench,
    judges: Vec<Option<LaneJudge<SimLane<SimDisk>, B>>>,
    correlation: Option<Correlation<B>>,
    miner: Option<Mine<SimLane<SimDisk>, B>>,
    watch: Arc<Watch>,
}

impl<B: Database> Crew<B> {
    fn new(store: B) -> Self {
        let bench = Bench { rules: Arc::new(ArcSwap::from_pointee(rules())), ..Bench::new() };
        Self {
            lanes: Lanes::new(),
            store,
            bench,
            judges: (0..PARTITIONS).map(|_| None).collect(),
            correlation: None,
            miner: None,
            watch: Arc::new(Watch::new(["r1".to_owned()])),
        }
    }

    /// Steps the judge of a partition; opens it if there is none.
    fn judge(&mut self, partition: u16, time: Timestamp) -> Option<Step> {
        let place = usize::from(partition);
        if self.judges[place].is_none() {
            let parts = LaneJudgeParts {
                lane: self.lanes.all().swap_remove(place),
                database: self.store.clone(),
                parser: parser(),
                rules: Arc::clone(&self.bench.rules),
                watch: Arc::new(Watch::new(["r1".to_owned()])),
                stats: ReaderStats::unseen(JUDGE),
                lease: None,
            };
            self.judges[place] = now(LaneJudge::open(parts, &self.bench.settings, time)).ok();
        }
        let stepped = now(self.judges[place].as_mut()?.step(time));
        if stepped.is_err() {
            self.judges[place] = None;
        }
        stepped.ok()
    }

    fn correlate(&mut self, time: Timestamp) -> Option<Step> {
        if self.correlation.is_none() {
            let parts = CorrelationParts {
                journal: "journal".to_owned(),
                partitions: 0..PARTITIONS,
                database: self.store.clone(),
                rules: Arc::clone(&self.bench.rules),
                inbox: Inbox::default(),
                watch: Arc::clone(&self.watch),
                stats: ReaderStats::unseen("correlate"),
                lease: None,
                up_since: Timestamp::ZERO,
            };
            self.correlation = now(Correlation::open(parts, &self.bench.settings, time)).ok();
        }
        let stepped = now(self.correlation.as_mut()?.step(time));
        if stepped.is_err() {
            self.correlation = None;
        }
        stepped.ok()
    }

    fn mine(&mut self, time: Timestamp) -> Option<Step> {
        if self.miner.is_none() {
            let parts = MineParts {
                lanes: self.lanes.all(),
                database: self.store.clone(),
                parser: parser(),
                rules: Arc::clone(&self.bench.rules),
                inbox: Inbox::default(),
                stats: (0..PARTITIONS).map(|_| ReaderStats::unseen(MINE)).collect(),
                mining: mining(),
                lease: None,
            };
            self.miner = now(Mine::open(parts, &self.bench.settings, time)).ok();
        }
        let stepped = now(self.miner.as_mut()?.step(time));
        if stepped.is_err() {
            self.miner = None;
        }
        stepped.ok()
    }

    /// Everybody works for a while, until a long time after `time`.
    fn settle(&mut self, time: Timestamp) {
        for round in 0..200 {
            let now = time.after(Duration::from_secs(round));
            for partition in 0..PARTITIONS {
                self.judge(partition, now);
            }
            self.correlate(now);
            self.mine(now);
        }
    }
}

fn rules() -> Rulebook {
    let (from, until) = (at(0), at(100_000));
    let drill = Drill { id: "k3".to_owned(), team: "noc".to_owned(), from, until };
    Rulebook { drills: Drills::new(vec![drill]), ..rulebook(RULES) }
}

fn parser() -> Arc<Parser> {
    Arc::new(Parser::new(ParserConfig::default()))
}

fn mining() -> MiningSettings {
    MiningSettings {
        limits: mutt_patterns::Limits { learning: Duration::ZERO, ..Default::default() },
        keep: Duration::from_secs(30 * 24 * 3_600),
        team: "noc".to_owned(),
        handling: Handling::TicketOnly,
        severity: AlertSeverity::Warning,
    }
}

/// What one judge over one log makes of the same messages, appended in the same order.
fn by_one_judge(messages: &[(i64, Message)], end: Timestamp) -> MemoryStore {
    let bench = Bench { rules: Arc::new(ArcSwap::from_pointee(rules())), ..Bench::new() };
    let mut bench = bench;
    for (ms, message) in messages {
        bench.journal.store(at(*ms), std::slice::from_ref(message));
    }
    let mut judge = bench.judge(end);
    for round in 0..200 {
        let time = end.after(Duration::from_secs(round));
        common::until_idle_at(|| now(judge.step(time)), time);
    }
    bench.store
}

/// What an alert is, whatever its message's number.
fn told(alert: &Alert) -> String {
    format!(
        "{} {} {} n={} {:?}..{:?} {:?}",
        alert.signature,
        alert.state.name(),
        alert.key,
        alert.count,
        alert.first_seen,
        alert.last_seen,
        alert.ended_at
    )
}

/// Patterns are mined in another order by another worker.
fn is_of_a_rule(alert: &Alert) -> bool {
    alert.rule.id != "mutt/pattern"
}

fn alerts<B: Database>(store: &B) -> Vec<String> {
    let latest = now(store.latest_alerts(10_000)).unwrap();
    let mut alerts: Vec<String> = latest.iter().filter(|a| is_of_a_rule(a)).map(told).collect();
    alerts.sort();
    alerts
}

fn notices<B: Database>(store: &B) -> Vec<String> {
    let waiting = now(store.waiting("moogsoft", 10_000)).unwrap();
    let of_rules = waiting.iter().map(|delivery| &delivery.notice);
    let of_rules = of_rules.filter(|notice| is_of_a_rule(&notice.alert));
    let words = |notice: &mutt_alert::Notice| {
        format!("{} {} {:?}", notice.alert.signature, notice.kind.name(), notice.at)
    };
    let mut notices: Vec<String> = of_rules.map(words).collect();
    notices.sort();
    notices
}

/// Who does what next.
#[derive(Clone, Debug)]
enum Act {
    Store { host: usize, word: usize, wait_ms: i64 },
    Judge(u16),
    Correlate,
    Mine,
    JudgeDies(u16),
    CorrelatorDies,
    MinerDies,
}

fn act() -> impl Strategy<Value = Act> {
    let partition = 0..PARTITIONS;
    prop_oneof![
        6 => (0..HOSTS.len(), 0..WORDS.len(), 0_i64..9_000)
            .prop_map(|(host, word, wait_ms)| Act::Store { host, word, wait_ms }),
        6 => partition.clone().prop_map(Act::Judge),
        3 => Just(Act::Correlate),
        1 => Just(Act::Mine),
        1 => partition.prop_map(Act::JudgeDies),
        1 => Just(Act::CorrelatorDies),
        1 => Just(Act::MinerDies),
    ]
}

/// Does all of it over this database; answers the messages and the time at the end.
fn play<B: Database>(crew: &mut Crew<B>, acts: &[Act]) -> (Vec<(i64, Message)>, Timestamp) {
    let (mut ms, mut messages) = (0, Vec::new());
    for act in acts {
        match act {
            Act::Store { host, word, wait_ms } => {
                ms += wait_ms + 1;
                let message = says(HOSTS[*host], WORDS[*word]);
                crew.lanes.store(at(ms), &message);
                messages.push((ms, message));
            }
            Act::Judge(partition) => drop(crew.judge(*partition, at(ms))),
            Act::Correlate => drop(crew.correlate(at(ms))),
            Act::Mine => drop(crew.mine(at(ms))),
            Act::JudgeDies(partition) => crew.judges[usize::from(*partition)] = None,
            Act::CorrelatorDies => crew.correlation = None,
            Act::MinerDies => crew.miner = None,
        }
    }
    let end = at(ms + 1_000);
    crew.settle(end);
    (messages, end.after(Duration::from_secs(200)))
}

fn same<B: Database>(crew: &Crew<B>, messages: &[(i64, Message)], end: Timestamp) {
    let one = by_one_judge(messages, end);
    assert_eq!(alerts(&crew.store), alerts(&one));
    assert_eq!(notices(&crew.store), notices(&one));
    let cursors = now(crew.store.cursors()).unwrap();
    let ledger = Ledger::new(&Stored::now(&crew.lanes.all()), &cursors, &[JUDGE, MINE]);
    assert_eq!(ledger.balances(), Ok(()));
    assert_eq!(ledger.reader(JUDGE).unwrap().all.waiting, 0);
    assert_eq!(ledger.stored, messages.len() as u64);
    assert_eq!(now(crew.store.signals()).unwrap(), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn judges_of_partitions_make_the_alerts_of_one(acts in prop::collection::vec(act(), 1..120)) {
        let mut crew = Crew::new(MemoryStore::new());
        let (messages, end) = play(&mut crew, &acts);
        same(&crew, &messages, end);
    }

    #[test]
    fn also_when_answers_of_the_database_are_lost(
        acts in prop::collection::vec(act(), 1..120),
        faults in prop::collection::vec(0..10_u8, 200),
    ) {
        let faults = std::sync::Mutex::new(faults);
        let store = FaultyStore::new(MemoryStore::new(), move |call| {
            match (call, faults.lock().unwrap().pop()) {
                (Call::Commit, Some(0)) => Fault::LoseAfter,
                (Call::Commit | Call::Claim, Some(1)) => Fault::LoseBefore,
                (_, Some(2)) => Fault::Refuse(StoreError::Unavailable("away".to_owned())),
                _ => Fault::None,
            }
        });
        let mut crew = Crew::new(store);
        let (messages, end) = play(&mut crew, &acts);
        same(&crew, &messages, end);
    }
}

#[test]
fn what_no_message_caused_is_told_by_the_correlator_once() {
    let mut crew = Crew::new(MemoryStore::new());
    let plan = Arc::new(mutt_alert::own_plan("mutt/destination_down", None));
    let cause = mutt_event::MessageId { appended: at(0), partition: 9, position: 1 };
    let facts = mutt_alert::Facts {
        handling: Handling::PageOnly,
        severity: AlertSeverity::Major,
        ..mutt_alert::Facts::bare("mutt-2", cause, at(0))
    };
    let kind = mutt_alert::SignalKind::Problem;
    let signal = mutt_alert::Signal { kind, plan, distinct: None, facts };
    let signals = SignalChange { post: post([signal]).unwrap(), ..SignalChange::default() };
    now(crew.store.commit(Change { signals, ..Change::default() })).unwrap();
    crew.settle(at(0));
    assert_eq!(now(crew.store.posted(9)).unwrap(), []);
    let open = now(crew.store.open_alerts()).unwrap();
    assert_eq!(open.iter().map(|alert| alert.host.as_str()).collect::<Vec<_>>(), ["mutt-2"]);
    assert_eq!(notices(&crew.store).len(), 1);
}

#[test]
fn a_drill_is_told_with_its_end_while_it_is_open_and_is_no_rules() {
    let mut crew = Crew::new(MemoryStore::new());
    crew.lanes.store(at(1_000), &says("r1", DRILLED));
    crew.lanes.store(at(100_001), &says("r2", DRILLED));
    crew.settle(at(200_000));
    let made = now(crew.store.latest_alerts(9)).unwrap();
    let mut short: Vec<_> =
        made.iter().map(|alert| (alert.signature.as_str(), alert.state.name())).collect();
    short.sort_unstable();
    assert_eq!(short, [("r1::mutt/drill::k3", "cleared"), ("r2::held", "open")]);
    assert_eq!(notices(&crew.store).len(), 3, "its begin and its end, and that of the fan");
}

#[test]
fn nothing_is_told_before_every_judge_has_come_so_far() {
    let mut crew = Crew::new(MemoryStore::new());
    crew.lanes.store(at(1_000), &syslog("r1", "LINKDOWN ge1"));
    let silent = (0..PARTITIONS).find(|p| *p != partition_of("r1", PARTITIONS)).unwrap();
    for partition in (0..PARTITIONS).filter(|partition| *partition != silent) {
        crew.judge(partition, at(1_000));
        crew.judge(partition, at(2_000));
    }
    crew.correlate(at(2_000));
    crew.correlate(at(3_000));
    assert_eq!(alerts(&crew.store), Vec::<String>::new());
    crew.judge(silent, at(4_000));
    crew.judge(silent, at(5_000));
    crew.correlate(at(5_000));
    assert_eq!(alerts(&crew.store).len(), 1);
    assert_eq!(crew.watch.heard().map(|(host, _)| host).collect::<Vec<_>>(), ["r1"]);
}

#[test]
fn patterns_are_of_all_partitions() {
    let mut crew = Crew::new(MemoryStore::new());
    for (ms, host) in (1..).zip(HOSTS) {
        crew.lanes.store(at(ms), &syslog(host, "the chassis is warm"));
    }
    crew.settle(at(1_000));
    let patterns = now(crew.store.patterns()).unwrap();
    let found: Vec<(u64, usize)> =
        patterns.iter().map(|pattern| (pattern.count, pattern.hosts.names.len())).collect();
    assert_eq!(found, [(6, 6)]);
    let open = now(crew.store.open_alerts()).unwrap();
    assert_eq!(open.len(), 1, "a new pattern is told: {open:?}");
}
