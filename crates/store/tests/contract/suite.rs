//! What every database does, run over each: the one in memory is held to the real one.

use crate::values::*;
use mutt_alert::Alert;
use mutt_store::{
    Change, Cursor, CursorMove, Database, Delivery, DeliveryState, Keep, Outcome, PRUNE_ROWS_MAX,
    Pruned, SIGNAL_ROWS_MAX, SignalChange, SignalRow, StoreError,
};

contract! {
    a_claim_makes_cursors_and_raises_their_epoch
    an_old_epoch_commits_nothing
    a_cursor_moves_only_from_where_it_is
    the_fenced_cursor_is_named
    a_refused_change_leaves_nothing
    another_journal_is_refused
    counts_and_cursors_come_back
    alerts_are_replaced_by_id
    alerts_come_in_order
    one_alert_twice_in_a_change_is_as_the_later_says
    two_open_alerts_of_one_signature_are_refused
    a_long_signature_is_a_signature
    a_nul_from_a_device_stops_nothing
    a_signature_can_open_again_in_the_change_that_ends_it
    a_notice_of_no_alert_is_refused
    a_known_notice_is_left_as_it_is
    deliveries_come_in_the_order_of_making
    dead_letters_are_kept_and_can_be_sent_again
    queues_are_counted
    pruning_spares_what_is_in_use
    pruning_goes_in_batches
    commits_side_by_side_all_happen
    an_empty_change_is_fine
    a_claim_may_be_of_one_partition
    a_cursors_time_moves_alone
    signals_come_by_partition_and_in_order
    signals_are_refused_with_the_cursor
    signals_tried_again_are_fenced
    what_is_posted_comes_once_and_in_order
}

async fn claim<B: Database>(store: &B, reader: &str) -> Vec<Cursor> {
    store.claim(reader, JOURNAL, 0..4).await.unwrap()
}

fn ids(alerts: &[Alert]) -> Vec<&str> {
    alerts.iter().map(|alert| alert.id.as_str()).collect()
}

fn notices(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.notice.id.as_str()).collect()
}

async fn a_claim_makes_cursors_and_raises_their_epoch<B: Database>(store: B) {
    let first = claim(&store, "judge").await;
    assert_eq!(first.iter().map(|cursor| cursor.partition).collect::<Vec<_>>(), [0, 1, 2, 3]);
    for cursor in &first {
        assert_eq!((cursor.epoch, cursor.position, cursor.counts.total()), (1, 1, 0));
        assert_eq!((cursor.reader.as_str(), cursor.journal.as_str()), ("judge", JOURNAL));
    }
    claim(&store, "archive/syslog").await;
    let second = claim(&store, "judge").await;
    assert!(second.iter().all(|cursor| cursor.epoch == 2));
    let all = store.cursors().await.unwrap();
    assert_eq!(all.len(), 8);
    assert_eq!(all[4..], second);
    assert!(all[..4].iter().all(|cursor| cursor.epoch == 1));
}

async fn an_old_epoch_commits_nothing<B: Database>(store: B) {
    let old = claim(&store, "judge").await;
    let new = claim(&store, "judge").await;
    let stale = store.commit(moves(vec![step(&old[2], 9)])).await;
    assert_eq!(stale, fenced("judge", 2));
    store.commit(moves(vec![step(&new[2], 5)])).await.unwrap();
    assert_eq!(store.cursors().await.unwrap()[2].position, 5);
}

async fn a_cursor_moves_only_from_where_it_is<B: Database>(store: B) {
    let cursors = claim(&store, "judge").await;
    let change = moves(vec![step(&cursors[0], 5)]);
    store.commit(change.clone()).await.unwrap();
    assert_eq!(store.commit(change).await, fenced("judge", 0));
    let unknown = Cursor { partition: 9, ..cursors[0].clone() };
    assert_eq!(store.commit(moves(vec![step(&unknown, 5)])).await, fenced("judge", 9));
    let twice = vec![step(&cursors[1], 5), step(&cursors[1], 6)];
    assert_eq!(store.commit(moves(twice)).await, fenced("judge", 1));
    let moved = Cursor { position: 5, ..cursors[0].clone() };
    store.commit(moves(vec![step(&moved, 6)])).await.unwrap();
    let positions: Vec<u64> = store.cursors().await.unwrap().iter().map(|c| c.position).collect();
    assert_eq!(positions, [6, 1, 1, 1]);
}

