//! How many signals a second one core correlates with a million live keys, and what they weigh:
//! `cargo bench -p mutt-alert --bench correlation`.
//!
//! Of the keys, 900,000 are windows below their threshold and held pairs that come and go, and
//! 100,000 are open alerts. Changes are taken every 5,000 signals, as a worker takes them.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a benchmark may fail

use std::sync::Arc;
use std::time::Instant;

use mutt_alert::{Correlator, Facts, Signal, SignalKind, State, StormLimits, own_plan};
use mutt_event::{MessageId, Timestamp};
use mutt_rules::{Count, Handling, Plan};

const KEYS: u64 = 1_000_000;
const OPEN: u64 = KEYS / 10;
const SIGNALS: u64 = 2_000_000;
const BATCH: u64 = 5_000;

fn plan(id: &str, change: impl FnOnce(&mut Plan)) -> Arc<Plan> {
    let mut plan = own_plan(id, None);
    plan.shape = "shape".to_owned();
    change(&mut plan);
    Arc::new(plan)
}

fn signal(plan: &Arc<Plan>, kind: SignalKind, key: u64, micros: i64) -> Signal {
    let at = Timestamp::from_micros(micros);
    let cause = MessageId { appended: at, partition: 0, position: micros.unsigned_abs() };
    let facts = Facts {
        key: format!("GigabitEthernet1/0/{}", key % 100),
        handling: Handling::PageAndTicket,
        team: "network".to_owned(),
        summary: "Interface changed state to down".to_owned(),
        text: "%LINK-3-UPDOWN: Interface changed state to down".to_owned(),
        raw: "<187>45: %LINK-3-UPDOWN: Interface changed state to down".to_owned(),
        reason: format!("rule {} (revision 0123456789ab): mnemonic", plan.rule_id),
        ..Facts::bare(&format!("edge-{}.example.net", key / 100), cause, at)
    };
    Signal { kind, plan: plan.clone(), distinct: None, facts }
}

/// The process's memory in MiB, now (`VmRSS`) or at most (`VmHWM`).
fn memory_mib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}

fn main() {
    let hours = std::time::Duration::from_secs(7_200);
    let count = Count { at_least: 1_000, within: hours, distinct: String::new() };
    let counts = plan("auth", |plan| plan.count = Some(count));
    let pairs = plan("link", |plan| plan.hold_for = hours);
    let mut correlator = Correlator::new(State::default()).with_limit(2 * KEYS as usize);
    let plans = [counts.clone(), pairs.clone()];
    correlator.follow(plans, &[], StormLimits::default(), &Arc::default(), Timestamp::ZERO);
    let before = memory_mib("VmRSS");
    let mut micros = 1_000_000;
    let mut next = |n: u64, key: u64| {
        micros += 20;
        match key < OPEN {
            true if n % 7 == 6 => signal(&pairs, SignalKind::Clear, key, micros),
            true => signal(&pairs, SignalKind::Problem, key, micros),
            false => signal(&counts, SignalKind::Problem, key, micros),
        }
    };
    let mut apply = |n: u64, signal: Signal| {
        correlator.apply(signal);
        if n.is_multiple_of(BATCH) {
            std::hint::black_box(correlator.take_changes());
        }
        (correlator.open(), correlator.tracks())
    };
    let mut live = (0, 0);
    for key in 0..KEYS {
        live = apply(key, next(7 * key, key));
    }
    println!(
        "{} live keys, {} of them open alerts: {} MiB",
        live.0 + live.1,
        live.0,
        memory_mib("VmRSS") - before,
    );
    let signals: Vec<u64> =
        (0..SIGNALS).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % KEYS).collect();
    let began = Instant::now();
    for (n, key) in (0..).zip(signals) {
        apply(n, next(n, key));
    }
    let took = began.elapsed();
    println!(
        "{SIGNALS} signals in {took:.2?}: {:.0} a second; at most {} MiB",
        SIGNALS as f64 / took.as_secs_f64(),
        memory_mib("VmHWM"),
    );
}
