//! What people who look on ask of a database: what changed, deliveries, dead letters put back, sums,
//! what processes say of themselves.

use crate::values::*;
use mutt_alert::{Notice, NoticeKind};
use mutt_store::{
    AuditEntry, Change, Changes, Database, Delivery, DeliveryQuery, DeliveryState, Live, Replay,
    Reports, Tally, TallyKind, overtaken_by,
};

contract! {
    what_is_written_is_a_change_at_the_databases_time
    deliveries_are_found_by_each_of_their_parts
    a_dead_letter_goes_back_in_its_place
    a_dead_letter_that_was_overtaken_is_not_sent
    a_begin_goes_back_with_its_end
    what_is_overtaken_after_it_was_put_back_is_told
    numbers_are_summed_by_name
    a_process_says_one_thing_at_a_time
}

/// More of an alert that was told, under another notice.
fn more(id: &str, signature: &str, number: u32, kind: NoticeKind) -> Change {
    let alert = alert(id, signature, 1);
    let told = Notice { kind, ..notice(&alert, number, i64::from(number)) };
    Change { alerts: vec![alert], notices: vec![to(told, &["moogsoft"])], ..Change::default() }
}

async fn state_of<B: Live>(store: &B, number: i64) -> DeliveryState {
    store.delivery(number).await.unwrap().unwrap().state
}

/// The first that waits comes to this state.
async fn becomes<B: Database>(store: &B, state: DeliveryState) -> Delivery {
    let waiting = store.waiting("moogsoft", 1).await.unwrap().remove(0);
    store.commit(delivered(vec![done(&waiting, state, 9)])).await.unwrap();
    waiting
}

async fn put_back<B: Live>(store: &B, numbers: &[i64]) {
    let replay = Replay { numbers: numbers.to_vec(), at: at(20) };
    store.replay(replay, AuditEntry::default()).await.unwrap();
}

