//! Events a second on one core, over a mixed corpus of syslog: the judge with 1,000 rules, and a
//! backtest of 1,000 draft rules beside 1,000 live ones: `cargo bench -p mutt-pipeline`.
//!
//! The journal is in memory; 3 in 100 messages belong to a rule, and a tenth of the rules has
//! another team in the draft.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../rules/benches/matcher/corpus.rs"]
mod corpus;

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use arc_swap::ArcSwap;
use divan::Bencher;
use divan::counter::ItemsCount;
use mutt_event::{
    Envelope, Flags, Hosts, HostsConfig, Input, Kind, Parser, ParserConfig, Timestamp,
};
use mutt_journal::{Batch, Log, Options, Position, SimDisk};
use mutt_pipeline::backtest::{Backtest, Lines, Sets, Settings};
use mutt_pipeline::{Inbox, Judge, JudgeParts, JudgeSettings, ReaderStats, Rulebook, Step, Watch};
use mutt_rules::{Format, Inventory, RuleSet, parse_rules};
use mutt_store::MemoryStore;

const RULES: usize = 1_000;
const MESSAGES: usize = 100_000;

fn main() {
    divan::main();
}

fn rulebook(text: &str) -> Rulebook {
    let (rules, _) = RuleSet::compile(parse_rules(text, Format::Toml).unwrap()).unwrap();
    Rulebook::new(rules, Inventory::default())
}

fn live() -> Rulebook {
    rulebook(&corpus::rules(RULES))
}

fn draft() -> Rulebook {
    let rules = corpus::rules(RULES);
    let other = rules.split_inclusive("\n\n").enumerate().map(|(n, rule)| match n % 10 {
        0 => rule.replace("team = \"t\"", "team = \"u\""),
        _ => rule.to_owned(),
    });
    rulebook(&other.collect::<String>())
}

fn parser() -> Arc<Parser> {
    Arc::new(Parser::new(ParserConfig::default()))
}

fn sets() -> Sets {
    Sets { live: live().into(), draft: draft().into(), parser: parser() }
}

fn messages() -> Vec<Vec<u8>> {
    let mut random = corpus::Random(42);
    (0..MESSAGES).map(|_| corpus::message(&mut random, RULES)).collect()
}

fn journal() -> Log<SimDisk> {
    let options = Options { reserve_bytes: 0, ..Options::default() };
    let (mut log, _) = Log::open(SimDisk::new(), options, Position::FIRST).unwrap();
    let hosts = Hosts::new(HostsConfig::default());
    for (n, part) in messages().chunks(1_000).enumerate() {
        let received = Timestamp::from_millis(1_795_608_000_000 + n as i64 * 1_000);
        let mut batch = Batch::default();
        for raw in part {
            let envelope = Envelope {
                input: Input::SyslogTcp,
                kind: Kind::Syslog,
                flags: Flags::default(),
                received,
                session: 1,
                peer: Some("10.0.0.1:514".parse().unwrap()),
                host: &hosts.find(Kind::Syslog, raw, None),
                dedup: None,
                usm: None,
                raw,
            };
            batch.push(0, |out| envelope.encode_into(out));
        }
        log.commit(received, &[&batch]).unwrap();
    }
    log
}

fn finish(mut backtest: Backtest) -> u64 {
    while !backtest.step().unwrap().finished() {}
    let report = backtest.report();
    assert!(report.all.changed > 0);
    report.events
}

#[divan::bench(min_time = 3)]
fn backtest_journal(bencher: Bencher<'_, '_>) {
    let (log, sets) = (journal(), sets());
    let handle = log.handle();
    bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
        let all = Position::FIRST..handle.end();
        let settings = Settings::default();
        finish(Backtest::over_journal(sets.clone(), &[(handle.clone(), all)], settings).unwrap())
    });
}

#[divan::bench(min_time = 3)]
fn backtest_lines(bencher: Bencher<'_, '_>) {
    let (text, sets) = (messages().join(&b'\n'), sets());
    let hosts = Arc::new(Hosts::new(HostsConfig::default()));
    let received = Timestamp::from_millis(1_795_608_000_000);
    bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
        let lines = Lines { text: text.clone(), hosts: Arc::clone(&hosts), received };
        finish(Backtest::over_lines(sets.clone(), lines, Settings::default()))
    });
}

#[divan::bench(min_time = 3)]
fn judge(bencher: Bencher<'_, '_>) {
    let log = journal();
    let rules = Arc::new(ArcSwap::from_pointee(live()));
    bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
        let parts = JudgeParts {
            journal: log.handle(),
            database: MemoryStore::new(),
            parser: parser(),
            rules: Arc::clone(&rules),
            inbox: Inbox::default(),
            watch: Arc::new(Watch::default()),
            stats: ReaderStats::unseen("judge"),
            lease: None,
            up_since: Timestamp::ZERO,
        };
        let time = Timestamp::from_millis(1_795_608_000_000);
        let mut judge = now(Judge::open(parts, JudgeSettings::default(), time)).unwrap();
        while now(judge.step(time)).unwrap() == Step::Progress {}
    });
}

/// The value of a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}
