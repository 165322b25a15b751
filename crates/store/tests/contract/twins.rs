//! The database in memory and the one in a file do the same: random steps, most of them sound,
//! through both, and all that can be read is compared after each.

use std::time::Duration;

use crate::values::*;
use mutt_alert::{Alert, AlertState, Track, TrackChange};
use mutt_store::{
    AlertQuery, Call, Change, Database, DeliveryQuery, DeliveryState, Fault, FaultyStore, History,
    Keep, LeaseRef, Leases, Live, MemoryStore, Options, PatternChange, SignalChange, SignalRow,
    SqlStore, StoreError, Tally, TallyKind,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    Claim {
        reader: u8,
        journal: bool,
    },
    Commit {
        moves: Vec<(u8, u8, i8)>,
        alerts: Vec<(u8, u8)>,
        notices: Vec<(u8, u8)>,
        done: Vec<(i64, u8)>,
        lease: Option<(u8, u8)>,
    },
    Prune(i64),
    Take {
        lease: u8,
        holder: u8,
        lasts: bool,
    },
    Renew(u8, u8, bool),
    Release(u8, u8),
}

fn lease((name, epoch): (u8, u8)) -> LeaseRef {
    LeaseRef { name: format!("lease-{name}"), epoch: u64::from(epoch) }
}

/// Over at once, or not as long as any test runs.
fn ttl(lasts: bool) -> Duration {
    Duration::from_secs(if lasts { 3_600 } else { 0 })
}

fn op() -> impl Strategy<Value = Op> {
    let moves = prop::collection::vec((0..2u8, 0..3u8, -1..20i8), 0..3);
    let alerts = prop::collection::vec((0..6u8, 0..4u8), 0..4);
    let notices = prop::collection::vec((0..6u8, 0..3u8), 0..3);
    let done = prop::collection::vec((0..12i64, 0..4u8), 0..4);
    prop_oneof![
        1 => (0..2u8, prop::bool::weighted(0.8)).prop_map(|(reader, journal)| Op::Claim { reader, journal }),
        8 => (moves, alerts, notices, done, prop::option::weighted(0.2, (0..2u8, 0..4u8))).prop_map(
            |(moves, alerts, notices, done, lease)| {
                Op::Commit { moves, alerts, notices, done, lease }
            }
        ),
        1 => (0..60i64).prop_map(Op::Prune),
        2 => (0..2u8, 0..2u8, any::<bool>())
            .prop_map(|(lease, holder, lasts)| Op::Take { lease, holder, lasts }),
        1 => (0..2u8, 0..4u8, any::<bool>())
            .prop_map(|(name, epoch, lasts)| Op::Renew(name, epoch, lasts)),
        1 => (0..2u8, 0..4u8).prop_map(|(name, epoch)| Op::Release(name, epoch)),
    ]
}

fn some_alert(n: u8, state: u8, now: i64) -> Alert {
    let open = alert(&format!("alert-{n}"), &format!("host::{}", n % 3), i64::from(n));
    match state {
        0 | 1 => Alert { count: now.unsigned_abs(), ..open },
        2 => ended(&open, now),
        _ => Alert { state: AlertState::Closed, ..ended(&open, now) },
    }
}

/// One step as a change; cursors are looked up, so that most moves fit.
async fn change<B: Database>(store: &B, op: &Op, now: i64) -> Change {
    let Op::Commit { moves, alerts, notices, done: finished, lease: under } = op else {
        return Change::default();
    };
    let mut change = Change { lease: under.map(lease), ..Change::default() };
    let cursors = store.cursors().await.unwrap();
    for (reader, partition, by) in moves {
        let name = format!("reader-{reader}");
        let found = |cursor: &&_| -> bool {
            let cursor: &mutt_store::Cursor = cursor;
            cursor.reader == name && cursor.partition == u16::from(*partition)
        };
        if let Some(cursor) = cursors.iter().find(found) {
            let mut step = step(cursor, cursor.position + by.unsigned_abs() as u64);
            step.from += u64::from(*by == -1);
            change.cursors.push(step);
        }
    }
    change.alerts = alerts.iter().map(|(n, state)| some_alert(*n, *state, now)).collect();
    for (n, number) in notices {
        let alert = some_alert(*n, 0, now);
        let names: &[&str] = if *number == 0 { &["mail"] } else { &["moogsoft", "mail"] };
        change.notices.push(to(notice(&alert, u32::from(*number), now), names));
    }
    for (n, state) in alerts {
        mine(&mut change.patterns, *n, *state, now);
        let until = at(now + 5);
        let track = Track::EarlyClear { id: some_alert(*n, 0, now).cause, until };
        let track = (*state < 3).then_some(track);
        change.tracks.push(TrackChange { key: format!("early:{n}:x"), track });
        let hour = i64::from(*n % 2);
        let name = format!("rule-{state}");
        change.tallies.push(Tally { hour, kind: TallyKind::Matched, name, value: 2 });
        tell(&mut change.signals, *n, *state, now);
    }
    for (number, state) in finished {
        match *state {
            0 => change.decided.push(*number),
            1 => change.decide.push(decided("a", &format!("n{number}"))),
            _ => {}
        }
        // Few numbers are there, and few of those dead.
        if now % 3 == 0 {
            change.replay.numbers.push(number % 4 + 1);
            change.replay.at = at(now);
        }
        change.delivered.push(mutt_store::Delivered {
            number: *number,
            state: DeliveryState::ALL[usize::from(*state)],
            attempts: 3,
            answer: (now % 2 == 0).then(|| now.to_string()),
            at: at(now),
        });
    }
    change
}

