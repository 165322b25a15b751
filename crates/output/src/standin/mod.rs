//! Stand-ins for NetIM and Moogsoft, on loopback only.
//!
//! From: MUTT's own channels and adapters, in the demo and in tests. To: whoever asks them what
//! they got. They are strict: what breaks a contract is refused and written down.

mod contract;
mod moogsoft;
mod netim;
mod netim_doors;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use moogsoft::{API_KEY, Asked, Moogsoft, Product, Reply, Told};
pub use netim::{Door, Keep, NetIm};

/// Waits until `condition` holds, at most `most`; whether it does.
pub async fn until(most: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = tokio::time::Instant::now() + most;
    while !condition() {
        if tokio::time::Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    true
}

/// A lock whose holder panicked still guards plain records: they are used as they are.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
