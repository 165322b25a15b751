//! An alert's life in a database: what it goes on from, its time line, how it is found, what people
//! decide of it, numbers by the hour.

use crate::values::*;
use mutt_alert::{Alert, AlertState, Counted, Ending, Moment, Track, TrackChange, What};
use mutt_event::Timestamp;
use mutt_rules::AlertSeverity;
use mutt_store::{
    AlertQuery, AuditEntry, Change, Database, DeliveryState, History, Keep, Tally, TallyKind,
    hour_of, hour_start,
};

contract! {
    an_acknowledged_alert_is_open
    live_are_the_open_and_those_that_may_come_back
    tracks_are_kept_changed_and_forgotten
    moments_come_in_their_order_page_by_page
    alerts_are_found_by_each_of_their_parts
    a_page_goes_on_where_the_last_ended
    deliveries_of_an_alert_come_with_their_answers
    decisions_wait_until_they_are_done
    tallies_add_up
    old_history_goes_by_its_state
}

async fn write<B: Database>(store: &B, alerts: Vec<Alert>) {
    store.commit(Change { alerts, ..Change::default() }).await.unwrap();
}

fn ids(alerts: &[Alert]) -> Vec<&str> {
    alerts.iter().map(|alert| alert.id.as_str()).collect()
}

async fn an_acknowledged_alert_is_open<B: Database>(store: B) {
    let known = Alert { state: AlertState::Acknowledged, ..alert("a", "host::a", 1) };
    write(&store, vec![known.clone()]).await;
    assert_eq!(store.open_alerts().await.unwrap(), [known]);
    let twin = Change { alerts: vec![alert("b", "host::a", 2)], ..Change::default() };
    assert!(store.commit(twin).await.is_err());
}

async fn live_are_the_open_and_those_that_may_come_back<B: Database>(store: B) {
    let back = Alert { reopens_until: Some(at(50)), ..ended(&alert("back", "host::b", 2), 9) };
    let gone = ended(&alert("gone", "host::c", 3), 9);
    write(&store, vec![back, gone, alert("open", "host::a", 1)]).await;
    assert_eq!(ids(&store.live_alerts(at(50)).await.unwrap()), ["open", "back"]);
    assert_eq!(ids(&store.live_alerts(at(51)).await.unwrap()), ["open"]);
    assert_eq!(ids(&store.open_alerts().await.unwrap()), ["open"]);
}

fn window(events: usize) -> Track {
    let cause = alert("a", "host::a", 1).cause;
    let event = Counted { at: at(1), id: cause, value: Some("it's".into()) };
    Track::Window { events: vec![event; events], until: at(9) }
}

async fn tracks_are_kept_changed_and_forgotten<B: Database>(store: B) {
    let change = |key: &str, track| TrackChange { key: key.to_owned(), track };
    let keys: Vec<String> = (0..100).map(|n| format!("count:r:{n:03}")).collect();
    let all = keys.iter().map(|key| change(key, Some(window(1)))).collect();
    store.commit(Change { tracks: all, ..Change::default() }).await.unwrap();
    let tracks = vec![
        change("count:r:000", None),
        change("count:r:001", Some(window(2))),
        change("count:r:002", None),
        change("count:r:002", Some(window(3))),
        change("count:r:never", None),
    ];
    store.commit(Change { tracks, ..Change::default() }).await.unwrap();
    let found = store.tracks().await.unwrap();
    assert_eq!(found.len(), 99);
    assert_eq!(found[0], ("count:r:001".to_owned(), window(2)));
    assert_eq!(found[1], ("count:r:002".to_owned(), window(3)));
    assert_eq!(found[98], ("count:r:099".to_owned(), window(1)));
}

fn moment(alert_id: &str, seconds: i64, what: What) -> Moment {
    Moment { alert_id: alert_id.to_owned(), at: at(seconds), what }
}

