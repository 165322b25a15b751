//! What only a server can show: others who write beside us, and an end that is not ours.

use std::time::{Duration, Instant};

use crate::server::{Server, execute};
use crate::values::*;
use mutt_store::{
    AuditEntry, AuditQuery, CatalogStore, Change, Database, Grant, Kind, Lease, Leases, Options,
    People, PeopleChange, SqlStore, StoreError,
};
use sqlx::{Connection, PgConnection};

async fn connect(url: &str) -> SqlStore {
    SqlStore::connect(url, Options::default()).await.unwrap()
}

fn unavailable<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_edit_one_base_one_wins() {
    let server = Server::start().await;
    let url = server.database("race").await;
    // They bring the tables up to date at once, too.
    let (a, b) = tokio::join!(connect(&url), connect(&url));
    for base in 0..100 {
        let one = tokio::spawn({
            let a = a.clone();
            async move { a.edit(edit(base, &[(Kind::Rule, "a", Some(&base.to_string()))])).await }
        });
        let other = b.edit(edit(base, &[(Kind::Rule, "b", Some(&base.to_string()))])).await;
        let (won, lost) = match (one.await.unwrap(), other) {
            (won @ Ok(_), lost) | (lost, won) => (won, lost),
        };
        assert_eq!(won, Ok(base + 1));
        assert_eq!(lost, Err(StoreError::Outdated { base, head: base + 1 }));
        assert_eq!((a.head().await, b.head().await), (won.clone(), won));
    }
    assert_eq!(a.catalog().await, b.catalog().await);
    // One that is written, but not yet committed, is waited for.
    let mut third = PgConnection::connect(&url).await.unwrap();
    let begun = "BEGIN; INSERT INTO revisions VALUES (101, 0, 'third', '', 1)";
    sqlx::raw_sql(begun).execute(&mut third).await.unwrap();
    let waits = tokio::spawn(async move {
        a.edit(edit(100, &[(Kind::Rule, "a", None), (Kind::Rule, "b", None)])).await
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waits.is_finished());
    sqlx::raw_sql("COMMIT").execute(&mut third).await.unwrap();
    assert_eq!(waits.await.unwrap(), Err(StoreError::Outdated { base: 100, head: 101 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_fences_the_first() {
    let server = Server::start().await;
    let url = server.database("fence").await;
    let (first, second) = (connect(&url).await, connect(&url).await);
    let old = first.claim("judge", JOURNAL, 0..1).await.unwrap();
    let new = second.claim("judge", JOURNAL, 0..1).await.unwrap();
    assert_eq!(first.commit(moves(vec![step(&old[0], 5)])).await, fenced("judge", 0));
    second.commit(moves(vec![step(&new[0], 5)])).await.unwrap();
    // Both believe that they own it: of one position one move is true.
    let (a, b) = tokio::join!(
        first.commit(moves(vec![step(&mutt_store::Cursor { position: 5, ..new[0].clone() }, 6)])),
        second.commit(moves(vec![step(&mutt_store::Cursor { position: 5, ..new[0].clone() }, 6)])),
    );
    assert_eq!([&a, &b].iter().filter(|answer| answer.is_ok()).count(), 1, "{a:?} {b:?}");
    assert_eq!([a, b].iter().filter(|answer| **answer == fenced("judge", 0)).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_take_a_lease_one_holds_it() {
    let server = Server::start().await;
    let url = server.database("lease").await;
    let (first, second) = (connect(&url).await, connect(&url).await);
    let ttl = Duration::from_secs(60);
    let mut last: Option<Lease> = None;
    for round in 1..=50_u64 {
        let store = first.clone();
        let one = tokio::spawn(async move { store.take_lease("judge", "a", ttl).await });
        let other = second.take_lease("judge", "b", ttl).await.unwrap();
        let (won, seen) = match (one.await.unwrap().unwrap(), other) {
            (Grant::Yours(won), Grant::Theirs { lease, .. })
            | (Grant::Theirs { lease, .. }, Grant::Yours(won)) => (won, lease),
            both => panic!("{both:?}"),
        };
        assert_eq!((&won, won.epoch), (&seen, round));
        first.release_lease(&won.tenure()).await.unwrap();
        last = Some(won);
    }
    // Whoever checks an epoch in his transaction is waited for.
    let held = last.unwrap();
    let mut third = PgConnection::connect(&url).await.unwrap();
    let checked = "BEGIN; SELECT epoch FROM leases WHERE name = 'judge' FOR SHARE";
    sqlx::raw_sql(checked).execute(&mut third).await.unwrap();
    let waits = tokio::spawn(async move { second.take_lease("judge", "b", ttl).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waits.is_finished());
    sqlx::raw_sql("COMMIT").execute(&mut third).await.unwrap();
    assert!(matches!(waits.await.unwrap(), Ok(Grant::Yours(_))));
    let late = Change { lease: Some(held.tenure()), ..told("a", 1, &["moogsoft"]) };
    assert_eq!(first.commit(late).await, Err(StoreError::Superseded { lease: "judge".to_owned() }));
}

#[tokio::test]
async fn a_killed_server_is_unavailable_and_works_when_it_is_back() {
    let mut server = Server::start().await;
    let url = server.database("killed").await;
    let options = Options { acquire_timeout: Duration::from_millis(300), ..Options::default() };
    let store = SqlStore::connect(&url, options.clone()).await.unwrap();
    let cursor = store.claim("judge", JOURNAL, 0..1).await.unwrap().remove(0);
    store.edit(edit(0, &[(Kind::Team, "network", Some("{}"))])).await.unwrap();
    assert_eq!(store.head().await, Ok(1));
    for round in 0..2 {
        server.kill();
        unavailable(store.commit(told("a", 1, &["moogsoft"])).await);
        unavailable(store.edit(edit(1, &[(Kind::Team, "network", None)])).await);
        unavailable(store.cursors().await);
        unavailable(store.head().await);
        unavailable(SqlStore::connect(&url, options.clone()).await);
        server.run().await;
        // Once more at most: what was open when it ended is found broken then.
        let position = 2 + round;
        let from = mutt_store::Cursor { position: 1 + round, ..cursor.clone() };
        let change = moves(vec![step(&from, position)]);
        store.commit(change).await.unwrap();
        assert_eq!(store.cursors().await.unwrap()[0].position, position);
        assert_eq!(store.head().await, Ok(1));
    }
    store.close().await;
}

#[tokio::test]
async fn what_takes_too_long_is_unavailable() {
    let server = Server::start().await;
    let url = server.database("slow").await;
    let options = Options { statement_timeout: Duration::from_millis(300), ..Options::default() };
    let store = SqlStore::connect(&url, options).await.unwrap();
    let mut other = PgConnection::connect(&url).await.unwrap();
    let lock = "BEGIN; LOCK TABLE alerts, cursors IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
    unavailable(store.open_alerts().await);
    unavailable(store.commit(told("a", 1, &["moogsoft"])).await);
    unavailable(store.claim("judge", JOURNAL, 0..1).await);
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    store.commit(told("a", 1, &["moogsoft"])).await.unwrap();
    assert_eq!(store.open_alerts().await.unwrap().len(), 1);
    assert_eq!(store.stats().failed, 2);
}

/// Whoever asks is told at once, once the writer knows; and a read that nobody waits for any more
/// keeps no connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_holds_nobody_up_for_long() {
    let server = Server::start().await;
    let url = server.database("frozen").await;
    let options =
        Options { statement_timeout: Duration::from_millis(100), readers: 2, ..Options::default() };
    let store = SqlStore::connect(&url, options).await.unwrap();
    store.head().await.unwrap();
    server.freeze();
    for _ in 0..4 {
        let read = tokio::time::timeout(Duration::from_millis(50), store.head());
        assert!(read.await.is_err(), "nobody answers yet");
    }
    // The first finds that nothing answers, the second that no connection is made.
    unavailable(store.commit(told("a", 1, &["moogsoft"])).await);
    unavailable(store.commit(told("a", 1, &["moogsoft"])).await);
    let asked = Instant::now();
    unavailable(store.commit(told("a", 1, &["moogsoft"])).await);
    unavailable(store.head().await);
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    assert!(store.away().is_some_and(|why| why.contains("no answer")));
    server.thaw();
    let deadline = Instant::now() + Duration::from_secs(30);
    while store.commit(told("a", 1, &["moogsoft"])).await.is_err() {
        assert!(Instant::now() < deadline, "{:?}", store.away());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(store.away(), None);
    assert_eq!(store.head().await, Ok(0));
    assert_eq!(store.open_alerts().await.unwrap().len(), 1);
    let stats = store.stats();
    assert_eq!((stats.reconnects, stats.readers_max), (1, 2), "{stats:?}");
    assert!(stats.failed_transactions >= 3, "{stats:?}");
}

/// No more connections than allowed, and who gets none in time is told.
#[tokio::test(flavor = "multi_thread")]
async fn readers_share_their_connections_and_wait_no_longer_than_allowed() {
    let server = Server::start().await;
    let url = server.database("shared").await;
    let long = Duration::from_secs(60);
    let options = Options {
        readers: 2,
        acquire_timeout: Duration::from_secs(3),
        busy_timeout: long,
        statement_timeout: long,
        ..Options::default()
    };
    let store = SqlStore::connect(&url, options).await.unwrap();
    let mut other = PgConnection::connect(&url).await.unwrap();
    let lock = "BEGIN; LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
    let reads: Vec<_> = (0..2)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.open_alerts().await })
        })
        .collect();
    let deadline = Instant::now() + Duration::from_secs(30);
    while store.stats().readers_in_use < 2 {
        assert!(Instant::now() < deadline, "{:?}", store.stats());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    unavailable(store.head().await);
    let stats = store.stats();
    assert_eq!((stats.readers_in_use, stats.readers_idle, stats.readers_max), (2, 0, 2));
    assert_eq!((stats.waits, stats.timeouts), (1, 1));
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    for read in reads {
        assert_eq!(read.await.unwrap(), Ok(Vec::new()));
    }
    assert_eq!(store.head().await, Ok(0));
}

/// A server that hangs sends nothing, not even that it gives up.
#[tokio::test]
async fn a_server_that_says_nothing_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://mutt:secret@{}/mutt", listener.local_addr().unwrap());
    let options = Options { acquire_timeout: Duration::from_millis(300), ..Options::default() };
    let fault = SqlStore::connect(&url, options).await.unwrap_err();
    assert!(fault.to_string().contains("postgres://mutt@127.0.0.1:"), "{fault}");
    assert!(!fault.to_string().contains("secret"), "{fault}");
    unavailable::<()>(Err(fault));
    unavailable(SqlStore::connect("mysql://mutt:secret@here/mutt", Options::default()).await);
}

#[tokio::test]
async fn a_server_that_is_not_fit_is_named() {
    let server = Server::start().await;
    let damaged = |answer: Result<SqlStore, StoreError>| match answer {
        Err(StoreError::Damaged(text)) => text,
        other => panic!("{other:?}"),
    };
    let ascii = "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc \
                 TEMPLATE template0";
    execute(&server.url("postgres"), ascii).await;
    let answer = SqlStore::connect(&server.url("ascii"), Options::default()).await;
    assert!(damaged(answer).contains("UTF8"));
    unavailable(SqlStore::connect(&server.url("nowhere"), Options::default()).await);
    let url = server.database("newer").await;
    connect(&url).await.close().await;
    let newer = "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, \
                 checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    execute(&url, newer).await;
    assert!(damaged(SqlStore::connect(&url, Options::default()).await).contains("newer"));
}

/// Without this a commit that was answered could be gone after a power cut.
#[tokio::test]
async fn a_commit_is_synced_whatever_the_server_does_for_others() {
    let server = Server::start().await;
    let url = server.database("synced").await;
    let store = connect(&url).await;
    // A trigger writes down what the writer's own connection has.
    let spy = "CREATE TABLE seen (setting TEXT); \
               CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
               INSERT INTO seen SELECT current_setting('synchronous_commit'); RETURN NEW; END $$; \
               CREATE TRIGGER spy AFTER INSERT ON alerts FOR EACH ROW EXECUTE FUNCTION spy()";
    execute(&url, spy).await;
    store.commit(Change { notices: Vec::new(), ..told("a", 1, &[]) }).await.unwrap();
    let mut other = PgConnection::connect(&url).await.unwrap();
    let seen = sqlx::query_as("SELECT setting FROM seen");
    let seen: Vec<(String,)> = seen.fetch_all(&mut other).await.unwrap();
    assert_eq!(seen, [("on".to_owned(),)]);
    let own = sqlx::query_as("SELECT current_setting('synchronous_commit')");
    let own: (String,) = own.fetch_one(&mut other).await.unwrap();
    assert_eq!(own.0, "off");
    other.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_of_a_server_is_neither_changed_nor_deleted_whoever_tries() {
    let server = Server::start().await;
    let url = server.database("audit").await;
    let (a, b) = (connect(&url).await, connect(&url).await);
    let one = || PeopleChange { audit: vec![AuditEntry::default()], ..PeopleChange::default() };
    // Two processes that append at once make one chain, and neither fails.
    for _ in 0..50 {
        let (first, second) = tokio::join!(a.people(one()), b.people(one()));
        assert_eq!((first, second), (Ok(0), Ok(0)));
    }
    let query = AuditQuery { above: Some(0), limit: 200, ..AuditQuery::default() };
    let rows = a.audit(query).await.unwrap();
    assert_eq!(rows.len(), 100);
    assert!(rows.windows(2).all(|two| two[1].follows(&two[0].hash)));
    let mut raw = PgConnection::connect(&url).await.unwrap();
    for sql in ["UPDATE audit SET who = 'x'", "DELETE FROM audit", "TRUNCATE audit"] {
        let refused = sqlx::raw_sql(sql).execute(&mut raw).await.unwrap_err().to_string();
        assert!(refused.contains("only ever appended to"), "{sql}: {refused}");
    }
}
