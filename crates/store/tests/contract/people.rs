//! Sessions, attempts to sign in and the audit, over each database.

use crate::values::*;
use mutt_event::Timestamp;
use mutt_store::{
    AUDIT_START, AuditEntry, AuditQuery, AuditRow, CatalogStore, Change, Database, Ending,
    FREE_ATTEMPTS, Kind, People, PeopleChange, SESSIONS_MAX, Session, SignInAttempt,
    content_digest,
};

contract! {
    a_session_begins_is_used_and_ends
    a_person_has_so_many_sessions_and_those_that_are_over_go
    attempts_lock_for_longer_and_longer_until_they_are_forgiven
    of_many_attempts_at_a_time_no_more_than_are_free_get_through
    the_audit_is_a_chain_with_every_change_in_it
    entries_that_come_side_by_side_make_one_chain
    rows_of_the_audit_are_found_by_who_what_and_when
}

fn session(digest: &str, who: &str, seconds: i64) -> Session {
    Session {
        digest: digest.to_owned(),
        who: who.to_owned(),
        made_at: at(seconds),
        used_at: at(seconds),
        ends_at: at(seconds + 100),
        body: "{}".to_owned(),
    }
}

async fn open<P: People>(store: &P, session: &Session) {
    let change = PeopleChange { open: Some(session.clone()), ..PeopleChange::default() };
    assert_eq!(store.people(change).await, Ok(0));
}

async fn end<P: People>(store: &P, end: Ending) -> u64 {
    store.people(PeopleChange { end: Some(end), ..PeopleChange::default() }).await.unwrap()
}

fn entry(who: &str, what: &str, seconds: i64) -> AuditEntry {
    AuditEntry {
        at: at(seconds),
        who: who.to_owned(),
        what: what.to_owned(),
        done: true,
        ..AuditEntry::default()
    }
}

fn audited(audit: Vec<AuditEntry>) -> PeopleChange {
    PeopleChange { audit, ..PeopleChange::default() }
}

async fn all<P: People>(store: &P) -> Vec<AuditRow> {
    let query = AuditQuery { above: Some(0), limit: 1_000, ..AuditQuery::default() };
    store.audit(query).await.unwrap()
}

fn check(rows: &[AuditRow]) {
    let mut last = AUDIT_START.to_owned();
    for (number, row) in (1..).zip(rows) {
        assert_eq!(row.number, number);
        assert!(row.follows(&last), "{row:?}");
        last.clone_from(&row.hash);
    }
}

async fn a_session_begins_is_used_and_ends<P: People>(store: P) {
    let (a, b, other) = (session("a", "ann", 0), session("b", "ann", 1), session("c", "bob", 2));
    for one in [&a, &b, &other] {
        open(&store, one).await;
    }
    assert_eq!(store.session("a").await, Ok(Some(a.clone())));
    assert_eq!(store.session("x").await, Ok(None));
    let used = PeopleChange { used: Some(("a".to_owned(), at(60))), ..PeopleChange::default() };
    assert_eq!(store.people(used).await, Ok(0));
    assert_eq!(store.session("a").await.unwrap().unwrap().used_at, at(60));
    assert_eq!(end(&store, Ending::One("a".to_owned())).await, 1);
    assert_eq!(store.session("a").await, Ok(None));
    assert_eq!(end(&store, Ending::AllOf("ann".to_owned())).await, 1);
    assert_eq!(store.session("b").await, Ok(None));
    assert_eq!(store.session("c").await, Ok(Some(other)), "of somebody else");
}

async fn a_person_has_so_many_sessions_and_those_that_are_over_go<P: People>(store: P) {
    open(&store, &session("old", "bob", -200)).await;
    let most = i64::from(SESSIONS_MAX);
    for number in 0..=most {
        open(&store, &session(&format!("s{number}"), "ann", number)).await;
    }
    assert_eq!(store.session("old").await, Ok(None), "it was over");
    assert_eq!(store.session("s0").await, Ok(None), "the oldest");
    for number in 1..=most {
        assert!(store.session(&format!("s{number}")).await.unwrap().is_some(), "{number}");
    }
}