async fn moments_come_in_their_order_page_by_page<B: Database + History>(store: B) {
    let moments = vec![
        moment("a", 5, What::Flapping),
        moment("b", 5, What::Reopened),
        moment("a", 4, What::Ended { ending: Ending::Clear }),
        moment("a", 6, What::Calm),
    ];
    let alerts = vec![alert("a", "host::a", 1), alert("b", "host::b", 1)];
    let change = Change { alerts, moments: moments.clone(), ..Change::default() };
    store.commit(change).await.unwrap();
    let page = store.moments("a", 0, 2).await.unwrap();
    let what = |page: &[(i64, Moment)]| page.iter().map(|(_, m)| m.clone()).collect::<Vec<_>>();
    assert_eq!(what(&page), [moments[0].clone(), moments[2].clone()]);
    let page = store.moments("a", page[1].0, 2).await.unwrap();
    assert_eq!(what(&page), [moments[3].clone()]);
    assert_eq!(store.moments("nobody", 0, 9).await.unwrap(), []);
}

async fn alerts_are_found_by_each_of_their_parts<B: Database + History>(store: B) {
    let mut one = alert("one", "host::one", 10);
    one.host = "edge-7".to_owned();
    one.summary = "100%_sure: FAN Failed".to_owned();
    let mut two = ended(&alert("two", "host::two", 20), 25);
    (two.rule.id, two.team) = ("bgp".to_owned(), "wan".to_owned());
    (two.severity, two.last_seen) = (AlertSeverity::Critical, at(25));
    let three = Alert { state: AlertState::Acknowledged, ..alert("three", "host::three", 30) };
    write(&store, vec![one.clone(), two.clone(), three]).await;
    let find = async |query: AlertQuery| {
        let found = store.alerts(&AlertQuery { limit: 9, ..query }).await.unwrap();
        found.iter().map(|alert| alert.id.clone()).collect::<Vec<_>>().join(" ")
    };
    let all = AlertQuery::default;
    let text = |text: &str| AlertQuery { text: Some(text.to_owned()), ..all() };
    let open = vec![AlertState::Open, AlertState::Acknowledged];
    let name = |name: &str| Some(name.to_owned());
    for (query, expected) in [
        (all(), "three two one"),
        (AlertQuery { states: open, ..all() }, "three one"),
        (AlertQuery { host: name("edge-7"), ..all() }, "one"),
        (AlertQuery { rule: name("bgp"), ..all() }, "two"),
        (AlertQuery { team: name("wan"), ..all() }, "two"),
        (AlertQuery { signature: name("host::three"), ..all() }, "three"),
        (AlertQuery { severity: Some(AlertSeverity::Critical), ..all() }, "two"),
        (AlertQuery { cause: Some(one.cause), ..all() }, "one"),
        (AlertQuery { since: Some(at(25)), ..all() }, "three two"),
        (AlertQuery { until: Some(at(20)), ..all() }, "one"),
        (AlertQuery { host: name("edge-7"), team: name("wan"), ..all() }, ""),
        (text("fan fail"), "one"),
        (text("100%_s"), "one"),
        (text("1%f"), ""),
        (text("IT'S DOWN"), "three two one"),
    ] {
        assert_eq!(find(query.clone()).await, expected, "{query:?}");
    }
    assert_eq!(store.alert("two").await.unwrap(), Some(two));
    assert_eq!(store.alert("nobody").await.unwrap(), None);
}

async fn a_page_goes_on_where_the_last_ended<B: Database + History>(store: B) {
    let begun = [("a", 1), ("b", 2), ("c", 2), ("d", 2), ("e", 3)];
    let alerts = begun.map(|(id, seconds)| alert(id, &format!("host::{id}"), seconds));
    write(&store, alerts.to_vec()).await;
    let mut query = AlertQuery { limit: 2, ..AlertQuery::default() };
    let mut found = Vec::new();
    loop {
        let page = store.alerts(&query).await.unwrap();
        let Some(last) = page.last() else { break };
        query.before = Some((last.first_seen, last.id.clone()));
        found.extend(page.into_iter().map(|alert| alert.id));
    }
    assert_eq!(found, ["e", "d", "c", "b", "a"]);
}

