//! A backup of a database in use, restored into one of either kind, is that database.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::server::{Server, ask};
use crate::values::*;
use mutt_alert::{Moment, Track, TrackChange, What};
use mutt_patterns::{Account, PatternDecided, State};
use mutt_secrets::SecretString;
use mutt_store::{
    BackupError, CatalogStore, Change, Copied, Database, Kind, Leases, Options, PatternChange,
    Place, Reports, SignalChange, SignalRow, SqlStore, StoreError, Tally, TallyKind,
    restore_backup, write_backup,
};
use tempfile::TempDir;

const TABLES: u64 = 22;

async fn backup(place: Place<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let copied = write_backup(place, &Options::default(), at(1), &mut out).await.unwrap();
    assert_eq!(copied.tables, TABLES);
    out
}

async fn restore(place: Place<'_>, backup: &[u8]) -> Result<Copied, BackupError> {
    restore_backup(place, &Options::default(), &mut &*backup).await
}

/// Its lines, as they mean and in any order, without who holds leases.
fn meaning(backup: &[u8]) -> BTreeSet<String> {
    let lines = std::str::from_utf8(backup).unwrap().lines();
    let mut of = String::new();
    let mut all = BTreeSet::new();
    for line in lines {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(table) = value.get("table") {
            of = table["name"].as_str().unwrap().to_owned();
        }
        match value.as_array() {
            Some(row) if of == "leases" => all.insert(format!("{of} {} {}", row[0], row[2])),
            _ => all.insert(format!("{of} {value}")),
        };
    }
    all
}

/// Something in each table, of all that texts and numbers may hold.
async fn fill(store: &SqlStore) {
    let claimed = store.claim("judge", JOURNAL, 0..2).await.unwrap();
    let body = "it's \"x\"\n\\ \u{1f525}";
    store.edit(edit(0, &[(Kind::Rule, "a", Some(body))])).await.unwrap();
    store.take_lease("judge", "holder", Duration::from_secs(3_600)).await.unwrap();
    for id in ["a", "b"] {
        store.commit(told(id, 1, &["moogsoft"])).await.unwrap();
    }
    let pattern = pattern("k", "strange 17", "core-1", 5, 3);
    let ignored = PatternDecided {
        pattern: pattern.id,
        state: State::Ignored { reason: "it's noise".to_owned() },
        who: "ann".to_owned(),
        at: at(5),
    };
    let track = Track::Window { events: Vec::new(), until: at(9) };
    let change = Change {
        cursors: vec![step(&claimed[0], (1 << 53) + 1)],
        tracks: vec![TrackChange { key: "k".into(), track: Some(track) }],
        moments: vec![Moment { alert_id: "a".into(), at: at(5), what: What::Flapping }],
        tallies: vec![Tally { hour: 1, kind: TallyKind::Matched, name: "r".into(), value: 2 }],
        decide: vec![decided("a", "why?"), decided("b", "so.")],
        patterns: PatternChange {
            kept: vec![pattern],
            account: Some(Account { observed: 3, ..Account::default() }),
            decide: vec![ignored],
            ..PatternChange::default()
        },
        signals: SignalChange {
            found: vec![SignalRow {
                partition: 1,
                from: 1,
                to: 11,
                time: at(1),
                body: "[]".to_owned(),
            }],
            post: vec!["{\"a\": 1}".to_owned(), "{}".to_owned()],
            ..SignalChange::default()
        },
        ..Change::default()
    };
    store.commit(change).await.unwrap();
    // The last number is not that of any row.
    store.commit(Change { decided: vec![2], ..Change::default() }).await.unwrap();
}

