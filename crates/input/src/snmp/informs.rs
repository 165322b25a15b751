//! Informs that are sent again: answered again, stored once.
//!
//! From: one socket's informs; a sender's datagrams come to one socket. To: whether to store one, and
//! when to answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::recent::Recent;

/// So many informs of a socket are remembered.
const MOST: usize = 16_384;
/// And for so long; then the same bytes are news.
const WINDOW: Duration = Duration::from_secs(600);

/// 0 is: it waits for the journal.
const STORED: u8 = 1;
const LOST: u8 = 2;

/// What became of an inform: whoever sends it again asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fate(Arc<AtomicU8>);

impl Fate {
    /// The journal has answered.
    pub fn set(&self, stored: bool) {
        self.0.store(if stored { STORED } else { LOST }, Ordering::Release);
    }

    /// Whether it is safe.
    pub fn is_stored(&self) -> bool {
        self.0.load(Ordering::Acquire) == STORED
    }

    fn is_lost(&self) -> bool {
        self.0.load(Ordering::Acquire) == LOST
    }
}

/// The informs of a socket.
#[derive(Debug)]
pub(super) struct Informs(Recent<[u8; 16], (Instant, Fate)>);

impl Informs {
    pub fn new() -> Self {
        Self(Recent::new(MOST))
    }

    /// Its fate, and whether it is new and is to be stored.
    pub fn see(&mut self, identity: [u8; 16]) -> (Fate, bool) {
        let now = Instant::now();
        if let Some((since, fate)) = self.0.get(&identity)
            && now.duration_since(*since) < WINDOW
            && !fate.is_lost()
        {
            return (fate.clone(), false);
        }
        let fate = Fate::default();
        self.0.insert(identity, (now, fate.clone()));
        (fate, true)
    }
}

/// What is the same when an inform is sent again: of version 2c all bytes, of version 3 user and
/// decrypted PDU, since its head is another each time.
pub(super) fn identity(peer: IpAddr, user: &[u8], what: &[u8]) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(b"snmp inform\0");
    hash.update(peer.to_string());
    hash.update([0]);
    hash.update((user.len() as u64).to_be_bytes());
    hash.update(user);
    hash.update(what);
    let mut identity = [0; 16];
    identity.copy_from_slice(&hash.finalize()[..16]);
    identity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_was_not_stored_is_new_when_it_comes_again() {
        let mut informs = Informs::new();
        let peer = IpAddr::from([10, 0, 0, 1]);
        let one = identity(peer, b"", b"inform 1");
        let (fate, new) = informs.see(one);
        assert!(new && !fate.is_stored());
        let (again, new) = informs.see(one);
        assert!(!new && !again.is_stored(), "it is on its way");
        fate.set(true);
        assert!(again.is_stored() && !informs.see(one).1);
        let other = identity(IpAddr::from([10, 0, 0, 2]), b"", b"inform 1");
        let (fate, new) = informs.see(other);
        assert!(new, "another sender's");
        fate.set(false);
        assert!(informs.see(other).1);
    }
}