async fn deliveries_of_an_alert_come_with_their_answers<B: Database + History>(store: B) {
    store.commit(told("a", 1, &["moogsoft", "mail"])).await.unwrap();
    store.commit(told("b", 2, &["moogsoft"])).await.unwrap();
    let waiting = store.waiting("moogsoft", 9).await.unwrap();
    let sent = done(&waiting[0], DeliveryState::Superseded, 3);
    store.commit(delivered(vec![sent])).await.unwrap();
    let found = store.deliveries("a", 9).await.unwrap();
    let short: Vec<_> =
        found.iter().map(|one| (one.destination.as_str(), one.state, one.attempts)).collect();
    assert_eq!(
        short,
        [("moogsoft", DeliveryState::Superseded, 1), ("mail", DeliveryState::Waiting, 0)]
    );
    assert!(found[0].answer.is_some());
}

async fn decisions_wait_until_they_are_done<B: Database + History>(store: B) {
    for text in ["first", "second", "third"] {
        store.decide(decided("a", text), AuditEntry::default()).await.unwrap();
    }
    let found = store.decisions(2).await.unwrap();
    let texts: Vec<_> = found.iter().map(|(_, decided)| decided.clone()).collect();
    assert_eq!(texts, [decided("a", "first"), decided("a", "second")]);
    let done = vec![found[0].0];
    store.commit(Change { decided: done, ..Change::default() }).await.unwrap();
    assert_eq!(store.decisions(9).await.unwrap().len(), 2);
    assert_eq!(store.decisions(9).await.unwrap()[0].1, decided("a", "second"));
}

fn tally(hour: i64, kind: TallyKind, name: &str, value: u64) -> Tally {
    Tally { hour, kind, name: name.to_owned(), value }
}

async fn tallies_add_up<B: Database + History>(store: B) {
    for _ in 0..2 {
        let tallies = vec![
            tally(7, TallyKind::Host, "b", 1),
            tally(7, TallyKind::Host, "a", 2),
            tally(8, TallyKind::Host, "a", 3),
            tally(8, TallyKind::Host, "a", 4),
            tally(9, TallyKind::Host, "a", 5),
            tally(7, TallyKind::Matched, "a", 6),
        ];
        store.commit(Change { tallies, ..Change::default() }).await.unwrap();
    }
    for kind in TallyKind::ALL {
        let tallies = vec![tally(10, kind, "a", 1)];
        store.commit(Change { tallies, ..Change::default() }).await.unwrap();
    }
    for kind in TallyKind::ALL {
        let found = store.tallies(kind, 10, 11).await.unwrap();
        assert_eq!(found, [tally(10, kind, "a", 1)], "each kind is counted for itself");
    }
    let found = store.tallies(TallyKind::Host, 7, 9).await.unwrap();
    let expected = [("a", 7, 4), ("b", 7, 2), ("a", 8, 14)];
    assert_eq!(found, expected.map(|(name, hour, n)| tally(hour, TallyKind::Host, name, n)));
    assert_eq!(hour_of(hour_start(7)), 7);
    assert_eq!(hour_of(Timestamp::from_micros(-1)), -1);
}

async fn old_history_goes_by_its_state<B: Database + History>(store: B) {
    let cleared = ended(&alert("cleared", "host::a", 1), 10);
    let closed = Alert { state: AlertState::Closed, ..ended(&alert("closed", "host::b", 1), 10) };
    let moments = vec![moment("cleared", 2, What::Calm), moment("closed", 2, What::Calm)];
    let tallies = vec![tally(0, TallyKind::Host, "a", 1), tally(1, TallyKind::Host, "a", 1)];
    let alerts = vec![cleared, closed, alert("open", "host::c", 1)];
    store.commit(Change { alerts, moments, tallies, ..Change::default() }).await.unwrap();
    let keep = Keep { cleared: at(11), ..Keep::since(at(10)) };
    let pruned = store.prune(keep).await.unwrap();
    assert_eq!((pruned.alerts, pruned.tallies), (1, 0));
    assert_eq!(ids(&store.latest_alerts(9).await.unwrap()), ["open", "closed"]);
    assert_eq!(store.moments("cleared", 0, 9).await.unwrap(), []);
    assert_eq!(store.moments("closed", 0, 9).await.unwrap().len(), 1);
    let pruned = store.prune(Keep::since(at(3_700))).await.unwrap();
    assert_eq!((pruned.alerts, pruned.tallies), (1, 1));
}