async fn the_fenced_cursor_is_named<B: Database>(store: B) {
    let cursors = store.claim("judge", JOURNAL, 0..100).await.unwrap();
    for wrong in [0, 31, 32, 99] {
        let mut steps: Vec<_> = cursors.iter().map(|cursor| step(cursor, 7)).collect();
        steps[wrong].from += 1;
        let answer = store.commit(moves(steps)).await;
        assert_eq!(answer, fenced("judge", u16::try_from(wrong).unwrap()));
    }
    assert!(store.cursors().await.unwrap().iter().all(|cursor| cursor.position == 1));
}

async fn a_refused_change_leaves_nothing<B: Database>(store: B) {
    let cursors = claim(&store, "judge").await;
    store.commit(told("before", 1, &["moogsoft"])).await.unwrap();
    let waiting = store.waiting("moogsoft", 10).await.unwrap();
    let mut stale = step(&cursors[1], 5);
    stale.epoch = 7;
    let change = Change {
        cursors: vec![step(&cursors[0], 5), stale],
        delivered: vec![done(&waiting[0], DeliveryState::Delivered, 2)],
        ..told("after", 2, &["moogsoft"])
    };
    assert_eq!(store.commit(change).await, fenced("judge", 1));
    // Refused for its alert, after its cursor moved and an alert was written.
    let second = alert("second", "host::before", 3);
    let change = Change {
        cursors: vec![step(&cursors[0], 5)],
        alerts: vec![alert("third", "host::third", 3), second],
        ..Change::default()
    };
    assert!(matches!(store.commit(change).await, Err(StoreError::Damaged(_))));
    assert_eq!(store.cursors().await.unwrap(), cursors);
    assert_eq!(ids(&store.latest_alerts(10).await.unwrap()), ["before"]);
    assert_eq!(store.waiting("moogsoft", 10).await.unwrap(), waiting);
}

async fn another_journal_is_refused<B: Database>(store: B) {
    let cursors = claim(&store, "judge").await;
    let refused =
        StoreError::OtherJournal { expected: JOURNAL.to_owned(), found: "journal-2".to_owned() };
    assert_eq!(store.claim("judge", "journal-2", 0..4).await, Err(refused.clone()));
    assert_eq!(store.claim("archive", "journal-2", 0..4).await, Err(refused));
    assert_eq!(store.cursors().await.unwrap(), cursors);
}

async fn counts_and_cursors_come_back<B: Database>(store: B) {
    let cursors = claim(&store, "archive/traps").await;
    let mut steps = vec![step(&cursors[0], 1 << 61), step(&cursors[3], 12)];
    for (n, outcome) in (1..).zip(Outcome::ALL) {
        steps[1].counts.add(outcome, n);
    }
    store.commit(moves(steps.clone())).await.unwrap();
    for found in [store.cursors().await.unwrap(), claim(&store, "archive/traps").await] {
        assert_eq!((found[0].position, found[0].counts), (steps[0].to, steps[0].counts));
        assert_eq!((found[1].position, found[1].counts), (1, cursors[1].counts));
        assert_eq!((found[3].position, found[3].counts), (steps[1].to, steps[1].counts));
    }
}

async fn alerts_are_replaced_by_id<B: Database>(store: B) {
    let first = alert("a", "host::a", 1);
    let write = async |alert: &Alert| {
        let change = Change { alerts: vec![alert.clone()], ..Change::default() };
        store.commit(change).await.unwrap();
    };
    write(&first).await;
    assert_eq!(store.open_alerts().await.unwrap(), std::slice::from_ref(&first));
    let repeated = Alert { count: 9, last_seen: at(8), closes_at: Some(at(99)), ..first };
    write(&repeated).await;
    assert_eq!(store.open_alerts().await.unwrap(), std::slice::from_ref(&repeated));
    let ended = ended(&repeated, 9);
    write(&ended).await;
    assert_eq!(store.open_alerts().await.unwrap(), []);
    assert_eq!(store.latest_alerts(10).await.unwrap(), [ended]);
}

async fn alerts_come_in_order<B: Database>(store: B) {
    let mut change = Change::default();
    for (id, seconds) in [("c", 3), ("b", 1), ("d", 3), ("a", 2)] {
        change.alerts.push(alert(id, &format!("host::{id}"), seconds));
    }
    change.alerts.push(ended(&alert("e", "host::e", 4), 5));
    store.commit(change).await.unwrap();
    assert_eq!(ids(&store.open_alerts().await.unwrap()), ["b", "a", "c", "d"]);
    assert_eq!(ids(&store.latest_alerts(4).await.unwrap()), ["e", "d", "c", "a"]);
    assert_eq!(ids(&store.latest_alerts(0).await.unwrap()), [""; 0]);
}

