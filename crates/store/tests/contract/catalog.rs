//! The catalog, over each database.

use crate::values::*;
use mutt_store::{
    Catalog, CatalogStore, EDIT_ITEMS_MAX, Edit, Item, ItemChange, ItemEdit, Kind, NAME_BYTES_MAX,
    Revision, RevisionQuery, StoreError,
};

contract! {
    an_empty_catalog_is_at_revision_0
    revisions_are_dense_and_keep_what_was_before
    an_outdated_edit_changes_nothing
    an_edit_that_changes_nothing_makes_no_revision
    what_is_so_already_is_left_out
    an_edit_that_no_database_takes_is_refused
    items_come_by_kind_and_the_bytes_of_their_names
    a_deleted_item_can_be_made_again
    the_catalog_at_each_revision_is_a_replay
    revisions_are_found_by_what_they_changed
    a_big_edit_is_one_revision
    edits_side_by_side_are_all_or_nothing
}

async fn make<B: CatalogStore>(store: &B, base: u64, items: &[(Kind, &str, Option<&str>)]) {
    assert_eq!(store.edit(edit(base, items)).await, Ok(base + 1));
}

fn item(kind: Kind, name: &str, body: &str, revision: u64) -> Item {
    Item { kind, name: name.to_owned(), body: body.to_owned(), revision }
}

fn change(kind: Kind, name: &str, before: Option<&str>, after: Option<&str>) -> ItemChange {
    let own = |body: Option<&str>| body.map(str::to_owned);
    ItemChange { kind, name: name.to_owned(), before: own(before), after: own(after) }
}

async fn an_empty_catalog_is_at_revision_0<B: CatalogStore>(store: B) {
    assert_eq!(store.head().await, Ok(0));
    assert_eq!(store.catalog().await, Ok(Catalog::default()));
    assert_eq!(store.catalog_at(0).await, Ok(Catalog::default()));
    for number in [1, u64::MAX] {
        assert_eq!(store.catalog_at(number).await, Err(StoreError::NoRevision(number)));
        assert_eq!(store.revision(number).await, Ok(None));
    }
    assert_eq!(store.revision(0).await, Ok(None));
    let all = RevisionQuery { limit: 10, ..RevisionQuery::default() };
    assert_eq!(store.revisions(all).await, Ok(Vec::new()));
}

async fn revisions_are_dense_and_keep_what_was_before<B: CatalogStore>(store: B) {
    make(&store, 0, &[(Kind::Team, "net", Some("{}")), (Kind::Rule, "down", Some("1"))]).await;
    make(&store, 1, &[(Kind::Rule, "down", Some("2")), (Kind::Rule, "up", Some("3"))]).await;
    make(&store, 2, &[(Kind::Rule, "down", None)]).await;
    assert_eq!(store.head().await, Ok(3));
    let expected = [
        vec![
            change(Kind::Rule, "down", None, Some("1")),
            change(Kind::Team, "net", None, Some("{}")),
        ],
        vec![
            change(Kind::Rule, "down", Some("1"), Some("2")),
            change(Kind::Rule, "up", None, Some("3")),
        ],
        vec![change(Kind::Rule, "down", Some("2"), None)],
    ];
    for (number, changes) in (1..).zip(expected) {
        let Edit { at, who, why, .. } = edit(number - 1, &[]);
        let revision = Revision { number, at, who, why, changes: changes.len() as u64 };
        assert_eq!(store.revision(number).await, Ok(Some((revision, changes))));
    }
    let items = vec![item(Kind::Rule, "up", "3", 2), item(Kind::Team, "net", "{}", 1)];
    assert_eq!(store.catalog().await, Ok(Catalog { revision: 3, items }));
    assert_eq!(store.catalog_at(4).await, Err(StoreError::NoRevision(4)));
}

