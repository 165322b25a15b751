//! What leases do, over each database.

use std::time::Duration;

use crate::values::*;
use mutt_store::{
    Database, DeliveryState, Grant, Lease, LeaseRef, Leases, MemoryStore, StoreError,
};

contract! {
    one_holds_it_and_others_are_told_who
    a_renewal_keeps_the_epoch
    one_that_has_ended_goes_to_the_next_with_a_higher_epoch
    its_holder_takes_it_again_at_once_in_a_new_epoch
    one_that_stands_as_it_was_seen_is_taken_over_and_no_other
    what_is_given_back_is_free_at_once
    an_older_epoch_neither_renews_nor_gives_back
    of_two_that_take_at_once_one_wins
    a_change_under_an_older_epoch_is_refused
    a_lease_that_has_ended_refuses_nothing_by_itself
    leases_are_listed
}

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(40);

async fn take<B: Leases>(store: &B, holder: &str, ttl: Duration) -> Grant {
    store.take_lease("deliver/moogsoft", holder, ttl).await.unwrap()
}

async fn taken<B: Leases>(store: &B, holder: &str, ttl: Duration) -> Lease {
    match take(store, holder, ttl).await {
        Grant::Yours(lease) => lease,
        Grant::Theirs { lease, .. } => panic!("{lease:?}"),
    }
}

async fn one_holds_it_and_others_are_told_who<B: Leases>(store: B) {
    let held = taken(&store, "a", LONG).await;
    assert_eq!(
        (held.name.as_str(), held.holder.as_str(), held.epoch),
        ("deliver/moogsoft", "a", 1)
    );
    match take(&store, "b", LONG).await {
        Grant::Theirs { lease, left } => {
            assert_eq!(lease, held);
            assert!(left <= LONG && left > LONG / 2, "{left:?}");
        }
        Grant::Yours(lease) => panic!("{lease:?}"),
    }
    // Another job is another lease.
    let other = store.take_lease("judge", "b", LONG).await.unwrap();
    assert!(matches!(other, Grant::Yours(lease) if lease.epoch == 1));
}

async fn a_renewal_keeps_the_epoch<B: Leases>(store: B) {
    let held = taken(&store, "a", SHORT).await;
    let renewed = store.renew_lease(&held.tenure(), LONG).await.unwrap().unwrap();
    assert!(renewed.until > held.until);
    assert_eq!(renewed, Lease { until: renewed.until, ..held });
    tokio::time::sleep(SHORT * 2).await;
    assert!(matches!(take(&store, "b", LONG).await, Grant::Theirs { .. }));
}

async fn one_that_has_ended_goes_to_the_next_with_a_higher_epoch<B: Leases>(store: B) {
    let old = taken(&store, "a", SHORT).await;
    tokio::time::sleep(SHORT * 2).await;
    // Late, but nobody else was there.
    assert!(store.renew_lease(&old.tenure(), SHORT).await.unwrap().is_some());
    tokio::time::sleep(SHORT * 2).await;
    let new = taken(&store, "b", LONG).await;
    assert_eq!((new.holder.as_str(), new.epoch), ("b", 2));
    assert_eq!(store.renew_lease(&old.tenure(), LONG).await, Ok(None));
    assert!(matches!(take(&store, "a", LONG).await, Grant::Theirs { .. }));
}

async fn its_holder_takes_it_again_at_once_in_a_new_epoch<B: Leases>(store: B) {
    let before = taken(&store, "a", LONG).await;
    let after = taken(&store, "a", LONG).await;
    assert_eq!((before.epoch, after.epoch), (1, 2));
    assert_eq!(store.renew_lease(&before.tenure(), LONG).await, Ok(None));
    assert!(store.renew_lease(&after.tenure(), LONG).await.unwrap().is_some());
}

async fn one_that_stands_as_it_was_seen_is_taken_over_and_no_other<B: Leases>(store: B) {
    let seen = taken(&store, "a", LONG).await;
    let renewed = store.renew_lease(&seen.tenure(), LONG + SHORT).await.unwrap().unwrap();
    let late = store.take_over_lease(&seen, "b", LONG).await.unwrap();
    assert!(matches!(late, Grant::Theirs { lease, .. } if lease == renewed));
    let new = store.take_over_lease(&renewed, "b", LONG).await.unwrap();
    assert!(
        matches!(&new, Grant::Yours(lease) if (lease.holder.as_str(), lease.epoch) == ("b", 2))
    );
    assert_eq!(store.renew_lease(&seen.tenure(), LONG).await, Ok(None));
    let again = store.take_over_lease(&renewed, "c", LONG).await.unwrap();
    assert!(matches!(again, Grant::Theirs { lease, .. } if lease.holder == "b"));
}