async fn one_alert_twice_in_a_change_is_as_the_later_says<B: Database>(store: B) {
    let first = alert("a", "host::a", 1);
    let later = Alert { count: 2, ..first.clone() };
    let alerts = vec![first, alert("b", "host::b", 2), later.clone()];
    store.commit(Change { alerts, ..Change::default() }).await.unwrap();
    store.commit(told("c", 3, &["moogsoft"])).await.unwrap();
    assert_eq!(store.open_alerts().await.unwrap()[0], later);
    let sent = &store.waiting("moogsoft", 1).await.unwrap()[0];
    let states = [DeliveryState::Dead, DeliveryState::Delivered];
    let states = states.map(|state| done(sent, state, 4)).to_vec();
    store.commit(delivered(states)).await.unwrap();
    assert_eq!(store.dead_letters(1).await.unwrap(), []);
    assert_eq!(store.waiting("moogsoft", 1).await.unwrap(), []);
}

async fn two_open_alerts_of_one_signature_are_refused<B: Database>(store: B) {
    store.commit(told("a", 1, &[])).await.unwrap();
    let second = Change { alerts: vec![alert("b", "host::a", 2)], ..Change::default() };
    assert!(matches!(store.commit(second).await, Err(StoreError::Damaged(_))));
    let both = vec![alert("c", "host::c", 2), alert("d", "host::c", 3)];
    let both = Change { alerts: both, ..Change::default() };
    assert!(matches!(store.commit(both).await, Err(StoreError::Damaged(_))));
    assert_eq!(ids(&store.latest_alerts(10).await.unwrap()), ["a"]);
}

async fn a_long_signature_is_a_signature<B: Database>(store: B) {
    // Letters that compress badly, as an index might do.
    let long: String = (0..20_000_u64).map(|n| format!("{:x}", n * 0x9e37_79b9)).collect();
    let open = |id: &str, signature: &str| {
        let alerts = vec![alert(id, signature, 1)];
        Change { alerts, ..Change::default() }
    };
    store.commit(open("a", &long)).await.unwrap();
    assert!(matches!(store.commit(open("b", &long)).await, Err(StoreError::Damaged(_))));
    store.commit(open("c", &format!("{long}c"))).await.unwrap();
    assert_eq!(ids(&store.open_alerts().await.unwrap()), ["a", "c"]);
}

async fn a_nul_from_a_device_stops_nothing<B: Database>(store: B) {
    let alert = Alert { key: "\0".to_owned(), ..alert("a", "host::\0", 1) };
    let notices = vec![to(notice(&alert, 1, 1), &["moogsoft"])];
    let change = Change { alerts: vec![alert.clone()], notices, ..Change::default() };
    store.commit(change).await.unwrap();
    assert_eq!(store.open_alerts().await.unwrap(), [alert]);
    let sent = &store.waiting("moogsoft", 1).await.unwrap()[0];
    let mut dead = done(sent, DeliveryState::Dead, 2);
    dead.answer = Some("no\0no".to_owned());
    store.commit(delivered(vec![dead])).await.unwrap();
    assert!(store.dead_letters(1).await.unwrap()[0].answer.as_ref().unwrap().ends_with("no"));
}

async fn a_signature_can_open_again_in_the_change_that_ends_it<B: Database>(store: B) {
    let old = alert("a", "host::a", 1);
    let change = Change { alerts: vec![old.clone()], ..Change::default() };
    store.commit(change).await.unwrap();
    let alerts = vec![ended(&old, 2), alert("b", "host::a", 3)];
    store.commit(Change { alerts, ..Change::default() }).await.unwrap();
    assert_eq!(ids(&store.open_alerts().await.unwrap()), ["b"]);
}

async fn a_notice_of_no_alert_is_refused<B: Database>(store: B) {
    let change = Change { alerts: Vec::new(), ..told("a", 1, &["moogsoft"]) };
    assert!(matches!(store.commit(change).await, Err(StoreError::Damaged(_))));
    assert_eq!(store.waiting("moogsoft", 10).await.unwrap(), []);
}

