//! The database in memory and the one in a file do the same: random steps, most of them sound,
//! through both, and all that can be read is compared after each.

use crate::values::*;
use mutt_alert::{Alert, AlertState};
use mutt_store::{
    Call, Change, Database, DeliveryState, Fault, FaultyStore, MemoryStore, Options, SqlStore,
    StoreError,
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
    },
    Prune(i64),
}

fn op() -> impl Strategy<Value = Op> {
    let moves = prop::collection::vec((0..2u8, 0..3u8, -1..20i8), 0..3);
    let alerts = prop::collection::vec((0..6u8, 0..4u8), 0..4);
    let notices = prop::collection::vec((0..6u8, 0..3u8), 0..3);
    let done = prop::collection::vec((0..12i64, 0..3u8), 0..4);
    prop_oneof![
        1 => (0..2u8, prop::bool::weighted(0.8)).prop_map(|(reader, journal)| Op::Claim { reader, journal }),
        8 => (moves, alerts, notices, done)
            .prop_map(|(moves, alerts, notices, done)| Op::Commit { moves, alerts, notices, done }),
        1 => (0..60i64).prop_map(Op::Prune),
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
    let Op::Commit { moves, alerts, notices, done: finished } = op else {
        return Change::default();
    };
    let mut change = Change::default();
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
    for (number, state) in finished {
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

/// What a step answers, without the words of an error that each database has of its own.
fn plain<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Damaged(_)) => "damaged".to_owned(),
        other => format!("{other:?}"),
    }
}

async fn run<B: Database>(store: &B, op: &Op, now: i64) -> String {
    match op {
        Op::Claim { reader, journal } => {
            let journal = if *journal { JOURNAL } else { "another" };
            plain(store.claim(&format!("reader-{reader}"), journal, 3).await)
        }
        Op::Commit { .. } => plain(store.commit(change(store, op, now).await).await),
        Op::Prune(before) => plain(store.prune(at(*before)).await),
    }
}

/// All that can be read, a row a line.
async fn all<B: Database>(store: &B) -> Vec<String> {
    let lines = [
        rows("cursor", store.cursors().await),
        rows("open", store.open_alerts().await),
        rows("latest", store.latest_alerts(4).await),
        rows("waiting", store.waiting("moogsoft", 3).await),
        rows("waiting", store.waiting("mail", 100).await),
        rows("dead", store.dead_letters(3).await),
        rows("queue", store.queues().await),
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
    let cursor = store.claim("judge", JOURNAL, 1).await.unwrap().remove(0);
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
