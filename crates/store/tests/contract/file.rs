//! What only a database in a file can show: that it lasts, and how it fails.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::values::*;
use mutt_store::{
    AuditEntry, Change, Database, DeliveryState, Grant, Leases, Options, People, PeopleChange,
    SqlStore, StoreError, Urgency,
};

async fn open(path: &Path) -> SqlStore {
    SqlStore::open(path, Options::default()).await.unwrap()
}

/// Fills every table.
async fn fill(store: &SqlStore) {
    let cursors = store.claim("judge", JOURNAL, 0..2).await.unwrap();
    let change = Change {
        cursors: vec![step(&cursors[1], 40)],
        ..told("a", 1, &["moogsoft", "mail", "pager"])
    };
    store.commit(change).await.unwrap();
    let mail = &store.waiting("mail", 1).await.unwrap()[0];
    let pager = &store.waiting("pager", 1).await.unwrap()[0];
    let done = vec![done(mail, DeliveryState::Dead, 2), done(pager, DeliveryState::Delivered, 2)];
    store.commit(delivered(done)).await.unwrap();
}

/// All that can be read.
async fn all(store: &SqlStore) -> String {
    format!(
        "{:#?}",
        (
            store.cursors().await.unwrap(),
            store.open_alerts().await.unwrap(),
            store.latest_alerts(10).await.unwrap(),
            store.waiting("moogsoft", 10).await.unwrap(),
            store.dead_letters(10).await.unwrap(),
            store.queues().await.unwrap(),
        )
    )
}

#[tokio::test]
async fn a_closed_database_opens_with_all_that_it_held() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let store = open(&path).await;
    fill(&store).await;
    let before = all(&store).await;
    let clone = store.clone();
    store.close().await;
    let closed = clone.commit(Change::default()).await;
    assert!(matches!(closed, Err(StoreError::Unavailable(_))), "{closed:?}");
    assert!(!folder.path().join("mutt.db-wal").exists(), "the write-ahead log was not folded in");
    assert_eq!(all(&open(&path).await).await, before);
}

#[tokio::test]
async fn a_crash_keeps_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let store = open(&path).await;
    fill(&store).await;
    // The files as they are in mid-run are what a killed process leaves.
    let left = tempfile::tempdir().unwrap();
    for name in ["mutt.db", "mutt.db-wal"] {
        fs::copy(folder.path().join(name), left.path().join(name)).unwrap();
    }
    assert_eq!(all(&open(&left.path().join("mutt.db")).await).await, all(&store).await);
}

#[tokio::test]
async fn what_waits_together_is_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("mutt.db")).await;
    let cursors = store.claim("judge", JOURNAL, 0..3).await.unwrap();
    let before = store.stats();
    let mut stale = step(&cursors[1], 5);
    stale.epoch = 9;
    let (a, b, c) = tokio::join!(
        store.commit(moves(vec![step(&cursors[0], 5)])),
        store.commit(moves(vec![stale])),
        store.commit(moves(vec![step(&cursors[2], 5)])),
    );
    assert_eq!((a, b, c), (Ok(()), fenced("judge", 1), Ok(())));
    let after = store.stats();
    assert_eq!(after.transactions, before.transactions + 1);
    assert_eq!((after.done, after.refused), (before.done + 2, before.refused + 1));
}

#[tokio::test]
async fn a_person_who_asks_last_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("mutt.db")).await;
    let cursors = store.claim("judge", JOURNAL, 0..1).await.unwrap();
    let worker = moves(vec![step(&cursors[0], 2)]);
    let person = Change { urgency: Urgency::Person, ..moves(vec![step(&cursors[0], 3)]) };
    // On one thread both have asked before the writer runs.
    let (worker, person) = tokio::join!(store.commit(worker), store.commit(person));
    assert_eq!((worker, person), (fenced("judge", 0), Ok(())));
}

#[tokio::test]
async fn a_second_process_fences_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let (first, second) = (open(&path).await, open(&path).await);
    let old = first.claim("judge", JOURNAL, 0..1).await.unwrap();
    let new = second.claim("judge", JOURNAL, 0..1).await.unwrap();
    assert_eq!(first.commit(moves(vec![step(&old[0], 5)])).await, fenced("judge", 0));
    second.commit(moves(vec![step(&new[0], 5)])).await.unwrap();
    assert_eq!(first.cursors().await.unwrap()[0].position, 5);
}