async fn a_known_notice_is_left_as_it_is<B: Database>(store: B) {
    let change = told("a", 1, &["moogsoft", "mail", "mail"]);
    store.commit(change.clone()).await.unwrap();
    let waiting = store.waiting("moogsoft", 10).await.unwrap();
    let sent = done(&waiting[0], DeliveryState::Delivered, 2);
    store.commit(delivered(vec![sent])).await.unwrap();
    let mut again = change;
    again.notices[0].1.push("another".to_owned());
    again.notices[0].0.at = at(77);
    store.commit(again).await.unwrap();
    assert_eq!(store.waiting("moogsoft", 10).await.unwrap(), []);
    assert_eq!(store.waiting("another", 10).await.unwrap(), []);
    let mail = store.waiting("mail", 10).await.unwrap();
    assert_eq!((mail.len(), mail[0].notice.at), (1, at(1)));
}

async fn deliveries_come_in_the_order_of_making<B: Database>(store: B) {
    for (id, seconds) in [("a", 9), ("b", 5), ("c", 7)] {
        store.commit(told(id, seconds, &["moogsoft", "mail"])).await.unwrap();
    }
    let waiting = store.waiting("moogsoft", 10).await.unwrap();
    assert_eq!(notices(&waiting), ["a-1", "b-1", "c-1"]);
    assert!(waiting.is_sorted_by_key(|delivery| delivery.number));
    assert_eq!(waiting[0].notice, told("a", 9, &[]).notices[0].0);
    assert_eq!((waiting[0].attempts, &waiting[0].answer), (0, &None));
    assert_eq!(notices(&store.waiting("moogsoft", 2).await.unwrap()), ["a-1", "b-1"]);
    assert_eq!(store.waiting("nobody", 10).await.unwrap(), []);
    let sent = done(&waiting[1], DeliveryState::Delivered, 10);
    let failed = done(&waiting[0], DeliveryState::Waiting, 10);
    store.commit(delivered(vec![sent, failed.clone()])).await.unwrap();
    let waiting = store.waiting("moogsoft", 10).await.unwrap();
    assert_eq!(notices(&waiting), ["a-1", "c-1"]);
    assert_eq!((waiting[0].attempts, &waiting[0].answer), (1, &failed.answer));
    assert_eq!(notices(&store.waiting("mail", 10).await.unwrap()), ["a-1", "b-1", "c-1"]);
}

async fn dead_letters_are_kept_and_can_be_sent_again<B: Database>(store: B) {
    for (id, destination) in [("a", "moogsoft"), ("b", "mail"), ("c", "moogsoft")] {
        store.commit(told(id, 1, &[destination])).await.unwrap();
    }
    let all =
        [store.waiting("moogsoft", 9).await.unwrap(), store.waiting("mail", 9).await.unwrap()]
            .concat();
    let dead = all.iter().map(|delivery| done(delivery, DeliveryState::Dead, 2)).collect();
    store.commit(delivered(dead)).await.unwrap();
    let dead = store.dead_letters(10).await.unwrap();
    assert_eq!(notices(&dead), ["c-1", "b-1", "a-1"]);
    assert_eq!(dead[1].answer.as_deref(), Some("answer 'dead'"));
    assert_eq!((dead[1].state, dead[1].attempts), (DeliveryState::Dead, 1));
    assert_eq!(notices(&store.dead_letters(1).await.unwrap()), ["c-1"]);
    store.commit(told("d", 3, &["moogsoft"])).await.unwrap();
    let again = done(&dead[2], DeliveryState::Waiting, 4);
    store.commit(delivered(vec![again])).await.unwrap();
    assert_eq!(notices(&store.waiting("moogsoft", 10).await.unwrap()), ["a-1", "d-1"]);
    assert_eq!(notices(&store.dead_letters(10).await.unwrap()), ["c-1", "b-1"]);
}

async fn queues_are_counted<B: Database>(store: B) {
    assert_eq!(store.queues().await.unwrap(), []);
    for (id, seconds) in [("a", 5), ("b", 6), ("c", 7)] {
        store.commit(told(id, seconds, &["moogsoft", "mail"])).await.unwrap();
    }
    let moogsoft = store.waiting("moogsoft", 10).await.unwrap();
    let mail = store.waiting("mail", 10).await.unwrap();
    let mut changes = vec![
        done(&moogsoft[0], DeliveryState::Delivered, 8),
        done(&moogsoft[1], DeliveryState::Dead, 8),
    ];
    changes.extend(mail.iter().map(|delivery| done(delivery, DeliveryState::Delivered, 8)));
    store.commit(delivered(changes)).await.unwrap();
    let queues = store.queues().await.unwrap();
    let short: Vec<(&str, Vec<u64>, _)> = queues
        .iter()
        .map(|queue| {
            let counts = DeliveryState::ALL.map(|state| {
                let lengths = queue.lengths.iter().filter(|length| length.state == state);
                lengths.map(|length| length.count).sum()
            });
            (queue.destination.as_str(), counts.to_vec(), queue.oldest_waiting)
        })
        .collect();
    let expected = [("mail", vec![0, 3, 0, 0], None), ("moogsoft", vec![1, 1, 1, 0], Some(at(7)))];
    assert_eq!(short, expected);
}