/// In a partition of its own, so that no row is there twice.
fn tell(change: &mut SignalChange, n: u8, state: u8, now: i64) {
    let (partition, from) = (u16::from(n) % 3, now.unsigned_abs() * 100 + u64::from(n));
    match state {
        0 => change.taken.push((partition, from)),
        1 => change.post.push(format!("{n} at {now}")),
        2 => change.posted.push(i64::from(n)),
        _ if change.found.iter().any(|row| row.from == from) => {}
        _ => change.found.push(SignalRow {
            partition,
            from,
            to: from + 1,
            time: at(now),
            body: format!("[{n}]"),
        }),
    }
}

fn mine(change: &mut PatternChange, n: u8, state: u8, now: i64) {
    let made = pattern(&format!("k{n}"), "all is well", "r1", now, i64::from(state) + 1);
    match state {
        0 => change.gone.push(made.id),
        _ => change.kept.push(made),
    }
}

/// What a step answers, without the words of an error that each database has of its own.
fn plain<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Damaged(_)) => "damaged".to_owned(),
        other => format!("{other:?}"),
    }
}

async fn run<B: Database + Leases>(store: &B, op: &Op, now: i64) -> String {
    match op {
        Op::Claim { reader, journal } => {
            let journal = if *journal { JOURNAL } else { "another" };
            plain(store.claim(&format!("reader-{reader}"), journal, 0..3).await)
        }
        Op::Commit { .. } => plain(store.commit(change(store, op, now).await).await),
        Op::Prune(before) => plain(store.prune(Keep::since(at(*before))).await),
        Op::Take { lease, holder, lasts } => {
            let (name, holder) = (format!("lease-{lease}"), format!("holder-{holder}"));
            let grant = store.take_lease(&name, &holder, ttl(*lasts)).await;
            plain(grant.map(|grant| matches!(grant, mutt_store::Grant::Yours(_))))
        }
        Op::Renew(name, epoch, lasts) => {
            let renewed = store.renew_lease(&lease((*name, *epoch)), ttl(*lasts)).await;
            plain(renewed.map(|lease| lease.is_some()))
        }
        Op::Release(name, epoch) => plain(store.release_lease(&lease((*name, *epoch))).await),
    }
}

/// All that can be read, a row a line.
async fn all<B: Database + History + Leases + Live>(store: &B) -> Vec<String> {
    let found = DeliveryQuery { limit: 9, ..DeliveryQuery::default() };
    let leases = store.leases().await.unwrap().into_iter();
    let timeless = leases.map(|lease| (lease.name, lease.holder, lease.epoch)).collect();
    let lines = [
        rows("cursor", store.cursors().await),
        rows("open", store.open_alerts().await),
        rows("live", store.live_alerts(at(20)).await),
        rows("track", store.tracks().await),
        rows("decision", store.decisions(3).await),
        rows("latest", store.latest_alerts(4).await),
        rows("waiting", store.waiting("moogsoft", 3).await),
        rows("waiting", store.waiting("mail", 100).await),
        rows("dead", store.dead_letters(3).await),
        rows("overtaken", store.overtaken("moogsoft").await),
        rows("overtaken", store.overtaken("mail").await),
        rows("found", store.found_deliveries(&found).await),
        rows("queue", store.queues().await),
        rows("tally", store.tallies(TallyKind::Matched, 0, 9).await),
        rows("alert", store.alerts(&AlertQuery { limit: 9, ..AlertQuery::default() }).await),
        rows("pattern", store.patterns().await),
        rows("signal", store.signals().await),
        rows("posted", store.posted(3).await),
        rows("lease", Ok(timeless)),
        vec!["end".to_owned()],
    ];
    lines.concat()
}

fn rows<T: std::fmt::Debug>(name: &str, rows: Result<Vec<T>, StoreError>) -> Vec<String> {
    rows.unwrap().iter().map(|row| format!("{name} {row:?}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn do_the_same(ops in prop::collection::vec(op(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("mutt.db");
            let file = SqlStore::open(&path, Options::default()).await.unwrap();
            let memory = MemoryStore::new();
            for (now, op) in (10..).zip(&ops) {
                assert_eq!(run(&memory, op, now).await, run(&file, op, now).await, "{op:?}");
                for (mine, real) in all(&memory).await.iter().zip(&all(&file).await) {
                    prop_assert_eq!(mine, real, "after {:?}", op);
                }
            }
            file.close().await;
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_faulty_store_fails_as_told() {
    let faults = std::sync::Mutex::new(vec![
        Fault::LoseAfter,
        Fault::LoseBefore,
        Fault::Refuse(StoreError::Full("told to".to_owned())),
        Fault::None,
    ]);
    let store = FaultyStore::new(MemoryStore::new(), move |call| match call {
        Call::Commit => faults.lock().unwrap().pop().unwrap(),
        _ => Fault::None,
    });
    let cursor = store.claim("judge", JOURNAL, 0..1).await.unwrap().remove(0);
    let position = async || store.inner().cursors().await.unwrap()[0].position;
    store.commit(moves(vec![step(&cursor, 2)])).await.unwrap();
    let next = mutt_store::Cursor { position: 2, ..cursor };
    let change = moves(vec![step(&next, 3)]);
    let full = StoreError::Full("told to".to_owned());
    assert_eq!(store.commit(change.clone()).await, Err(full));
    let lost = StoreError::Unavailable("connection lost".to_owned());
    assert_eq!(store.commit(change.clone()).await, Err(lost.clone()));
    assert_eq!(position().await, 2);
    assert_eq!(store.commit(change).await, Err(lost));
    assert_eq!(position().await, 3);
}
