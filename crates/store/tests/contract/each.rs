//! Each test over each database.

/// Makes a test of each function: in memory, in a file, and all of them on one PostgreSQL server,
/// each in a database of its own, since a server takes a second to start.
macro_rules! contract {
    ($($name:ident)*) => {
        mod memory {
            $(#[tokio::test] async fn $name() {
                super::$name(mutt_store::MemoryStore::new()).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test] async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("mutt.db");
                let store = mutt_store::SqlStore::open(&path, mutt_store::Options::default());
                super::$name(store.await.unwrap()).await;
            })*
        }
        mod postgres {
            #[tokio::test] async fn does_all_of_it() {
                let server = crate::server::Server::start().await;
                let mut failed = Vec::new();
                let tasks = tokio::task::LocalSet::new();
                $({
                    let url = server.database(stringify!($name)).await;
                    let store = mutt_store::SqlStore::connect(&url, mutt_store::Options::default());
                    let store = store.await.unwrap();
                    let test = tasks.spawn_local(super::$name(store.clone()));
                    if tasks.run_until(test).await.is_err() {
                        failed.push(stringify!($name));
                    }
                    store.close().await;
                })*
                assert!(failed.is_empty(), "these failed on PostgreSQL: {failed:?}");
            }
        }
    };
}