async fn pruning_spares_what_is_in_use<B: Database>(store: B) {
    let mut all = Vec::new();
    for id in ["sent", "waits", "dead", "open", "late"] {
        let change = told(id, 1, &["moogsoft"]);
        all.push(change.alerts[0].clone());
        store.commit(change).await.unwrap();
    }
    let waiting = store.waiting("moogsoft", 10).await.unwrap();
    let states = [
        (0, DeliveryState::Delivered, 10),
        (2, DeliveryState::Dead, 10),
        (3, DeliveryState::Delivered, 10),
        (4, DeliveryState::Delivered, 30),
    ];
    let states = states.map(|(n, state, when)| done(&waiting[n], state, when));
    let alerts = [0, 1, 2, 4].map(|n| ended(&all[n], 10)).to_vec();
    let change = Change { alerts, delivered: states.to_vec(), ..Change::default() };
    store.commit(change).await.unwrap();
    assert_eq!(store.prune(Keep::since(at(10))).await.unwrap(), Pruned::default());
    let pruned = store.prune(Keep::since(at(20))).await.unwrap();
    assert_eq!(pruned, Pruned { deliveries: 2, notices: 2, alerts: 1, tallies: 0 });
    assert_eq!(store.prune(Keep::since(at(20))).await.unwrap().total(), 0);
    assert_eq!(ids(&store.latest_alerts(10).await.unwrap()), ["waits", "open", "late", "dead"]);
    assert_eq!(notices(&store.waiting("moogsoft", 10).await.unwrap()), ["waits-1"]);
    assert_eq!(notices(&store.dead_letters(10).await.unwrap()), ["dead-1"]);
}

async fn pruning_goes_in_batches<B: Database>(store: B) {
    let most = usize::try_from(PRUNE_ROWS_MAX).unwrap();
    let alerts: Vec<Alert> = (0..=most)
        .map(|n| ended(&alert(&format!("a{n:04}"), &format!("host::{n}"), 1), 2))
        .collect();
    let deliver = |alert: &Alert| to(notice(alert, 1, 1), &["moogsoft"]);
    let notices = alerts.iter().map(deliver).collect();
    store.commit(Change { alerts, notices, ..Change::default() }).await.unwrap();
    let waiting = store.waiting("moogsoft", 2_000).await.unwrap();
    let all = waiting.iter().map(|one| done(one, DeliveryState::Delivered, 3)).collect();
    store.commit(delivered(all)).await.unwrap();
    let most = u64::from(PRUNE_ROWS_MAX);
    let first = store.prune(Keep::since(at(4))).await.unwrap();
    assert_eq!(first, Pruned { deliveries: most, notices: most, alerts: most, tallies: 0 });
    let second = store.prune(Keep::since(at(4))).await.unwrap();
    assert_eq!(second, Pruned { deliveries: 1, notices: 1, alerts: 1, tallies: 0 });
    assert_eq!(store.latest_alerts(10).await.unwrap(), []);
}

