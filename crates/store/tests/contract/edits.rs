//! The catalog in memory and the one in a file do the same: random edits through both, and all that
//! can be read is compared, at the end for each revision.

use crate::values::*;
use mutt_store::{
    CatalogStore, Edit, ItemEdit, Kind, MemoryStore, Options, RevisionQuery, SqlStore, StoreError,
};
use proptest::prelude::*;

/// How far its base is behind, and its items.
type Op = (u64, Vec<ItemEdit>);

fn item() -> impl Strategy<Value = ItemEdit> {
    let names = ["", "a", "a/b", "B", "ä", "it's"];
    let bodies = [None, Some("1"), Some("2"), Some("{\"a\":\"\u{1f525}\"}")];
    (
        prop::sample::select(vec![Kind::Rule, Kind::Host, Kind::Key]),
        prop::sample::select(names.to_vec()),
        0..4_usize,
    )
        .prop_map(move |(kind, name, body)| ItemEdit {
            kind,
            name: name.to_owned(),
            body: bodies[body].map(str::to_owned),
        })
}

fn op() -> impl Strategy<Value = Op> {
    (prop_oneof![9 => Just(0), 1 => 1..3_u64], prop::collection::vec(item(), 0..6))
}

/// What a store answers to an edit, without the words of an error.
async fn run<B: CatalogStore>(store: &B, (behind, items): &Op) -> Result<u64, StoreError> {
    let base = store.head().await?.saturating_sub(*behind);
    let edit = Edit { items: items.clone(), ..edit(base, &[]) };
    store.edit(edit).await.map_err(|fault| match fault {
        StoreError::Unfit(_) => StoreError::Unfit(String::new()),
        other => other,
    })
}

/// All that can be read of each revision.
async fn all<B: CatalogStore>(store: &B) -> Vec<String> {
    let mut lines = Vec::new();
    for number in 0..=store.head().await.unwrap() + 1 {
        lines.push(format!("{:?}", store.catalog_at(number).await));
        lines.push(format!("{:?}", store.revision(number).await));
    }
    for kind in [None, Some(Kind::Rule), Some(Kind::Key)] {
        for name in [None, Some("a/b".to_owned())] {
            for below in [None, Some(4)] {
                let query = RevisionQuery { below, kind, name: name.clone(), limit: 3 };
                lines.push(format!("{query:?} {:?}", store.revisions(query.clone()).await));
            }
        }
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn do_the_same(ops in prop::collection::vec(op(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("mutt.db");
            let file = SqlStore::open(&path, Options::default()).await.unwrap();
            let memory = MemoryStore::new();
            for op in &ops {
                prop_assert_eq!(run(&memory, op).await, run(&file, op).await, "{:?}", op);
                let catalog = memory.catalog().await;
                prop_assert_eq!(&catalog, &file.catalog().await, "after {:?}", op);
                prop_assert_eq!(&catalog, &file.catalog_at(file.head().await.unwrap()).await);
            }
            for (mine, real) in all(&memory).await.iter().zip(&all(&file).await) {
                prop_assert_eq!(mine, real);
            }
            file.close().await;
            Ok(())
        })?;
    }
}