async fn what_is_written_is_a_change_at_the_databases_time<B: Live>(store: B) {
    let begin = store.changes(None).await.unwrap();
    assert_eq!(begin, Changes { now: begin.now, ..Changes::default() });
    store.commit(told("a", 1, &["moogsoft"])).await.unwrap();
    store.commit(told("b", 2, &["moogsoft"])).await.unwrap();
    let found = store.changes(Some(begin.now)).await.unwrap();
    let ids: Vec<_> = found.alerts.iter().map(|(_, alert)| alert.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert!(found.alerts.iter().all(|(at, _)| begin.now <= *at && *at <= found.now));
    assert!(found.deliveries.is_empty(), "those that were just made are no news");
    becomes(&store, DeliveryState::Dead).await;
    // Counted on, without a moment.
    let counted = mutt_alert::Alert { count: 2, last_seen: at(3), ..alert("a", "host::a", 1) };
    store.commit(Change { alerts: vec![counted.clone()], ..Change::default() }).await.unwrap();
    let later = store.changes(Some(found.now)).await.unwrap();
    let again = later.alerts.iter().find(|(_, alert)| alert.id == "a").unwrap();
    assert_eq!(again.1, counted);
    let states: Vec<_> = later.deliveries.iter().map(|(_, one)| one.state).collect();
    assert_eq!(states, [DeliveryState::Dead]);
    let none = store.changes(Some(later.now.after(std::time::Duration::from_secs(60)))).await;
    assert_eq!(none.unwrap().alerts, []);
}

async fn deliveries_are_found_by_each_of_their_parts<B: Live>(store: B) {
    for id in ["a", "b", "c"] {
        store.commit(told(id, 1, &["moogsoft", "mail"])).await.unwrap();
    }
    let dead = becomes(&store, DeliveryState::Dead).await;
    let find = async |query: DeliveryQuery| {
        let found = store.found_deliveries(&DeliveryQuery { limit: 4, ..query }).await.unwrap();
        found.iter().map(|one| one.number).collect::<Vec<_>>()
    };
    let all = DeliveryQuery::default;
    let newest = find(all()).await;
    assert!(newest.len() == 4 && newest.is_sorted_by(|a, b| a > b), "{newest:?}");
    let rest = find(DeliveryQuery { before: newest.last().copied(), ..all() }).await;
    assert_eq!(rest.len(), 2);
    assert_eq!(find(DeliveryQuery { oldest_first: true, ..all() }).await[0], rest[1]);
    assert_eq!(
        find(DeliveryQuery { state: Some(DeliveryState::Dead), ..all() }).await,
        [dead.number]
    );
    let mail = DeliveryQuery { destination: Some("mail".to_owned()), ..all() };
    assert_eq!(find(mail.clone()).await.len(), 3);
    let of_b = DeliveryQuery { alert: Some("b".to_owned()), ..mail };
    let found = find(of_b).await;
    let one = store.delivery(found[0]).await.unwrap().unwrap();
    assert_eq!((one.notice.alert.id.as_str(), one.destination.as_str()), ("b", "mail"));
    assert_eq!(store.delivery(10_000).await.unwrap(), None);
}

async fn a_dead_letter_goes_back_in_its_place<B: Live>(store: B) {
    store.commit(told("a", 1, &["moogsoft"])).await.unwrap();
    store.commit(told("b", 2, &["moogsoft"])).await.unwrap();
    let dead = becomes(&store, DeliveryState::Dead).await;
    put_back(&store, &[dead.number, 10_000]).await;
    let waiting = store.waiting("moogsoft", 9).await.unwrap();
    let ids: Vec<_> = waiting.iter().map(|one| one.notice.alert.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"], "before what was made later");
    let back = &waiting[0];
    assert_eq!((back.attempts, back.replays, back.done_at), (1, 1, None));
    assert_eq!(back.answer.as_deref(), Some("answer 'dead'"), "why it was dead stays known");
    assert_eq!(store.dead_letters(9).await.unwrap(), []);
    // Asked twice it is done once; what waits or was delivered is left as it is.
    put_back(&store, &[dead.number]).await;
    becomes(&store, DeliveryState::Delivered).await;
    put_back(&store, &[dead.number]).await;
    let one = store.delivery(dead.number).await.unwrap().unwrap();
    assert_eq!((one.state, one.replays), (DeliveryState::Delivered, 1));
}

async fn a_dead_letter_that_was_overtaken_is_not_sent<B: Live>(store: B) {
    // Another alert of the same problem counts as well: the destination knows only the signature.
    store.commit(more("a", "host::x", 1, NoticeKind::Open)).await.unwrap();
    let dead = becomes(&store, DeliveryState::Dead).await;
    let ended = ended(&alert("a", "host::x", 1), 2);
    store.commit(Change { alerts: vec![ended], ..Change::default() }).await.unwrap();
    store.commit(more("b", "host::x", 2, NoticeKind::Clear)).await.unwrap();
    store.commit(told("other", 3, &["moogsoft"])).await.unwrap();
    becomes(&store, DeliveryState::Delivered).await;
    let other = becomes(&store, DeliveryState::Dead).await;
    put_back(&store, &[dead.number, other.number]).await;
    let one = store.delivery(dead.number).await.unwrap().unwrap();
    assert_eq!((one.state, one.done_at, one.replays), (DeliveryState::Superseded, Some(at(20)), 0));
    assert_eq!(one.answer, Some(overtaken_by("b-2")));
    assert_eq!(state_of(&store, other.number).await, DeliveryState::Waiting);
}

async fn a_begin_goes_back_with_its_end<B: Live>(store: B) {
    store.commit(more("a", "host::a", 1, NoticeKind::Open)).await.unwrap();
    store.commit(more("a", "host::a", 2, NoticeKind::Clear)).await.unwrap();
    store.commit(told("other", 3, &["moogsoft"])).await.unwrap();
    let begin = becomes(&store, DeliveryState::Dead).await;
    let end = becomes(&store, DeliveryState::Dead).await;
    let other = becomes(&store, DeliveryState::Dead).await;
    put_back(&store, &[begin.number]).await;
    let waiting = store.waiting("moogsoft", 9).await.unwrap();
    let numbers: Vec<_> = waiting.iter().map(|one| one.number).collect();
    assert_eq!(numbers, [begin.number, end.number]);
    assert_eq!(state_of(&store, other.number).await, DeliveryState::Dead);
}

async fn what_is_overtaken_after_it_was_put_back_is_told<B: Live>(store: B) {
    store.commit(more("a", "host::a", 1, NoticeKind::Open)).await.unwrap();
    let begin = becomes(&store, DeliveryState::Dead).await;
    store.commit(more("a", "host::a", 2, NoticeKind::Clear)).await.unwrap();
    let held = store.waiting("moogsoft", 9).await.unwrap().remove(0);
    put_back(&store, &[begin.number]).await;
    assert_eq!(store.overtaken("moogsoft").await.unwrap(), []);
    // Whoever held the later one in memory sends it first.
    store.commit(delivered(vec![done(&held, DeliveryState::Delivered, 9)])).await.unwrap();
    let expected = [(begin.number, "a-2".to_owned())];
    assert_eq!(store.overtaken("moogsoft").await.unwrap(), expected);
    assert_eq!(store.overtaken("mail").await.unwrap(), []);
}

async fn numbers_are_summed_by_name<B: Live>(store: B) {
    let tally = |hour, kind, name: &str, value| Tally { hour, kind, name: name.to_owned(), value };
    let tallies = vec![
        tally(7, TallyKind::Input, "relp", 1),
        tally(9, TallyKind::Input, "relp", 2),
        tally(8, TallyKind::Input, "http", 4),
        tally(8, TallyKind::Host, "relp", 8),
    ];
    store.commit(Change { tallies, ..Change::default() }).await.unwrap();
    let sums = store.tally_sums(TallyKind::Input).await.unwrap();
    let short: Vec<_> =
        sums.iter().map(|sum| (sum.name.as_str(), sum.first, sum.last, sum.value)).collect();
    assert_eq!(short, [("http", 8, 8, 4), ("relp", 7, 9, 3)]);
    assert_eq!(store.tally_sums(TallyKind::PageDelay).await.unwrap(), []);
}

async fn a_process_says_one_thing_at_a_time<B: Database + Reports>(store: B) {
    store.report("b", "{}").await.unwrap();
    store.report("a", "{\"x\": \"it's\"}").await.unwrap();
    store.report("b", "{\"y\": 1}").await.unwrap();
    let found = store.reports().await.unwrap();
    let short: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.body.as_str())).collect();
    assert_eq!(short, [("a", "{\"x\": \"it's\"}"), ("b", "{\"y\": 1}")]);
    assert!(found.iter().all(|one| one.age < std::time::Duration::from_secs(60)));
    store.withdraw_report("a").await.unwrap();
    store.withdraw_report("nobody").await.unwrap();
    assert_eq!(store.reports().await.unwrap().len(), 1);
}