async fn commits_side_by_side_all_happen<B: Database>(store: B) {
    let mut tasks = Vec::new();
    for reader in 0..8 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut cursor = claim(&store, &format!("reader-{reader}")).await.remove(reader % 4);
            for position in 2..22 {
                let id = format!("{reader}-{position}");
                let cursors = vec![step(&cursor, position)];
                let change = Change { cursors, ..told(&id, 1, &["moogsoft"]) };
                store.commit(change).await.unwrap();
                cursor.position = position;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let moved = store.cursors().await.unwrap();
    assert_eq!(moved.iter().filter(|cursor| cursor.position == 21).count(), 8);
    let waiting = store.waiting("moogsoft", 1_000).await.unwrap();
    assert_eq!(waiting.len(), 160);
    assert!(waiting.is_sorted_by(|a, b| a.number < b.number));
}

async fn an_empty_change_is_fine<B: Database>(store: B) {
    assert!(Change::default().is_empty());
    store.commit(Change::default()).await.unwrap();
}

async fn a_claim_may_be_of_one_partition<B: Database>(store: B) {
    claim(&store, "judge").await;
    let one = store.claim("judge", JOURNAL, 2..3).await.unwrap();
    assert_eq!((one.len(), one[0].partition, one[0].epoch), (1, 2, 2));
    let epochs: Vec<u64> = store.cursors().await.unwrap().iter().map(|c| c.epoch).collect();
    assert_eq!(epochs, [1, 1, 2, 1]);
}

async fn a_cursors_time_moves_alone<B: Database>(store: B) {
    let cursor = claim(&store, "judge").await.remove(1);
    assert_eq!(cursor.time, mutt_event::Timestamp::ZERO);
    for seconds in [5, 6] {
        let stays = CursorMove { time: at(seconds), ..step(&cursor, cursor.position) };
        store.commit(moves(vec![stays])).await.unwrap();
    }
    let found = store.cursors().await.unwrap().remove(1);
    assert_eq!((found.position, found.time), (1, at(6)));
    assert_eq!(claim(&store, "judge").await.remove(1).time, at(6));
}

fn row(partition: u16, from: u64) -> SignalRow {
    let time = at(i64::try_from(from).unwrap());
    SignalRow { partition, from, to: from + 10, time, body: format!("[{partition}]") }
}

fn found(found: Vec<SignalRow>) -> Change {
    Change { signals: SignalChange { found, ..SignalChange::default() }, ..Change::default() }
}

fn taken(taken: Vec<(u16, u64)>) -> Change {
    Change { signals: SignalChange { taken, ..SignalChange::default() }, ..Change::default() }
}

async fn signals_come_by_partition_and_in_order<B: Database>(store: B) {
    for from in (1..200).step_by(10) {
        store.commit(found(vec![row(3, from), row(1, from)])).await.unwrap();
    }
    store.commit(found(vec![row(2, 7)])).await.unwrap();
    let first = store.signals().await.unwrap();
    let most = SIGNAL_ROWS_MAX as usize;
    let places: Vec<(u16, u64)> = first.iter().map(|row| (row.partition, row.from)).collect();
    let of = |partition| (1..200).step_by(10).take(most).map(move |from| (partition, from));
    let expected: Vec<_> = of(1).chain([(2, 7)]).chain(of(3)).collect();
    assert_eq!(places, expected);
    assert_eq!((first[most].to, first[most].time), (17, at(7)));

    store.commit(taken(vec![(1, 191), (3, 20), (2, 16)])).await.unwrap();
    let left = store.signals().await.unwrap();
    let places: Vec<(u16, u64)> = left.iter().map(|row| (row.partition, row.from)).collect();
    let third = (11..200).step_by(10).take(most).map(|from| (3, from));
    assert_eq!(places, [(1, 191), (2, 7)].into_iter().chain(third).collect::<Vec<_>>());
}

async fn signals_are_refused_with_the_cursor<B: Database>(store: B) {
    let cursors = claim(&store, "judge").await;
    claim(&store, "judge").await;
    let change = Change { cursors: vec![step(&cursors[0], 11)], ..found(vec![row(0, 1)]) };
    assert_eq!(store.commit(change).await, fenced("judge", 0));
    assert_eq!(store.signals().await.unwrap(), []);
}

async fn signals_tried_again_are_fenced<B: Database>(store: B) {
    let cursors = claim(&store, "judge").await;
    let change = Change { cursors: vec![step(&cursors[0], 11)], ..found(vec![row(0, 1)]) };
    store.commit(change.clone()).await.unwrap();
    assert_eq!(store.commit(change).await, fenced("judge", 0), "its answer was lost");
    assert_eq!(store.signals().await.unwrap(), [row(0, 1)]);
}

async fn what_is_posted_comes_once_and_in_order<B: Database>(store: B) {
    let post = |body: &str| Change {
        signals: SignalChange { post: vec![body.to_owned()], ..SignalChange::default() },
        ..Change::default()
    };
    for body in ["a", "b", "c"] {
        store.commit(post(body)).await.unwrap();
    }
    let found = store.posted(2).await.unwrap();
    assert_eq!(found.iter().map(|(_, body)| body.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let posted = found.iter().map(|(number, _)| *number).collect();
    let signals = SignalChange { posted, ..SignalChange::default() };
    store.commit(Change { signals, ..Change::default() }).await.unwrap();
    let left = store.posted(9).await.unwrap();
    assert_eq!(left.iter().map(|(_, body)| body.as_str()).collect::<Vec<_>>(), ["c"]);
}
