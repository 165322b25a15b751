//! Numbers by the hour, summed up by a database: by hour, by day, by name; the first and the last
//! hours.

use mutt_store::{Change, Database, DaySum, History, Sums, Tally, TallyKind};

contract! {
    sums_are_by_hour_by_day_and_by_name
    the_first_and_the_last_hours_are_of_a_kind
}

async fn write<B: Database>(store: &B, rows: &[(i64, TallyKind, &str, u64)]) {
    let tally = |(hour, kind, name, value): &(i64, TallyKind, &str, u64)| Tally {
        hour: *hour,
        kind: *kind,
        name: (*name).to_owned(),
        value: *value,
    };
    let tallies = rows.iter().map(tally).collect();
    store.commit(Change { tallies, ..Change::default() }).await.unwrap();
}

const ROWS: [(i64, TallyKind, &str, u64); 7] = [
    (47, TallyKind::Matched, "b", 1),
    (47, TallyKind::Matched, "a", 2),
    (48, TallyKind::Matched, "b", 4),
    (71, TallyKind::Matched, "b", 8),
    (72, TallyKind::Matched, "a", 16),
    (46, TallyKind::Alerts, "a", 32),
    (47, TallyKind::Alerts, "c", 64),
];

async fn sums_are_by_hour_by_day_and_by_name<B: Database + History + Sums>(store: B) {
    write(&store, &ROWS).await;
    let hours = store.hour_sums(TallyKind::Matched, 47..72).await.unwrap();
    assert_eq!(hours, [(47, 3), (48, 4), (71, 8)]);
    let sum = |(name, day, value): (&str, i64, u64)| DaySum { name: name.to_owned(), day, value };
    let days = store.day_sums(TallyKind::Matched, 0..72).await.unwrap();
    assert_eq!(days, [("a", 1, 2), ("b", 1, 1), ("b", 2, 12)].map(sum));
    let named = |all: &[(&str, u64)]| -> Vec<(String, u64)> {
        all.iter().map(|(name, sum)| ((*name).to_owned(), *sum)).collect()
    };
    let names = store.name_sums(TallyKind::Matched, 0..100).await.unwrap();
    assert_eq!(names, named(&[("a", 18), ("b", 13)]));
    let names = store.name_sums(TallyKind::Matched, 47..49).await.unwrap();
    assert_eq!(names, named(&[("b", 5), ("a", 2)]));
    assert_eq!(store.name_sums(TallyKind::Pages, 0..100).await.unwrap(), []);
    write(&store, &[(80, TallyKind::Pages, "z", 1), (80, TallyKind::Pages, "y", 1)]).await;
    let names = store.name_sums(TallyKind::Pages, 0..100).await.unwrap();
    assert_eq!(names, named(&[("y", 1), ("z", 1)]), "equal ones by name");
}

async fn the_first_and_the_last_hours_are_of_a_kind<B: Database + Sums>(store: B) {
    assert_eq!(store.first_hour(TallyKind::Matched).await.unwrap(), None);
    assert_eq!(store.last_hours(TallyKind::Matched).await.unwrap(), []);
    write(&store, &ROWS).await;
    assert_eq!(store.first_hour(TallyKind::Matched).await.unwrap(), Some(47));
    assert_eq!(store.first_hour(TallyKind::Pages).await.unwrap(), None);
    let last = store.last_hours(TallyKind::Matched).await.unwrap();
    assert_eq!(last, [("a".to_owned(), 72), ("b".to_owned(), 71)]);
}
