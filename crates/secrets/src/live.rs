//! One secret as it is now. From: whoever reads it anew. To: whoever needs it, at each use.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use secrecy::{ExposeSecret, SecretString};

type Doubted = Box<dyn Fn() + Send + Sync>;

/// A secret that may become another one; clones see the same. What it was before is kept until
/// what it is now has worked somewhere: a server may learn of the change later than MUTT.
#[derive(Clone, Default)]
pub struct Live(Arc<Cell>);

#[derive(Default)]
struct Cell {
    held: Mutex<Held>,
    doubted: OnceLock<Doubted>,
}

#[derive(Default)]
struct Held {
    value: Option<SecretString>,
    before: Option<SecretString>,
    version: u64,
}

impl Live {
    /// One that is known.
    pub fn new(value: SecretString) -> Self {
        let live = Self::default();
        live.set(value);
        live
    }

    /// What it is now; none: it was not read yet.
    pub fn get(&self) -> Option<SecretString> {
        self.lock().value.clone()
    }

    /// Makes it this; answers whether it was something else.
    pub fn set(&self, value: SecretString) -> bool {
        let mut held = self.lock();
        let same = |known: &SecretString| known.expose_secret() == value.expose_secret();
        if held.value.as_ref().is_some_and(same) {
            return false;
        }
        held.before = held.value.replace(value);
        held.version += 1;
        true
    }

    /// There is none any more; answers whether there was one.
    pub fn clear(&self) -> bool {
        let mut held = self.lock();
        let was = held.value.take().is_some();
        held.version += u64::from(was);
        was
    }

    /// How often it changed.
    pub fn version(&self) -> u64 {
        self.lock().version
    }

    /// Calls `doubted` whenever a server refused it, so that its source is asked at once. The first
    /// call of this holds.
    pub fn on_doubt(&self, doubted: impl Fn() + Send + Sync + 'static) {
        let _ = self.0.doubted.set(Box::new(doubted));
    }

    /// A server refused it.
    pub(crate) fn doubt(&self) {
        if let Some(doubted) = self.0.doubted.get() {
            doubted();
        }
    }

    /// What it was before, while that may still be in force.
    pub(crate) fn before(&self) -> Option<SecretString> {
        self.lock().before.clone()
    }

    /// What it is now has worked: what was before is forgotten.
    pub(crate) fn settled(&self) {
        self.lock().before = None;
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn text(secret: Option<SecretString>) -> Option<String> {
        secret.map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn holders_see_what_it_is_now_and_nobody_prints_it() {
        let live = Live::default();
        let holder = live.clone();
        assert_eq!(text(holder.get()), None);
        assert!(live.set("k1".into()));
        assert!(!live.set("k1".into()), "nothing new");
        assert_eq!((text(holder.get()), holder.version()), (Some("k1".to_owned()), 1));
        assert!(live.set("k2".into()));
        assert_eq!(
            (text(holder.get()), text(holder.before())),
            (Some("k2".into()), Some("k1".into()))
        );
        holder.settled();
        assert_eq!(text(live.before()), None);
        assert!(live.clear() && !live.clear());
        assert_eq!((text(holder.get()), holder.version()), (None, 3));
        assert_eq!(format!("{live:?}"), "Live(…)");
    }

    #[test]
    fn a_doubt_reaches_whoever_reads_it_anew() {
        let (live, doubts) = (Live::new("k".into()), Arc::new(AtomicU32::new(0)));
        live.doubt();
        let counted = Arc::clone(&doubts);
        live.on_doubt(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        live.clone().doubt();
        assert_eq!(doubts.load(Ordering::Relaxed), 1);
    }
}
