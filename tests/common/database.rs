//! What the database of a MUTT holds, read by the store's own crate.

use std::path::Path;

use mutt_alert::Alert;
use mutt_journal::{Clock, SystemClock};
use mutt_store::{CatalogStore, Database, Delivery, Edit, ItemEdit, Kind, Options, SqlStore};

/// Alerts that are open.
pub fn open_alerts(folder: &Path) -> Vec<Alert> {
    read(folder, async |store| store.open_alerts().await.expect("alerts"))
}

/// Notices that a destination refused for good.
pub fn dead_letters(folder: &Path) -> Vec<Delivery> {
    read(folder, async |store| store.dead_letters(1_000).await.expect("dead letters"))
}

/// Writes an item of the catalog past the API, as another program might.
pub fn write_item(folder: &Path, kind: Kind, name: &str, body: Option<&str>) {
    read(folder, async |store| {
        let base = store.head().await.expect("the head");
        let item = ItemEdit { kind, name: name.to_owned(), body: body.map(str::to_owned) };
        let (who, from) = ("another program".to_owned(), String::new());
        let why = String::new();
        let edit = Edit { base, at: SystemClock.now(), who, from, why, items: vec![item] };
        store.edit(edit).await.expect("an edit");
    });
}

/// Reads from `mutt.db` in a MUTT's folder; MUTT may run meanwhile.
fn read<T>(folder: &Path, ask: impl AsyncFnOnce(&SqlStore) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let path = folder.join("mutt.db");
        let store = SqlStore::open(&path, Options::default()).await.expect("the database");
        let found = ask(&store).await;
        store.close().await;
        found
    })
}