async fn what_is_given_back_is_free_at_once<B: Leases>(store: B) {
    let held = taken(&store, "a", LONG).await;
    store.release_lease(&held.tenure()).await.unwrap();
    assert_eq!(store.leases().await, Ok(Vec::new()));
    assert_eq!(store.renew_lease(&held.tenure(), LONG).await, Ok(None));
    assert_eq!(taken(&store, "b", LONG).await.epoch, 2);
}

async fn an_older_epoch_neither_renews_nor_gives_back<B: Leases>(store: B) {
    let old = taken(&store, "a", Duration::ZERO).await;
    let new = taken(&store, "b", LONG).await;
    assert_eq!(store.renew_lease(&old.tenure(), LONG).await, Ok(None));
    store.release_lease(&old.tenure()).await.unwrap();
    assert_eq!(store.leases().await, Ok(vec![new]));
    let unknown = LeaseRef { name: "nobody's".to_owned(), epoch: 1 };
    assert_eq!(store.renew_lease(&unknown, LONG).await, Ok(None));
    store.release_lease(&unknown).await.unwrap();
}

async fn of_two_that_take_at_once_one_wins<B: Leases>(store: B) {
    for round in 1..=20_u64 {
        let (a, b) = tokio::join!(take(&store, "a", LONG), take(&store, "b", LONG));
        let (won, lease) = match (a, b) {
            (Grant::Yours(won), Grant::Theirs { lease, .. })
            | (Grant::Theirs { lease, .. }, Grant::Yours(won)) => (won, lease),
            both => panic!("{both:?}"),
        };
        assert_eq!((&lease, won.epoch), (&won, round));
        store.release_lease(&won.tenure()).await.unwrap();
    }
}

async fn a_change_under_an_older_epoch_is_refused<B: Database + Leases>(store: B) {
    store.commit(told("a", 1, &["moogsoft"])).await.unwrap();
    let waiting = store.waiting("moogsoft", 10).await.unwrap();
    let sent = |lease: &Lease| {
        let mut change = delivered(vec![done(&waiting[0], DeliveryState::Delivered, 2)]);
        change.lease = Some(lease.tenure());
        change
    };
    let old = taken(&store, "a", Duration::ZERO).await;
    let new = taken(&store, "b", LONG).await;
    let superseded = StoreError::Superseded { lease: "deliver/moogsoft".to_owned() };
    assert_eq!(store.commit(sent(&old)).await, Err(superseded.clone()));
    let unknown = Lease { name: "nobody's".to_owned(), ..new.clone() };
    assert!(matches!(store.commit(sent(&unknown)).await, Err(StoreError::Superseded { .. })));
    assert_eq!(store.waiting("moogsoft", 10).await.unwrap(), waiting);
    store.commit(sent(&new)).await.unwrap();
    assert_eq!(store.waiting("moogsoft", 10).await.unwrap(), []);
}

async fn a_lease_that_has_ended_refuses_nothing_by_itself<B: Database + Leases>(store: B) {
    let held = taken(&store, "a", Duration::ZERO).await;
    let mut change = told("a", 1, &["moogsoft"]);
    change.lease = Some(held.tenure());
    store.commit(change).await.unwrap();
    assert_eq!(store.open_alerts().await.unwrap().len(), 1);
}

async fn leases_are_listed<B: Leases>(store: B) {
    assert_eq!(store.leases().await, Ok(Vec::new()));
    let mut all = Vec::new();
    for name in ["judge", "archive/syslog"] {
        match store.take_lease(name, "node-1/ab", LONG).await.unwrap() {
            Grant::Yours(lease) => all.insert(0, lease),
            Grant::Theirs { .. } => panic!("taken"),
        }
    }
    assert_eq!(store.leases().await, Ok(all));
}

#[tokio::test]
async fn a_clock_that_goes_back_never_lets_two_hold() {
    let clock = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(100));
    let now = std::sync::Arc::clone(&clock);
    let store = MemoryStore::with_clock(move || at(now.load(std::sync::atomic::Ordering::SeqCst)));
    let set = |seconds| clock.store(seconds, std::sync::atomic::Ordering::SeqCst);
    let ttl = Duration::from_secs(10);
    let held = taken(&store, "a", ttl).await;
    set(20);
    match take(&store, "b", ttl).await {
        Grant::Theirs { left, .. } => assert_eq!(left, Duration::from_secs(90)),
        Grant::Yours(_) => panic!("two hold it"),
    }
    // The next renewal goes by the clock as it is now.
    let renewed = store.renew_lease(&held.tenure(), ttl).await.unwrap().unwrap();
    assert_eq!((renewed.epoch, renewed.until), (1, at(30)));
    set(30);
    assert_eq!(taken(&store, "b", ttl).await.epoch, 2);
}
