//! The store when its disk is full: a limit on the file's pages stands for the disk.

use mutt_alert::{Facts, own_plan};
use mutt_event::MessageId;

use super::*;
use crate::CursorMove;

fn big(id: String) -> Alert {
    let now = Timestamp::from_millis(1);
    let cause = MessageId { appended: now, partition: 0, position: 1 };
    let facts = Facts { text: "t".repeat(20_000), ..Facts::bare("host", cause, now) };
    Alert { id: id.clone(), ..Alert::new(&id, &own_plan("rule", None), &facts) }
}

fn step(cursor: &mut Cursor) -> Change {
    let from = cursor.position;
    cursor.position += 1;
    let cursor = CursorMove {
        reader: cursor.reader.clone(),
        partition: cursor.partition,
        epoch: cursor.epoch,
        from,
        to: cursor.position,
        time: Timestamp::ZERO,
        counts: cursor.counts,
    };
    Change { cursors: vec![cursor], ..Change::default() }
}

#[tokio::test]
async fn a_full_disk_refuses_what_needs_room_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let options = Options::default();
    let writing = Target::file(&path, &options, true).unwrap();
    let small = writing.also("PRAGMA max_page_count = 100");
    let reading = Target::file(&path, &options, false).unwrap();
    let held = Ballast::take(&path, options.ballast_bytes);
    let store = SqlStore::open_file(small, reading, held, &options).await.unwrap();
    let ballast = folder.path().join("mutt.db-ballast");
    assert_eq!(std::fs::metadata(&ballast).unwrap().len(), options.ballast_bytes);
    let mut cursor = store.claim("judge", "journal", 0..1).await.unwrap().remove(0);
    let write = async |n: u32| {
        let change = Change { alerts: vec![big(n.to_string())], ..Change::default() };
        store.commit(change).await
    };
    let mut written = 0;
    let full = loop {
        match write(written).await {
            Ok(()) => written += 1,
            Err(fault) => break fault,
        }
        assert!(written < 1_000, "never full");
    };
    assert!(matches!(full, StoreError::Full(_)), "{full:?}");
    assert!(!ballast.exists(), "the disk has been given its last room");
    // Together in one transaction: the alert is refused, the cursor moves.
    let (alert, moved) = tokio::join!(write(written), store.commit(step(&mut cursor)));
    assert!(matches!(alert, Err(StoreError::Full(_))), "{alert:?}");
    assert_eq!(moved, Ok(()));
    assert_eq!(store.cursors().await.unwrap(), [cursor]);
    assert_eq!(store.open_alerts().await.unwrap().len(), written as usize);
    assert_eq!(store.stats().failed, 2);
    store.close().await;
    // With room again, it goes on.
    let store = SqlStore::open(&path, options).await.unwrap();
    let change = Change { alerts: vec![big(written.to_string())], ..Change::default() };
    store.commit(change).await.unwrap();
}

/// Without these a commit that was answered could be gone after a power cut.
#[tokio::test]
async fn a_commit_is_synced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let mut wire = Target::file(&path, &Options::default(), true).unwrap().connect().await.unwrap();
    let mut pragma = async |sql: &'static str| -> String {
        let rows: Vec<(String,)> = wire.rows(sqlx::query_as(sql)).await.unwrap();
        rows[0].0.clone()
    };
    let full = "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous";
    assert_eq!(pragma(full).await, "2");
    assert_eq!(pragma("SELECT journal_mode FROM pragma_journal_mode").await, "wal");
    let keys = "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys";
    assert_eq!(pragma(keys).await, "1");
}

/// As a URL each of these names would mean something else.
#[tokio::test]
async fn any_name_of_a_file_is_taken_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    for name in ["a/../up.db", "ä b#c?mode=memory.db", "100%41.db", ":memory:", "sqlite:"] {
        let path = folder.path().join(name);
        SqlStore::open(&path, Options::default()).await.unwrap().close().await;
        assert!(path.exists(), "{name}");
    }
}

#[tokio::test]
async fn who_only_reads_can_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let store = SqlStore::open(&path, Options::default()).await.unwrap();
    let reading = Target::file(&path, &Options::default(), false).unwrap();
    let mut wire = reading.connect().await.unwrap();
    assert!(wire.command("DELETE FROM cursors").await.is_err());
    store.close().await;
}