async fn an_outdated_edit_changes_nothing<B: CatalogStore>(store: B) {
    make(&store, 0, &[(Kind::Key, "a", Some("1"))]).await;
    make(&store, 1, &[(Kind::Key, "a", Some("2"))]).await;
    let before = store.catalog().await;
    for base in [0, 1, 3, u64::MAX] {
        let late = Edit { base, ..edit(0, &[(Kind::Key, "a", Some("3")), (Kind::Key, "b", None)]) };
        assert_eq!(store.edit(late).await, Err(StoreError::Outdated { base, head: 2 }));
    }
    // Outdated it is even where there is nothing to change.
    let same = store.edit(edit(1, &[(Kind::Key, "a", Some("2"))])).await;
    assert_eq!(same, Err(StoreError::Outdated { base: 1, head: 2 }));
    assert_eq!((store.head().await, store.catalog().await), (Ok(2), before));
}

async fn an_edit_that_changes_nothing_makes_no_revision<B: CatalogStore>(store: B) {
    assert_eq!(store.edit(edit(0, &[])).await, Ok(0));
    assert_eq!(store.edit(edit(0, &[(Kind::Host, "gone", None)])).await, Ok(0));
    make(&store, 0, &[(Kind::Host, "core-1", Some("1"))]).await;
    let same = [(Kind::Host, "core-1", Some("1")), (Kind::Team, "core-1", None)];
    assert_eq!(store.edit(edit(1, &same)).await, Ok(1));
    assert_eq!((store.head().await, store.revision(2).await), (Ok(1), Ok(None)));
    assert_eq!(store.catalog().await.unwrap().items, [item(Kind::Host, "core-1", "1", 1)]);
}

async fn what_is_so_already_is_left_out<B: CatalogStore>(store: B) {
    make(&store, 0, &[(Kind::Host, "a", Some("1")), (Kind::Host, "b", Some("1"))]).await;
    make(&store, 1, &[(Kind::Host, "a", Some("1")), (Kind::Host, "b", Some(""))]).await;
    let (revision, changes) = store.revision(2).await.unwrap().unwrap();
    assert_eq!(
        (revision.changes, changes),
        (1, vec![change(Kind::Host, "b", Some("1"), Some(""))])
    );
    let items = [item(Kind::Host, "a", "1", 1), item(Kind::Host, "b", "", 2)];
    assert_eq!(store.catalog().await.unwrap().items, items);
}

async fn an_edit_that_no_database_takes_is_refused<B: CatalogStore>(store: B) {
    let long = "n".repeat(NAME_BYTES_MAX + 1);
    let many = ItemEdit { kind: Kind::Host, name: String::new(), body: None };
    let many = (0..=EDIT_ITEMS_MAX).map(|n| ItemEdit { name: n.to_string(), ..many.clone() });
    let refused = [
        edit(0, &[(Kind::Rule, "a", Some("1")), (Kind::Rule, "a", Some("2"))]),
        edit(0, &[(Kind::Rule, "a\0", Some("1"))]),
        edit(0, &[(Kind::Rule, "a", Some("\0"))]),
        edit(0, &[(Kind::Rule, &long, Some("1"))]),
        Edit { who: "\0".to_owned(), ..edit(0, &[(Kind::Rule, "a", Some("1"))]) },
        Edit { items: many.collect(), ..edit(0, &[]) },
    ];
    for edit in refused {
        let answer = store.edit(edit).await;
        assert!(matches!(answer, Err(StoreError::Unfit(_))), "{answer:?}");
    }
    assert_eq!(store.head().await, Ok(0));
    // Letters that compress badly, as an index might do.
    let long: String = (0..NAME_BYTES_MAX as u64).map(|n| format!("{:x}", n * 2_654_435)).collect();
    make(&store, 0, &[(Kind::Rule, &long[..NAME_BYTES_MAX], Some("1"))]).await;
}