/// A file in a folder of its own, filled.
async fn filled() -> (TempDir, std::path::PathBuf, SqlStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let store = SqlStore::open(&path, Options::default()).await.unwrap();
    fill(&store).await;
    (folder, path, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_means_the_same_wherever_it_is_restored() {
    let (folder, path, store) = filled().await;
    // In use.
    let first = backup(Place::File(&path)).await;
    let rows_of = |table: &str| {
        let of = format!("{table} [");
        meaning(&first).iter().filter(|line| line.starts_with(&of)).count()
    };
    assert_eq!((rows_of("alerts"), rows_of("posted"), rows_of("decisions")), (2, 2, 1));
    let server = Server::start().await;
    let url = server.database("restored").await;
    let copied = restore(Place::Server(SecretString::from(&*url).into()), &first).await.unwrap();
    assert_eq!(copied.tables, TABLES);
    let tables = "SELECT table_name::text FROM information_schema.tables \
                  WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'";
    assert_eq!(ask(&url, tables).await.len() as u64, TABLES, "no table is left out");
    let second = backup(Place::Server(SecretString::from(&*url).into())).await;
    assert_eq!(meaning(&second), meaning(&first));
    let other = folder.path().join("other.db");
    assert_eq!(restore(Place::File(&other), &second).await.unwrap(), copied);
    assert_eq!(meaning(&backup(Place::File(&other)).await), meaning(&first));
    // They go on as the first one does: numbers, epochs.
    let there = SqlStore::connect(&url, Options::default()).await.unwrap();
    let again = SqlStore::open(&other, Options::default()).await.unwrap();
    for store in [&store, &there, &again] {
        let decide = vec![decided("a", "then")];
        store.commit(Change { decide, ..Change::default() }).await.unwrap();
        let numbers: Vec<i64> =
            store.decisions(9).await.unwrap().into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [1, 3]);
        assert_eq!(store.claim("judge", JOURNAL, 0..2).await.unwrap()[0].epoch, 2);
    }
    for store in [&there, &again] {
        let lease = &store.leases().await.unwrap();
        assert!(lease.is_empty(), "a restored lease is free: {lease:?}");
        let grant = store.take_lease("judge", "other", Duration::from_secs(1)).await.unwrap();
        assert!(format!("{grant:?}").contains("epoch: 2"), "{grant:?}");
    }
    there.close().await;
}

#[tokio::test]
async fn a_backup_that_is_cut_or_changed_is_refused_and_nothing_restored() {
    let (folder, path, store) = filled().await;
    store.close().await;
    let whole = backup(Place::File(&path)).await;
    let text = String::from_utf8(whole.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let fresh = folder.path().join("fresh.db");
    for cut in 0..lines.len() {
        let rest: String = lines[..cut].iter().map(|line| format!("{line}\n")).collect();
        let refused = restore(Place::File(&fresh), rest.as_bytes()).await.unwrap_err();
        assert!(matches!(refused, BackupError::Format { .. }), "{cut}: {refused}");
    }
    for (from, to, why) in [
        ("\"tables\":10", "\"tables\":5", "version 5"),
        ("\"format\":1", "\"format\":2", "format 2"),
        ("\"name\":\"tracks\"", "\"name\":\"users\"", "no table `users`"),
        ("\"answer\"", "\"question\"", "no column `question`"),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        let refused = restore(Place::File(&fresh), changed.as_bytes()).await.unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
    }
    assert_eq!(restore(Place::File(&fresh), &whole).await.unwrap().tables, TABLES);
    let refused = restore(Place::File(&fresh), &whole).await.unwrap_err();
    assert!(refused.to_string().contains("the database is not empty: `cursors`"), "{refused}");
}

#[tokio::test]
async fn what_processes_said_of_themselves_is_not_restored() {
    let (folder, path, store) = filled().await;
    store.report("mutt/1", "{}").await.unwrap();
    let whole = backup(Place::File(&path)).await;
    let other = folder.path().join("other.db");
    restore(Place::File(&other), &whole).await.unwrap();
    let again = SqlStore::open(&other, Options::default()).await.unwrap();
    assert_eq!(again.reports().await.unwrap(), []);
    assert_eq!(store.reports().await.unwrap().len(), 1);
}

#[tokio::test]
async fn there_must_be_a_database_to_back_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let options = Options::default();
    let refused = write_backup(Place::File(&path), &options, at(1), &mut Vec::new()).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, BackupError::Store(StoreError::Unavailable(_))), "{refused:?}");
    assert!(refused.to_string().contains("none.db"), "{refused}");
    assert!(!path.exists());
}
