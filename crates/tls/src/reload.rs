//! What is built from files, built anew when they change.
//!
//! From: the files' contents, compared by hash: whoever swaps links (as Kubernetes does) or writes in
//! place is noticed alike. To: new handshakes. What cannot be built leaves the last that could.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use sha2::{Digest, Sha256};

use crate::{TlsError, pem};

/// What was built, and when the first certificate in it expires, if it has one.
#[derive(Debug)]
pub(crate) struct Built<T> {
    pub config: Arc<T>,
    pub not_after_s: Option<i64>,
}

/// How the files are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct State {
    pub not_after_s: Option<i64>,
    /// Why the files as they are now cannot be used.
    pub wrong: Option<String>,
    pub reloads: u64,
    pub reload_failures: u64,
}

type Make<T> = Box<dyn Fn() -> Result<Built<T>, TlsError> + Send + Sync>;

/// Something built from files.
pub(crate) struct Reloaded<T> {
    name: String,
    files: Vec<PathBuf>,
    make: Make<T>,
    current: ArcSwap<T>,
    seen: Mutex<Seen>,
}

struct Seen {
    digest: [u8; 32],
    state: State,
}

impl<T> Reloaded<T> {
    /// Builds it the first time.
    pub(crate) fn new(
        name: &str,
        files: Vec<PathBuf>,
        make: impl Fn() -> Result<Built<T>, TlsError> + Send + Sync + 'static,
    ) -> Result<Self, TlsError> {
        // Hashed before it is built: what changes in between is built again.
        let digest = digest(&files);
        let built = make()?;
        let state = State { not_after_s: built.not_after_s, ..State::default() };
        Ok(Self {
            name: name.to_owned(),
            files,
            make: Box::new(make),
            current: ArcSwap::new(built.config),
            seen: Mutex::new(Seen { digest, state }),
        })
    }

    /// As of the last files that could be used.
    pub(crate) fn current(&self) -> Arc<T> {
        self.current.load_full()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn state(&self) -> State {
        self.lock().state.clone()
    }

    /// Looks at the files, and builds anew if they have changed.
    pub(crate) fn look(&self) {
        let digest = digest(&self.files);
        let mut seen = self.lock();
        if digest == seen.digest {
            return;
        }
        seen.digest = digest;
        match (self.make)() {
            Ok(built) => {
                self.current.store(built.config);
                seen.state.not_after_s = built.not_after_s;
                seen.state.wrong = None;
                seen.state.reloads += 1;
                tracing::info!(of = self.name, "TLS: new files are in use for new connections");
            }
            Err(error) => {
                tracing::error!(
                    of = self.name,
                    %error,
                    "TLS: changed files cannot be used; the last good ones stay in use"
                );
                seen.state.wrong = Some(error.to_string());
                seen.state.reload_failures += 1;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> std::fmt::Debug for Reloaded<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reloaded").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Over all contents; a file that cannot be read counts by its error.
fn digest(files: &[PathBuf]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for file in files {
        let content = pem::read(file).unwrap_or_else(|error| error.to_string().into_bytes());
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    }
    hash.finalize().into()
}