async fn items_come_by_kind_and_the_bytes_of_their_names<B: CatalogStore>(store: B) {
    let names = [
        "",
        " ",
        "\"",
        "%",
        "'; DROP TABLE items; --",
        "/",
        "10.0.0.0/8",
        "2001:db8::/32",
        "A",
        "B",
        "\\",
        "a",
        "a/b",
        "a_b",
        "b",
        "core-1.example",
        "z",
        "~",
        "ß",
        "é",
        "ä",
        "Ж",
        "名",
        "\u{1f525}",
    ];
    let mut sorted = names;
    sorted.sort_unstable();
    let kinds = [
        Kind::Maintenance,
        Kind::User,
        Kind::Key,
        Kind::Setting,
        Kind::Mib,
        Kind::Rule,
        Kind::Silence,
        Kind::Team,
        Kind::Host,
        Kind::Drill,
    ];
    for (base, kind) in (0..).zip(kinds) {
        let items: Vec<_> = names.iter().map(|name| (kind, *name, Some("{\"it's\": 1}"))).collect();
        make(&store, base, &items).await;
    }
    let catalog = store.catalog().await.unwrap();
    let mut expected = Vec::new();
    for kind in Kind::ALL {
        expected.extend(sorted.map(|name| (kind, name)));
    }
    let found: Vec<_> = catalog.items.iter().map(|item| (item.kind, item.name.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(store.catalog_at(10).await, Ok(catalog.clone()));
    for (kind, name) in expected {
        assert!(catalog.get(kind, name).is_some(), "{kind:?} {name}");
    }
    let (_, changes) = store.revision(1).await.unwrap().unwrap();
    assert_eq!(changes.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), sorted);
    // Names that only a language takes for the same.
    make(&store, 10, &[(Kind::Key, "e\u{301}", Some("1")), (Kind::Key, "É", Some("1"))]).await;
    assert_eq!(store.catalog().await.unwrap().of(Kind::Key).count(), names.len() + 2);
}

async fn a_deleted_item_can_be_made_again<B: CatalogStore>(store: B) {
    make(&store, 0, &[(Kind::Rule, "a", Some("1"))]).await;
    make(&store, 1, &[(Kind::Rule, "a", None)]).await;
    assert_eq!(store.catalog().await, Ok(Catalog { revision: 2, items: Vec::new() }));
    assert_eq!(store.catalog_at(2).await, store.catalog().await);
    make(&store, 2, &[(Kind::Rule, "a", Some("1"))]).await;
    let items = vec![item(Kind::Rule, "a", "1", 3)];
    assert_eq!(store.catalog().await, Ok(Catalog { revision: 3, items }));
    let (_, changes) = store.revision(3).await.unwrap().unwrap();
    assert_eq!(changes, [change(Kind::Rule, "a", None, Some("1"))]);
}

async fn the_catalog_at_each_revision_is_a_replay<B: CatalogStore>(store: B) {
    let mut seen = vec![store.catalog().await.unwrap()];
    for base in 0..30_u64 {
        let body = base.to_string();
        let names = [base % 7, base % 5 + 7, base % 3].map(|n| n.to_string());
        let last = (base % 4 != 0).then_some("x");
        let items = [
            (Kind::Rule, names[0].as_str(), Some(body.as_str())),
            (Kind::Host, names[1].as_str(), Some(body.as_str())),
            (Kind::Host, names[2].as_str(), last),
        ];
        make(&store, base, &items).await;
        seen.push(store.catalog().await.unwrap());
    }
    let mut replayed = std::collections::BTreeMap::new();
    for (number, seen) in (0..).zip(&seen) {
        let (_, changes) = store.revision(number).await.unwrap().unzip();
        for change in changes.into_iter().flatten() {
            let key = (change.kind, change.name);
            let before = match change.after {
                Some(body) => replayed.insert(key, (body, number)),
                None => replayed.remove(&key),
            };
            assert_eq!(before.map(|(body, _)| body), change.before);
        }
        let items = replayed
            .iter()
            .map(|((kind, name), (body, revision))| item(*kind, name, body, *revision));
        let replay = Catalog { revision: number, items: items.collect() };
        assert_eq!((&replay, Ok(&replay)), (seen, store.catalog_at(number).await.as_ref()));
    }
}

async fn revisions_are_found_by_what_they_changed<B: CatalogStore>(store: B) {
    make(&store, 0, &[(Kind::Rule, "a", Some("1")), (Kind::Rule, "b", Some("1"))]).await;
    make(&store, 1, &[(Kind::Host, "a", Some("1"))]).await;
    make(&store, 2, &[(Kind::Rule, "b", None), (Kind::Team, "it's", Some("1"))]).await;
    make(&store, 3, &[(Kind::Rule, "a", Some("2"))]).await;
    let find = async |below, kind, name: Option<&str>, limit| -> Vec<u64> {
        let query = RevisionQuery { below, kind, name: name.map(str::to_owned), limit };
        let found = store.revisions(query).await.unwrap();
        found.iter().map(|revision| revision.number).collect()
    };
    assert_eq!(find(None, None, None, 9).await, [4, 3, 2, 1]);
    assert_eq!(find(None, None, None, 2).await, [4, 3]);
    assert_eq!(find(Some(3), None, None, 9).await, [2, 1]);
    assert_eq!(find(Some(u64::MAX), None, None, 1).await, [4]);
    assert_eq!(find(Some(1), None, None, 9).await, [0; 0]);
    assert_eq!(find(None, None, None, 0).await, [0; 0]);
    assert_eq!(find(None, Some(Kind::Rule), None, 9).await, [4, 3, 1]);
    assert_eq!(find(None, None, Some("a"), 9).await, [4, 2, 1]);
    assert_eq!(find(None, Some(Kind::Rule), Some("a"), 9).await, [4, 1]);
    assert_eq!(find(Some(4), Some(Kind::Rule), Some("a"), 9).await, [1]);
    assert_eq!(find(None, Some(Kind::Team), Some("it's"), 9).await, [3]);
    assert_eq!(find(None, Some(Kind::Key), None, 9).await, [0; 0]);
    let newest = store.revisions(RevisionQuery { limit: 1, ..RevisionQuery::default() }).await;
    assert_eq!(newest.unwrap(), [store.revision(4).await.unwrap().unwrap().0]);
}

async fn a_big_edit_is_one_revision<B: CatalogStore>(store: B) {
    let names: Vec<String> = (0..3_000).map(|n| format!("host-{n:04}")).collect();
    let all = |body| -> Vec<_> { names.iter().map(|n| (Kind::Host, n.as_str(), body)).collect() };
    make(&store, 0, &all(Some("{\"site\": 1}"))).await;
    let mut second = all(None);
    second[1_000..2_000].fill((Kind::Host, "", None));
    second.dedup();
    for item in &mut second[..500] {
        item.2 = Some("{\"site\": 2}");
    }
    make(&store, 1, &second).await;
    assert_eq!(store.revision(1).await.unwrap().unwrap().0.changes, 3_000);
    assert_eq!(store.revision(2).await.unwrap().unwrap().1.len(), 2_000);
    let catalog = store.catalog().await.unwrap();
    assert_eq!(catalog.items.iter().filter(|item| item.revision == 1).count(), 1_000);
    assert_eq!(catalog.items.iter().filter(|item| item.revision == 2).count(), 500);
    assert_eq!(catalog.items.len(), 1_500);
    assert_eq!(store.catalog_at(1).await.unwrap().items.len(), 3_000);
    assert_eq!(store.catalog_at(2).await, Ok(catalog));
}

async fn edits_side_by_side_are_all_or_nothing<B: CatalogStore>(store: B) {
    let mut tasks = Vec::new();
    for n in 0..8 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let name = n.to_string();
            let mut base = 0;
            loop {
                let both = [(Kind::Rule, name.as_str(), Some("1")), (Kind::Host, &name, Some("1"))];
                match store.edit(edit(base, &both)).await {
                    Ok(number) => return number,
                    Err(StoreError::Outdated { head, .. }) => base = head,
                    Err(fault) => panic!("{fault}"),
                }
            }
        }));
    }
    // Each of what is read meanwhile is of one moment.
    while store.head().await.unwrap() < 8 {
        let catalog = store.catalog().await.unwrap();
        assert_eq!(catalog.items.len() as u64, 2 * catalog.revision);
        tokio::task::yield_now().await;
    }
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
}