/// A lease of an hour ahead stands for a clock that went back by an hour.
#[tokio::test]
async fn a_clock_that_goes_back_never_lets_two_hold() {
    use sqlx::{Connection, SqliteConnection};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let (first, second) = (open(&path).await, open(&path).await);
    let ttl = Duration::from_millis(50);
    let Grant::Yours(held) = first.take_lease("judge", "a", ttl).await.unwrap() else { panic!() };
    let mut raw = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    sqlx::raw_sql("UPDATE leases SET until = until + 3600000000").execute(&mut raw).await.unwrap();
    tokio::time::sleep(ttl).await;
    let Grant::Theirs { left, .. } = second.take_lease("judge", "b", ttl).await.unwrap() else {
        panic!("two hold it")
    };
    assert!(left > Duration::from_secs(3_500), "{left:?}");
    // The next renewal goes by the clock as it is now.
    let renewed = first.renew_lease(&held.tenure(), ttl).await.unwrap().unwrap();
    assert_eq!(renewed.epoch, 1);
    tokio::time::sleep(ttl * 2).await;
    assert!(matches!(second.take_lease("judge", "b", ttl).await, Ok(Grant::Yours(_))));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    fs::write(&path, "this is a text, and it is longer than a header of SQLite ".repeat(99))
        .unwrap();
    let fault = SqlStore::open(&path, Options::default()).await.unwrap_err();
    let StoreError::Damaged(text) = &fault else { panic!("{fault:?}") };
    assert!(text.contains("mutt.db"), "{text}");
}

#[tokio::test]
async fn a_missing_folder_is_unavailable_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere/mutt.db");
    let fault = SqlStore::open(&path, Options::default()).await.unwrap_err();
    let StoreError::Unavailable(text) = &fault else { panic!("{fault:?}") };
    assert!(text.contains("nowhere/mutt.db"), "{text}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_damaged() {
    use sqlx::{Connection, SqliteConnection};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let store = open(&path).await;
    fill(&store).await;
    let mut raw = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    let spoil = "UPDATE cursors SET counts = '{\"vanished\":1}'; UPDATE alerts SET body = '{'";
    sqlx::raw_sql(spoil).execute(&mut raw).await.unwrap();
    assert!(matches!(store.cursors().await, Err(StoreError::Damaged(_))));
    assert!(matches!(store.open_alerts().await, Err(StoreError::Damaged(_))));
    assert_eq!(store.waiting("moogsoft", 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused_with_a_remedy() {
    use sqlx::{Connection, SqliteConnection};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    open(&path).await.close().await;
    let mut raw = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, \
                 checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    sqlx::raw_sql(newer).execute(&mut raw).await.unwrap();
    let fault = SqlStore::open(&path, Options::default()).await.unwrap_err();
    assert!(matches!(&fault, StoreError::Damaged(text) if text.contains("newer")), "{fault}");
}

#[tokio::test]
async fn a_locked_file_is_unavailable_until_it_is_free() {
    use sqlx::{Connection, SqliteConnection};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let options = Options { busy_timeout: Duration::from_millis(20), ..Options::default() };
    let store = SqlStore::open(&path, options).await.unwrap();
    let mut other = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let answer = store.commit(told("a", 1, &["moogsoft"])).await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert_eq!(store.queues().await.unwrap(), []);
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    store.commit(told("a", 1, &["moogsoft"])).await.unwrap();
    assert_eq!(store.stats().failed, 1);
}

#[tokio::test]
async fn the_audit_of_a_file_is_neither_changed_nor_deleted_whoever_tries() {
    use sqlx::{Connection, SqliteConnection};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let store = open(&path).await;
    let audit = vec![AuditEntry::default()];
    store.people(PeopleChange { audit, ..PeopleChange::default() }).await.unwrap();
    store.close().await;
    let mut raw = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    for sql in ["UPDATE audit SET who = 'x'", "DELETE FROM audit"] {
        let refused = sqlx::raw_sql(sql).execute(&mut raw).await.unwrap_err().to_string();
        assert!(refused.contains("only ever appended to"), "{sql}: {refused}");
    }
}