async fn attempts_lock_for_longer_and_longer_until_they_are_forgiven<P: People>(store: P) {
    for second in 0..i64::from(FREE_ATTEMPTS) {
        assert_eq!(store.attempt("ann", at(second)).await, Ok(SignInAttempt::Free));
    }
    assert_eq!(store.attempt("bob", at(4)).await, Ok(SignInAttempt::Free), "another name");
    assert_eq!(store.attempt("ann", at(5)).await, Ok(SignInAttempt::Locked(at(34))));
    assert_eq!(store.attempt("ann", at(33)).await, Ok(SignInAttempt::Locked(at(34))));
    assert_eq!(store.attempt("ann", at(34)).await, Ok(SignInAttempt::Free), "one more");
    assert_eq!(store.attempt("ann", at(35)).await, Ok(SignInAttempt::Locked(at(94))));
    let forgive = PeopleChange { forgive: Some("ann".to_owned()), ..PeopleChange::default() };
    store.people(forgive).await.unwrap();
    assert_eq!(store.attempt("ann", at(36)).await, Ok(SignInAttempt::Free));
    for second in 37..41 {
        store.attempt("ann", at(second)).await.unwrap();
    }
    assert!(matches!(store.attempt("ann", at(42)).await, Ok(SignInAttempt::Locked(_))));
    assert_eq!(store.attempt("ann", at(42 + 901)).await, Ok(SignInAttempt::Free), "forgotten");
    assert_eq!(store.attempt("ann", at(42 + 902)).await, Ok(SignInAttempt::Free));
}

async fn of_many_attempts_at_a_time_no_more_than_are_free_get_through<P: People>(store: P) {
    let attempts = (0..40).map(|_| {
        let store = store.clone();
        async move { store.attempt("ann", at(0)).await.unwrap() }
    });
    let free = futures_util::future::join_all(attempts).await;
    let free = free.into_iter().filter(|one| *one == SignInAttempt::Free).count();
    assert_eq!(free, FREE_ATTEMPTS as usize);
}

async fn the_audit_is_a_chain_with_every_change_in_it<B: Database + People + CatalogStore>(
    store: B,
) {
    store.people(audited(vec![entry("ann", "sign-in", 1), entry("bob\0", "x", 2)])).await.unwrap();
    store.edit(edit(0, &[(Kind::Team, "net", Some("{}"))])).await.unwrap();
    let same = store.edit(edit(1, &[(Kind::Team, "net", Some("{}"))])).await;
    assert_eq!(same, Ok(1), "changes nothing");
    store.edit(edit(0, &[(Kind::Team, "net", None)])).await.unwrap_err();
    let decision = Change { audit: vec![entry("ann", "decision", 3)], ..Change::default() };
    store.commit(decision).await.unwrap();
    let rows = all(&store).await;
    check(&rows);
    let said: Vec<AuditEntry> = rows.iter().map(|row| row.entry().unwrap()).collect();
    let what: Vec<&str> = said.iter().map(|entry| entry.what.as_str()).collect();
    assert_eq!(what, ["sign-in", "x", "change", "decision"]);
    let (_, changes) = store.revision(1).await.unwrap().unwrap();
    assert_eq!(said[2].revision, Some(1));
    assert_eq!(said[2].content, Some(content_digest(&changes)));
    assert_eq!((said[2].who.as_str(), said[2].from.as_str()), ("ann", "192.0.2.1"));
}

async fn entries_that_come_side_by_side_make_one_chain<B: Database + People + CatalogStore>(
    store: B,
) {
    let work = (0..30).map(|number| {
        let store = store.clone();
        async move {
            store.people(audited(vec![entry("ann", "a", number), entry("ann", "b", number)])).await
        }
    });
    for done in futures_util::future::join_all(work).await {
        done.unwrap();
    }
    let rows = all(&store).await;
    assert_eq!(rows.len(), 60);
    check(&rows);
}

async fn rows_of_the_audit_are_found_by_who_what_and_when<P: People>(store: P) {
    let entries = [("ann", "sign-in"), ("bob", "sign-in"), ("ann", "change"), ("ann", "sign-in")];
    let entries =
        (0..).zip(entries).map(|(second, (who, what))| entry(who, what, second)).collect();
    store.people(audited(entries)).await.unwrap();
    let numbers = async |query: AuditQuery| {
        let rows = store.audit(AuditQuery { limit: query.limit.max(1), ..query }).await.unwrap();
        rows.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    let ten = || AuditQuery { limit: 10, ..AuditQuery::default() };
    assert_eq!(numbers(ten()).await, [4, 3, 2, 1]);
    let ann = Some("ann".to_owned());
    assert_eq!(numbers(AuditQuery { who: ann.clone(), ..ten() }).await, [4, 3, 1]);
    let what = Some("sign-in".to_owned());
    assert_eq!(numbers(AuditQuery { who: ann, what: what.clone(), ..ten() }).await, [4, 1]);
    assert_eq!(numbers(AuditQuery { what, below: Some(4), ..ten() }).await, [2, 1]);
    let times = |since: i64, until: i64| (Some(at(since)), Some(at(until)));
    let (since, until): (Option<Timestamp>, _) = times(1, 3);
    assert_eq!(numbers(AuditQuery { since, until, ..ten() }).await, [3, 2]);
    assert_eq!(numbers(AuditQuery { above: Some(1), limit: 2, ..ten() }).await, [2, 3]);
}
